// One end of a stream of messages between qalam, the launcher and its shims. Internal to this room.
#pragma once

#include <poll.h>

#include <optional>
#include <string>

#include "workload/launcher_protocol.h"

namespace qalam::workload {

/// Never waits: what the other end does not take at once is kept, for as long as there is another end.
class FrameSocket {
 public:
  explicit FrameSocket(int fd) : fd_(fd) {}  // a connected stream socket; owned
  ~FrameSocket();
  FrameSocket(const FrameSocket&) = delete;
  FrameSocket& operator=(const FrameSocket&) = delete;

  int fd() const { return fd_; }
  bool unsent() const { return !outgoing_.empty(); }
  bool ended() const { return ended_; }  // the other end sends nothing more

  /// What to poll for before the next Flush and Receive.
  pollfd awaited() const;

  void Send(const Message& message);
  void Flush();    // sends what is `unsent`
  void Receive();  // what has arrived
  /// The next whole message that was received, those before `ended` included.
  std::optional<Message> Next();
  /// The other end has `ended` from here on, even while this process or a copy of it holds this one.
  void EndSending();

 private:
  const int fd_;
  FrameBuffer incoming_;
  std::string outgoing_;
  bool ended_ = false;
};

}  // namespace qalam::workload
