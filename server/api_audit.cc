#include "server/api_audit.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/time/clock.h"
#include "server/trial_access.h"

namespace qalam::server {
namespace {

constexpr size_t kMostUserAgent = 300, kMostUri = 2'000;

// Parameters whose values say what was asked for. What else a client writes into a query may be a secret.
constexpr std::string_view kShownParameters[] = {"allowWatchBookmarks",
                                                 "container",
                                                 "dryRun",
                                                 "fieldManager",
                                                 "fieldSelector",
                                                 "fieldValidation",
                                                 "follow",
                                                 "force",
                                                 "gracePeriodSeconds",
                                                 "labelSelector",
                                                 "limit",
                                                 "limitBytes",
                                                 "orphanDependents",
                                                 "pretty",
                                                 "previous",
                                                 "propagationPolicy",
                                                 "resourceVersion",
                                                 "resourceVersionMatch",
                                                 "sendInitialEvents",
                                                 "sinceSeconds",
                                                 "sinceTime",
                                                 "tailLines",
                                                 "timeout",
                                                 "timeoutSeconds",
                                                 "timestamps",
                                                 "watch"};

std::string UriOf(const http::Request& request) {
  std::string uri = request.target.substr(0, std::min(request.target.find_first_of("?#"), kMostUri));
  char separator = '?';
  for (const auto& [name, value] : request.query.parameters()) {
    uri += std::exchange(separator, '&') + http::PercentEncode(name) + '=';
    const bool shown = std::find(std::begin(kShownParameters), std::end(kShownParameters), name) !=
                       std::end(kShownParameters);
    uri += shown ? http::PercentEncode(value) : "-";
  }
  if (uri.size() > kMostUri) uri.resize(kMostUri);
  return uri;
}

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

// A random UUID (RFC 4122, section 4.4).
std::string NewAuditId() {
  std::string hex = RandomToken().substr(0, 32);
  hex[12] = '4';
  hex[16] = "89ab"[hex[16] % 4];
  for (const size_t at : {8, 13, 18, 23}) hex.insert(at, 1, '-');
  return hex;
}

// Without the port.
std::string HostOf(std::string address) {
  address.resize(std::min(address.rfind(':'), address.size()));
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  return address;
}

}  // namespace

std::string AuditLine(const http::Request& request, const apiserver::RequestInfo& info,
                      const apiserver::User* user, int code, absl::Time now, absl::Duration took) {
  using Json = nlohmann::ordered_json;
  const bool goes_on =
      code < 300 && (info.verb == "watch" || (info.subresource == "log" && request.query.Flag("follow")));
  Json who = Json::object();
  if (user != nullptr) who = {{"username", user->name}, {"groups", user->groups}};
  Json event = {{"kind", "Event"},
                {"apiVersion", "audit.k8s.io/v1"},
                {"level", "Metadata"},
                {"auditID", NewAuditId()},
                {"stage", goes_on ? "ResponseStarted" : "ResponseComplete"},
                {"requestURI", UriOf(request)},
                {"verb", info.verb},
                {"user", std::move(who)},
                {"sourceIPs", Json::array({HostOf(request.peer.address)})}};
  if (const auto agent = request.headers.Find("User-Agent"))
    event["userAgent"] = agent->substr(0, kMostUserAgent);
  if (info.is_resource) {
    Json object = {{"resource", info.resource}};
    const auto add = [&](const char* key, const std::string& value) {
      if (!value.empty()) object[key] = value;
    };
    add("namespace", info.namespace_name);
    add("name", info.name);
    add("apiGroup", info.group);
    add("apiVersion", info.version);
    add("subresource", info.subresource);
    event["objectRef"] = std::move(object);
  }
  event["responseStatus"] = {{"metadata", Json::object()}, {"code", code}};
  event["requestReceivedTimestamp"] = TimeText(now - took);
  event["stageTimestamp"] = TimeText(now);
  return event.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

AuditFile::AuditFile(std::string path, std::size_t max_size, Log& log)
    : path_(std::move(path)), max_size_(max_size), log_(log) {}

AuditFile::~AuditFile() {
  if (fd_ >= 0) close(fd_);
}

absl::Status AuditFile::Open() {
  const std::lock_guard lock(mutex_);
  if (OpenNow()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("--http-audit-log: {} cannot be written: {}", path_, strerror(errno)));
}

void AuditFile::Write(std::string line) {
  line += '\n';
  const std::lock_guard lock(mutex_);
  int error = 0;
  if (fd_ >= 0 && size_ > 0 && size_ + line.size() > max_size_) {
    if (rename(path_.c_str(), (path_ + ".1").c_str()) != 0) error = errno;
    close(fd_);
    fd_ = -1;
  }
  if (fd_ < 0 && !OpenNow()) return Tell(errno);
  const ssize_t written = write(fd_, line.data(), line.size());
  if (written > 0) size_ += static_cast<std::size_t>(written);
  if (written == static_cast<ssize_t>(line.size())) return Tell(error);
  Tell(written < 0 ? errno : ENOSPC);
}

void AuditFile::Reopen() {
  const std::lock_guard lock(mutex_);
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
  if (!OpenNow()) Tell(errno);
}

bool AuditFile::OpenNow() {
  fd_ = open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  struct stat facts;
  if (fd_ < 0 || fstat(fd_, &facts) != 0) return false;
  size_ = static_cast<std::size_t>(facts.st_size);
  return true;
}

void AuditFile::Tell(int error) {
  if (std::exchange(failing_, error != 0) == (error != 0)) return;
  if (error == 0) {
    log_.Write(LogLevel::kInfo, absl::Now(), "the audit log is written again",
               std::vector<LogField>{{"file", path_}});
  } else {
    log_.Write(LogLevel::kError, absl::Now(),
               "the audit log cannot be written, or not be moved away at its size",
               std::vector<LogField>{{"file", path_}, {"error", std::string_view(strerror(error))}});
  }
}

}  // namespace qalam::server
