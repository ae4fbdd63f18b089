#include "apiserver/watch_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "apiserver/failure.h"

namespace qalam::apiserver {
namespace {

constexpr std::string_view kTypeNames[] = {"ADDED", "MODIFIED", "DELETED"};

std::string EventLine(std::string_view type, std::string_view object) {
  return fmt::format("{{\"type\":\"{}\",\"object\":{}}}\n", type, object);
}

// An object that has nothing but metadata, in the shape that the watch asks for.
std::string Bare(const ResourceType& type, const ObjectFormat& format, std::string_view metadata) {
  const std::string_view version = format.beta ? "v1beta1" : "v1";
  switch (format.shape) {
    case ObjectFormat::kTable:
      return fmt::format(
          R"({{"kind":"Table","apiVersion":"meta.k8s.io/{}","metadata":{},"columnDefinitions":[],"rows":[]}})",
          version, metadata);
    case ObjectFormat::kMetadata:
      return fmt::format(R"({{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/{}","metadata":{}}})",
                         version, metadata);
    case ObjectFormat::kObject:
      break;
  }
  return fmt::format(R"({{"kind":"{}","apiVersion":"{}","metadata":{}}})", type.kind, type.api_version(),
                     metadata);
}

// Whether an object of that namespace and name can have been selected in any state.
bool MayHaveShown(const Selection& selection, const api::Resource& resource) {
  const std::string& namespace_name = resource.metadata.namespace_name;
  if (!selection.namespace_name.empty() && selection.namespace_name != namespace_name) return false;
  const std::optional<std::string_view> name = selection.fields.name();
  if (!name) return true;
  return selection.type->projection().StoredKey({namespace_name, std::string(*name)}) == resource.key();
}

}  // namespace

void WatchLines::For(const Selection& selection, ObjectFormat format,
                     absl::FunctionRef<void(const Line&)> tell) {
  const ResourceType& type = *selection.type;
  const api::Resource& resource = *event_.resource;
  const bool deleted = event_.type == api::WatchEventType::kDeleted;
  const bool shown = selection.Shows(resource);
  const bool known = event_.previous != nullptr;
  const bool before = event_.type != api::WatchEventType::kAdded &&
                      (known ? selection.Shows(*event_.previous) : MayHaveShown(selection, resource));
  if (deleted || !shown) {
    if (before) tell(Render(type, format, Type::kDeleted, known && !(deleted && shown)));
  } else if (!before) {
    tell(Render(type, format, Type::kAdded, false));
  } else if (known && type.projection().KeyOf(*event_.previous) != type.projection().KeyOf(resource)) {
    tell(Render(type, format, Type::kDeleted, true));
    tell(Render(type, format, Type::kAdded, false));
  } else {
    tell(Render(type, format, Type::kModified, false));
  }
}

const WatchLines::Line& WatchLines::Render(const ResourceType& type, ObjectFormat format, Type line_type,
                                           bool previous) {
  const auto found = std::find_if(texts_.begin(), texts_.end(), [&](const Text& text) {
    return text.type == &type && text.format == format && text.line_type == line_type &&
           text.previous == previous;
  });
  if (found != texts_.end()) return found->line;
  const api::Resource& resource = previous ? Previous() : *event_.resource;
  std::string object;
  if (type.projection().Shows(resource)) {
    object = FormatObject(type, resource, format, now_);
  } else {
    const api::ObjectKey key = type.projection().KeyOf(resource);
    object = Bare(type, format,
                  fmt::format(R"({{"name":"{}","namespace":"{}","resourceVersion":"{}"}})", key.name,
                              key.namespace_name, resource.metadata.resource_version));
  }
  auto line =
      std::make_shared<const std::string>(EventLine(kTypeNames[static_cast<std::size_t>(line_type)], object));
  return texts_.emplace_back(Text{&type, format, line_type, previous, std::move(line)}).line;
}

const api::Resource& WatchLines::Previous() {
  if (previous_ == nullptr) {
    const std::shared_ptr<api::Resource> copy = event_.previous->Clone();
    copy->metadata.resource_version = event_.resource->metadata.resource_version;
    previous_ = copy;
  }
  return *previous_;
}

std::string InitialLine(const ResourceType& type, const api::Resource& resource, ObjectFormat format,
                        absl::Time now) {
  return EventLine("ADDED", FormatObject(type, resource, format, now));
}

std::string BookmarkLine(const ResourceType& type, std::string_view resource_version, ObjectFormat format,
                         bool initial_events_end) {
  const std::string_view annotations =
      initial_events_end ? R"(,"annotations":{"k8s.io/initial-events-end":"true"})" : "";
  const std::string metadata =
      fmt::format(R"({{"resourceVersion":"{}","creationTimestamp":null{}}})", resource_version, annotations);
  return EventLine("BOOKMARK", Bare(type, format, metadata));
}

std::string ErrorLine(const absl::Status& failure) { return EventLine("ERROR", StatusJson(failure)); }

absl::Status WatchFailure(const ResourceType& type, const absl::Status& status) {
  if (absl::IsOutOfRange(status)) return Failure(410, "Expired", std::string(MessageOf(status)));
  if (absl::IsInvalidArgument(status)) return Failure(400, "BadRequest", std::string(MessageOf(status)));
  return ToFailure(status, type.group, type.plural, "");
}

}  // namespace qalam::apiserver
