#include "metrics/file_follower.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "metrics/file_reading.h"

namespace qalam::metrics {

struct FileFollower::State : std::enable_shared_from_this<State> {
  explicit State(EventLoop& event_loop) : loop(event_loop) {}

  void PostStep();
  void Step();
  int Open();
  void ReadChunk(const struct stat& info);
  void AtEnd();
  bool SwitchToReplacement();
  void FinishDrain(absl::Status status);
  absl::Status ErrorStatus(int error) const;
  void Close();

  EventLoop& loop;
  std::shared_ptr<FileWatcher> watcher;
  std::string path;
  std::int64_t position = 0;
  FollowHandlers handlers;
  FileWatcher::WatchId watch = 0;
  int fd = -1;
  dev_t device = 0;
  ino_t inode = 0;
  bool just_opened = false;  // in this step: no need to ask whether the path names another file by now
  bool step_posted = false, paused = false, stopped = false;
  std::function<void(absl::Status)> drain_done;
  std::int64_t drain_size = -1;  // where the drain ends; -1 before it has looked
  EventLoop::TimerId shortage_timer = 0;
};

void FileFollower::State::PostStep() {
  if (step_posted || paused || stopped) return;
  step_posted = true;
  loop.Post([weak = weak_from_this()] {
    const auto state = weak.lock();
    if (state == nullptr) return;
    state->step_posted = false;
    if (!state->paused && !state->stopped) state->Step();
  });
}

// 0, or the system's error.
int FileFollower::State::Open() {
  // Without O_NONBLOCK opening a FIFO would wait for its writer.
  const int opened = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (opened < 0) return errno;
  fd = opened;
  return 0;
}

void FileFollower::State::Close() {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

void FileFollower::State::Step() {
  just_opened = fd < 0;
  int error = just_opened ? Open() : 0;
  struct stat info = {};
  if (error == 0 && ::fstat(fd, &info) != 0) error = errno;
  if (error == 0 && !S_ISREG(info.st_mode)) error = S_ISDIR(info.st_mode) ? EISDIR : EINVAL;
  if (error != 0) {
    Close();
    if (drain_done && IsShortage(error)) {
      shortage_timer = loop.PostAfter(kShortageDelay, [weak = weak_from_this()] {
        if (const auto state = weak.lock()) state->PostStep();
      });
    } else if (drain_done) {
      FinishDrain(ErrorStatus(error));
    }
    return;
  }
  device = info.st_dev;
  inode = info.st_ino;
  if (info.st_size < position) {
    position = 0;
    drain_size = -1;
    handlers.on_restart();
    if (stopped) return;
  }
  if (drain_done) {
    const std::int64_t size = info.st_size;
    drain_size = drain_size < 0 ? size : std::min(drain_size, size);
  }
  ReadChunk(info);
}

void FileFollower::State::ReadChunk(const struct stat& info) {
  const std::int64_t end = drain_done ? drain_size : static_cast<std::int64_t>(info.st_size);
  if (position >= end) return AtEnd();
  const auto wanted = std::min<std::int64_t>(static_cast<std::int64_t>(kChunkBytes), end - position);
  const ssize_t size = ::pread(fd, ReadBuffer(), static_cast<size_t>(wanted), position);
  if (size < 0 && errno == EINTR) return PostStep();
  if (size < 0) {
    const int error = errno;
    if (drain_done) FinishDrain(ErrorStatus(error));
    return;
  }
  if (size == 0) return PostStep();  // truncated just now
  position += size;
  handlers.on_bytes(std::string_view(ReadBuffer(), static_cast<size_t>(size)));
  if (stopped) return;
  if (position < end) return PostStep();
  AtEnd();
}

void FileFollower::State::AtEnd() {
  if (!just_opened && SwitchToReplacement()) return;
  if (drain_done && !paused) FinishDrain(absl::OkStatus());
}

bool FileFollower::State::SwitchToReplacement() {
  struct stat named;
  if (::stat(path.c_str(), &named) != 0) return false;
  if (named.st_dev == device && named.st_ino == inode) return false;
  struct stat old;
  if (!drain_done && ::fstat(fd, &old) == 0 && old.st_size > position) {  // written since this step began
    PostStep();
    return true;
  }
  Close();
  position = 0;
  drain_size = -1;
  handlers.on_restart();
  PostStep();
  return true;
}

void FileFollower::State::FinishDrain(absl::Status status) {
  const auto done = std::exchange(drain_done, nullptr);
  done(std::move(status));
}

absl::Status FileFollower::State::ErrorStatus(int error) const {
  if (error == ENOENT) return absl::NotFoundError(fmt::format("{}: was never written", path));
  if (error == EINVAL) return absl::InvalidArgumentError(fmt::format("{}: not a regular file", path));
  return absl::ErrnoToStatus(error, fmt::format("{}: cannot be read", path));
}

FileFollower::FileFollower(EventLoop& loop, std::shared_ptr<FileWatcher> watcher, std::string path,
                           std::int64_t offset, FollowHandlers handlers)
    : state_(std::make_shared<State>(loop)) {
  state_->watcher = std::move(watcher);
  state_->path = std::move(path);
  state_->position = offset;
  state_->handlers = std::move(handlers);
}

FileFollower::~FileFollower() { Stop(); }

void FileFollower::Start(bool prompt) {
  if (state_->watch != 0 || state_->stopped) return;
  state_->watch = state_->watcher->Watch(
      state_->path,
      [weak = std::weak_ptr<State>(state_)] {
        if (const auto state = weak.lock()) state->PostStep();
      },
      prompt);
  state_->PostStep();
}

void FileFollower::Pause() { state_->paused = true; }

void FileFollower::Resume() {
  state_->paused = false;
  state_->PostStep();
}

void FileFollower::Drain(std::function<void(absl::Status)> done) {
  state_->drain_done = std::move(done);
  state_->PostStep();
}

void FileFollower::Stop() {
  if (state_->stopped) return;
  state_->stopped = true;
  if (state_->watch != 0) state_->watcher->Unwatch(state_->watch);
  state_->watcher.reset();
  if (state_->shortage_timer != 0) state_->loop.Cancel(state_->shortage_timer);
  state_->Close();
}

}  // namespace qalam::metrics
