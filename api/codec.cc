#include "api/codec.h"

#include <array>

#include "api/json_text.h"
#include "api/json_writer.h"
#include "api/resource_reader.h"
#include "api/yaml_writer.h"

namespace qalam::api {

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

absl::StatusOr<std::shared_ptr<Resource>> FromJson(std::string_view json) {
  constexpr std::array kKinds = {Kind::kExperiment, Kind::kTrial, Kind::kSuggestion, Kind::kEvent,
                                 Kind::kConfigMap};
  QALAM_ASSIGN_OR_RETURN(const Document document, ParseJson(json));
  ReadContext context;
  std::shared_ptr<Resource> resource = ReadResource(context, *document.root, kKinds);
  if (context.errors.empty()) return resource;
  std::string message;
  for (const FieldError& error : context.errors) {
    if (!message.empty()) message += ", ";
    message += error.Text();
  }
  return absl::InvalidArgumentError(context.errors.size() > 1 ? "[" + message + "]" : message);
}

}  // namespace qalam::api
