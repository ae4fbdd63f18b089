#include "algorithms/bracket_table.h"

#include <algorithm>
#include <cmath>

namespace qalam::algorithms {
namespace {

// A whole number from which `x` differs by rounding only. Quotients of whole numbers below 10^12 differ by more.
constexpr double kRounding = 1e-12;

bool IsNearlyWhole(double x) { return std::abs(x - std::round(x)) <= kRounding * std::max(1.0, std::abs(x)); }

// What no experiment ever comes to.
constexpr double kEndless = 0x1p62;

std::int64_t Floor(double x) {
  return static_cast<std::int64_t>(std::min(kEndless, IsNearlyWhole(x) ? std::round(x) : std::floor(x)));
}

std::int64_t Ceil(double x) {
  return static_cast<std::int64_t>(std::min(kEndless, IsNearlyWhole(x) ? std::round(x) : std::ceil(x)));
}

}  // namespace

std::vector<double> ResourceLevels(double least, double most, double eta) {
  std::vector<double> levels;
  // Powers of a whole eta are exact, so each level is rounded once.
  for (double power = 1; most / power >= least * (1 - kRounding); power *= eta)
    levels.push_back(most / power);
  std::reverse(levels.begin(), levels.end());
  return levels;
}

std::vector<Bracket> BracketTable(int levels, double eta) {
  std::vector<Bracket> brackets;
  for (int first = 0; first < levels; ++first) {
    const int s = levels - 1 - first;
    double power = 1;
    for (int i = 0; i < s; ++i) power *= eta;
    Bracket bracket = {first, {Ceil(levels * power / (s + 1))}};
    double divisor = 1;
    for (int i = 1; i <= s; ++i) {
      divisor *= eta;
      bracket.sizes.push_back(
          std::max<std::int64_t>(1, Floor(static_cast<double>(bracket.sizes[0]) / divisor)));
    }
    brackets.push_back(std::move(bracket));
  }
  return brackets;
}

std::int64_t TopShare(std::int64_t count, double eta) { return Floor(static_cast<double>(count) / eta); }

}  // namespace qalam::algorithms
