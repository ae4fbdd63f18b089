// The values min, min + step, min + 2 step, ... up to max, without the noise of floating-point sums.
#pragma once

#include <cstdint>
#include <optional>

namespace qalam::algorithms {

/// Where min, max and step are short decimals (up to 15 digits together), every value is the double nearest
/// to the exact decimal: 0.1 in steps of 0.1 passes through 0.3, not 0.30000000000000004, and 0.001 .. 0.01
/// has 10 values. Otherwise value k is min + k step, and max counts as reached when it is missed by rounding
/// only.
///
/// Threads: immutable.
class StepGrid {
 public:
  static constexpr double kMaxSize = 0x1p53;

  /// Requires finite min <= max and step > 0. Nothing when there would be more than 2^53 values.
  static std::optional<StepGrid> Make(double min, double max, double step);

  std::uint64_t size() const { return size_; }  // >= 1

  /// Value number k < size(); never above max.
  double At(std::uint64_t k) const;

  /// Number of the value nearest to x; the ends for an x beyond them. x is not NaN.
  std::uint64_t Nearest(double x) const;

 private:
  StepGrid() = default;

  double min_ = 0, max_ = 0, step_ = 1;
  std::uint64_t size_ = 1;
  // Decimal form: min = units_ / scale_, step = step_units_ / scale_. scale_ 0: no such form.
  double scale_ = 0;
  std::int64_t units_ = 0, step_units_ = 0;
};

}  // namespace qalam::algorithms
