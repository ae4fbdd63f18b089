#include "db/metadata_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "api/field_error.h"

namespace qalam::db {
namespace {

constexpr size_t kMaxName = 253;
constexpr size_t kMaxLabel = 63;
constexpr size_t kMaxGeneratedPrefix = 58;
constexpr std::string_view kSafeLetters = "bcdfghjklmnpqrstvwxz2456789";

bool IsAlnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool IsDnsLabel(std::string_view text) {
  return !text.empty() && IsAlnum(text.front()) && IsAlnum(text.back()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return IsAlnum(c) || c == '-'; });
}

bool IsDnsSubdomain(std::string_view text) {
  while (true) {
    const size_t dot = text.find('.');
    if (!IsDnsLabel(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

// "experiments.kubeflow.org", "configmaps"
std::string Resources(api::Kind kind) {
  const std::string_view version = api::ApiVersion(kind);
  const size_t slash = version.find('/');
  std::string text(api::PluralName(kind));
  if (slash != std::string_view::npos) text.append(".").append(version.substr(0, slash));
  return text;
}

using Errors = api::FieldErrors;
using enum api::FieldErrorType;

absl::Status Invalid(const api::Resource& resource, const Errors& errors) {
  const std::string& name =
      resource.metadata.name.empty() ? resource.metadata.generate_name : resource.metadata.name;
  return api::InvalidError(fmt::format("{} \"{}\"", api::KindName(resource.kind()), name.substr(0, kMaxName)),
                           errors);
}

std::string LabelRule() {
  return fmt::format(
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', must start and "
      "end with an alphanumeric character, and has at most {} characters",
      kMaxLabel);
}

void CheckName(const api::Resource& resource, Errors& errors) {
  const std::string& name = resource.metadata.name;
  if (name.empty()) {
    errors.push_back({kRequired, "metadata.name", "", "name or generateName is required"});
  } else if (name.size() > kMaxName) {
    errors.push_back({kInvalid, "metadata.name", name.substr(0, 32) + "...",
                      fmt::format("must be no more than {} characters", kMaxName)});
  } else if (resource.kind() == api::Kind::kNamespace && (name.size() > kMaxLabel || !IsDnsLabel(name))) {
    errors.push_back({kInvalid, "metadata.name", name, LabelRule()});
  } else if (!IsDnsSubdomain(name)) {
    errors.push_back(
        {kInvalid, "metadata.name", name,
         "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
         "'.', and must start and end with an alphanumeric character (e.g. 'example.com')"});
  }
}

void CheckNamespace(const api::Resource& resource, Errors& errors) {
  const std::string& name = resource.metadata.namespace_name;
  if (!api::IsNamespaced(resource.kind())) {
    if (!name.empty()) {
      errors.push_back(
          {kForbidden, "metadata.namespace", "",
           fmt::format("a {} is not in a namespace, found \"{}\"", api::KindName(resource.kind()), name)});
    }
  } else if (name.empty()) {
    errors.push_back({kRequired, "metadata.namespace"});
  } else if (name.size() > kMaxLabel || !IsDnsLabel(name)) {
    errors.push_back({kInvalid, "metadata.namespace", name.substr(0, kMaxLabel + 1), LabelRule()});
  }
}

void CheckOwners(const api::ObjectMeta& metadata, Errors& errors) {
  int controllers = 0;
  for (size_t i = 0; i < metadata.owner_references.size(); ++i) {
    const api::OwnerReference& owner = metadata.owner_references[i];
    const auto require = [&](std::string_view field, const std::string& value) {
      if (value.empty())
        errors.push_back({kRequired, fmt::format("metadata.ownerReferences[{}].{}", i, field)});
    };
    require("apiVersion", owner.api_version);
    require("kind", owner.kind);
    require("name", owner.name);
    require("uid", owner.uid);
    controllers += owner.controller ? 1 : 0;
  }
  if (controllers > 1) {
    errors.push_back({kInvalid, "metadata.ownerReferences", fmt::format("{} controllers", controllers),
                      "only one reference can have controller set to true"});
  }
}

}  // namespace

absl::Status CheckMetadata(const api::Resource& resource) {
  const api::ObjectMeta& metadata = resource.metadata;
  Errors errors;
  CheckName(resource, errors);
  CheckNamespace(resource, errors);
  for (size_t i = 0; i < metadata.finalizers.size(); ++i) {
    if (metadata.finalizers[i].empty())
      errors.push_back({kRequired, fmt::format("metadata.finalizers[{}]", i)});
  }
  CheckOwners(metadata, errors);
  return errors.empty() ? absl::OkStatus() : Invalid(resource, errors);
}

absl::Status CheckFinalizersOfDeleted(const api::Resource& updated, const api::Resource& stored) {
  std::vector<std::string> added;
  for (const std::string& finalizer : updated.metadata.finalizers) {
    const auto& old = stored.metadata.finalizers;
    if (std::find(old.begin(), old.end(), finalizer) == old.end()) added.push_back(finalizer);
  }
  if (added.empty()) return absl::OkStatus();
  return Invalid(updated,
                 {{kForbidden, "metadata.finalizers", "",
                   fmt::format("no new finalizers can be added if the object is being deleted, found new "
                               "finalizers [{}]",
                               fmt::join(added, " "))}});
}

std::string GenerateName(std::string_view prefix, const std::function<std::uint64_t()>& random) {
  std::string name(prefix.substr(0, kMaxGeneratedPrefix));
  std::uint64_t bits = random();
  for (int i = 0; i < 5; ++i, bits /= kSafeLetters.size()) name += kSafeLetters[bits % kSafeLetters.size()];
  return name;
}

std::string GenerateUid(const std::function<std::uint64_t()>& random) {
  const std::uint64_t high = random(), low = random();
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff, high & 0xfff,
                     0x8000 | (low >> 48 & 0x3fff), low & 0xffff'ffff'ffff);
}

absl::Status NotFound(api::Kind kind, std::string_view name) {
  return absl::NotFoundError(fmt::format("{} \"{}\" not found", Resources(kind), name));
}

absl::Status AlreadyExists(const api::Resource& existing) {
  return absl::AlreadyExistsError(fmt::format(
      "{}{} \"{}\" already exists", existing.metadata.deletion_timestamp ? "object is being deleted: " : "",
      Resources(existing.kind()), existing.metadata.name));
}

absl::Status Conflict(api::Kind kind, std::string_view name) {
  return absl::AbortedError(fmt::format(
      "Operation cannot be fulfilled on {} \"{}\": the object has been modified; please apply your changes "
      "to the latest version and try again",
      Resources(kind), name));
}

absl::Status UidConflict(const api::Resource& stored, std::string_view uid) {
  return absl::AbortedError(fmt::format(
      "Operation cannot be fulfilled on {} \"{}\": Precondition failed: UID in precondition: {}, UID in "
      "object meta: {}",
      Resources(stored.kind()), stored.metadata.name, uid, stored.metadata.uid));
}

absl::Status VersionConflict(const api::Resource& stored, std::string_view resource_version) {
  return absl::AbortedError(fmt::format(
      "Operation cannot be fulfilled on {} \"{}\": Precondition failed: ResourceVersion in precondition: {}, "
      "ResourceVersion in object meta: {}",
      Resources(stored.kind()), stored.metadata.name, resource_version, stored.metadata.resource_version));
}

}  // namespace qalam::db
