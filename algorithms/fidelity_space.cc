#include "algorithms/fidelity_space.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "algorithms/bracket_table.h"
#include "base/number_text.h"

namespace qalam::algorithms {
namespace {

constexpr double kRounding = 1e-12;

std::optional<size_t> PlaceOf(const SearchSpace& space, const std::string& name) {
  for (size_t i = 0; i < space.size(); ++i) {
    if (space.parameters()[i].name() == name) return i;
  }
  return std::nullopt;
}

Value ValueOf(double resource, bool whole) {
  return whole ? Value(static_cast<std::int64_t>(std::floor(resource * (1 + kRounding)))) : Value(resource);
}

double NumberOf(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  return std::get<double>(value);
}

double OnGrid(const Parameter& parameter, double resource) {
  const Value value = ValueOf(resource, parameter.type() == ParameterType::kInt);
  return NumberOf(parameter.cardinality() ? parameter.At(parameter.IndexOf(value)) : value);
}

// Down to where levels go.
double Least(const HalvingSettings& settings, const Range& range, double most) {
  if (settings.r_min) return *settings.r_min;
  return range.min > 0 ? range.min : std::min(most, 1.0);
}

absl::Status Refuse(const std::string& message) { return absl::InvalidArgumentError(message); }

absl::StatusOr<SearchSpace> WithRules(std::vector<Parameter> parameters, std::vector<Condition> conditions,
                                      std::vector<LinearConstraint> constraints) {
  QALAM_ASSIGN_OR_RETURN(SearchSpace space, SearchSpace::Make(std::move(parameters)));
  QALAM_ASSIGN_OR_RETURN(space, space.WithConditions(std::move(conditions)));
  return space.WithConstraints(std::move(constraints));
}

// A rule that moved the resource, or came and went with it, would make another configuration at every level.
absl::StatusOr<SearchSpace> WithoutResource(const SearchSpace& space, size_t resource) {
  bool ruled = false;
  const auto renumber = [&](size_t& place) {
    ruled |= place == resource;
    if (place > resource) --place;
  };
  std::vector<Condition> conditions(space.conditions().begin(), space.conditions().end());
  for (Condition& condition : conditions) {
    renumber(condition.parameter);
    renumber(condition.parent);
  }
  std::vector<LinearConstraint> constraints(space.constraints().begin(), space.constraints().end());
  for (LinearConstraint& constraint : constraints) {
    for (LinearConstraint::Term& term : constraint.terms) renumber(term.parameter);
  }
  if (ruled) {
    return Refuse(fmt::format(
        "resource_name must be the name of a parameter without conditions and constraints, {} has some",
        space.parameters()[resource].name()));
  }
  std::vector<Parameter> others(space.parameters().begin(), space.parameters().end());
  others.erase(others.begin() + static_cast<std::ptrdiff_t>(resource));
  return WithRules(std::move(others), std::move(conditions), std::move(constraints));
}

}  // namespace

absl::StatusOr<FidelitySpace> FidelitySpace::Make(const SearchSpace& space, const HalvingSettings& settings) {
  FidelitySpace result;
  result.resource_ = PlaceOf(space, settings.resource_name);
  if (!result.resource_) {
    return Refuse(
        fmt::format("resource_name must be the name of a parameter, got '{}'", settings.resource_name));
  }
  const Parameter& parameter = space.parameters()[*result.resource_];
  if (!parameter.is_numeric()) {
    return Refuse(fmt::format("resource_name must be the name of an int or double parameter, {} is none",
                              parameter.name()));
  }
  result.whole_ = parameter.type() == ParameterType::kInt;
  const Range& range = parameter.range();
  const double most = settings.r_max.value_or(range.max);
  if (most < range.min || most > range.max || most <= 0) {
    return Refuse(fmt::format(
        "the largest resource must be above 0 and within {} .. {}, the range of parameter {}, got {}",
        NumberText(range.min), NumberText(range.max), parameter.name(), NumberText(most)));
  }
  const double least = Least(settings, range, most);
  if (least <= 0 || least > most || least < range.min) {
    return Refuse(fmt::format("r_min must be above 0 and within {} .. {}, got {}", NumberText(range.min),
                              NumberText(most), NumberText(least)));
  }
  if (most / least > std::pow(settings.eta, kMaxLevels)) {
    return Refuse(fmt::format("eta must be larger: {} makes more than {} levels from {} to {}",
                              NumberText(settings.eta), kMaxLevels, NumberText(least), NumberText(most)));
  }
  for (const double level : ResourceLevels(least, most, settings.eta)) {
    const double moved = OnGrid(parameter, level);
    if (result.levels_.empty() || moved > result.levels_.back()) result.levels_.push_back(moved);
  }
  QALAM_ASSIGN_OR_RETURN(result.configurations_, WithoutResource(space, *result.resource_));
  result.count_ = CountAdmitted(result.configurations_);
  return result;
}

std::optional<int> FidelitySpace::LevelOf(const Point& point) const {
  if (!resource_) return 0;
  const double reached = NumberOf(point[*resource_]) * (1 + kRounding);
  const auto above = std::upper_bound(levels_.begin(), levels_.end(), reached);
  if (above == levels_.begin()) return std::nullopt;
  return static_cast<int>(above - levels_.begin()) - 1;
}

Point FidelitySpace::ConfigurationOf(const Point& point) const {
  Point configuration = point;
  if (resource_) configuration.erase(configuration.begin() + static_cast<std::ptrdiff_t>(*resource_));
  return configurations_.Canonical(std::move(configuration));
}

Point FidelitySpace::At(const Point& configuration, int level) const {
  Point point = configuration;
  if (resource_) {
    point.insert(point.begin() + static_cast<std::ptrdiff_t>(*resource_), ValueOf(levels_[level], whole_));
  }
  return point;
}

void FreeResource(const HalvingSettings& settings, SearchSpace& space) {
  const std::optional<size_t> place = PlaceOf(space, settings.resource_name);
  if (!place || !space.parameters()[*place].is_numeric()) return;
  const Parameter& old = space.parameters()[*place];
  const double fixed = old.range().min;
  if (fixed != old.range().max) return;
  const Range range = {.min = std::min(settings.r_min.value_or(1.0), fixed),
                       .max = std::max(settings.r_max.value_or(fixed), fixed)};
  const bool whole = old.type() == ParameterType::kInt;
  absl::StatusOr<Parameter> freed =
      whole ? Parameter::Int(old.name(), {std::floor(range.min), std::ceil(range.max), {}, {}})
            : Parameter::Double(old.name(), range);
  if (!freed.ok()) return;  // a bound no parameter can have: Make says so
  std::vector<Parameter> parameters(space.parameters().begin(), space.parameters().end());
  parameters[*place] = *std::move(freed);
  auto wider = WithRules(std::move(parameters), {space.conditions().begin(), space.conditions().end()},
                         {space.constraints().begin(), space.constraints().end()});
  if (wider.ok()) space = *std::move(wider);
}

}  // namespace qalam::algorithms
