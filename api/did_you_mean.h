// Hints for misspelt names.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace qalam::api {

/// The candidate nearest to `name` when it is near enough to be meant: letter case ignored, at most one edit
/// in three letters (a swap of neighbours is one edit). Empty when none is.
std::string_view Nearest(std::string_view name, std::span<const std::string_view> candidates);

/// `did you mean "max"?`, or else `must be one of min, max`. `candidates` in a sensible order.
std::string NameHint(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace qalam::api
