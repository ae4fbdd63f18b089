#include "server/host_guard.h"

#include <fmt/format.h>

#include "absl/strings/ascii.h"
#include "apiserver/failure.h"

namespace qalam::server {
namespace {

constexpr absl::Duration kLookAgain = absl::Seconds(1);

std::string Lower(std::string_view text) { return absl::AsciiStrToLower({text.data(), text.size()}); }

absl::Status Refusal(std::string message) { return apiserver::Failure(403, "Forbidden", std::move(message)); }

// "lab.example:8080" of "https://lab.example:8080"; empty for anything else, such as "null".
std::string_view AuthorityOf(std::string_view origin) {
  const size_t scheme = origin.find("://");
  if (scheme == 0 || scheme == std::string_view::npos) return {};
  return origin.substr(scheme + 3);
}

}  // namespace

absl::StatusOr<std::unique_ptr<HostGuard>> HostGuard::Make(std::string address,
                                                           const std::vector<std::string>& hosts,
                                                           const std::vector<std::string>& origins,
                                                           absl::Time now) {
  std::unique_ptr<HostGuard> guard(new HostGuard);
  for (const std::string& host : hosts) {
    auto canonical = CanonicalHost(host);
    if (!canonical) {
      return absl::InvalidArgumentError(
          fmt::format("--http-host: \"{}\" should be a name or an address, without scheme and port", host));
    }
    guard->given_.insert(*std::move(canonical));
  }
  for (const std::string& origin : origins) {
    if (!HostOfAddress(AuthorityOf(origin))) {
      return absl::InvalidArgumentError(fmt::format(
          "--http-origin: \"{}\" should be like https://lab.example or http://localhost:3000", origin));
    }
    guard->origins_.insert(Lower(origin));
  }
  guard->own_ = OwnHosts(address);
  guard->next_look_ = now + kLookAgain;
  guard->address_ = std::move(address);
  return guard;
}

bool HostGuard::IsOurs(const std::string& host, absl::Time now) {
  if (given_.count(host) > 0) return true;
  const std::lock_guard lock(mutex_);
  if (own_.count(host) > 0) return true;
  // Machines get new addresses while a server runs.
  if (now < next_look_ || !IsWildcard(address_)) return false;
  next_look_ = now + kLookAgain;
  own_ = OwnHosts(address_);
  return own_.count(host) > 0;
}

absl::Status HostGuard::Check(const http::Request& request, absl::Time now) {
  const std::string host = request.headers.Joined("Host");  // of two, this is no host
  const auto canonical = HostOfAddress(host);
  if (!canonical || !IsOurs(*canonical, now)) {
    return Refusal(fmt::format(
        "the request is for host \"{}\", which is not this server; if it is, start it with --http-host",
        host));
  }
  const auto origin = request.headers.Find("Origin");
  if (origin) {
    const std::string from = Lower(*origin);
    if (origins_.count(from) > 0 || AuthorityOf(from) == Lower(host)) return absl::OkStatus();
    return Refusal(fmt::format("pages of {} may not call this server; --http-origin allows it", from));
  }
  // Browsers leave out Origin where they only want to show what they get.
  const auto site = request.headers.Find("Sec-Fetch-Site");
  if (site && *site != "same-origin" && *site != "none") {
    return Refusal("pages of other sites may not call this server; --http-origin allows it to some");
  }
  return absl::OkStatus();
}

}  // namespace qalam::server
