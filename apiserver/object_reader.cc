#include "apiserver/object_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "apiserver/continue_token.h"
#include "apiserver/failure.h"
#include "base/number_text.h"

namespace qalam::apiserver {
namespace {

constexpr std::size_t kKeptLists = 32;
constexpr absl::Duration kKeptFor = absl::Minutes(5);

absl::Status BadRequest(std::string message) { return Failure(400, "BadRequest", std::move(message)); }

absl::Status InvalidOption(std::string field, std::string reason, std::string why) {
  const std::string label = reason == "FieldValueForbidden" ? "Forbidden" : "Invalid value";
  std::string message = fmt::format("{}: {}", label, why);
  return Failure(422, "Invalid",
                 fmt::format("ListOptions.meta.k8s.io \"\" is invalid: {}: {}", field, message),
                 {.group = "meta.k8s.io", .kind = "ListOptions", .causes = {{reason, message, field}}});
}

struct ListOptions {
  std::size_t limit = 0;  // 0: none
  std::string_view token, resource_version, match;

  bool exact() const {
    if (resource_version.empty() || resource_version == "0") return false;
    return match == "Exact" || (match.empty() && limit > 0);
  }
};

absl::StatusOr<ListOptions> ReadListOptions(const http::Query& query) {
  ListOptions options;
  options.token = query.Find("continue").value_or("");
  options.resource_version = query.Find("resourceVersion").value_or("");
  options.match = query.Find("resourceVersionMatch").value_or("");
  if (const std::string_view text = query.Find("limit").value_or(""); !text.empty()) {
    const std::optional<long long> limit = ParseInt(text);
    if (!limit || *limit < 0)
      return BadRequest(fmt::format("limit: Invalid value: \"{}\": must be a whole number from 0 on", text));
    options.limit = static_cast<std::size_t>(*limit);
  }
  if (query.Find("sendInitialEvents"))
    return InvalidOption("sendInitialEvents", "FieldValueForbidden",
                         "sendInitialEvents is forbidden for list");
  if (!options.match.empty()) {
    if (options.match != "Exact" && options.match != "NotOlderThan") {
      return InvalidOption(
          "resourceVersionMatch", "FieldValueNotSupported",
          fmt::format("\"{}\": supported values: \"Exact\", \"NotOlderThan\"", options.match));
    }
    if (options.resource_version.empty()) {
      return InvalidOption("resourceVersionMatch", "FieldValueForbidden",
                           "resourceVersionMatch is forbidden unless resourceVersion is provided");
    }
    if (!options.token.empty()) {
      return InvalidOption("resourceVersionMatch", "FieldValueForbidden",
                           "resourceVersionMatch is forbidden when continue is provided");
    }
    if (options.match == "Exact" && options.resource_version == "0") {
      return InvalidOption("resourceVersionMatch", "FieldValueForbidden",
                           "resourceVersionMatch \"Exact\" is forbidden for resourceVersion \"0\"");
    }
  }
  if (!options.token.empty() && !options.resource_version.empty() && options.resource_version != "0")
    return BadRequest("specifying resource version is not allowed when using continue");
  return options;
}

absl::Status TokenExpired(const ListScope& scope, ListPosition position) {
  position.resource_version.clear();
  return Failure(
      410, "Expired",
      "The provided continue parameter is too old to display a consistent list result. You can start a new "
      "list without the continue parameter, or use the continue token in this response to retrieve the "
      "remainder of the results. Continuing with the provided token results in an inconsistent list - "
      "objects that were created, modified, or deleted between the time the first chunk was returned and "
      "now may show up in the list.",
      {.continue_token = WriteContinueToken(scope, position)});
}

}  // namespace

api::ObjectKey KeyOf(const ResourceType& type, const RequestInfo& info) {
  return {type.namespaced ? info.namespace_name : std::string(), info.name};
}

absl::Status NotFound(const ResourceType& type, std::string_view name) {
  const std::string resource = fmt::format("{}{}{}", type.plural, type.group.empty() ? "" : ".", type.group);
  return Failure(
      404, "NotFound", fmt::format("{} \"{}\" not found", resource, name),
      {.name = std::string(name), .group = std::string(type.group), .kind = std::string(type.plural)});
}

absl::StatusOr<api::ResourcePtr> FindObject(const api::ResourceStore& store, const ResourceType& type,
                                            const api::ObjectKey& key) {
  const Projection& projection = type.projection();
  const std::optional<api::ObjectKey> stored_key = projection.StoredKey(key);
  if (!stored_key) return NotFound(type, key.name);
  absl::StatusOr<api::ResourcePtr> found = store.Get(type.stored, *stored_key);
  if (absl::IsNotFound(found.status())) return NotFound(type, key.name);
  if (!found.ok()) return ToFailure(found.status(), type.group, type.plural, key.name);
  if (!projection.Shows(**found) || projection.KeyOf(**found) != key) return NotFound(type, key.name);
  return found;
}

absl::StatusOr<Selection> ReadSelection(const ResourceType& type, const RequestInfo& info,
                                        const http::Request& request) {
  Selection selection{.type = &type};
  if (type.namespaced) selection.namespace_name = info.namespace_name;
  QALAM_ASSIGN_OR_RETURN(selection.labels,
                         LabelSelector::Parse(request.query.Find("labelSelector").value_or("")));
  QALAM_ASSIGN_OR_RETURN(selection.fields,
                         FieldSelector::Parse(request.query.Find("fieldSelector").value_or("")));
  QALAM_RETURN_IF_ERROR(selection.fields.Check(type));
  return selection;
}

absl::Status CheckReached(const api::ResourceStore& store, std::string_view resource_version) {
  if (resource_version.empty()) return absl::OkStatus();
  // Any list tells the version of the whole store; this one is empty or short.
  const absl::StatusOr<api::ResourceList> list = store.List(api::Kind::kNamespace, "");
  if (!list.ok()) return ToFailure(list.status(), "", "namespaces", "");
  return CheckReached(resource_version, list->resource_version);
}

absl::Status CheckReached(std::string_view resource_version, std::string_view current) {
  if (resource_version.empty()) return absl::OkStatus();
  const std::optional<long long> wanted = ParseInt(resource_version);
  if (!wanted || *wanted < 0) {
    return BadRequest(
        fmt::format("resourceVersion: Invalid value: \"{}\": must be a decimal number", resource_version));
  }
  if (*wanted <= ParseInt(current).value_or(0)) return absl::OkStatus();
  return Failure(
      504, "Timeout", fmt::format("Too large resource version: {}, current: {}", *wanted, current),
      {.causes = {{"ResourceVersionTooLarge", "Too large resource version", ""}}, .retry_after_seconds = 1});
}

ObjectLists::ListPtr ObjectLists::Kept(api::Kind kind, std::string_view namespace_name,
                                       std::string_view resource_version) {
  const absl::Time now = now_();
  const std::lock_guard lock(mutex_);
  kept_.remove_if([&](const Snapshot& snapshot) { return snapshot.until < now; });
  for (const Snapshot& snapshot : kept_) {
    if (snapshot.kind == kind && snapshot.namespace_name == namespace_name &&
        snapshot.list->resource_version == resource_version) {
      return snapshot.list;
    }
  }
  return nullptr;
}

void ObjectLists::Keep(api::Kind kind, std::string_view namespace_name, ListPtr list) {
  if (Kept(kind, namespace_name, list->resource_version) != nullptr) return;
  const absl::Time until = now_() + kKeptFor;
  const std::lock_guard lock(mutex_);
  kept_.push_back({kind, std::string(namespace_name), std::move(list), until});
  if (kept_.size() > kKeptLists) kept_.pop_front();
}

absl::StatusOr<ListPage> ObjectLists::List(const ResourceType& type, const RequestInfo& info,
                                           const http::Request& request) {
  QALAM_ASSIGN_OR_RETURN(const ListOptions options, ReadListOptions(request.query));
  QALAM_ASSIGN_OR_RETURN(const Selection selection, ReadSelection(type, info, request));
  const std::string_view labels = request.query.Find("labelSelector").value_or("");
  const std::string_view fields = request.query.Find("fieldSelector").value_or("");
  const std::string& name_space = selection.namespace_name;
  const ListScope scope{&type, name_space, labels, fields};

  ListPosition position;
  ListPtr list;
  if (!options.token.empty()) {
    QALAM_ASSIGN_OR_RETURN(position, ReadContinueToken(scope, options.token));
    if (!position.resource_version.empty()) {
      list = Kept(type.stored, name_space, position.resource_version);
      if (list == nullptr) return TokenExpired(scope, position);
    }
  } else if (options.exact()) {
    list = Kept(type.stored, name_space, options.resource_version);
  }
  if (list == nullptr) {
    absl::StatusOr<api::ResourceList> present = store_.List(type.stored, name_space);
    if (!present.ok()) return ToFailure(present.status(), type.group, type.plural, "");
    QALAM_RETURN_IF_ERROR(CheckReached(options.resource_version, present->resource_version));
    if (options.exact() && options.resource_version != present->resource_version)
      return Failure(410, "Expired", "The resourceVersion for the provided list is too old.");
    list = std::make_shared<const api::ResourceList>(*std::move(present));
  }

  const std::vector<api::ResourcePtr>& all = list->items;
  auto it = options.token.empty()
                ? all.begin()
                : std::partition_point(all.begin(), all.end(), [&](const api::ResourcePtr& resource) {
                    return resource->key() <= position.after;
                  });
  ListPage page{.metadata = {.resource_version = list->resource_version}};
  for (; it != all.end(); ++it) {
    if (!selection.Shows(**it)) continue;
    if (options.limit > 0 && page.items.size() == options.limit) break;
    page.items.push_back(*it);
  }
  if (it == all.end()) return page;
  page.metadata.continue_token =
      WriteContinueToken(scope, {list->resource_version, page.items.back()->key()});
  if (labels.empty() && fields.empty()) {
    page.metadata.remaining =
        std::count_if(it, all.end(), [&](const auto& resource) { return selection.Shows(*resource); });
  }
  Keep(type.stored, name_space, std::move(list));
  return page;
}

}  // namespace qalam::apiserver
