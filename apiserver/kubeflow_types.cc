#include "apiserver/resource_type.h"

namespace qalam::apiserver {
namespace {

constexpr std::string_view kGroup = "kubeflow.org", kVersion = "v1beta1";

// What every one of Katib's kinds shows first: the condition that came last.
const Column kType{.name = "Type", .path = ".status.conditions[-1:].type"};
const Column kStatus{.name = "Status", .path = ".status.conditions[-1:].status"};
const Column kAge{.name = "Age", .type = "date", .path = ".metadata.creationTimestamp"};

ResourceType Row(std::string_view plural, std::string_view singular, api::Kind kind,
                 std::vector<Column> columns) {
  return {.group = kGroup,
          .version = kVersion,
          .plural = plural,
          .singular = singular,
          .kind = api::KindName(kind),
          .has_status = true,
          .stored = kind,
          .categories = {"all", "kubeflow", "katib"},
          .columns = std::move(columns)};
}

}  // namespace

std::vector<ResourceType> KubeflowTypes() {
  return {Row("experiments", "experiment", api::Kind::kExperiment, {kType, kStatus, kAge}),
          Row("suggestions", "suggestion", api::Kind::kSuggestion,
              {kType,
               kStatus,
               {.name = "Requested", .path = ".spec.requests"},
               {.name = "Assigned", .path = ".status.suggestionCount"},
               kAge}),
          Row("trials", "trial", api::Kind::kTrial, {kType, kStatus, kAge})};
}

}  // namespace qalam::apiserver
