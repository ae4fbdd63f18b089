#include "server/service_host_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>

#include "algorithms/registry.h"
#include "base/number_text.h"

namespace qalam::server {
namespace {

constexpr ServiceKind kAllServices[] = {ServiceKind::kSuggestion, ServiceKind::kEarlyStopping,
                                        ServiceKind::kDb};

absl::Status CheckAddress(const char* flag, const std::string& address) {
  if (address.rfind("unix:", 0) == 0) return absl::OkStatus();
  const size_t colon = address.rfind(':');
  const auto port = colon == std::string::npos ? std::nullopt : ParseInt(address.substr(colon + 1));
  if (port && *port >= 0 && *port <= 65'535 && colon > 0) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("{}: \"{}\" should be like 127.0.0.1:6789", flag, address));
}

absl::Status CheckExposure(const char* flag, const std::string& address, const ServiceHostOptions& options,
                           bool mutual_tls) {
  if (address.empty() || IsLoopback(address) || mutual_tls || !options.token_file.empty() ||
      options.insecure) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(fmt::format(
      "{}: {} can be reached from other machines, and anybody could call; give --token-file or --tls-cert, "
      "--tls-key and --tls-client-ca, or, in a network that you trust, --insecure",
      flag, address));
}

}  // namespace

const char* NameOf(ServiceKind kind) {
  switch (kind) {
    case ServiceKind::kSuggestion:
      return "suggestion";
    case ServiceKind::kEarlyStopping:
      return "early-stopping";
    case ServiceKind::kDb:
      return "db";
  }
  return "";
}

absl::StatusOr<std::set<ServiceKind>> ParseServices(const std::vector<std::string>& names) {
  std::set<ServiceKind> kinds;
  for (const std::string& name : names) {
    const auto* kind = std::find_if(std::begin(kAllServices), std::end(kAllServices),
                                    [&](ServiceKind candidate) { return NameOf(candidate) == name; });
    if (kind == std::end(kAllServices)) {
      return absl::InvalidArgumentError(
          fmt::format("unknown service \"{}\"; there are suggestion, early-stopping, db and api", name));
    }
    kinds.insert(*kind);
  }
  if (kinds.empty())
    return absl::InvalidArgumentError("at least one of suggestion, early-stopping, db and api");
  return kinds;
}

const char* FullNameOf(ServiceKind kind) {
  switch (kind) {
    case ServiceKind::kSuggestion:
      return "api.v1.beta1.Suggestion";
    case ServiceKind::kEarlyStopping:
      return "api.v1.beta1.EarlyStopping";
    case ServiceKind::kDb:
      return "api.v1.beta1.DBManager";
  }
  return "";
}

absl::Status Check(const ServiceHostOptions& options) {
  const std::vector<std::string> known = algorithms::AlgorithmNames();
  for (const std::string& name : options.algorithms) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return absl::InvalidArgumentError(
          fmt::format("--algorithms: unknown algorithm name {}; there are {}", name, fmt::join(known, ", ")));
    }
  }
  if (options.max_message < 1 || options.max_message > std::numeric_limits<int>::max()) {
    return absl::InvalidArgumentError(
        fmt::format("--max-message: {} should be from 1 to 2147483647 bytes", options.max_message));
  }
  if (options.keepalive < absl::Seconds(1) || options.keepalive > absl::Hours(24)) {
    return absl::InvalidArgumentError(
        fmt::format("--keepalive: {} should be from 1s to 24h", absl::FormatDuration(options.keepalive)));
  }
  QALAM_RETURN_IF_ERROR(CheckAddress("--grpc", options.address));
  if (!options.metrics_address.empty()) {
    QALAM_RETURN_IF_ERROR(CheckAddress("--metrics", options.metrics_address));
  }
  QALAM_RETURN_IF_ERROR(
      CheckExposure("--grpc", options.address, options, /*mutual_tls=*/!options.tls.client_ca.empty()));
  return CheckExposure("--metrics", options.metrics_address, options, /*mutual_tls=*/false);
}

}  // namespace qalam::server
