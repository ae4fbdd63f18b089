#include "bench/bbob.h"

namespace qalam::bench {
std::optional<BbobName> ParseBbobName(std::string_view) { return std::nullopt; }
std::optional<int> ParseBbobSuiteName(std::string_view) { return std::nullopt; }
Problem Bbob(const BbobName&, std::uint64_t) { return {}; }
}  // namespace qalam::bench
