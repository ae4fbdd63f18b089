#include "workload/launcher_runner.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <set>
#include <string>

#include "workload/frame_socket.h"

namespace qalam::workload {
namespace asio = boost::asio;

// Shared with the handlers that wait on the loop, which hold it weakly.
class LauncherRunner::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(AsioEventLoop& loop, std::unique_ptr<Launcher> launcher)
      : loop_(loop),
        launcher_(std::move(launcher)),
        socket_(launcher_->socket()),
        waiter_(loop.context(), dup(socket_.fd())) {}

  void AwaitInput() {
    waiter_.async_wait(asio::posix::stream_descriptor::wait_read,
                       [weak = weak_from_this()](const boost::system::error_code& error) {
                         const auto self = weak.lock();
                         if (self == nullptr || error) return;
                         self->Receive();
                       });
  }

  absl::Status Start(RunId id, const ContainerRun& run) {
    if (socket_.ended())
      return absl::UnavailableError("the launcher process was killed; start qalam again to run more trials");
    max_grace_ = std::max({max_grace_, run.grace, run.short_grace});
    launcher_->set_max_grace(max_grace_);
    running_.insert(id);
    Send({MessageType::kStart, id, run, {}});
    return absl::OkStatus();
  }

  void Stop(RunId id) {
    if (!socket_.ended() && running_.contains(id)) Send({MessageType::kStop, id, {}, {}});
  }

  ExitHandler handler;

 private:
  void Send(const Message& message) {
    socket_.Send(message);
    AwaitOutput();
  }

  void AwaitOutput() {
    if (awaiting_output_ || !socket_.unsent()) return;
    awaiting_output_ = true;
    waiter_.async_wait(asio::posix::stream_descriptor::wait_write,
                       [weak = weak_from_this()](const boost::system::error_code& error) {
                         const auto self = weak.lock();
                         if (self == nullptr || error) return;
                         self->awaiting_output_ = false;
                         self->socket_.Flush();
                         self->AwaitOutput();
                       });
  }

  void Receive() {
    socket_.Receive();
    // Handlers may destroy the runner.
    const auto keep = shared_from_this();
    while (const std::optional<Message> message = socket_.Next()) {
      if (message->type == MessageType::kExit) Ended(message->id, message->exit);
    }
    if (socket_.ended()) {
      AwaitInherited(loop_.Now() + kInheritedGrace);
    } else {
      AwaitInput();
    }
  }

  void Ended(RunId id, const ContainerExit& exit) {
    if (running_.erase(id) == 1 && handler) handler(id, exit);
  }

  // The shims have noticed too and are ending their programs; they are children of this process now.
  void AwaitInherited(absl::Time kill_from) {
    if (!launcher_->ReapInherited(/*kill=*/loop_.Now() >= kill_from)) {
      loop_.PostAfter(kInheritedPoll, [weak = weak_from_this(), kill_from] {
        if (const auto self = weak.lock()) self->AwaitInherited(kill_from);
      });
      return;
    }
    ContainerExit exit;
    exit.kind = ContainerExit::Kind::kLost;
    exit.message = "the launcher process was killed";
    for (const RunId id : std::set<RunId>(running_)) Ended(id, exit);
  }

  static constexpr absl::Duration kInheritedPoll = absl::Milliseconds(10);
  static constexpr absl::Duration kInheritedGrace = absl::Seconds(5);  // longer than the usual short grace

  AsioEventLoop& loop_;
  std::unique_ptr<Launcher> launcher_;
  FrameSocket& socket_;
  asio::posix::stream_descriptor waiter_;  // on a duplicate of the socket
  bool awaiting_output_ = false;
  std::set<RunId> running_;
  absl::Duration max_grace_;
};

LauncherRunner::LauncherRunner(AsioEventLoop& loop, std::unique_ptr<Launcher> launcher)
    : connection_(std::make_shared<Connection>(loop, std::move(launcher))) {
  connection_->AwaitInput();
}

LauncherRunner::~LauncherRunner() { connection_->handler = nullptr; }

absl::Status LauncherRunner::Start(RunId id, const ContainerRun& run) { return connection_->Start(id, run); }
void LauncherRunner::Stop(RunId id) { connection_->Stop(id); }
void LauncherRunner::SetExitHandler(ExitHandler handler) { connection_->handler = std::move(handler); }

}  // namespace qalam::workload
