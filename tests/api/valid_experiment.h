// An Experiment that keeps every rule, to be broken in one place.
#pragma once

#include "api/defaults.h"
#include "api/field_error.h"
#include "api/validate.h"

namespace qalam::api {

inline Experiment ValidExperiment() {
  Experiment e;
  e.metadata.name = "digits";
  ExperimentSpec& s = e.spec;
  s.objective = ObjectiveSpec{ObjectiveType::kMinimize, 0.0, "loss", {"accuracy"}, {}};
  s.algorithm = AlgorithmSpec{"random", {}};
  s.parameters = {{"lr", ParameterType::kDouble, {"0.1", "0.01", {}, "", {}}},
                  {"opt", ParameterType::kCategorical, {"", "", {"sgd", "adam"}, "", {}}}};
  s.max_trial_count = 12;
  s.max_failed_trial_count = 3;
  TrialTemplate& t = s.trial_template.emplace();
  t.primary_container_name = "main";
  t.trial_parameters = {{"learningRate", "", "lr"}, {"optimizer", "", "opt"}};
  t.trial_spec.text =
      R"({"apiVersion":"batch/v1","kind":"Job","spec":{"template":{"spec":{"containers":[{"name":"main","image":"i",)"
      R"("command":["train","--lr=${trialParameters.learningRate}","${trialParameters.optimizer}"]}],)"
      R"("restartPolicy":"Never"}}}})";
  SetDefaults(e);
  return e;
}

inline ValidationContext TestContext() {
  ValidationContext context;
  context.algorithms = {"grid", "random", "tpe"};
  context.early_stopping_algorithms = {"medianstop"};
  context.config_map = [](const ConfigMapSource& source) -> std::optional<std::string> {
    if (source.config_map_name != "templates") return std::nullopt;
    return "apiVersion: batch/v1\nkind: Job\nspec:\n  template:\n    spec:\n      containers:\n      - name: "
           "main\n"
           "        args: ['${trialParameters.learningRate}', '${trialParameters.optimizer}']\n";
  };
  return context;
}

inline std::vector<std::string> Texts(const FieldErrors& errors) {
  std::vector<std::string> texts;
  for (const FieldError& error : errors) texts.push_back(error.Text());
  return texts;
}

}  // namespace qalam::api
