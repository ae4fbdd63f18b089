#include "workload/run_plan.h"

#include <algorithm>
#include <cmath>

#include "api/train_job.h"
#include "fmt/format.h"
#include "workload/quantity.h"
#include "workload/run_plan_fields.h"

namespace qalam::workload {
namespace {

absl::StatusOr<std::optional<double>> ReadQuantity(const JsonField& field) {
  QALAM_ASSIGN_OR_RETURN(const std::string text, field.TextOrScalar());
  if (text.empty()) return std::nullopt;
  const std::optional<double> quantity = ParseQuantity(text);
  if (!quantity) return field.Error("must be a quantity such as 2, 500m or 512Mi");
  if (*quantity == 0) return std::nullopt;
  return quantity;
}

}  // namespace

absl::StatusOr<ResourceLimits> ReadLimits(const JsonField& limits) {
  QALAM_RETURN_IF_ERROR(limits.ExpectMap());
  ResourceLimits result;
  QALAM_ASSIGN_OR_RETURN(result.cpus, ReadQuantity(limits["cpu"]));
  QALAM_ASSIGN_OR_RETURN(const std::optional<double> memory, ReadQuantity(limits["memory"]));
  if (memory) {
    if (*memory < 1 || *memory >= 0x1p62) return limits["memory"].Error("must be between 1 and 4Ei bytes");
    result.memory_bytes = static_cast<std::int64_t>(std::ceil(*memory));
  }
  return result;
}

absl::StatusOr<absl::Duration> ReadSeconds(const JsonField& field) {
  constexpr long long kMax = 1'000'000'000;
  QALAM_ASSIGN_OR_RETURN(const long long seconds, field.Integer(kMax));
  if (seconds < 1) return field.Error("must be at least 1 second");
  return seconds >= kMax ? absl::InfiniteDuration() : absl::Seconds(seconds);
}

absl::StatusOr<int> ReadCount(const JsonField& field, int otherwise) {
  QALAM_ASSIGN_OR_RETURN(const long long count, field.Integer(otherwise));
  if (count < 0 || count > INT32_MAX) return field.Error("must be a number from 0 to 2147483647");
  return static_cast<int>(count);
}

absl::Status CheckNoNul(const JsonField& field, std::string_view text) {
  return text.find('\0') == std::string_view::npos ? absl::OkStatus()
                                                   : field.Error("must not contain a NUL byte");
}

absl::Status CheckVariableName(const JsonField& field, std::string_view name) {
  if (name.empty() || name.find('=') != std::string_view::npos) {
    return field.Error("must be the name of an environment variable, not empty and without '='");
  }
  return CheckNoNul(field, name);
}

namespace {

bool HasContainer(const RunPlan& plan, std::string_view name) {
  const auto is_it = [name](const ContainerPlan& container) { return container.name == name; };
  return is_it(plan.primary) || std::any_of(plan.sidecars.begin(), plan.sidecars.end(), is_it) ||
         std::any_of(plan.init.begin(), plan.init.end(),
                     [&](const InitStep& step) { return is_it(step.container); });
}

absl::Status ReadCollector(const PlanInputs& inputs, RunPlan& plan) {
  constexpr char kPath[] = "metricsCollector.collector.customCollector";
  absl::StatusOr<Json> parsed = ParseJson(inputs.collector);
  if (!parsed.ok() || !parsed->is_object()) {
    return absl::InvalidArgumentError(fmt::format("{}: must be a container, a map with a command", kPath));
  }
  if (!parsed->contains("name")) (*parsed)["name"] = "metrics-collector";
  PlanInputs own = inputs;
  own.injected.insert(own.injected.end(), inputs.of_collector.begin(), inputs.of_collector.end());
  const JsonField container(*parsed, kPath);
  QALAM_ASSIGN_OR_RETURN(ContainerPlan collector, ReadLoneContainer(container, own));
  if (HasContainer(plan, collector.name)) {
    return container["name"].Error("must not be the name of one of the trial's own containers");
  }
  if (container["image"].present()) plan.ignored.push_back("image");
  plan.collector = std::move(collector);
  return absl::OkStatus();
}

absl::StatusOr<RunPlan> ReadContainers(std::string_view run_spec, const PlanInputs& inputs) {
  absl::StatusOr<Json> parsed = ParseJson(run_spec);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("the run specification is not JSON: {}", std::string(parsed.status().message())));
  }
  const JsonField root(*parsed, "");
  if (!parsed->is_object()) return root.Error("must be a map with apiVersion, kind and spec");
  QALAM_ASSIGN_OR_RETURN(const std::string kind, root["kind"].Text());
  QALAM_ASSIGN_OR_RETURN(const std::string version, root["apiVersion"].Text());
  if (kind == "Job" && version == "batch/v1") return ReadJobPlan(root, inputs);
  if (kind == "Process" && version == "qalam.dev/v1") return ReadProcessPlan(root, inputs);
  if (kind == api::kTrainJobKind && version == api::kTrainerApiVersion) return ReadTrainJobPlan(root, inputs);
  return absl::InvalidArgumentError(fmt::format(
      "kind: '{}' of apiVersion '{}' cannot run on this machine; Job of batch/v1, TrainJob of {} and "
      "Process of qalam.dev/v1 can",
      kind, version, api::kTrainerApiVersion));
}

}  // namespace

absl::StatusOr<RunPlan> ReadRunPlan(std::string_view run_spec, const PlanInputs& inputs) {
  QALAM_ASSIGN_OR_RETURN(RunPlan plan, ReadContainers(run_spec, inputs));
  if (!inputs.collector.empty()) QALAM_RETURN_IF_ERROR(ReadCollector(inputs, plan));
  return plan;
}

}  // namespace qalam::workload
