// A draw that everybody who knows the name makes alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace qalam {

/// Draws one of the shares by the name alone: index i with probability weights[i] / sum over all names. Whoever derives
/// rules from trials and whoever applies them to one agree so on the trial's share, without a word between them. What is
/// drawn is part of what makes runs repeat: DO NOT CHANGE. At least one weight is above 0; their sum is below 2^63.
size_t ShareOf(std::string_view name, std::span<const std::uint64_t> weights);

}  // namespace qalam
