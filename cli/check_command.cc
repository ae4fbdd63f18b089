#include "cli/check_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

#include "api/core.h"
#include "api/defaults.h"
#include "api/optimization_job.h"
#include "cli/exit_code.h"
#include "cli/lookup.h"
#include "server/service_calls.h"

namespace qalam::cli {
namespace {

std::string Plural(size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::optional<std::string> FindInManifest(const api::Manifest& manifest, const api::ConfigMapSource& source) {
  for (const std::shared_ptr<api::Resource>& resource : manifest.resources) {
    if (resource->kind() != api::Kind::kConfigMap || resource->metadata.name != source.config_map_name)
      continue;
    const std::string& space = resource->metadata.namespace_name;
    if (!space.empty() && space != source.config_map_namespace) continue;
    const api::StringMap& data = static_cast<const api::ConfigMap&>(*resource).spec.data;
    if (const auto found = data.find(source.template_path); found != data.end()) return found->second;
  }
  return std::nullopt;
}

std::string DescribeResource(const api::Resource& resource) {
  std::string text = fmt::format("{} {}", api::KindName(resource.kind()), resource.metadata.name);
  if (resource.kind() != api::Kind::kExperiment) return text;
  const api::ExperimentSpec& spec = static_cast<const api::Experiment&>(resource).spec;
  text += spec.nas_config
              ? fmt::format(" (architectures of {}", Plural(spec.nas_config->operations.size(), "operation"))
              : fmt::format(" ({}", Plural(spec.parameters.size(), "parameter"));
  if (spec.algorithm) text += ", " + spec.algorithm->algorithm_name;
  if (spec.max_trial_count)
    text += ", " + Plural(static_cast<size_t>(std::max(0, *spec.max_trial_count)), "trial");
  return text + ')';
}

}  // namespace

absl::StatusOr<std::string> ReadText(const std::string& file, std::istream& input) {
  if (file == "-") return std::string(std::istreambuf_iterator<char>(input), {});
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  // A directory opens well and fails only when it is read; an empty file sets failbit on `text`.
  if (stream && stream.peek() != std::ifstream::traits_type::eof()) text << stream.rdbuf();
  if (!stream.is_open() || stream.bad() || errno == EISDIR) {
    const std::string message = fmt::format("cannot read {}: {}", file, std::strerror(errno));
    return errno == ENOENT ? absl::NotFoundError(message) : absl::UnavailableError(message);
  }
  return text.str();
}

api::FieldErrors CheckManifest(api::Manifest& manifest, const CheckContext& context) {
  api::ValidationContext validation = context.validation;
  validation.config_map = [&](const api::ConfigMapSource& source) -> std::optional<std::string> {
    if (std::optional<std::string> text = FindInManifest(manifest, source)) return text;
    return context.validation.config_map ? context.validation.config_map(source) : std::nullopt;
  };

  api::FieldErrors errors = manifest.errors;
  for (size_t i = 0; i < manifest.resources.size(); ++i) {
    if (manifest.resources[i]->kind() == api::Kind::kOptimizationJob) {
      auto& job = static_cast<api::OptimizationJob&>(*manifest.resources[i]);
      api::SetDefaults(job);
      api::FieldErrors found = api::Validate(job);
      manifest.Locate(i, found);
      errors.insert(errors.end(), found.begin(), found.end());
    }
    if (manifest.resources[i]->kind() != api::Kind::kExperiment) continue;
    auto& experiment = static_cast<api::Experiment&>(*manifest.resources[i]);
    api::SetDefaults(experiment);
    api::FieldErrors found = api::Validate(experiment, validation);
    if (found.empty() && context.check_algorithm) {
      if (const absl::Status status = context.check_algorithm(experiment); !status.ok()) {
        const std::string field = server::RefusedField(status);
        const std::optional<api::AlgorithmSpec>& refused =
            field == "spec.earlyStopping" ? experiment.spec.early_stopping : experiment.spec.algorithm;
        const std::string_view message = MessageOf(status);
        found.push_back({.type = api::FieldErrorType::kInvalid,
                         .field = field,
                         .value = field == "metadata.annotations"
                                      ? std::string(message.substr(0, message.find(':')))
                                  : refused ? refused->algorithm_name
                                            : "",
                         .detail = std::string(message),
                         .file = {}});
      }
    }
    manifest.Locate(i, found);
    errors.insert(errors.end(), found.begin(), found.end());
  }
  std::stable_sort(errors.begin(), errors.end(),
                   [](const api::FieldError& a, const api::FieldError& b) { return a.line < b.line; });
  return errors;
}

int RunCheck(const CheckOptions& options, const CheckContext& context, std::istream& input,
             Streams& streams) {
  if (options.files.empty()) {
    return ReportError(absl::InvalidArgumentError("say which files to check: qalam check FILE..."), streams);
  }
  ExitCode result = ExitCode::kOk;
  for (const std::string& file : options.files) {
    const absl::StatusOr<std::string> text = ReadText(file, input);
    if (!text.ok()) {
      ReportError(text.status(), streams);
      if (result == ExitCode::kOk) result = ExitCodeFor(text.status());
      continue;
    }
    const std::string shown_name = file == "-" ? "(standard input)" : file;
    api::Manifest manifest = api::ReadManifest(*text, shown_name);
    const api::FieldErrors errors = CheckManifest(manifest, context);
    for (const api::FieldError& error : errors) streams.err << error.Text() << '\n';
    if (!errors.empty()) {
      streams.err << fmt::format("{}: {}\n", shown_name, Plural(errors.size(), "error"));
      result = ExitCode::kInvalidInput;
    } else if (manifest.resources.empty()) {
      streams.err << fmt::format(
          "{}: nothing in it; an Experiment begins with apiVersion: kubeflow.org/v1beta1\n", shown_name);
      result = ExitCode::kInvalidInput;
    } else if (!options.quiet) {
      for (const std::shared_ptr<api::Resource>& resource : manifest.resources) {
        streams.out << fmt::format("{}: {} is valid\n", shown_name, DescribeResource(*resource));
      }
    }
  }
  return ToInt(result);
}

}  // namespace qalam::cli
