// Order statistics of a few numbers.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace qalam::bench {

/// Quantile q in [0, 1] by linear interpolation between the ordered values (Hyndman and Fan's type 7, as
/// NumPy does). `values` is not empty.
inline double Quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const double place = q * static_cast<double>(values.size() - 1);
  const auto low = static_cast<size_t>(std::floor(place));
  const size_t high = std::min(low + 1, values.size() - 1);
  const double share = place - std::floor(place);
  // The difference of two infinities is no number.
  if (share == 0 || values[low] == values[high]) return values[low];
  return values[low] + share * (values[high] - values[low]);
}

inline double Median(std::vector<double> values) { return Quantile(std::move(values), 0.5); }

}  // namespace qalam::bench
