// Template substitution and the readers behind it: never a crash, and what is rendered can be read again.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "workload/run_plan.h"
#include "workload/trial_template.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, size_t size) {
  using namespace qalam;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  // Up to the first NUL the template, then the value of a parameter.
  const size_t split = std::min(input.find('\0'), input.size());
  const std::string value(split < input.size() ? input.substr(split + 1) : "0.1");

  workload::PlanInputs inputs;
  inputs.trial_name = "t-1";
  inputs.namespace_name = "ns";
  inputs.primary_container = "main";
  inputs.injected = {{"QALAM_SLOT", "0"}};
  (void)workload::ReadRunPlan(input.substr(0, split), inputs);

  api::TrialTemplate trial_template;
  trial_template.trial_parameters = {{"a", "", "a"},
                                     {"k", "", "${trialSpec.Kind}"},
                                     {"n", "", "${trialSpec.Name}"},
                                     {"l", "", "${trialSpec.Labels[x]}"}};
  for (size_t parameters = 1; parameters <= trial_template.trial_parameters.size(); ++parameters) {
    api::TrialTemplate part;
    part.trial_parameters.assign(
        trial_template.trial_parameters.begin(),
        trial_template.trial_parameters.begin() + static_cast<std::ptrdiff_t>(parameters));
    const absl::StatusOr<api::JsonText> rendered =
        workload::RenderRunSpec(input.substr(0, split), part, {{"a", value}}, "t-1", "ns");
    if (!rendered.ok()) continue;
    (void)workload::ReadRunPlan(rendered->text, inputs);
    const absl::StatusOr<api::JsonText> again = workload::RenderRunSpec(rendered->text, {}, {}, "t-1", "ns");
    const bool has_placeholders = rendered->text.find("${trialParameters.") != std::string::npos;
    if (!has_placeholders && (!again.ok() || again->text != rendered->text)) std::abort();
  }
  return 0;
}
