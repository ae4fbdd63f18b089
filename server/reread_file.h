// What a file says now.
#pragma once

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/status.h"
#include "server/file_version.h"
#include "server/log.h"

namespace qalam::server {

/// A file's text as a T. It is read again when the file has changed, at most once a second; while it cannot
/// be read, what it said last goes on to count, and the log says so once for each change.
///
/// Threads: Get may be called from any.
template <class T>
class RereadFile {
 public:
  /// `path` is for messages.
  using Read = std::function<absl::StatusOr<T>(const std::string& path, const std::string& text)>;

  /// INVALID_ARGUMENT: there is no such file; else what `read` says. `log` outlives the file.
  static absl::StatusOr<std::unique_ptr<RereadFile>> Load(std::string path, Read read, Log& log,
                                                          absl::Time now) {
    std::unique_ptr<RereadFile> file(new RereadFile(std::move(path), std::move(read), log));
    file->version_ = FileVersion(file->path_);
    file->next_look_ = now + kLookAgain;
    QALAM_ASSIGN_OR_RETURN(file->value_, file->ReadNow());
    return file;
  }

  std::shared_ptr<const T> Get(absl::Time now) {
    const std::lock_guard lock(mutex_);
    if (now < next_look_) return value_;
    next_look_ = now + kLookAgain;
    std::string version = FileVersion(path_);
    if (version == version_) return value_;
    version_ = std::move(version);
    if (auto value = ReadNow(); value.ok()) {
      value_ = *std::move(value);
      log_.Write(LogLevel::kInfo, now, "a file was read again", std::vector<LogField>{{"file", path_}});
    } else {
      log_.Write(LogLevel::kError, now,
                 "a file has changed and cannot be used; what it said before still counts",
                 std::vector<LogField>{{"file", path_}, {"error", MessageOf(value.status())}});
    }
    return value_;
  }

 private:
  static constexpr absl::Duration kLookAgain = absl::Seconds(1);

  RereadFile(std::string path, Read read, Log& log)
      : path_(std::move(path)), read_(std::move(read)), log_(log) {}

  absl::StatusOr<std::shared_ptr<const T>> ReadNow() const {
    std::ifstream file(path_);
    std::string text;
    std::array<char, 4'096> part;
    // Unlike an iterator, read() does not throw when the path has become a directory's.
    while (file.read(part.data(), part.size()) || file.gcount() > 0) {
      text.append(part.data(), static_cast<size_t>(file.gcount()));
    }
    if (!file.is_open() || file.bad()) {
      return absl::InvalidArgumentError(fmt::format("{} should be a readable file", path_));
    }
    QALAM_ASSIGN_OR_RETURN(T value, read_(path_, text));
    return std::make_shared<const T>(std::move(value));
  }

  const std::string path_;
  const Read read_;
  Log& log_;
  std::mutex mutex_;
  absl::Time next_look_;
  std::string version_;
  std::shared_ptr<const T> value_;
};

}  // namespace qalam::server
