// kind: Process, for people who never heard of Kubernetes.
#include "workload/run_plan_fields.h"

namespace qalam::workload {

absl::StatusOr<RunPlan> ReadProcessPlan(const JsonField& process, const PlanInputs&) {
  const JsonField spec = process["spec"];
  if (!spec.present()) return spec.Error("must be a map with the command to run");
  QALAM_RETURN_IF_ERROR(spec.ExpectMap());
  RunPlan plan;
  plan.primary.name = "process";

  const JsonField command = spec["command"];
  if (!command.present() || !command.value()->is_array() || command.size() == 0) {
    return command.Error("must be a list of words, the program first, such as [python3, train.py]");
  }
  for (size_t i = 0; i < command.size(); ++i) {
    QALAM_ASSIGN_OR_RETURN(std::string word, command.At(i).TextOrScalar());
    QALAM_RETURN_IF_ERROR(CheckNoNul(command.At(i), word));
    plan.primary.argv.push_back(std::move(word));
  }
  if (plan.primary.argv.front().empty()) return command.At(0).Error("must name a program");

  const JsonField env = spec["env"];
  QALAM_RETURN_IF_ERROR(env.ExpectMap());
  if (env.present()) {
    for (const auto& [name, value] : env.value()->items()) {
      QALAM_RETURN_IF_ERROR(CheckVariableName(env, name));
      QALAM_ASSIGN_OR_RETURN(std::string text, env[name].TextOrScalar());
      QALAM_RETURN_IF_ERROR(CheckNoNul(env[name], text));
      plan.primary.environment.emplace_back(name, std::move(text));
    }
  }
  QALAM_ASSIGN_OR_RETURN(plan.primary.working_dir, spec["workingDir"].Text());
  QALAM_RETURN_IF_ERROR(CheckNoNul(spec["workingDir"], plan.primary.working_dir));
  QALAM_ASSIGN_OR_RETURN(plan.deadline, ReadSeconds(spec["timeoutSeconds"]));
  QALAM_ASSIGN_OR_RETURN(plan.retries, ReadCount(spec["retries"], 0));
  QALAM_ASSIGN_OR_RETURN(plan.requeues, ReadCount(spec["requeues"], kDefaultRequeues));
  QALAM_ASSIGN_OR_RETURN(plan.primary.limits, ReadLimits(spec["resources"]));
  return plan;
}

}  // namespace qalam::workload
