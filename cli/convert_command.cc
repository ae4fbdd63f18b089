#include "cli/convert_command.h"

#include <fmt/format.h>

#include "api/codec.h"
#include "api/manifest.h"
#include "api/optimization_conversion.h"
#include "cli/check_command.h"
#include "cli/exit_code.h"
#include "cli/lookup.h"

namespace qalam::cli {
namespace {

using Documents = std::vector<std::shared_ptr<const api::Resource>>;

// The manifest is right and has its defaults.
absl::StatusOr<Documents> Convert(const api::Manifest& manifest, api::Kind to,
                                  std::vector<std::string>& notes) {
  Documents documents;
  for (const std::shared_ptr<api::Resource>& resource : manifest.resources) {
    if (to == api::Kind::kExperiment && resource->kind() == api::Kind::kOptimizationJob) {
      documents.push_back(std::make_shared<api::Experiment>(
          api::ToExperiment(static_cast<const api::OptimizationJob&>(*resource))));
    } else if (to == api::Kind::kOptimizationJob && resource->kind() == api::Kind::kExperiment) {
      absl::StatusOr<api::ConvertedJob> converted =
          api::ToOptimizationJob(static_cast<const api::Experiment&>(*resource));
      if (!converted.ok()) {
        return absl::InvalidArgumentError(
            fmt::format("Experiment {}: {}", resource->metadata.name, MessageOf(converted.status())));
      }
      for (const std::string& note : converted->notes) {
        notes.push_back(fmt::format("{}: {}", resource->metadata.name, note));
      }
      documents.push_back(std::make_shared<api::OptimizationJob>(std::move(converted->job)));
    } else {
      documents.push_back(resource);
    }
  }
  return documents;
}

}  // namespace

int RunConvert(const ConvertOptions& options, std::istream& input, Streams& streams) {
  if (options.to != "katib" && options.to != "optimizationjob") {
    return ReportError(
        absl::InvalidArgumentError(fmt::format("--to: \"{}\" must be katib or optimizationjob", options.to)),
        streams);
  }
  const absl::StatusOr<std::string> text = ReadText(options.file, input);
  if (!text.ok()) return ReportError(text.status(), streams);
  api::Manifest manifest = api::ReadManifest(*text, options.file == "-" ? "(standard input)" : options.file);
  CheckContext context;
  context.validation.algorithms = options.algorithms;
  context.validation.early_stopping_algorithms = options.early_stopping_algorithms;
  if (const api::FieldErrors errors = CheckManifest(manifest, context); !errors.empty()) {
    for (const api::FieldError& error : errors) streams.err << error.Text() << '\n';
    return ToInt(ExitCode::kInvalidInput);
  }
  std::vector<std::string> notes;
  const api::Kind to = options.to == "katib" ? api::Kind::kExperiment : api::Kind::kOptimizationJob;
  const absl::StatusOr<Documents> documents = Convert(manifest, to, notes);
  if (!documents.ok()) return ReportError(documents.status(), streams);
  bool first = true;
  for (const auto& document : *documents) {
    if (!std::exchange(first, false)) streams.out << "---\n";
    streams.out << api::ToYaml(*document);
  }
  if (!options.quiet) {
    for (const std::string& note : notes) streams.err << "note: " << note << '\n';
  }
  return ToInt(ExitCode::kOk);
}

}  // namespace qalam::cli
