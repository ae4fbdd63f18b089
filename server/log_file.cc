#include "server/log_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace qalam::server {
namespace {

class Descriptor {
 public:
  explicit Descriptor(const std::string& path) : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

absl::Status ReadError(const std::string& path) {
  return absl::UnavailableError(fmt::format("cannot read {}: {}", path, std::strerror(errno)));
}

ssize_t ReadAt(int fd, char* into, std::size_t most, std::int64_t offset) {
  ssize_t count;
  do {
    count = pread(fd, into, most, offset);
  } while (count < 0 && errno == EINTR);
  return count;
}

// Behind the `count`th line end of the bytes from `begin` to `end`, counted from the back; `begin` when there are fewer.
std::int64_t AfterLineEnd(const std::string& path, std::int64_t begin, std::int64_t end, std::int64_t count) {
  constexpr std::int64_t kBlock = 64 << 10;
  const Descriptor file(path);
  if (file.get() < 0) return begin;
  std::string block;
  for (std::int64_t at = end; at > begin;) {
    const std::int64_t from = std::max(begin, at - kBlock);
    block.resize(static_cast<std::size_t>(at - from));
    if (ReadAt(file.get(), block.data(), block.size(), from) != at - from) return begin;
    for (std::int64_t i = at - from - 1; i >= 0; --i) {
      if (block[static_cast<std::size_t>(i)] == '\n' && --count == 0) return from + i + 1;
    }
    at = from;
  }
  return begin;
}

}  // namespace

std::int64_t LastLinesOffset(const std::string& path, std::int64_t begin, std::int64_t end,
                             std::int64_t lines) {
  if (lines <= 0) return end;
  // The line end before `end` ends the last line; it does not begin another one.
  return AfterLineEnd(path, begin, end - 1, lines);
}

std::int64_t LineStart(const std::string& path, std::int64_t offset) {
  return AfterLineEnd(path, 0, offset, 1);
}

absl::StatusOr<std::string> LogReader::Read(std::size_t most) {
  at_end_ = true;
  const Descriptor file(path_);
  if (file.get() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::string();
    return ReadError(path_);
  }
  struct stat info {};
  if (fstat(file.get(), &info) != 0) return ReadError(path_);
  if ((inode_ != 0 && info.st_ino != inode_) || info.st_size < offset_) offset_ = 0;
  inode_ = info.st_ino;
  const std::int64_t left = info.st_size - offset_;
  std::string bytes(static_cast<std::size_t>(std::min<std::int64_t>(left, static_cast<std::int64_t>(most))),
                    '\0');
  if (bytes.empty()) return bytes;
  const ssize_t count = ReadAt(file.get(), bytes.data(), bytes.size(), offset_);
  if (count < 0) return ReadError(path_);
  bytes.resize(static_cast<std::size_t>(count));
  offset_ += count;
  at_end_ = offset_ >= info.st_size;
  return bytes;
}

}  // namespace qalam::server
