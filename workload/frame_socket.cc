#include "workload/frame_socket.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace qalam::workload {
namespace {

bool WouldWait(ssize_t result) { return result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK); }

}  // namespace

FrameSocket::~FrameSocket() { close(fd_); }

pollfd FrameSocket::awaited() const {
  const int events = (ended_ ? 0 : POLLIN) | (unsent() ? POLLOUT : 0);
  return {events == 0 ? -1 : fd_, static_cast<short>(events), 0};
}

void FrameSocket::Send(const Message& message) {
  outgoing_ += EncodeMessage(message);
  Flush();
}

void FrameSocket::Flush() {
  size_t sent = 0;
  while (sent < outgoing_.size()) {
    const ssize_t size =
        send(fd_, outgoing_.data() + sent, outgoing_.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) {
      if (!WouldWait(size)) sent = outgoing_.size();  // nobody is left to take it
      break;
    }
    sent += static_cast<size_t>(size);
  }
  outgoing_.erase(0, sent);
}

void FrameSocket::Receive() {
  char buffer[65536];
  while (!ended_) {
    const ssize_t size = recv(fd_, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (size < 0 && errno == EINTR) continue;
    if (WouldWait(size)) return;
    if (size <= 0) {
      ended_ = true;
      return;
    }
    incoming_.Append({buffer, static_cast<size_t>(size)});
    if (static_cast<size_t>(size) < sizeof(buffer)) return;
  }
}

std::optional<Message> FrameSocket::Next() {
  while (const std::optional<std::string_view> frame = incoming_.Next()) {
    if (std::optional<Message> message = DecodeMessage(*frame)) return message;
  }
  return std::nullopt;
}

void FrameSocket::EndSending() {
  outgoing_.clear();
  shutdown(fd_, SHUT_WR);
}

}  // namespace qalam::workload
