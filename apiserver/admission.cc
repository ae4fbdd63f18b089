#include "apiserver/admission.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/core.h"
#include "api/defaults.h"
#include "api/experiment.h"
#include "api/optimization_job.h"
#include "api/validate.h"
#include "apiserver/failure.h"

namespace qalam::apiserver {
namespace {

constexpr std::string_view kDefaultNamespace = "default";

std::string GroupOf(api::Kind kind) {
  const std::string_view version = api::ApiVersion(kind);
  const std::size_t slash = version.find('/');
  return std::string(slash == std::string_view::npos ? std::string_view() : version.substr(0, slash));
}

// "experiments.kubeflow.org", "configmaps"
std::string Resources(api::Kind kind) {
  const std::string group = GroupOf(kind);
  return fmt::format("{}{}{}", api::PluralName(kind), group.empty() ? "" : ".", group);
}

absl::Status CheckNamespace(const AdmissionRules& rules, const api::Resource& created) {
  const std::string& name = created.metadata.namespace_name;
  if (name.empty()) return absl::OkStatus();
  const absl::StatusOr<api::ResourcePtr> home = rules.store.Get(api::Kind::kNamespace, {"", name});
  if (!home.ok()) return ToFailure(home.status(), "", "namespaces", name);
  if (!(*home)->metadata.deletion_timestamp) return absl::OkStatus();
  const std::string why =
      fmt::format("unable to create new content in namespace {} because it is being terminated", name);
  const api::Kind kind = created.kind();
  return Failure(403, "Forbidden",
                 fmt::format("{} \"{}\" is forbidden: {}", Resources(kind), created.metadata.name, why),
                 {.name = created.metadata.name,
                  .group = GroupOf(kind),
                  .kind = std::string(api::PluralName(kind)),
                  .causes = {{"NamespaceTerminating", fmt::format("namespace {} is being terminated", name),
                              "metadata.namespace"}}});
}

api::FieldErrors CheckExperiment(const AdmissionRules& rules, const api::Experiment& written,
                                 const api::Experiment* live) {
  api::ValidationContext context{.algorithms = rules.algorithms,
                                 .early_stopping_algorithms = rules.early_stopping_algorithms};
  context.config_map = [&](const api::ConfigMapSource& source) -> std::optional<std::string> {
    const auto map =
        api::Get<api::ConfigMap>(rules.store, {source.config_map_namespace, source.config_map_name});
    if (!map.ok()) return std::nullopt;
    const auto found = (*map)->spec.data.find(source.template_path);
    if (found == (*map)->spec.data.end()) return std::nullopt;
    return found->second;
  };
  api::FieldErrors errors;
  if (live != nullptr) errors = api::ValidateUpdate(written, *live);
  if (!errors.empty()) return errors;
  return api::Validate(written, context);
}

absl::Status AdmitExperiment(const AdmissionRules& rules, const api::Experiment& written,
                             const api::Experiment* live) {
  if (live != nullptr && live->metadata.deletion_timestamp) return absl::OkStatus();
  if (live != nullptr && written.SpecEquals(*live) &&
      written.metadata.annotations == live->metadata.annotations)
    return absl::OkStatus();
  const api::FieldErrors errors = CheckExperiment(rules, written, live);
  if (errors.empty()) return absl::OkStatus();
  std::vector<std::string> texts;
  for (const api::FieldError& error : errors) texts.push_back(error.Text());
  return Failure(
      400, "",
      fmt::format("admission webhook \"validator.experiment.katib.kubeflow.org\" denied the request: {}",
                  texts.size() == 1 ? texts.front() : fmt::format("[{}]", fmt::join(texts, ", "))));
}

// As kube-apiserver answers for a custom resource with a schema.
absl::Status AdmitOptimizationJob(const api::OptimizationJob& written, const api::OptimizationJob* live) {
  if (live != nullptr && (live->metadata.deletion_timestamp || written.SpecEquals(*live)))
    return absl::OkStatus();
  api::FieldErrors errors;
  if (live != nullptr) errors = api::ValidateUpdate(written, *live);
  if (errors.empty()) errors = api::Validate(written);
  if (errors.empty()) return absl::OkStatus();
  FailureDetails details{.name = written.metadata.name,
                         .group = GroupOf(written.kind()),
                         .kind = std::string(api::KindName(written.kind()))};
  std::vector<std::string> texts;
  for (const api::FieldError& error : errors) {
    texts.push_back(error.Text());
    const bool required = error.type == api::FieldErrorType::kRequired;
    details.causes.push_back(
        {required ? "FieldValueRequired" : "FieldValueInvalid",
         std::string(texts.back().substr(std::min(error.field.size() + 2, texts.back().size()))),
         error.field});
  }
  std::string message =
      fmt::format("{}.{} \"{}\" is invalid: {}", details.kind, details.group, details.name,
                  texts.size() == 1 ? texts.front() : fmt::format("[{}]", fmt::join(texts, ", ")));
  return Failure(422, "Invalid", std::move(message), std::move(details));
}

}  // namespace

void Complete(api::Resource& written) {
  if (written.metadata.deletion_timestamp) return;
  if (written.kind() == api::Kind::kExperiment) api::SetDefaults(static_cast<api::Experiment&>(written));
  if (written.kind() == api::Kind::kOptimizationJob)
    api::SetDefaults(static_cast<api::OptimizationJob&>(written));
}

absl::Status Admit(const AdmissionRules& rules, const api::Resource& written, const api::Resource* live) {
  if (live == nullptr) QALAM_RETURN_IF_ERROR(CheckNamespace(rules, written));
  if (written.kind() == api::Kind::kOptimizationJob) {
    return AdmitOptimizationJob(static_cast<const api::OptimizationJob&>(written),
                                static_cast<const api::OptimizationJob*>(live));
  }
  if (written.kind() != api::Kind::kExperiment) return absl::OkStatus();
  return AdmitExperiment(rules, static_cast<const api::Experiment&>(written),
                         static_cast<const api::Experiment*>(live));
}

absl::Status AdmitDeletion(const api::Resource& live) {
  if (live.kind() != api::Kind::kNamespace || live.metadata.name != kDefaultNamespace)
    return absl::OkStatus();
  return Failure(
      403, "Forbidden",
      fmt::format("namespaces \"{}\" is forbidden: this namespace may not be deleted", kDefaultNamespace),
      {.name = std::string(kDefaultNamespace), .kind = "namespaces"});
}

}  // namespace qalam::apiserver
