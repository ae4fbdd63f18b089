#include "cli/sparkline.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string_view>

namespace qalam::cli {
namespace {

constexpr int kLevels = 8;
constexpr std::string_view kBlocks[kLevels] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::string_view kAscii[kLevels] = {"_", ".", ":", "-", "=", "+", "*", "#"};

}  // namespace

std::string Sparkline(const std::vector<double>& values, int width, bool utf8) {
  std::vector<double> finite;
  std::copy_if(values.begin(), values.end(), std::back_inserter(finite),
               [](double v) { return std::isfinite(v); });
  if (finite.empty() || width <= 0) return "";
  std::vector<double> shown;
  const size_t columns = std::min(finite.size(), static_cast<size_t>(width));
  for (size_t i = 1; i <= columns; ++i) shown.push_back(finite[i * finite.size() / columns - 1]);

  const auto [low, high] = std::minmax_element(shown.begin(), shown.end());
  // Halves first: the difference of two huge values of opposite sign overflows.
  const double half_range = *high / 2 - *low / 2;
  std::string line;
  for (const double value : shown) {
    const double share = half_range > 0 ? (value / 2 - *low / 2) / half_range : 0;
    const int level = std::clamp(static_cast<int>(share * kLevels), 0, kLevels - 1);
    line += utf8 ? kBlocks[level] : kAscii[level];
  }
  return line;
}

}  // namespace qalam::cli
