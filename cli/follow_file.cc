#include "cli/follow_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace qalam::cli {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

absl::Status ReadError(const std::string& path) {
  return absl::UnavailableError(fmt::format("cannot read {}: {}", path, std::strerror(errno)));
}

// Passes on everything from `offset` to the end and moves it there. A file that does not exist has no bytes.
absl::Status ReadFrom(const std::string& path, off_t& offset,
                      const std::function<void(std::string_view)>& sink) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return errno == ENOENT || errno == ENOTDIR ? absl::OkStatus() : ReadError(path);
  struct stat info {};
  if (fstat(file.get(), &info) == 0 && info.st_size < offset) offset = 0;
  std::array<char, 65536> buffer;
  while (true) {
    const ssize_t count = pread(file.get(), buffer.data(), buffer.size(), offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return ReadError(path);
    if (count == 0) return absl::OkStatus();
    sink({buffer.data(), static_cast<size_t>(count)});
    offset += count;
  }
}

void Drain(int inotify) {
  alignas(inotify_event) std::array<char, 4096> events;
  while (read(inotify, events.data(), events.size()) > 0) {
  }
}

}  // namespace

absl::Status FollowFile(const std::string& path, const std::function<void(std::string_view)>& sink,
                        const FollowOptions& options) {
  // Without inotify (a limit is reached) the interval alone drives the reading.
  const FileDescriptor inotify(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  off_t offset = 0;
  while (true) {
    // Adding an existing watch again is harmless; a file that appears later is found by the next round.
    if (inotify.get() >= 0) inotify_add_watch(inotify.get(), path.c_str(), IN_MODIFY | IN_CLOSE_WRITE);
    const bool last = !options.finished || options.finished();
    QALAM_RETURN_IF_ERROR(ReadFrom(path, offset, sink));
    if (last) return absl::OkStatus();

    std::array<pollfd, 2> waiting{{{inotify.get(), POLLIN, 0}, {options.stop_fd, POLLIN, 0}}};
    const int timeout = static_cast<int>(absl::ToInt64Milliseconds(options.poll_interval));
    if (poll(waiting.data(), waiting.size(), timeout) > 0) {
      if (waiting[1].revents != 0) return absl::OkStatus();
      Drain(inotify.get());
    }
  }
}

}  // namespace qalam::cli
