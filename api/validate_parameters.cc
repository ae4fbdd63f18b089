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

void CheckNamed(const std::vector<ParameterSpec>& parameters, const std::string& list_field, Checks& checks) {
  std::unordered_map<std::string_view, std::size_t> seen;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const ParameterSpec& parameter = parameters[i];
    const std::string field = fmt::format("{}[{}]", list_field, i);
    if (parameter.name.empty()) {
      checks.Required(field + ".name", "must be specified");
    } else if (const auto [first, is_new] = seen.emplace(parameter.name, i); !is_new) {
      checks.Invalid(field + ".name", parameter.name,
                     fmt::format("is also the name of {}[{}]", list_field, first->second));
    }
    CheckParameter(parameter, field, checks);
  }
}

// Which parts must be there is for the algorithm to say: not every architecture has layers.
void CheckGraph(const GraphConfig& graph, const std::string& field, Checks& checks) {
  const auto check = [&](std::int32_t value, const std::string& name) {
    if (value < 1) checks.Invalid(field + name, std::to_string(value), "must be at least 1");
  };
  if (graph.num_layers) check(*graph.num_layers, ".numLayers");
  for (std::size_t i = 0; i < graph.input_sizes.size(); ++i) {
    check(graph.input_sizes[i], fmt::format(".inputSizes[{}]", i));
  }
  for (std::size_t i = 0; i < graph.output_sizes.size(); ++i) {
    check(graph.output_sizes[i], fmt::format(".outputSizes[{}]", i));
  }
}

void CheckOperation(const NasOperation& operation, const std::string& field, Checks& checks) {
  if (operation.operation_type.empty()) {
    checks.Required(field + ".operationType", "must be specified, such as convolution");
  }
  if (operation.parameters.empty()) {
    checks.Required(field + ".parameters", "must hold at least one parameter, be it of a single value");
  }
  CheckNamed(operation.parameters, field + ".parameters", checks);
  for (std::size_t i = 0; i < operation.parameters.size(); ++i) {
    const ParameterSpec& parameter = operation.parameters[i];
    if (parameter.type != ParameterType::kDouble || !parameter.feasible_space.step.empty()) continue;
    checks.Required(fmt::format("{}.parameters[{}].feasibleSpace.step", field, i),
                    "must be specified: each value of an operation's parameter is a choice of its own");
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
  CheckNamed(spec.parameters, "spec.parameters", checks);
  if (!spec.nas_config) return;
  CheckGraph(spec.nas_config->graph_config, "spec.nasConfig.graphConfig", checks);
  for (std::size_t i = 0; i < spec.nas_config->operations.size(); ++i) {
    CheckOperation(spec.nas_config->operations[i], fmt::format("spec.nasConfig.operations[{}]", i), checks);
  }
}

}  // namespace qalam::api
