#include "cli/run_input.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/optimization_conversion.h"
#include "cli/check_command.h"

namespace qalam::cli {
namespace {

void Set(std::vector<api::AlgorithmSetting>& settings, const std::string& name, const std::string& value) {
  auto same = std::find_if(settings.begin(), settings.end(), [&](const auto& s) { return s.name == name; });
  if (same == settings.end()) same = settings.insert(settings.end(), {name, {}});
  same->value = value;
}

absl::Status Set(std::vector<api::AlgorithmSetting>& settings, std::string_view flag,
                 const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return absl::InvalidArgumentError(
          fmt::format("{}: \"{}\" has no value; write it like KEY=VALUE", flag, text));
    }
    Set(settings, text.substr(0, equals), text.substr(equals + 1));
  }
  return absl::OkStatus();
}

// Settings belong to their algorithm: another one starts without any.
void Rename(const std::optional<std::string>& name, std::optional<api::AlgorithmSpec>& algorithm) {
  if (name && (!algorithm || algorithm->algorithm_name != *name)) algorithm = {*name, {}};
}

absl::Status Override(const QuickFormOptions& flags, api::Experiment& experiment) {
  if (!flags.objective.empty() || !flags.parameters.empty() || !flags.command.empty() ||
      !flags.environment.empty() || !flags.metrics.empty() || !flags.working_directory.empty() ||
      !flags.timeout_per_trial.empty() || flags.retries) {
    return absl::InvalidArgumentError(
        "--objective, --param, --metric, --env, --workdir, --timeout-per-trial, --retries and a command "
        "belong to the "
        "form without a file; with a file, write them there");
  }
  if (!flags.name.empty()) experiment.metadata.name = flags.name;
  if (flags.max_trials) experiment.spec.max_trial_count = flags.max_trials;
  if (flags.parallel) experiment.spec.parallel_trial_count = flags.parallel;
  Rename(flags.algorithm, experiment.spec.algorithm);
  if (flags.seed || !flags.settings.empty()) {
    if (!experiment.spec.algorithm) experiment.spec.algorithm.emplace();
    auto& settings = experiment.spec.algorithm->algorithm_settings;
    if (flags.seed) Set(settings, "seed", std::to_string(*flags.seed));
    QALAM_RETURN_IF_ERROR(Set(settings, "--setting", flags.settings));
  }
  Rename(flags.stop, experiment.spec.early_stopping);
  if (flags.stop_settings.empty()) return absl::OkStatus();
  if (!experiment.spec.early_stopping) {
    return absl::InvalidArgumentError(
        "--stop-setting: the Experiment has no early stopping; name a rule with --stop");
  }
  return Set(experiment.spec.early_stopping->algorithm_settings, "--stop-setting", flags.stop_settings);
}

std::shared_ptr<api::Experiment> FromJob(api::OptimizationJob& job, RunInput& input) {
  api::SetDefaults(job);
  api::FieldErrors errors = api::Validate(job);
  input.Locate(errors);
  input.errors.insert(input.errors.end(), errors.begin(), errors.end());
  return std::make_shared<api::Experiment>(api::ToExperiment(job));
}

}  // namespace

void RunInput::Locate(api::FieldErrors& field_errors) const {
  if (!manifest.resources.empty()) manifest.Locate(index, field_errors);
}

std::optional<std::string> RunInput::FindConfigMap(const api::ConfigMapSource& source) const {
  for (const auto& config_map : config_maps) {
    if (config_map->metadata.name != source.config_map_name) continue;
    if (!source.config_map_namespace.empty() &&
        config_map->metadata.namespace_name != source.config_map_namespace)
      continue;
    const auto text = config_map->spec.data.find(source.template_path);
    if (text != config_map->spec.data.end()) return text->second;
  }
  return std::nullopt;
}

absl::StatusOr<RunInput> FromFile(const std::string& file, const QuickFormOptions& overrides,
                                  std::istream& input) {
  QALAM_ASSIGN_OR_RETURN(const std::string text, ReadText(file, input));
  RunInput result;
  result.manifest = api::ReadManifest(text, file == "-" ? "standard input" : file);
  result.errors = result.manifest.errors;
  for (size_t i = 0; i < result.manifest.resources.size(); ++i) {
    const std::shared_ptr<api::Resource>& resource = result.manifest.resources[i];
    if (resource->metadata.namespace_name.empty())
      resource->metadata.namespace_name = overrides.namespace_name;
    if (resource->kind() == api::Kind::kConfigMap) {
      result.config_maps.push_back(std::static_pointer_cast<api::ConfigMap>(resource));
    } else if (resource->kind() == api::Kind::kExperiment ||
               resource->kind() == api::Kind::kOptimizationJob) {
      if (result.experiment != nullptr) {
        return absl::InvalidArgumentError(
            fmt::format("{} holds experiments {} and {}; a run has one, put them into files of their own",
                        file, result.experiment->metadata.name, resource->metadata.name));
      }
      result.index = i;
      result.experiment = resource->kind() == api::Kind::kExperiment
                              ? std::static_pointer_cast<api::Experiment>(resource)
                              : FromJob(static_cast<api::OptimizationJob&>(*resource), result);
    } else {
      return absl::InvalidArgumentError(
          fmt::format("{} holds a {}; qalam run takes an Experiment or an OptimizationJob, and ConfigMaps",
                      file, api::KindName(resource->kind())));
    }
  }
  if (result.experiment == nullptr) {
    if (result.errors.empty()) return absl::InvalidArgumentError(fmt::format("{} holds no Experiment", file));
    result.experiment = std::make_shared<api::Experiment>();
  }
  QALAM_RETURN_IF_ERROR(Override(overrides, *result.experiment));
  return result;
}

absl::StatusOr<RunInput> FromQuickForm(const QuickFormOptions& options) {
  QuickForm form = BuildExperiment(options);
  RunInput result;
  result.experiment = std::make_shared<api::Experiment>(std::move(form.experiment));
  result.errors = std::move(form.errors);
  return result;
}

}  // namespace qalam::cli
