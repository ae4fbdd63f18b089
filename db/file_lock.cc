#include "db/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/number_text.h"
#include "db/sqlite_status.h"

namespace qalam::db {
namespace {

// 0 when the file does not say.
pid_t ReadPid(int descriptor) {
  char text[24] = {};
  const ssize_t length = pread(descriptor, text, sizeof text - 1, 0);
  const std::string_view pid(text, length > 0 ? static_cast<size_t>(length) : 0);
  return static_cast<pid_t>(ParseInt(pid.substr(0, pid.find('\n'))).value_or(0));
}

std::string HolderText(int descriptor) {
  const pid_t pid = ReadPid(descriptor);
  return pid == 0 ? "another process" : fmt::format("process {}", pid);
}

}  // namespace

absl::StatusOr<FileLock> FileLock::Acquire(const std::string& path, const std::string& subject) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) return SqliteStatus(SQLITE_CANTOPEN, errno, "cannot create the lock file", subject);
  FileLock lock(descriptor);
  while (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK) {
      return absl::UnavailableError(
          fmt::format("database {} is in use by {}; stop that one first, or open it read-only", subject,
                      HolderText(descriptor)));
    }
    return absl::UnavailableError(fmt::format("cannot lock {}: {}", path, std::strerror(errno)));
  }
  // The number only helps people: a disk too full to hold it must not keep them from their data.
  const std::string pid = fmt::format("{}\n", getpid());
  if (ftruncate(descriptor, 0) == 0) (void)!pwrite(descriptor, pid.data(), pid.size(), 0);
  return lock;
}

std::optional<pid_t> FileLock::Holder(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  // Shared, so that two who ask do not see each other.
  int locked;
  while ((locked = flock(descriptor, LOCK_SH | LOCK_NB)) != 0 && errno == EINTR) continue;
  const bool held = locked != 0 && errno == EWOULDBLOCK;
  const pid_t pid = held ? ReadPid(descriptor) : 0;
  close(descriptor);
  return held ? std::optional(pid) : std::nullopt;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace qalam::db
