#include "api/codec.h"

#include "api/json_text.h"
#include "api/json_writer.h"
#include "api/resource_reader.h"
#include "api/yaml_reader.h"
#include "api/yaml_writer.h"

namespace qalam::api {

std::shared_ptr<Resource> NewResource(Kind kind) {
  switch (kind) {
    case Kind::kExperiment:
      return std::make_shared<Experiment>();
    case Kind::kSuggestion:
      return std::make_shared<Suggestion>();
    case Kind::kTrial:
      return std::make_shared<Trial>();
    case Kind::kEvent:
      return std::make_shared<Event>();
    case Kind::kConfigMap:
      return std::make_shared<ConfigMap>();
    case Kind::kNamespace:
      return std::make_shared<Namespace>();
    case Kind::kSecret:
      return std::make_shared<Secret>();
    case Kind::kPersistentVolumeClaim:
      return std::make_shared<PersistentVolumeClaim>();
    case Kind::kOptimizationJob:
      return std::make_shared<OptimizationJob>();
    case Kind::kTrainingRuntime:
      return std::make_shared<TrainingRuntime>();
    case Kind::kClusterTrainingRuntime:
      return std::make_shared<ClusterTrainingRuntime>();
  }
  return nullptr;
}

std::string ToJson(const Resource& resource) {
  std::string out;
  JsonWriter writer(out);
  writer.Object([&](auto& v) {
    v.Always("apiVersion", std::string(ApiVersion(resource.kind())));
    v.Always("kind", std::string(KindName(resource.kind())));
    v("metadata", resource.metadata);
    VisitKind(resource, [&](const auto& typed) { ResourceFields(v, typed); });
  });
  return out;
}

std::string ToPrettyJson(const Resource& resource) { return IndentJson(ToJson(resource)); }

std::string ToYaml(const Resource& resource) {
  const absl::StatusOr<Document> document = ParseJson(ToJson(resource));
  std::string out;
  if (document.ok()) AppendYaml(*document->root, out);
  return out;
}

absl::StatusOr<std::shared_ptr<Resource>> FromJson(std::string_view json, std::vector<std::string>* unknown) {
  QALAM_ASSIGN_OR_RETURN(const Document document, ParseJson(json));
  ReadContext context;
  context.unknown = unknown;
  std::shared_ptr<Resource> resource = ReadResource(context, *document.root, AllKinds());
  if (context.errors.empty()) return resource;
  std::string message;
  for (const FieldError& error : context.errors) {
    if (!message.empty()) message += ", ";
    message += error.Text();
  }
  return absl::InvalidArgumentError(context.errors.size() > 1 ? "[" + message + "]" : message);
}

absl::StatusOr<std::string> YamlToJson(std::string_view yaml) {
  const Document* found = nullptr;
  std::vector<YamlDocument> documents = ParseYaml(yaml);
  for (const YamlDocument& document : documents) {
    if (!document.errors.empty()) return absl::InvalidArgumentError(document.errors.front().Text());
    if (document.empty || document.document.root == nullptr) continue;
    if (found != nullptr) return absl::InvalidArgumentError("there are several documents; one is expected");
    found = &document.document;
  }
  if (found == nullptr) return absl::InvalidArgumentError("the text is empty");
  std::string json;
  AppendJson(*found->root, json);
  return json;
}

}  // namespace qalam::api
