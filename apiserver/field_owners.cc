#include "apiserver/field_owners.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "apiserver/structured_merge.h"

namespace qalam::apiserver {
namespace {

using nlohmann::json;

constexpr std::string_view kApply = "Apply", kUpdate = "Update", kFieldsV1 = "FieldsV1";

// What Kubernetes never counts as owned: identity, and what the server writes.
FieldSet NeverOwned() {
  const FieldSet leaf{.member = true, .children = {}};
  FieldSet metadata{.member = true, .children = {}};
  for (const char* name : {"f:name", "f:namespace", "f:creationTimestamp", "f:selfLink", "f:uid",
                           "f:clusterName", "f:generation", "f:managedFields", "f:resourceVersion"}) {
    metadata.Attach(name, leaf);
  }
  FieldSet set;
  set.Attach("f:apiVersion", leaf);
  set.Attach("f:kind", leaf);
  set.Attach("f:metadata", std::move(metadata));
  return set;
}

// What an owner may own through its subresource. The status is not written through the object itself.
FieldSet Ownable(FieldSet fields, const Owner& owner) {
  static const FieldSet kNeverOwned = NeverOwned();
  fields = Difference(std::move(fields), kNeverOwned);
  const bool of_status = owner.subresource == "status";
  std::erase_if(fields.children, [&](const auto& child) { return (child.first == "f:status") != of_status; });
  return fields;
}

std::string TextAt(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Takes what `changes` changed from everybody but `but`. What others lose by a change of value are conflicts.
Conflicts TakeAway(const Comparison& changes, FieldOwners& owners, const Owner* but) {
  Conflicts conflicts;
  const FieldSet written = Union(changes.modified, changes.added);
  for (auto& [owner, owned] : owners) {
    if (but != nullptr && owner == *but) continue;
    FieldSet lost = Intersection(owned.fields, written);
    owned.fields = Difference(Difference(std::move(owned.fields), written), changes.removed);
    if (!lost.empty()) conflicts.emplace_back(owner, std::move(lost));
  }
  return conflicts;
}

void DropEmpty(FieldOwners& owners) {
  std::erase_if(owners, [](const auto& entry) { return entry.second.fields.empty(); });
}

// Many writers of small changes would make the table outgrow the object: the oldest are merged into one.
void MergeOldUpdaters(FieldOwners& owners) {
  constexpr std::size_t kMaxUpdaters = 10;
  std::vector<FieldOwners::iterator> updaters;
  for (auto i = owners.begin(); i != owners.end(); ++i) {
    if (!i->first.applies) updaters.push_back(i);
  }
  if (updaters.size() <= kMaxUpdaters) return;
  std::stable_sort(updaters.begin(), updaters.end(),
                   [](const auto& a, const auto& b) { return a->second.time < b->second.time; });
  updaters.resize(updaters.size() - kMaxUpdaters + 1);
  std::map<std::string, OwnedFields> merged;  // by version
  for (const auto& updater : updaters) {
    OwnedFields& old = merged[updater->first.api_version];
    old.fields = Union(std::move(old.fields), updater->second.fields);
    old.time = updater->second.time;
    owners.erase(updater);
  }
  for (auto& [version, old] : merged) {
    old.api_version = version;
    owners[{.manager = "ancient-changes", .api_version = version}] = std::move(old);
  }
}

// Without what the owner applied before and leaves out now, where nobody else owns it and where what holds it
// was its own, too.
json Pruned(const json& merged, const FieldOwners& owners, const FieldSet& last, const Shape& shape) {
  if (last.empty()) return merged;
  const FieldSet last_named = WithNamedFields(last, shape);
  const FieldSet all = WithNamedFields(FieldsOf(merged, shape), shape);
  FieldSet owned;
  for (const auto& entry : owners) owned = Union(std::move(owned), entry.second.fields);

  json pruned = Without(merged, last_named, shape);
  const FieldSet kept = WithNamedFields(FieldsOf(pruned, shape), shape);
  pruned = Without(merged, Difference(all, Union(kept, WithNamedFields(std::move(owned), shape))), shape);
  const FieldSet left = WithNamedFields(FieldsOf(pruned, shape), shape);
  return Without(merged, Intersection(Difference(all, left), last_named), shape);
}

}  // namespace

std::string Owner::Text() const {
  std::string text = fmt::format("\"{}\"", manager);
  if (!subresource.empty()) text += fmt::format(" with subresource \"{}\"", subresource);
  if (!applies) text += fmt::format(" using {}", api_version);
  return text;
}

absl::StatusOr<FieldOwners> ReadFieldOwners(const json& managed_fields) {
  FieldOwners owners;
  if (managed_fields.is_null()) return owners;
  if (!managed_fields.is_array())
    return absl::InvalidArgumentError("metadata.managedFields: expected a list");
  for (std::size_t i = 0; i < managed_fields.size(); ++i) {
    const json& entry = managed_fields[i];
    const auto wrong = [&](std::string_view field, std::string_view rule) {
      return absl::InvalidArgumentError(fmt::format("metadata.managedFields[{}].{}: {}", i, field, rule));
    };
    if (!entry.is_object()) return wrong("manager", "expected an object");
    const std::string operation = TextAt(entry, "operation"), version = TextAt(entry, "apiVersion");
    if (operation != kApply && operation != kUpdate) return wrong("operation", "must be `Apply` or `Update`");
    if (version.empty()) return wrong("apiVersion", "must not be empty");
    if (TextAt(entry, "fieldsType") != kFieldsV1) return wrong("fieldsType", "must be `FieldsV1`");
    const auto fields = entry.find("fieldsV1");
    absl::StatusOr<FieldSet> set =
        fields == entry.end() || fields->is_null() ? FieldSet() : ReadFieldsV1(*fields);
    if (!set.ok()) return wrong("fieldsV1", MessageOf(set.status()));
    set->member = false;
    const bool applies = operation == kApply;
    owners[{.manager = TextAt(entry, "manager"),
            .applies = applies,
            .api_version = applies ? std::string() : version,
            .subresource = TextAt(entry, "subresource")}] = {version, *std::move(set), TextAt(entry, "time")};
  }
  return owners;
}

json ToManagedFields(const FieldOwners& owners) {
  std::vector<const FieldOwners::value_type*> entries;
  for (const auto& entry : owners) entries.push_back(&entry);
  std::sort(entries.begin(), entries.end(), [](const auto* a, const auto* b) {
    const auto key = [](const FieldOwners::value_type& entry) {
      const auto& [owner, owned] = entry;
      return std::tie(owned.time, owner.manager, owned.api_version, owner.subresource);
    };
    if (a->first.applies != b->first.applies) return a->first.applies;
    return key(*a) < key(*b);
  });
  json list = json::array();
  for (const auto* entry : entries) {
    const auto& [owner, owned] = *entry;
    json object = {{"apiVersion", owned.api_version},
                   {"fieldsType", kFieldsV1},
                   {"fieldsV1", ToFieldsV1(owned.fields)},
                   {"operation", owner.applies ? kApply : kUpdate}};
    if (!owner.manager.empty()) object["manager"] = owner.manager;
    if (!owner.subresource.empty()) object["subresource"] = owner.subresource;
    if (!owned.time.empty()) object["time"] = owned.time;
    list.push_back(std::move(object));
  }
  return list;
}

FieldOwners AfterUpdate(const json& before, const json& after, FieldOwners owners, const Owner& owner,
                        const std::string& time) {
  const Comparison changes = Compare(before, after, ShapeOf(owner.api_version));
  TakeAway(changes, owners, nullptr);
  DropEmpty(owners);
  FieldSet written = Ownable(Union(changes.modified, changes.added), owner);
  if (!written.empty()) {
    OwnedFields& owned = owners[owner];
    owned = {owner.api_version, Union(std::move(owned.fields), written), time};
  }
  MergeOldUpdaters(owners);
  return owners;
}

Conflicts ApplyFields(json& document, FieldOwners& owners, const json& applied, const Owner& owner,
                      const std::string& api_version, const std::string& time, bool force) {
  const Shape& shape = ShapeOf(api_version);
  FieldOwners after = owners;
  OwnedFields& owned = after[owner];
  const FieldSet last = std::exchange(owned.fields, FieldsOf(applied, shape));
  owned.api_version = api_version;

  json result = Pruned(Merged(document, applied, shape), after, last, shape);
  Conflicts conflicts = TakeAway(Compare(document, result, shape), after, &owner);
  if (!force && !conflicts.empty()) return conflicts;
  owned.fields = Ownable(std::move(owned.fields), owner);
  if (result != document) owned.time = time;
  DropEmpty(after);
  document = std::move(result);
  owners = std::move(after);
  return {};
}

}  // namespace qalam::apiserver
