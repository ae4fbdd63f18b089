#include "api/resource_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/codec.h"
#include "api/did_you_mean.h"

namespace qalam::api {
namespace {

// Reports when there is no text or an unsupported one.
std::optional<Kind> ReadKind(ReadContext& context, const Node& root, std::span<const Kind> kinds) {
  const FieldPath top;
  const Node* node = root.Find("kind");
  std::vector<std::string_view> names;
  for (const Kind kind : kinds) names.push_back(KindName(kind));
  if (node == nullptr || node->type == NodeType::kNull) {
    context.Error(FieldErrorType::kRequired, top.Field("kind"), root,
                  fmt::format("must be one of {}", fmt::join(names, ", ")));
    return std::nullopt;
  }
  std::string text;
  if (!ReadText(context, top.Field("kind"), *node, text)) return std::nullopt;
  for (const Kind kind : kinds) {
    if (KindName(kind) == text) return kind;
  }
  const std::string_view nearest = Nearest(text, names);
  context.Error(FieldErrorType::kInvalid, top.Field("kind"), *node,
                fmt::format("this kind is not supported; supported are {}{}", fmt::join(names, ", "),
                            nearest.empty() ? "" : fmt::format("; did you mean \"{}\"?", nearest)));
  return std::nullopt;
}

void CheckApiVersion(ReadContext& context, const Node& root, Kind kind) {
  const FieldPath top;
  const FieldPath path = top.Field("apiVersion");
  const Node* node = root.Find("apiVersion");
  std::string text;
  if (node == nullptr || node->type == NodeType::kNull) {
    if (context.strict) {
      context.Error(FieldErrorType::kRequired, path, root,
                    fmt::format("must be {} for kind {}", ApiVersion(kind), KindName(kind)));
    }
  } else if (ReadText(context, path, *node, text) && text != ApiVersion(kind)) {
    context.Error(FieldErrorType::kInvalid, path, *node,
                  fmt::format("not supported for kind {}; must be {}", KindName(kind), ApiVersion(kind)));
  }
}

}  // namespace

std::shared_ptr<Resource> ReadResource(ReadContext& context, const Node& root, std::span<const Kind> kinds) {
  const FieldPath top;
  if (root.type != NodeType::kMap) {
    context.Error(
        FieldErrorType::kInvalid, top, root,
        fmt::format("a resource is a map with apiVersion, kind, metadata and spec, not {}", TypeText(root)));
    return nullptr;
  }
  const std::optional<Kind> kind = ReadKind(context, root, kinds);
  if (!kind) return nullptr;
  CheckApiVersion(context, root, *kind);
  std::shared_ptr<Resource> resource = NewResource(*kind);
  FieldReader reader(context, top, root);
  reader.Ignored("apiVersion");
  reader.Ignored("kind");
  reader("metadata", resource->metadata);
  VisitKind(*resource, [&](auto& typed) { ResourceFields(reader, typed); });
  reader.Finish();
  return resource;
}

}  // namespace qalam::api
