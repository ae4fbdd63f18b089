// What a server is called.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace qalam::server {

/// Names and addresses in lower case; addresses in their shortest form, without brackets.
using HostNames = std::set<std::string, std::less<>>;

/// "LocalHost." -> "localhost", "[0:0::1]" -> "::1". Nothing for a text that is neither a DNS name nor an
/// address.
std::optional<std::string> CanonicalHost(std::string_view text);

/// HOST of HOST:PORT, HOST, [IPV6]:PORT or [IPV6], as CanonicalHost.
std::optional<std::string> HostOfAddress(std::string_view address);

bool IsIpAddress(std::string_view canonical_host);

/// Whether the host stands for every address of this machine: 0.0.0.0, :: or none.
bool IsWildcard(std::string_view address);

/// localhost with its addresses, this machine's name, and the host of `address`; when that stands for all
/// addresses, those that the machine's interfaces have now.
HostNames OwnHosts(std::string_view address);

}  // namespace qalam::server
