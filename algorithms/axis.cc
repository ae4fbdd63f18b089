#include "algorithms/axis.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace qalam::algorithms {

Axis::Axis(const Parameter& parameter)
    : parameter_(parameter), kind_(Kind::kOrdered), size_(parameter.cardinality().value_or(0)) {
  if (parameter.is_numeric()) {
    if (size_ == 0) kind_ = Kind::kContinuous;
    return;
  }
  const std::vector<double> numbers = NumbersOf(parameter);
  if (numbers.empty()) {
    kind_ = Kind::kUnordered;
    return;
  }
  by_rank_.resize(size_);
  std::iota(by_rank_.begin(), by_rank_.end(), 0);
  std::stable_sort(by_rank_.begin(), by_rank_.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return numbers[a] < numbers[b]; });
  rank_.resize(size_);
  for (std::uint32_t rank = 0; rank < size_; ++rank) rank_[by_rank_[rank]] = rank;
}

double Axis::Encode(const Value& value) const {
  if (kind_ == Kind::kContinuous) return std::clamp(parameter_.ToUnit(value), 0.0, 1.0);
  const std::uint64_t index = parameter_.IndexOf(value);
  return static_cast<double>(rank_.empty() ? index : rank_[index]);
}

Value Axis::Decode(double code) const {
  if (kind_ == Kind::kContinuous) return parameter_.FromUnit(code);
  const auto index = static_cast<std::uint64_t>(code);
  return parameter_.At(by_rank_.empty() ? index : by_rank_[index]);
}

Parameter::Cell Axis::CellOf(double code) const {
  return parameter_.CellAt(static_cast<std::uint64_t>(code));  // lists: equal cells, whatever the order
}

double Axis::Position(double code) const {
  if (kind_ == Kind::kContinuous) return code;
  const auto [lower, upper] = CellOf(code);
  return lower + (upper - lower) / 2;
}

double Axis::CodeAt(double position) const {
  if (kind_ == Kind::kContinuous) return position;
  return static_cast<double>(parameter_.IndexFromUnit(std::clamp(position, 0x1p-53, 1 - 0x1p-53)));
}

std::vector<Axis> AxesOf(const SearchSpace& space) {
  return std::vector<Axis>(space.parameters().begin(), space.parameters().end());
}

std::vector<double> Encode(std::span<const Axis> axes, const Point& point) {
  std::vector<double> codes(axes.size());
  for (size_t j = 0; j < axes.size(); ++j) codes[j] = axes[j].Encode(point[j]);
  return codes;
}

std::vector<double> EncodeActive(const SearchSpace& space, std::span<const Axis> axes, const Point& point) {
  std::vector<double> codes = Encode(axes, point);
  if (space.conditions().empty()) return codes;
  const std::vector<bool> active = space.Active(point);
  for (size_t j = 0; j < codes.size(); ++j) {
    if (!active[j]) codes[j] = std::nan("");
  }
  return codes;
}

Point Decode(std::span<const Axis> axes, std::span<const double> codes) {
  Point point;
  point.reserve(axes.size());
  for (size_t j = 0; j < axes.size(); ++j) point.push_back(axes[j].Decode(codes[j]));
  return point;
}

}  // namespace qalam::algorithms
