#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <unordered_map>

#include "api/checks.h"
#include "base/number_text.h"

namespace qalam::api {
namespace {

// A bound or step as a number; reports a text that is none. NaN when there is nothing to check further.
double ReadNumber(const std::string& text, const std::string& field, bool whole, Checks& checks) {
  if (whole) {
    if (const std::optional<long long> value = ParseInt(text)) return static_cast<double>(*value);
  } else if (const std::optional<double> value = ParseDouble(text); value && std::isfinite(*value)) {
    return *value;
  }
  checks.Invalid(field, text,
                 whole ? "must be a whole number, since parameterType is int" : "must be a finite number");
  return std::nan("");
}

void CheckRange(const ParameterSpec& parameter, const std::string& space_field, Checks& checks) {
  const FeasibleSpace& space = parameter.feasible_space;
  const bool whole = parameter.type == ParameterType::kInt;
  const std::string_view type = whole ? "int" : "double";
  if (!space.list.empty()) {
    checks.Invalid(space_field + ".list", fmt::format("[{}]", fmt::join(space.list, ", ")),
                   fmt::format("must be left out for parameterType {}; give min and max", type));
  }
  if (space.min.empty() || space.max.empty()) {
    checks.Required(space_field + ".max",
                    fmt::format("min and max must be specified for parameterType {}", type));
  }
  const double nan = std::nan("");
  const double min = space.min.empty() ? nan : ReadNumber(space.min, space_field + ".min", whole, checks);
  const double max = space.max.empty() ? nan : ReadNumber(space.max, space_field + ".max", whole, checks);
  if (min > max) {
    checks.Invalid(space_field + ".max", space.max,
                   fmt::format("must not be less than min, which is {}", space.min));
  }
  const bool log =
      space.distribution == Distribution::kLogUniform || space.distribution == Distribution::kLogNormal;
  if (log && min <= 0) {
    checks.Invalid(space_field + ".min", space.min, "must be greater than 0 for a logarithmic distribution");
  }
  if (!space.step.empty() && ReadNumber(space.step, space_field + ".step", whole, checks) <= 0) {
    checks.Invalid(space_field + ".step", space.step, "must be greater than 0");
  }
}

void CheckChoices(const ParameterSpec& parameter, const std::string& space_field, Checks& checks) {
  const FeasibleSpace& space = parameter.feasible_space;
  const std::string_view type = parameter.type == ParameterType::kDiscrete ? "discrete" : "categorical";
  if (!space.min.empty() || !space.max.empty() || !space.step.empty()) {
    checks.Invalid(space_field, fmt::format("min: {}, max: {}, step: {}", space.min, space.max, space.step),
                   fmt::format("min, max and step must be left out for parameterType {}; give list", type));
  }
  if (space.list.empty()) {
    checks.Required(space_field + ".list", fmt::format("must hold the choices of parameterType {}", type));
  }
  std::unordered_map<std::string_view, std::size_t> seen;
  for (std::size_t i = 0; i < space.list.size(); ++i) {
    const std::string field = fmt::format("{}.list[{}]", space_field, i);
    if (space.list[i].empty()) {
      checks.Invalid(field, "", "a choice must not be empty");
    } else if (const auto [first, is_new] = seen.emplace(space.list[i], i); !is_new) {
      checks.Invalid(field, space.list[i], fmt::format("is the same choice as list[{}]", first->second));
    }
  }
}

void CheckParameter(const ParameterSpec& parameter, const std::string& field, Checks& checks) {
  const std::string space_field = field + ".feasibleSpace";
  switch (parameter.type) {
    case ParameterType::kDouble:
    case ParameterType::kInt:
      return CheckRange(parameter, space_field, checks);
    case ParameterType::kDiscrete:
    case ParameterType::kCategorical:
      return CheckChoices(parameter, space_field, checks);
    case ParameterType::kUnknown:
      checks.Invalid(field + ".parameterType", "", "must be double, int, discrete or categorical");
  }
}

}  // namespace

void CheckParameters(const ExperimentSpec& spec, Checks& checks) {
  if (spec.parameters.empty() && !spec.nas_config) {
    return checks.Required("spec", "parameters must be specified (or nasConfig for architecture search)");
  }
  if (!spec.parameters.empty() && spec.nas_config) {
    checks.Invalid("spec", "", "only one of parameters and nasConfig can be specified");
  }
  std::unordered_map<std::string_view, std::size_t> seen;
  for (std::size_t i = 0; i < spec.parameters.size(); ++i) {
    const ParameterSpec& parameter = spec.parameters[i];
    const std::string field = fmt::format("spec.parameters[{}]", i);
    if (parameter.name.empty()) {
      checks.Required(field + ".name", "must be specified");
    } else if (const auto [first, is_new] = seen.emplace(parameter.name, i); !is_new) {
      checks.Invalid(field + ".name", parameter.name,
                     fmt::format("is also the name of spec.parameters[{}]", first->second));
    }
    CheckParameter(parameter, field, checks);
  }
}

}  // namespace qalam::api
