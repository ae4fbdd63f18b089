#include "api/data_source.h"

#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "api/core.h"
#include "api/plain.h"

namespace qalam::api {
namespace {

StringMap ValuesOf(const Secret& secret) {
  StringMap values;
  const auto json = nlohmann::json::parse(secret.spec.text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("data") || !json["data"].is_object()) return values;
  for (const auto& [key, value] : json["data"].items()) {
    std::string bytes;
    if (value.is_string() && absl::Base64Unescape(value.get_ref<const std::string&>(), &bytes))
      values.emplace(key, std::move(bytes));
  }
  return values;
}

}  // namespace

absl::StatusOr<StringMap> DataOf(const ResourceStore& store, Kind kind, const ObjectKey& key) {
  QALAM_ASSIGN_OR_RETURN(const ResourcePtr resource, store.Get(kind, key));
  if (resource->metadata.deletion_timestamp) return absl::NotFoundError("it is being deleted");
  if (kind == Kind::kConfigMap) return static_cast<const ConfigMap&>(*resource).spec.data;
  return ValuesOf(static_cast<const Secret&>(*resource));
}

}  // namespace qalam::api
