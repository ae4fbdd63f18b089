#include "collect/output_pump.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace qalam::collect {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kReadBytes = size_t{64} << 10;
constexpr size_t kDenseBytes = size_t{16} << 10;  // who writes this much at once is not kept waiting
constexpr size_t kMaxPosted = size_t{4} << 20;
constexpr int kPipeBytes = 1 << 20;

}  // namespace

// Shared by the thread, its owner and the tasks that are on their way to the loop.
struct OutputPump::State : std::enable_shared_from_this<State> {
  State(EventLoop& event_loop, FileDescriptor pipe, int target, PumpHandlers given,
        const PumpOptions& options)
      : loop(event_loop),
        from(std::move(pipe)),
        to(fcntl(target, F_DUPFD_CLOEXEC, 0)),
        handlers(std::move(given)),
        gather(absl::ToChronoNanoseconds(options.gather)),
        look(absl::ToChronoNanoseconds(options.look)) {}

  void Run();
  bool Copy();
  bool WaitForBytes();
  int MillisecondsToWait() const;
  void NoticeEnding();
  void Write(std::string_view bytes);
  void Show();

  EventLoop& loop;
  FileDescriptor from;
  const FileDescriptor to;      // our own, whatever becomes of the owner's while a write lasts
  const PumpHandlers handlers;  // called by the loop only
  const std::chrono::nanoseconds gather, look;
  FileDescriptor wake{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};

  std::mutex mutex;  // guards the next four
  std::condition_variable drained;
  size_t posted = 0;
  bool stopped = false;
  std::optional<std::chrono::nanoseconds> grace;  // set by EndSoon

  // Of the thread.
  std::vector<char> buffer = std::vector<char>(kReadBytes);
  std::string unshown;
  int write_error = 0;
  Clock::time_point last_show{};
  bool ending = false;
  std::int64_t owed = 0;  // bytes that were in the pipe when the command ended
  std::optional<Clock::time_point> deadline;
};

void OutputPump::State::Run() {
  while (Copy() || WaitForBytes()) {
  }
  from.Close();
  Show();
  std::lock_guard lock(mutex);  // while it is held, the pump is there, and so is the loop
  if (stopped) return;
  loop.Post([self = shared_from_this()] {
    if (!self->stopped) self->handlers.on_end(self->write_error);
  });
}

// False when there is nothing to copy now, or no more.
bool OutputPump::State::Copy() {
  if (deadline && Clock::now() >= *deadline) return false;
  const ssize_t size = read(from.get(), buffer.data(), buffer.size());
  if (size < 0 && errno == EINTR) return true;
  if (size <= 0) {
    if (size == 0) from.Close();
    return false;
  }
  owed -= size;
  const std::string_view bytes(buffer.data(), static_cast<size_t>(size));
  unshown += bytes;
  // Before it is passed on: a rule may wait for it, and the write may take its time.
  if (unshown.size() >= kDenseBytes || Clock::now() - last_show >= look) Show();
  Write(bytes);
  if (write_error == EPIPE) from.Close();
  // Short writes that follow each other closely are read together.
  if (bytes.size() < kDenseBytes && !ending) std::this_thread::sleep_for(gather);
  return from.is_open();
}

// False when there is nothing more to wait for.
bool OutputPump::State::WaitForBytes() {
  while (from.is_open()) {
    NoticeEnding();
    if (deadline && Clock::now() >= *deadline) return false;
    std::array<pollfd, 2> fds = {{{from.get(), POLLIN, 0}, {wake.get(), POLLIN, 0}}};
    const int ready = poll(fds.data(), fds.size(), MillisecondsToWait());
    if (ready < 0 && errno != EINTR) return false;
    if (ready > 0 && fds[0].revents != 0) return true;
    if (ready > 0) {
      std::uint64_t count = 0;
      [[maybe_unused]] const ssize_t size = read(wake.get(), &count, sizeof(count));
    }
    if (Clock::now() - last_show >= look) Show();
    std::lock_guard lock(mutex);
    if (stopped) return false;
  }
  return false;
}

int OutputPump::State::MillisecondsToWait() const {
  std::optional<Clock::time_point> until = deadline;
  if (!unshown.empty()) until = std::min(until.value_or(Clock::time_point::max()), last_show + look);
  if (!until) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - Clock::now()).count();
  return static_cast<int>(std::max<decltype(left)>(left, 0));
}

void OutputPump::State::NoticeEnding() {
  std::lock_guard lock(mutex);
  if (!grace) return;
  if (!std::exchange(ending, true)) {
    int present = 0;
    ioctl(from.get(), FIONREAD, &present);
    owed = present;
  }
  if (owed <= 0 && !deadline) deadline = Clock::now() + *grace;
}

void OutputPump::State::Write(std::string_view bytes) {
  while (!bytes.empty() && write_error == 0) {
    const ssize_t written = write(to.get(), bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<size_t>(written));
    } else if (errno == EAGAIN) {  // somebody who shares our output has made it non-blocking
      pollfd fd = {to.get(), POLLOUT, 0};
      poll(&fd, 1, -1);
    } else if (errno != EINTR) {
      write_error = errno;
    }
  }
}

// To the loop. Waits while it has too much to do.
void OutputPump::State::Show() {
  if (unshown.empty()) return;
  // Some write a line and its end one after the other: the end shall not wait.
  if (unshown.back() == '\n') last_show = Clock::now();
  std::unique_lock lock(mutex);
  drained.wait(lock, [this] { return stopped || posted < kMaxPosted; });
  if (stopped) return;
  posted += unshown.size();
  loop.Post([self = shared_from_this(), bytes = std::exchange(unshown, {})] {
    {
      std::lock_guard taken(self->mutex);
      if (self->stopped) return;
      self->posted -= bytes.size();
    }
    self->drained.notify_one();
    self->handlers.on_bytes(bytes);
  });
}

OutputPump::OutputPump(EventLoop& loop, FileDescriptor from, int to, PumpHandlers handlers,
                       const PumpOptions& options)
    : state_(std::make_shared<State>(loop, std::move(from), to, std::move(handlers), options)) {
  // The thread may be stuck in a write for as long as nobody reads our output, so nobody joins it. Signals are the
  // loop's.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  std::thread([state = state_] { state->Run(); }).detach();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

OutputPump::~OutputPump() {
  {
    std::lock_guard lock(state_->mutex);
    state_->stopped = true;
  }
  state_->drained.notify_one();
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(state_->wake.get(), &one, sizeof(one));
}

void OutputPump::EndSoon(absl::Duration grace) {
  {
    std::lock_guard lock(state_->mutex);
    state_->grace = absl::ToChronoNanoseconds(grace);
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(state_->wake.get(), &one, sizeof(one));
}

Pipe MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Pipe();
  fcntl(ends[0], F_SETFL, O_NONBLOCK);  // of the read end alone
  fcntl(ends[1], F_SETPIPE_SZ, kPipeBytes);
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

}  // namespace qalam::collect
