#include "cli/quick_form.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <utility>

#include "cli/parameter_text.h"
#include "cli/placeholder.h"
#include "cli/resource_name.h"
#include "cli/text_width.h"
#include "cli/time_text.h"

namespace qalam::cli {
namespace {

class Builder {
 public:
  explicit Builder(const QuickFormOptions& options) : options_(options) {}

  QuickForm Build() {
    ReadObjective();
    ReadParameters();
    ReadAlgorithm();
    ReadEarlyStopping();
    ReadCounts();
    if (options_.runs) BuildTemplate();
    ReadName();
    spec().metrics_collector.emplace().kind = api::CollectorKind::kStdOut;
    return std::move(form_);
  }

 private:
  api::ExperimentSpec& spec() { return form_.experiment.spec; }

  void Error(std::string flag, std::string value, std::string detail) {
    form_.errors.push_back(
        {.type = value.empty() ? api::FieldErrorType::kRequired : api::FieldErrorType::kInvalid,
         .field = std::move(flag),
         .value = Printable(value, true),
         .detail = std::move(detail),
         .file = {}});
  }

  // Splits KEY=VALUE; reports anything else.
  std::optional<std::pair<std::string, std::string>> KeyValue(std::string flag, const std::string& text) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      Error(std::move(flag), text.empty() ? "(empty)" : text, "must be KEY=VALUE");
      return std::nullopt;
    }
    if (!IsUtf8(text)) {
      Error(fmt::format("{} {}", flag, Printable(text.substr(0, equals), true)), text, "must be valid UTF-8");
      return std::nullopt;
    }
    return std::pair{text.substr(0, equals), text.substr(equals + 1)};
  }

  void ReadObjective() {
    constexpr std::string_view kRule = "must be max:METRIC or min:METRIC, for example max:accuracy";
    api::ObjectiveSpec& objective = spec().objective.emplace();
    const size_t colon = options_.objective.find(':');
    const std::string direction = options_.objective.substr(0, colon);
    if (direction == "max" || direction == "maximize") objective.type = api::ObjectiveType::kMaximize;
    if (direction == "min" || direction == "minimize") objective.type = api::ObjectiveType::kMinimize;
    if (colon != std::string::npos) objective.objective_metric_name = options_.objective.substr(colon + 1);
    if (objective.type == api::ObjectiveType::kUnset || !IsMetricName(objective.objective_metric_name)) {
      Error("--objective", options_.objective, std::string(kRule));
    }
    std::set<std::string> seen{objective.objective_metric_name};
    for (const std::string& metric : options_.metrics) {
      if (!IsMetricName(metric)) {
        Error("--metric", metric.empty() ? "(empty)" : metric,
              "must be the name of a metric, without blanks");
      } else if (!seen.insert(metric).second) {
        Error("--metric", metric, "is given twice, or is the objective already");
      } else {
        objective.additional_metric_names.push_back(metric);
      }
    }
  }

  static bool IsMetricName(const std::string& name) {
    return !name.empty() && IsUtf8(name) && name.find_first_of(" \t\r\n=") == std::string::npos;
  }

  void ReadParameters() {
    if (options_.parameters.empty()) {
      Error("--param", "", "say at least one parameter to search, for example --param 'lr=log:1e-5..1e-1'");
    }
    for (const std::string& text : options_.parameters) {
      const std::string flag = "--param " + Printable(text.substr(0, text.find('=')), true);
      if (!IsUtf8(text)) {
        Error(flag, text, "must be valid UTF-8");
        continue;
      }
      absl::StatusOr<api::ParameterSpec> parameter = ParseParameter(text);
      if (!parameter.ok()) {
        Error(flag, text.empty() ? "(empty)" : text, std::string(parameter.status().message()));
      } else if (!declared_.insert(parameter->name).second) {
        Error(flag, text, "is declared twice; keep one of them");
      } else {
        spec().parameters.push_back(*std::move(parameter));
        continue;
      }
      // Still a declared name, so that the command is not blamed for using it.
      declared_.insert(text.substr(0, text.find('=')));
    }
  }

  void ReadAlgorithm() {
    api::AlgorithmSpec& algorithm = spec().algorithm.emplace();
    algorithm.algorithm_name = options_.algorithm.value_or(std::string(kDefaultAlgorithm));
    if (algorithm.algorithm_name.empty()) Error("--algorithm", "", "name an algorithm, for example auto");
    if (options_.seed) {
      if (*options_.seed < 0) Error("--seed", std::to_string(*options_.seed), "must be 0 or more");
      algorithm.algorithm_settings.push_back({"seed", std::to_string(*options_.seed)});
    }
    ReadSettings("--setting", options_.settings, algorithm.algorithm_settings);
  }

  void ReadEarlyStopping() {
    if (!options_.stop && options_.stop_settings.empty()) return;
    api::AlgorithmSpec& rule = spec().early_stopping.emplace();
    rule.algorithm_name = options_.stop.value_or("");
    if (rule.algorithm_name.empty()) Error("--stop", "", "name a rule, for example medianstop");
    ReadSettings("--stop-setting", options_.stop_settings, rule.algorithm_settings);
  }

  void ReadSettings(const std::string& flag, const std::vector<std::string>& texts,
                    std::vector<api::AlgorithmSetting>& settings) {
    for (const std::string& text : texts) {
      auto setting = KeyValue(flag, text);
      if (!setting) continue;
      const bool twice = std::any_of(settings.begin(), settings.end(),
                                     [&](const auto& given) { return given.name == setting->first; });
      if (twice) {
        Error(flag, text, fmt::format("{} is given twice; keep one of them", setting->first));
        continue;
      }
      settings.push_back({std::move(setting->first), std::move(setting->second)});
    }
  }

  void ReadCounts() {
    spec().resume_policy =
        api::ResumePolicy::kLongRunning;  // the same command with more --max-trials goes on
    std::optional<std::int32_t>& max_trials = spec().max_trial_count;
    max_trials = options_.max_trials;
    if (options_.runs && !max_trials) max_trials = kDefaultMaxTrials;
    if (max_trials && *max_trials <= 0)
      Error("--max-trials", std::to_string(*max_trials), "must be 1 or more");
    spec().parallel_trial_count = options_.parallel;
    if (!options_.parallel) {
      if (max_trials) spec().parallel_trial_count = std::min(3, *max_trials);
    } else if (*options_.parallel <= 0) {
      Error("--parallel", std::to_string(*options_.parallel), "must be 1 or more");
    } else if (max_trials && *max_trials > 0 && *options_.parallel > *max_trials) {
      Error("--parallel", std::to_string(*options_.parallel),
            fmt::format("must not be more than --max-trials, which is {}", *max_trials));
    }
  }

  void BuildTemplate() {
    nlohmann::ordered_json process;
    process["command"] = BuildCommand();
    if (!options_.environment.empty()) process["env"] = BuildEnvironment();
    ReportUnusedParameters();
    if (!options_.working_directory.empty()) {
      if (IsUtf8(options_.working_directory)) {
        process["workingDir"] = options_.working_directory;
      } else {
        Error("--workdir", options_.working_directory, "must be valid UTF-8");
      }
    }
    if (!options_.timeout_per_trial.empty()) {
      const absl::StatusOr<absl::Duration> timeout = ParseDurationText(options_.timeout_per_trial);
      if (timeout.ok()) {
        process["timeoutSeconds"] = static_cast<std::int64_t>(std::ceil(absl::ToDoubleSeconds(*timeout)));
      } else {
        Error("--timeout-per-trial", options_.timeout_per_trial, std::string(timeout.status().message()));
      }
    }
    if (options_.retries) {
      if (*options_.retries < 0) Error("--retries", std::to_string(*options_.retries), "must be 0 or more");
      process["retries"] = *options_.retries;
    }

    api::TrialTemplate& trial_template = spec().trial_template.emplace();
    trial_template.primary_container_name = "main";
    for (const api::ParameterSpec& parameter : spec().parameters) {
      trial_template.trial_parameters.push_back(
          {.name = parameter.name, .description = {}, .reference = parameter.name});
    }
    const nlohmann::ordered_json run_spec = {
        {"apiVersion", "qalam.dev/v1"}, {"kind", "Process"}, {"spec", process}};
    trial_template.trial_spec.text = run_spec.dump();
  }

  std::vector<std::string> BuildCommand() {
    if (options_.command.empty() || options_.command.front().empty()) {
      Error("--", "", "say which program to run, for example: -- python train.py --lr {lr}");
    }
    std::vector<std::string> command;
    for (size_t i = 0; i < options_.command.size(); ++i) {
      const std::string& argument = options_.command[i];
      if (!IsUtf8(argument)) {
        Error("--", argument, fmt::format("argument {} of the command must be valid UTF-8", i));
        continue;
      }
      command.push_back(Replace(argument));
    }
    return command;
  }

  nlohmann::ordered_json BuildEnvironment() {
    nlohmann::ordered_json environment = nlohmann::ordered_json::object();
    for (const std::string& text : options_.environment) {
      auto variable = KeyValue("--env", text);
      if (!variable) continue;
      if (environment.contains(variable->first)) {
        Error("--env", text, fmt::format("{} is given twice; keep one of them", variable->first));
        continue;
      }
      environment[variable->first] = Replace(variable->second);
    }
    return environment;
  }

  std::string Replace(std::string_view text) {
    PlaceholderText replaced = ReplacePlaceholders(text, declared_);
    used_.merge(replaced.used);
    unknown_.insert(unknown_.end(), replaced.unknown.begin(), replaced.unknown.end());
    return std::move(replaced.text);
  }

  void ReportUnusedParameters() {
    if (options_.command.empty()) return;
    for (const api::ParameterSpec& parameter : spec().parameters) {
      if (used_.count(parameter.name) > 0) continue;
      std::string detail = fmt::format(
          "no argument uses it; add for example --{0} {{{0}}} to the command, or --env {0}={{{0}}}",
          parameter.name);
      if (!unknown_.empty()) {
        detail +=
            fmt::format(" (the command has {{{}}}, which no --param declares)", fmt::join(unknown_, "}, {"));
      }
      Error("--param " + parameter.name, parameter.name, std::move(detail));
    }
  }

  void ReadName() {
    api::ObjectMeta& metadata = form_.experiment.metadata;
    metadata.namespace_name = options_.namespace_name;
    metadata.name = options_.name.empty() ? DeriveName(options_.command) : options_.name;
    if (!options_.name.empty() && ToResourceName(options_.name) != options_.name) {
      Error("--name", options_.name,
            fmt::format(
                "must begin with a lower case letter and have at most {} lower case letters, digits and '-'; "
                "for example {}",
                kLongestName, ToResourceName(options_.name)));
    }
  }

  const QuickFormOptions& options_;
  QuickForm form_;
  std::set<std::string, std::less<>> declared_;
  std::set<std::string> used_;
  std::vector<std::string> unknown_;
};

}  // namespace

QuickForm BuildExperiment(const QuickFormOptions& options) { return Builder(options).Build(); }

}  // namespace qalam::cli
