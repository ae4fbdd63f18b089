#include "algorithms/step_grid.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

namespace qalam::algorithms {
namespace {

constexpr double kMaxUnits = 2e15;  // below 2^51: products and sums of units stay exact doubles
constexpr int kMaxPlaces = 22;      // 10^22 is the last power of ten that is a double

// Digits after the decimal point of the shortest text of x; negative for multiples of ten.
int DecimalPlaces(double x) {
  if (x == 0) return 0;
  char buffer[64];
  const auto result =
      std::to_chars(buffer, buffer + sizeof buffer, std::fabs(x), std::chars_format::scientific);
  const std::string_view text(buffer, result.ptr - buffer);
  const size_t e = text.find('e');
  const int mantissa_digits = static_cast<int>(e) - (text.find('.') < e ? 1 : 0);
  int exponent = 0;
  const char* digits = buffer + e + (buffer[e + 1] == '+' ? 2 : 1);
  std::from_chars(digits, result.ptr, exponent);
  return mantissa_digits - 1 - exponent;
}

}  // namespace

std::optional<StepGrid> StepGrid::Make(double min, double max, double step) {
  StepGrid grid;
  grid.min_ = min;
  grid.max_ = max;
  grid.step_ = step;
  const int places = std::max({0, DecimalPlaces(min), DecimalPlaces(max), DecimalPlaces(step)});
  if (places <= kMaxPlaces) {
    const double scale = std::pow(10.0, places);
    if (std::max(std::fabs(min), std::fabs(max)) * scale < kMaxUnits && step * scale < kMaxUnits) {
      grid.scale_ = scale;
      grid.units_ = std::llround(min * scale);
      grid.step_units_ = std::llround(step * scale);
      grid.size_ =
          static_cast<std::uint64_t>((std::llround(max * scale) - grid.units_) / grid.step_units_) + 1;
      return grid;
    }
  }
  const double steps = max / step - min / step;
  if (!(steps < kMaxSize - 1)) return std::nullopt;
  grid.size_ = static_cast<std::uint64_t>(std::floor(steps + std::max(1e-9, steps * 0x1p-50))) + 1;
  return grid;
}

double StepGrid::At(std::uint64_t k) const {
  if (scale_ != 0) return static_cast<double>(units_ + static_cast<std::int64_t>(k) * step_units_) / scale_;
  return std::clamp(min_ + static_cast<double>(k) * step_, min_, max_);
}

std::uint64_t StepGrid::Nearest(double x) const {
  const double k = std::floor(x / step_ - min_ / step_ + 0.5);
  if (!(k > 0)) return 0;
  return k < static_cast<double>(size_) ? static_cast<std::uint64_t>(k) : size_ - 1;
}

}  // namespace qalam::algorithms
