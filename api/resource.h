// What every Kubernetes-style resource has, and the base class that stores and watches handle them by.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace qalam::api {

/// The kinds Qalam stores. Stored in the database: never renumber or reuse.
enum class Kind : int {
  kExperiment = 1,
  kSuggestion = 2,
  kTrial = 3,
  kEvent = 4,
  kConfigMap = 5,
  kNamespace = 6,
  kSecret = 7,
  kPersistentVolumeClaim = 8,
  kOptimizationJob = 9,
  kTrainingRuntime = 10,
  kClusterTrainingRuntime = 11,
};

/// Every kind, in the order above.
std::span<const Kind> AllKinds();

std::string_view KindName(Kind kind);    // "Experiment"
std::string_view PluralName(Kind kind);  // "experiments"
std::string_view ApiVersion(Kind kind);  // "kubeflow.org/v1beta1", "v1"
std::optional<Kind> KindFromName(std::string_view kind_name);
bool IsNamespaced(Kind kind);  // the others have no namespace: ObjectMeta::namespace_name is empty

/// A free-form JSON value, kept as compact JSON text. Empty means absent.
struct JsonText {
  std::string text;
  bool empty() const { return text.empty(); }
  bool operator==(const JsonText&) const = default;
};

struct OwnerReference {
  std::string api_version, kind, name, uid;
  bool controller = false;
  bool block_owner_deletion = false;
  bool operator==(const OwnerReference&) const = default;
};

using StringMap = std::map<std::string, std::string, std::less<>>;

struct ObjectMeta {
  std::string name;
  std::string generate_name;
  std::string namespace_name;
  std::string uid;               // set by the store
  std::string resource_version;  // opaque to everyone but the store
  std::int64_t generation = 0;   // grows with the spec
  std::optional<absl::Time> creation_timestamp;
  std::optional<absl::Time> deletion_timestamp;
  std::optional<std::int64_t> deletion_grace_period_seconds;
  StringMap labels;
  StringMap annotations;
  std::vector<std::string> finalizers;
  std::vector<OwnerReference> owner_references;
  JsonText managed_fields;  // kept, never interpreted

  bool operator==(const ObjectMeta&) const = default;
};

/// Namespace and name: what identifies a resource within its kind.
struct ObjectKey {
  std::string namespace_name;
  std::string name;
  auto operator<=>(const ObjectKey&) const = default;
};

/// A resource of any kind. Held as shared_ptr<const ...> once stored: stored resources never change in place.
class Resource {
 public:
  virtual ~Resource() = default;
  virtual Kind kind() const = 0;
  virtual std::shared_ptr<Resource> Clone() const = 0;
  /// Takes over `other`'s status; `other` has the same kind. Kinds without a status do nothing.
  virtual void CopyStatusFrom(const Resource& other) = 0;
  /// Whether everything but metadata and status is equal; `other` has the same kind.
  virtual bool SpecEquals(const Resource& other) const = 0;
  /// Whether spec, status and metadata (resource version included) are equal; `other` has the same kind.
  virtual bool Equals(const Resource& other) const = 0;

  ObjectKey key() const { return {metadata.namespace_name, metadata.name}; }

  ObjectMeta metadata;

 protected:
  Resource() = default;
  Resource(const Resource&) = default;
  Resource& operator=(const Resource&) = default;
};

using ResourcePtr = std::shared_ptr<const Resource>;

/// Supplies the Resource functions of a struct `T` that has members `spec` and `status`.
template <class T, Kind kKindOf>
class ResourceWithStatus : public Resource {
 public:
  static constexpr Kind kKind = kKindOf;
  Kind kind() const final { return kKind; }
  std::shared_ptr<Resource> Clone() const final { return std::make_shared<T>(self()); }
  void CopyStatusFrom(const Resource& other) final { static_cast<T&>(*this).status = cast(other).status; }
  bool SpecEquals(const Resource& other) const final { return self().spec == cast(other).spec; }
  bool Equals(const Resource& other) const final {
    return metadata == other.metadata && SpecEquals(other) && self().status == cast(other).status;
  }

 private:
  const T& self() const { return static_cast<const T&>(*this); }
  static const T& cast(const Resource& other) { return static_cast<const T&>(other); }
};

}  // namespace qalam::api
