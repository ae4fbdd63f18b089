#include "server/secret_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

#include "server/trial_access.h"

namespace qalam::server {
namespace {

class File {
 public:
  File(const std::string& path, int flags, mode_t mode = 0)
      : fd_(open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  int fd() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

 private:
  const int fd_;
};

absl::Status CannotWrite(const std::string& path, int error) {
  return absl::PermissionDeniedError(fmt::format("{} cannot be written: {}", path, strerror(error)));
}

bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

// The text in a file beside `path`, on disk, that is renamed or linked to become it. Empty, with errno, when
// it cannot be.
std::string WriteDraft(const std::string& path, std::string_view text, mode_t mode) {
  std::string draft = fmt::format("{}.{}", path, RandomToken().substr(0, 16));
  int error = 0;
  {
    const File file(draft, O_WRONLY | O_CREAT | O_EXCL, mode);
    if (!file.is_open()) return {};
    // The mode is what was asked for, whatever the umask.
    if (fchmod(file.fd(), mode) == 0 && WriteAll(file.fd(), text) && fsync(file.fd()) == 0) return draft;
    error = errno;
  }
  unlink(draft.c_str());
  errno = error;
  return {};
}

void SyncDirectoryOf(const std::string& path) {
  const File directory(std::filesystem::path(path).parent_path().string(), O_RDONLY | O_DIRECTORY);
  if (directory.is_open()) fsync(directory.fd());
}

}  // namespace

absl::StatusOr<std::string> ReadSecretFile(const std::string& path) {
  const File file(path, O_RDONLY);
  if (!file.is_open()) {
    const std::string text = fmt::format("{} cannot be read: {}", path, strerror(errno));
    return errno == ENOENT ? absl::NotFoundError(text) : absl::PermissionDeniedError(text);
  }
  struct stat facts;
  if (fstat(file.fd(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
    return absl::PermissionDeniedError(fmt::format("{} should be a file", path));
  }
  if ((facts.st_mode & 077) != 0) {
    return absl::PermissionDeniedError(fmt::format(
        "{} has mode {:03o}, so others than its owner may read or change it; it should have 600. If "
        "nobody can have read it, chmod 600 it; otherwise remove it, and a new one is made",
        path, facts.st_mode & 0777));
  }
  if (const uid_t us = geteuid(); us != 0 && facts.st_uid != us) {
    return absl::PermissionDeniedError(fmt::format(
        "{} belongs to user {}; it should belong to user {}, who runs this", path, facts.st_uid, us));
  }
  std::string text;
  std::array<char, 4'096> part;
  for (;;) {
    const ssize_t count = read(file.fd(), part.data(), part.size());
    if (count == 0) return text;
    if (count > 0) text.append(part.data(), static_cast<size_t>(count));
    if (count < 0 && errno != EINTR) {
      return absl::PermissionDeniedError(fmt::format("{} cannot be read: {}", path, strerror(errno)));
    }
  }
}

absl::StatusOr<std::string> ReadOrMakeSecretFile(const std::string& path,
                                                 const std::function<absl::StatusOr<std::string>()>& make) {
  auto text = ReadSecretFile(path);
  if (!absl::IsNotFound(text.status())) return text;
  QALAM_ASSIGN_OR_RETURN(const std::string made, make());
  const std::string draft = WriteDraft(path, made, 0600);
  if (draft.empty()) return CannotWrite(path, errno);
  // Unlike a rename, a link leaves alone what another process has made meanwhile.
  const int error = link(draft.c_str(), path.c_str()) == 0 ? 0 : errno;
  unlink(draft.c_str());
  if (error != 0 && error != EEXIST) return CannotWrite(path, error);
  SyncDirectoryOf(path);
  return ReadSecretFile(path);
}

absl::Status ReplaceFile(const std::string& path, std::string_view text, Readers readers) {
  const std::string draft = WriteDraft(path, text, readers == Readers::kOwner ? 0600 : 0644);
  if (draft.empty()) return CannotWrite(path, errno);
  if (rename(draft.c_str(), path.c_str()) != 0) {
    const int error = errno;
    unlink(draft.c_str());
    return CannotWrite(path, error);
  }
  SyncDirectoryOf(path);
  return absl::OkStatus();
}

}  // namespace qalam::server
