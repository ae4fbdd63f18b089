#include "algorithms/parameter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "base/number_text.h"

namespace qalam::algorithms {
namespace {

constexpr double kMaxInt = 1e15;

template <class... Args>
absl::Status Invalid(std::string_view name, fmt::format_string<Args...> rule, Args&&... args) {
  return absl::InvalidArgumentError(
      fmt::format("parameter {}: {}", name, fmt::format(rule, std::forward<Args>(args)...)));
}

bool IsWhole(double x) { return std::floor(x) == x; }

}  // namespace

absl::StatusOr<Parameter> Parameter::Double(std::string name, const Range& range) {
  return Numeric(std::move(name), ParameterType::kDouble, range);
}

absl::StatusOr<Parameter> Parameter::Int(std::string name, const Range& range) {
  for (const double bound : {range.min, range.max}) {
    if (!IsWhole(bound) || std::fabs(bound) > kMaxInt) {
      return Invalid(name, "bounds of an int must be whole numbers of at most 1e15 in size, got {}",
                     NumberText(bound));
    }
  }
  if (range.step && *range.step > 1 && !IsWhole(*range.step)) {
    return Invalid(name, "step of an int must be a whole number, got {}", NumberText(*range.step));
  }
  return Numeric(std::move(name), ParameterType::kInt, range);
}

absl::StatusOr<Parameter> Parameter::Discrete(std::string name, std::vector<std::string> list) {
  return Listed(std::move(name), ParameterType::kDiscrete, std::move(list));
}

absl::StatusOr<Parameter> Parameter::Categorical(std::string name, std::vector<std::string> list) {
  return Listed(std::move(name), ParameterType::kCategorical, std::move(list));
}

absl::StatusOr<Parameter> Parameter::Numeric(std::string name, ParameterType type, const Range& range) {
  const auto [min, max, given_step, distribution] = range;
  if (name.empty()) return absl::InvalidArgumentError("a parameter has no name");
  if (!std::isfinite(min)) return Invalid(name, "min must be a finite number, got {}", NumberText(min));
  if (!std::isfinite(max)) return Invalid(name, "max must be a finite number, got {}", NumberText(max));
  if (min > max) {
    return Invalid(name, "min must not be above max, got min {} and max {}", NumberText(min),
                   NumberText(max));
  }
  if (given_step && !(*given_step > 0 && std::isfinite(*given_step))) {
    return Invalid(name, "step must be greater than zero, got {}", NumberText(*given_step));
  }
  if (IsLogScale(distribution) && min <= 0) {
    return Invalid(name, "{} needs min greater than zero, got {}",
                   distribution == Distribution::kLogUniform ? "logUniform" : "logNormal", NumberText(min));
  }

  Parameter parameter(std::move(name), type);
  parameter.range_ = range;
  std::optional<double> step = given_step;
  if (type == ParameterType::kInt) step = std::max(1.0, given_step.value_or(1));
  if (min == max) step = 1;
  if (!step) {
    parameter.density_.emplace(distribution, min, max, min, max);
    return parameter;
  }
  parameter.grid_ = StepGrid::Make(min, max, *step);
  if (!parameter.grid_) {
    return Invalid(parameter.name_, "step {} makes more than 2^53 values between {} and {}",
                   NumberText(*step), NumberText(min), NumberText(max));
  }
  if (parameter.grid_->size() > 1) {
    const double last = parameter.grid_->At(parameter.grid_->size() - 1);
    const double lower = IsLogScale(distribution) ? min / (1 + *step / 2 / min) : min - *step / 2;
    parameter.density_.emplace(distribution, min, max, lower, last + *step / 2);
  }
  return parameter;
}

absl::StatusOr<Parameter> Parameter::Listed(std::string name, ParameterType type,
                                            std::vector<std::string> list) {
  if (name.empty()) return absl::InvalidArgumentError("a parameter has no name");
  if (list.empty()) return Invalid(name, "list must have at least one entry");
  std::unordered_set<std::string_view> seen;
  for (const std::string& entry : list) {
    if (!seen.insert(entry).second) return Invalid(name, "list has the entry '{}' twice", entry);
  }
  Parameter parameter(std::move(name), type);
  parameter.list_ = std::move(list);
  return parameter;
}

std::optional<std::uint64_t> Parameter::cardinality() const {
  if (!is_numeric()) return list_.size();
  if (grid_) return grid_->size();
  return std::nullopt;
}

bool Parameter::is_uniform() const {
  return !is_numeric() || range_.distribution == Distribution::kUniform || cardinality() == 1;
}

Value Parameter::At(std::uint64_t index) const {
  if (!is_numeric()) return Choice{static_cast<std::uint32_t>(index)};
  const double x = grid_->At(index);
  if (type_ == ParameterType::kInt) return static_cast<std::int64_t>(x);
  return x;
}

std::uint64_t Parameter::IndexFromUnit(double u) const {
  const std::uint64_t size = *cardinality();
  if (is_uniform()) return std::min(static_cast<std::uint64_t>(u * static_cast<double>(size)), size - 1);
  return grid_->Nearest(density_->Quantile(u));
}

std::uint64_t Parameter::IndexOf(const Value& value) const {
  if (!is_numeric()) return std::get<Choice>(value).index;
  if (type_ == ParameterType::kInt) return grid_->Nearest(static_cast<double>(std::get<std::int64_t>(value)));
  return grid_->Nearest(std::get<double>(value));
}

Value Parameter::FromUnit(double u) const {
  if (cardinality()) return At(IndexFromUnit(u));
  // Exact ends: a logarithm there and back is not.
  if (u <= 0) return range_.min;
  if (u >= 1) return range_.max;
  return std::clamp(density_->Quantile(u), range_.min, range_.max);
}

Parameter::Cell Parameter::CellAt(std::uint64_t index) const {
  const std::uint64_t size = *cardinality();
  if (is_uniform()) {
    const double count = static_cast<double>(size);
    return {static_cast<double>(index) / count, static_cast<double>(index + 1) / count};
  }
  const double x = grid_->At(index);
  return {index == 0 ? 0 : density_->Cdf(x / 2 + grid_->At(index - 1) / 2),
          index + 1 == size ? 1 : density_->Cdf(x / 2 + grid_->At(index + 1) / 2)};
}

double Parameter::ToUnit(const Value& value) const {
  const std::optional<std::uint64_t> size = cardinality();
  if (!size) return density_->Cdf(std::get<double>(value));
  const std::uint64_t index = IndexOf(value);
  if (is_uniform()) return (static_cast<double>(index) + 0.5) / static_cast<double>(*size);
  const auto [lower, upper] = CellAt(index);
  return lower + (upper - lower) / 2;
}

std::string Parameter::Text(const Value& value) const {
  if (!is_numeric()) return list_[std::get<Choice>(value).index];
  if (type_ == ParameterType::kInt) return fmt::format_int(std::get<std::int64_t>(value)).str();
  return NumberText(std::get<double>(value));
}

std::optional<Value> Parameter::Parse(std::string_view text) const {
  if (!is_numeric()) {
    const auto found = std::find(list_.begin(), list_.end(), text);
    if (found == list_.end()) return std::nullopt;
    return Choice{static_cast<std::uint32_t>(found - list_.begin())};
  }
  const std::optional<double> x = ParseDouble(text);
  if (!x || !(*x >= range_.min && *x <= range_.max)) return std::nullopt;
  if (type_ == ParameterType::kDouble) return *x;
  if (!IsWhole(*x)) return std::nullopt;
  return static_cast<std::int64_t>(*x);
}

std::vector<double> NumbersOf(const Parameter& parameter) {
  if (parameter.type() != ParameterType::kDiscrete) return {};
  std::vector<double> numbers;
  for (const std::string& entry : parameter.list()) {
    const std::optional<double> number = ParseDouble(entry);
    if (!number || !std::isfinite(*number)) return {};
    numbers.push_back(*number);
  }
  return numbers;
}

}  // namespace qalam::algorithms
