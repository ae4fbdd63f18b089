#include "server/host_names.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>

#include "absl/strings/ascii.h"

namespace qalam::server {
namespace {

constexpr size_t kLongestName = 253;

std::optional<std::string> AddressText(const std::string& text) {
  std::array<char, INET6_ADDRSTRLEN> out;
  for (const int family : {AF_INET, AF_INET6}) {
    in6_addr bytes;
    if (inet_pton(family, text.c_str(), &bytes) == 1)
      return inet_ntop(family, &bytes, out.data(), out.size());
  }
  return std::nullopt;
}

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

void AddInterfaceAddresses(HostNames& hosts) {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return;
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(list, freeifaddrs);
  for (const ifaddrs* interface = list; interface != nullptr; interface = interface->ifa_next) {
    if (interface->ifa_addr == nullptr || (interface->ifa_flags & IFF_UP) == 0) continue;
    const int family = interface->ifa_addr->sa_family;
    const void* bytes = nullptr;
    if (family == AF_INET) bytes = &reinterpret_cast<const sockaddr_in*>(interface->ifa_addr)->sin_addr;
    if (family == AF_INET6) bytes = &reinterpret_cast<const sockaddr_in6*>(interface->ifa_addr)->sin6_addr;
    std::array<char, INET6_ADDRSTRLEN> text;
    if (bytes != nullptr && inet_ntop(family, bytes, text.data(), text.size()) != nullptr)
      hosts.insert(text.data());
  }
}

}  // namespace

std::optional<std::string> CanonicalHost(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) {
    text = text.substr(1, text.size() - 2);
    if (text.find(':') == std::string_view::npos) return std::nullopt;
    return AddressText(std::string(text));
  }
  std::string host(text);
  if (auto address = AddressText(host)) return address;
  absl::AsciiStrToLower(&host);
  if (host.ends_with('.')) host.pop_back();
  const bool is_name = !host.empty() && host.size() <= kLongestName && host.front() != '.' &&
                       std::all_of(host.begin(), host.end(), IsNameCharacter);
  return is_name ? std::optional(std::move(host)) : std::nullopt;
}

std::optional<std::string> HostOfAddress(std::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon != std::string_view::npos && !address.ends_with(']')) {
    const std::string_view port = address.substr(colon + 1);
    if (port.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    address = address.substr(0, colon);
    if (address.find(':') != std::string_view::npos && !address.starts_with('[')) return std::nullopt;
  }
  return CanonicalHost(address);
}

bool IsIpAddress(std::string_view canonical_host) {
  return AddressText(std::string(canonical_host)).has_value();
}

bool IsWildcard(std::string_view address) {
  const auto host = HostOfAddress(address);
  return address.starts_with(':') || host == "0.0.0.0" || host == "::";
}

HostNames OwnHosts(std::string_view address) {
  HostNames hosts = {"localhost", "127.0.0.1", "::1"};
  std::array<char, kLongestName + 2> name{};
  if (gethostname(name.data(), name.size() - 1) == 0) {
    if (auto own = CanonicalHost(name.data())) hosts.insert(*std::move(own));
  }
  if (IsWildcard(address)) {
    AddInterfaceAddresses(hosts);
  } else if (auto host = HostOfAddress(address)) {
    hosts.insert(*std::move(host));
  }
  return hosts;
}

}  // namespace qalam::server
