// One client's connection: a coroutine that reads requests and sends what answers them.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <unordered_set>
#include <variant>

#include "http/body_stream.h"
#include "http/request_parser.h"
#include "http/server.h"
#include "http/signal.h"
#include "http/transport.h"

namespace qalam::http {

class Connection;
class GzipStream;

/// What the connections of a server share. Threads: any.
struct ConnectionHost {
  ConnectionHost(ServerOptions given, Handler handle)
      : context(static_cast<int>(given.threads)), options(std::move(given)), handler(std::move(handle)) {}

  boost::asio::io_context context;
  const ServerOptions options;
  const Handler handler;
  std::atomic<bool> draining = false;

  std::mutex mutex;  // guards the rest
  std::shared_ptr<const TlsContext> tls;
  std::unordered_set<Connection*> connections;  // they leave by themselves before they end
  std::condition_variable left;                 // notified when the last one has
  std::function<void()> on_room;  // called when one has: there is room for another; may be empty
};

/// Lives until the client has gone or End was called, and as long as somebody holds an exchange of it.
class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Strand>;
  using Clock = std::chrono::steady_clock;

  /// `socket` is non-blocking.
  Connection(Socket socket, std::shared_ptr<ConnectionHost> host);

  /// Once, before anything else.
  void Start();

  // From any thread.

  /// The answer to the request that was handed out last.
  struct StreamedReply {
    Response head;
    std::shared_ptr<BodyStream> body;
  };
  using Reply = std::variant<std::monostate, Response, StreamedReply>;
  void Answer(Reply reply);
  std::shared_ptr<BodyStream> MakeStream();

  /// The coroutine goes on, to look what has changed.
  void Wake();
  /// Ends the connection if it is overdue.
  void EndIfLate(Clock::time_point now);
  /// Ends the connection whatever is under way.
  void End();

 private:
  // Of the request that is being answered.
  struct Call {
    bool head = false;
    bool http11 = true;
    bool keep_alive = false;
    bool gzip = false;
  };

  Task<void> Run();
  Task<bool> Open();
  Task<bool> ServeRequest();
  Task<std::optional<Request>> ReadRequest();
  Task<bool> SendResponse(Response response);
  Task<bool> SendStream(Response head, std::shared_ptr<BodyStream> stream);
  Task<bool> SendPieces(std::string out, BodyStream& stream);
  Task<bool> Refuse(Response response);
  Task<bool> Send(std::string_view bytes);
  Task<bool> AwaitInput(bool idle);
  Task<bool> AwaitSocket(Transport::Outcome outcome);
  Task<void> Linger();

  void Dispatch(Request request);
  BodyStream::Taken AppendPieces(BodyStream& stream, GzipStream* gzip, std::string& out) const;
  Transport::Outcome ReadSome();
  void Watch(Transport::Outcome outcome);
  Reply TakeReply();
  void Close();

  bool Late() const { return Clock::now() >= deadline_.load(); }
  bool Over() const { return ended_ || Late(); }
  void Allow(std::chrono::milliseconds time) { deadline_ = Clock::now() + time; }
  void AllowForever() { deadline_ = Clock::time_point::max(); }

  const std::shared_ptr<ConnectionHost> host_;
  Socket socket_;
  Transport transport_;
  Peer peer_;
  Signal signal_;
  Call call_;
  std::string input_;                       // read and not parsed yet
  bool reading_ = false, writing_ = false;  // the socket is being watched
  bool linger_ = false;                     // what was sent last is to be read before the connection ends

  std::atomic<Clock::time_point> deadline_;
  std::atomic<bool> ended_ = false;

  std::mutex mutex_;  // guards the rest
  bool woken_ = false;
  bool closed_ = false;
  Reply reply_;
};

}  // namespace qalam::http
