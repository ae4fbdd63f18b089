#include "server/trace_context.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace qalam::server {
namespace {

constexpr size_t kMaxRequestId = 128;

bool IsHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsZero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

std::string NewId() {
  thread_local std::mt19937_64 engine = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  return fmt::format("{:016x}{:016x}", engine(), engine());
}

}  // namespace

std::string RequestId(std::optional<std::string_view> given) {
  const bool usable = given && !given->empty() && given->size() <= kMaxRequestId &&
                      std::all_of(given->begin(), given->end(), [](char c) { return c > ' ' && c < 0x7F; });
  return usable ? std::string(*given) : NewId();
}

bool IsTraceParent(std::string_view text) {
  if (text.size() < 55 || text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
  const std::string_view version = text.substr(0, 2), trace = text.substr(3, 32),
                         parent = text.substr(36, 16);
  if (!IsHex(version) || !IsHex(trace) || !IsHex(parent) || !IsHex(text.substr(53, 2))) return false;
  if (version == "ff" || IsZero(trace) || IsZero(parent)) return false;
  // Later versions may append fields.
  return text.size() == 55 || (version != "00" && text[55] == '-');
}

}  // namespace qalam::server
