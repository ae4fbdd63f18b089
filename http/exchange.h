// One request and the way to answer it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "http/message.h"

namespace qalam::http {

/// A body that is sent as it comes, in chunks. Without End, it ends when the last reference is dropped.
///
/// Threads: all functions may be called from any; none blocks.
class ResponseStream {
 public:
  virtual ~ResponseStream() = default;

  /// Sends the bytes after those before. They are shared, not copied, so one text can go to thousands of
  /// clients. What a client does not read waits in memory up to ServerOptions::max_stream_backlog bytes,
  /// the text that is being sent not counted; beyond that the connection is closed. False when the stream has
  /// ended or is closed: nothing is sent any more.
  virtual bool Write(std::shared_ptr<const std::string> bytes) = 0;
  bool Write(std::string bytes) { return Write(std::make_shared<const std::string>(std::move(bytes))); }

  /// Bytes that wait in memory for the client: who has much to send goes on when it is little.
  virtual std::size_t Backlog() const { return 0; }

  /// The body is complete. Later calls do nothing.
  virtual void End() = 0;

  /// Called once, on a thread of the server, when the client has gone, was too slow, wants no body (HEAD), or
  /// the server drains; at once when that has happened already. Not called after End, which lets go of it.
  /// Who holds up a drain (a watch, a log that is followed) ends the stream then, perhaps after last words.
  virtual void OnClosed(std::function<void()> handler) = 0;
};

/// Answered exactly once, by Respond or by Begin: what comes later does nothing. One that is dropped
/// unanswered sends 500. May outlive the server.
///
/// Threads: Respond and Begin may be called from any.
class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual const Request& request() const = 0;
  virtual void Respond(Response response) = 0;
  /// Status and headers are sent; `head.body` is not used.
  virtual std::shared_ptr<ResponseStream> Begin(Response head) = 0;
};

}  // namespace qalam::http
