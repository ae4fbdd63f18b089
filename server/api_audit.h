// The record of who did what through the Kubernetes-style API.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "apiserver/access.h"
#include "server/log.h"

namespace qalam::server {

/// One line of JSON, an Event of audit.k8s.io/v1 with level Metadata: who asked what of which object from
/// where, and the code of the answer. Of the query it has what selects and versions objects, and only the
/// names of everything else; of bodies and of credentials nothing. `user` is null when nobody was known.
/// Stage ResponseStarted for what goes on after its beginning (watches, logs that are followed), else
/// ResponseComplete.
std::string AuditLine(const http::Request& request, const apiserver::RequestInfo& info,
                      const apiserver::User* user, int code, absl::Time now, absl::Duration took);

/// A file of such lines, readable by its owner only. A file of `max_size` bytes becomes PATH.1, in place of
/// an earlier one, and a new one begins; when it cannot be renamed it goes on to grow. When lines cannot be
/// written they are lost. The log says either once, and when it is over.
///
/// Threads: any.
class AuditFile {
 public:
  /// `log` outlives the file.
  AuditFile(std::string path, std::size_t max_size, Log& log);
  ~AuditFile();

  /// INVALID_ARGUMENT: it cannot be written.
  absl::Status Open();
  void Write(std::string line);
  /// Goes on in `path`, from which the file may have been moved away.
  void Reopen();

 private:
  bool OpenNow();
  void Tell(int error);

  const std::string path_;
  const std::size_t max_size_;
  Log& log_;
  std::mutex mutex_;
  int fd_ = -1;
  std::size_t size_ = 0;
  bool failing_ = false;
};

}  // namespace qalam::server
