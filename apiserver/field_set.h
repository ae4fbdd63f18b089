// Sets of fields, as metadata.managedFields keeps them. Internal to this room.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/status.h"

namespace qalam::apiserver {

/// A set of paths into a document, as a tree. Keys are path elements as FieldsV1 writes them: `f:spec` for a
/// field, `v:"x"` for an item of a set, `k:{"uid":"x"}` for an item known by its keys, `i:0` for one known by
/// its place. No child is empty.
struct FieldSet {
  bool member = false;  // whether the path that leads here is in the set
  std::map<std::string, FieldSet, std::less<>> children;

  bool empty() const { return !member && children.empty(); }
  bool operator==(const FieldSet&) const = default;

  /// Adds `child` below `element` unless it is empty.
  void Attach(std::string element, FieldSet child);
};

FieldSet Union(FieldSet a, const FieldSet& b);
FieldSet Difference(FieldSet a, const FieldSet& b);
FieldSet Intersection(const FieldSet& a, const FieldSet& b);

/// INVALID_ARGUMENT for what is no FieldsV1. Kinds of elements that are not known are left out.
absl::StatusOr<FieldSet> ReadFieldsV1(const nlohmann::json& fields);
nlohmann::json ToFieldsV1(const FieldSet& set);

/// Each path as Kubernetes prints it: `.metadata.ownerReferences[uid="x"]`. Those of a level stand before
/// those below it.
std::vector<std::string> PathTexts(const FieldSet& set);

}  // namespace qalam::apiserver
