#include "workload/checkpoint_copy.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "workload/file_error.h"

namespace qalam::workload {
namespace {

namespace fs = std::filesystem;

constexpr size_t kPiece = size_t{8} << 20;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

class Copier {
 public:
  explicit Copier(const std::function<bool()>& stop_requested) : stop_requested_(stop_requested) {}

  absl::Status CopyTree(const fs::path& from, const fs::path& to) {
    QALAM_RETURN_IF_ERROR(CheckStop());
    struct stat info;
    if (lstat(from.c_str(), &info) != 0) return FileError("read", from.native(), errno);
    switch (info.st_mode & S_IFMT) {
      case S_IFDIR:
        return CopyDirectory(from, to, info);
      case S_IFREG:
        return CopyFile(from, to, info);
      case S_IFLNK:
        return CopyLink(from, to, info);
      default:
        return absl::InvalidArgumentError(fmt::format(
            "{} is no file, directory or symbolic link; a checkpoint cannot hold it", from.native()));
    }
  }

 private:
  absl::Status CheckStop() const {
    if (stop_requested_ && stop_requested_()) return absl::CancelledError("the copy is not wanted any more");
    return absl::OkStatus();
  }

  absl::Status CopyDirectory(const fs::path& from, const fs::path& to, const struct stat& info) {
    if (mkdir(to.c_str(), 0700) != 0) return FileError("make the directory", to.native(), errno);
    std::error_code error;
    fs::directory_iterator entries(from, error);
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
      QALAM_RETURN_IF_ERROR(CopyTree(entries->path(), to / entries->path().filename()));
    }
    if (error) return FileError("read", from.native(), error.value());
    const Descriptor target(open(to.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!target.ok()) return FileError("open", to.native(), errno);
    return Seal(target, to, info);
  }

  absl::Status CopyFile(const fs::path& from, const fs::path& to, const struct stat& info) {
    const Descriptor source(open(from.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!source.ok()) return FileError("read", from.native(), errno);
    const Descriptor target(open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!target.ok()) return FileError("write", to.native(), errno);
    if (ioctl(target.get(), FICLONE, source.get()) != 0) {
      QALAM_RETURN_IF_ERROR(CopyBytes(source, from, target, to));
    }
    return Seal(target, to, info);
  }

  // The kernel copies where it can, on some file systems without moving a byte.
  absl::Status CopyBytes(const Descriptor& source, const fs::path& from, const Descriptor& target,
                         const fs::path& to) {
    for (bool copied = false;; copied = true) {
      QALAM_RETURN_IF_ERROR(CheckStop());
      const ssize_t count = copy_file_range(source.get(), nullptr, target.get(), nullptr, kPiece, 0);
      if (count > 0) continue;
      if (count == 0 && copied) return absl::OkStatus();
      if (count < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EIO))
        return FileError("write", to.native(), errno);
      return ReadAndWrite(source, from, target, to);  // goes on where the kernel has stopped
    }
  }

  absl::Status ReadAndWrite(const Descriptor& source, const fs::path& from, const Descriptor& target,
                            const fs::path& to) {
    buffer_.resize(kPiece);
    for (;;) {
      QALAM_RETURN_IF_ERROR(CheckStop());
      const ssize_t count = read(source.get(), buffer_.data(), buffer_.size());
      if (count == 0) return absl::OkStatus();
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return FileError("read", from.native(), errno);
      for (ssize_t done = 0; done < count;) {
        const ssize_t written = write(target.get(), buffer_.data() + done, count - done);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return FileError("write", to.native(), errno);
        done += written;
      }
    }
  }

  // Programs find their newest file by its time.
  static absl::Status Seal(const Descriptor& target, const fs::path& to, const struct stat& info) {
    const timespec times[] = {info.st_atim, info.st_mtim};
    const bool sealed = fchmod(target.get(), info.st_mode & 07777) == 0 &&
                        futimens(target.get(), times) == 0 && fsync(target.get()) == 0;
    return sealed ? absl::OkStatus() : FileError("write", to.native(), errno);
  }

  static absl::Status CopyLink(const fs::path& from, const fs::path& to, const struct stat& info) {
    std::error_code error;
    fs::copy_symlink(from, to, error);
    if (error) return FileError("copy the symbolic link", from.native(), error.value());
    const timespec times[] = {info.st_atim, info.st_mtim};
    utimensat(AT_FDCWD, to.c_str(), times, AT_SYMLINK_NOFOLLOW);  // of no weight
    return absl::OkStatus();
  }

  const std::function<bool()>& stop_requested_;
  std::vector<char> buffer_;
};

absl::Status RemovePartial(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  return error ? FileError("remove the unfinished copy", path, error.value()) : absl::OkStatus();
}

absl::Status SyncDirectory(const fs::path& path) {
  const Descriptor directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.ok() && fsync(directory.get()) == 0) return absl::OkStatus();
  return FileError("write", path.native(), errno);
}

}  // namespace

absl::Status CopyCheckpoint(const std::string& from, const std::string& to,
                            const std::function<bool()>& stop_requested) {
  struct stat info;
  if (lstat(to.c_str(), &info) == 0) return absl::OkStatus();
  const std::string partial = to + ".partial";
  QALAM_RETURN_IF_ERROR(RemovePartial(partial));
  if (stat(from.c_str(), &info) != 0 && errno == ENOENT) {
    return absl::NotFoundError(fmt::format("there is no checkpoint {}", from));
  }
  absl::Status status = Copier(stop_requested).CopyTree(from, partial);
  if (status.ok() && rename(partial.c_str(), to.c_str()) != 0) status = FileError("make", to, errno);
  if (!status.ok()) {
    RemovePartial(partial).IgnoreError();  // its space may be what is missing
    return status;
  }
  return SyncDirectory(fs::path(to).parent_path());
}

}  // namespace qalam::workload
