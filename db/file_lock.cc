#include "db/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "db/sqlite_status.h"

namespace qalam::db {
namespace {

std::string Holder(int descriptor) {
  char text[24] = {};
  const ssize_t length = pread(descriptor, text, sizeof text - 1, 0);
  std::string pid(text, length > 0 ? static_cast<size_t>(length) : 0);
  pid.erase(pid.find_last_not_of('\n') + 1);
  return pid.empty() ? "another process" : "process " + pid;
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
                      Holder(descriptor)));
    }
    return absl::UnavailableError(fmt::format("cannot lock {}: {}", path, std::strerror(errno)));
  }
  // The number only helps people: a disk too full to hold it must not keep them from their data.
  const std::string pid = fmt::format("{}\n", getpid());
  if (ftruncate(descriptor, 0) == 0) (void)!pwrite(descriptor, pid.data(), pid.size(), 0);
  return lock;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace qalam::db
