#include "api/train_job.h"

#include <fmt/format.h>

#include "api/json_text.h"

namespace qalam::api {
namespace {

std::string TextAt(const Node* node) {
  return node != nullptr && node->type == NodeType::kText ? node->text : std::string();
}

// The image is what such a runtime has in a cluster: clients insist on one.
ClusterTrainingRuntime Runtime(std::string_view name, std::string_view framework, std::string_view policy,
                               std::string_view image) {
  ClusterTrainingRuntime runtime;
  runtime.metadata.name = name;
  runtime.metadata.labels.emplace(kFrameworkLabel, framework);
  runtime.spec.text = fmt::format(
      R"({{"spec":{{"mlPolicy":{{"numNodes":1{}}},"template":{{"spec":{{"replicatedJobs":[{{"name":"node","template":{{)"
      R"("metadata":{{"labels":{{"trainer.kubeflow.org/trainjob-ancestor-step":"trainer"}}}},)"
      R"("spec":{{"template":{{"spec":{{"containers":[{{"name":"{}","image":"{}"}}]}}}}}}}}}}]}}}}}}}})",
      policy, kTrainJobContainer, image);
  return runtime;
}

}  // namespace

std::optional<RuntimeRef> RuntimeOf(const JsonText& train_job) {
  const absl::StatusOr<Document> document = ParseJson(train_job.text);
  if (!document.ok() || TextAt(document->root->Find("kind")) != kTrainJobKind) return std::nullopt;
  const Node* ref = document->root->Find({"spec", "runtimeRef"});
  if (ref == nullptr) return std::nullopt;
  const std::string name = TextAt(ref->Find("name")), kind = TextAt(ref->Find("kind"));
  if (name.empty()) return std::nullopt;
  for (const Kind known : {Kind::kClusterTrainingRuntime, Kind::kTrainingRuntime}) {
    if (kind == KindName(known)) return RuntimeRef{known, name};
  }
  if (kind.empty()) return RuntimeRef{Kind::kClusterTrainingRuntime, name};
  return std::nullopt;
}

std::vector<ClusterTrainingRuntime> BuiltInRuntimes() {
  return {Runtime("plain", "plain", "", "python:3"),
          Runtime("torch-distributed", "torch", R"(,"torch":{})", "pytorch/pytorch")};
}

}  // namespace qalam::api
