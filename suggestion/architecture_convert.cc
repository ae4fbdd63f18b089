#include "suggestion/architecture_convert.h"

#include <fmt/format.h>

#include <algorithm>

#include "algorithms/registry.h"
#include "base/number_text.h"
#include "suggestion/proto_convert.h"

namespace qalam::suggestion {
namespace {

using algorithms::OperationParameter;
using algorithms::OperationValue;
using algorithms::Parameter;

constexpr std::uint64_t kMaxValues = 10'000;

absl::Status Missing(std::string_view what, std::string_view place,
                     const google::protobuf::Message& message) {
  return absl::InvalidArgumentError(fmt::format("Missing {} in {}:\n{}", what, place, message.DebugString()));
}

absl::Status CheckGraph(const wire::GraphConfig& graph) {
  const auto missing = [&](std::string_view what) { return Missing(what, "GraphConfig", graph); };
  if (graph.input_sizes().empty()) return missing("InputSizes");
  if (graph.output_sizes().empty()) return missing("OutputSizes");
  if (graph.num_layers() == 0) return missing("NumLayers");
  if (graph.num_layers() > 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("NumLayers in GraphConfig must be at least 1:\n{}", graph.DebugString()));
}

bool IsRange(const wire::ParameterSpec& spec) {
  return spec.parameter_type() == wire::INT || spec.parameter_type() == wire::DOUBLE;
}

absl::Status CheckParameter(const wire::ParameterSpec& spec) {
  const wire::FeasibleSpace& space = spec.feasible_space();
  if (spec.name().empty()) return Missing("Name", "ParameterConfig", spec);
  if (spec.parameter_type() == wire::UNKNOWN_TYPE || !wire::ParameterType_IsValid(spec.parameter_type()))
    return Missing("ParameterType", "ParameterConfig", spec);
  if (!IsRange(spec)) {
    return space.list().empty() ? Missing("List", "ParameterConfig.feasibleSpace", spec) : absl::OkStatus();
  }
  if (space.min().empty() && space.max().empty()) {
    return Missing("Max and Min", "ParameterConfig.feasibleSpace", spec);
  }
  if (spec.parameter_type() == wire::INT || ParseDouble(space.step()).value_or(0) > 0)
    return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("Step parameter should be > 0 in ParameterConfig.feasibleSpace:\n{}", spec.DebugString()));
}

// Nothing where min is above max.
absl::StatusOr<std::optional<Parameter>> ToNumericParameter(const wire::ParameterSpec& spec) {
  QALAM_ASSIGN_OR_RETURN(const algorithms::Range range, ToRange(spec));
  if (range.min > range.max) return std::nullopt;
  if (spec.parameter_type() == wire::INT) return Parameter::Int(spec.name(), range);
  return Parameter::Double(spec.name(), range);
}

absl::StatusOr<OperationParameter> ToParameter(const wire::ParameterSpec& spec) {
  OperationParameter parameter{spec.name(), {}};
  if (!IsRange(spec)) {
    parameter.values.assign(spec.feasible_space().list().begin(), spec.feasible_space().list().end());
  } else {
    QALAM_ASSIGN_OR_RETURN(const std::optional<Parameter> range, ToNumericParameter(spec));
    const std::uint64_t count = range ? *range->cardinality() : 0;
    for (std::uint64_t i = 0; i < std::min(count, kMaxValues + 1); ++i) {
      const algorithms::Value value = range->At(i);
      const auto* whole = std::get_if<std::int64_t>(&value);
      parameter.values.push_back(whole ? OperationValue(*whole) : OperationValue(std::get<double>(value)));
    }
  }
  if (parameter.values.size() <= kMaxValues) return parameter;
  return absl::InvalidArgumentError(
      fmt::format("parameter {} of an operation has more than {} values; give it a larger step", spec.name(),
                  kMaxValues));
}

absl::StatusOr<algorithms::Operation> ToOperation(const wire::Operation& from) {
  if (from.operation_type().empty()) return Missing("operationType", "Operation", from);
  if (from.parameter_specs().parameters().empty()) return Missing("ParameterConfigs", "Operation", from);
  algorithms::Operation operation{from.operation_type(), {}};
  for (const wire::ParameterSpec& spec : from.parameter_specs().parameters()) {
    QALAM_RETURN_IF_ERROR(CheckParameter(spec));
    QALAM_ASSIGN_OR_RETURN(OperationParameter parameter, ToParameter(spec));
    operation.parameters.push_back(std::move(parameter));
  }
  return operation;
}

}  // namespace

absl::Status ReadArchitecture(const wire::ExperimentSpec& spec, algorithms::Problem& problem) {
  const auto info = algorithms::FindAlgorithm(spec.algorithm().algorithm_name());
  const algorithms::Capabilities can = info.ok() ? (*info)->can : algorithms::Capabilities();
  const wire::GraphConfig& graph = spec.nas_config().graph_config();
  if (can.layers && spec.parameter_specs().parameters().empty()) QALAM_RETURN_IF_ERROR(CheckGraph(graph));
  if (!spec.has_nas_config()) return absl::OkStatus();
  algorithms::ArchitectureSpace& space = problem.architecture.emplace();
  if (!can.architectures) return absl::OkStatus();
  space.layers = graph.num_layers();
  space.input_sizes.assign(graph.input_sizes().begin(), graph.input_sizes().end());
  space.output_sizes.assign(graph.output_sizes().begin(), graph.output_sizes().end());
  for (const wire::Operation& operation : spec.nas_config().operations().operation()) {
    QALAM_ASSIGN_OR_RETURN(algorithms::Operation converted, ToOperation(operation));
    space.operations.push_back(std::move(converted));
  }
  return absl::OkStatus();
}

}  // namespace qalam::suggestion
