// Resources to and from JSON and YAML. Serialising and reading again loses nothing.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/resource.h"
#include "base/status.h"

namespace qalam::api {

/// An empty resource of that kind; null for a number that is none.
std::shared_ptr<Resource> NewResource(Kind kind);

/// One compact line: apiVersion, kind, metadata, spec, status in the field names and order of the contract;
/// zero counters and empty lists are left out.
std::string ToJson(const Resource& resource);
/// Indented by two spaces.
std::string ToPrettyJson(const Resource& resource);
/// Block style; text that YAML 1.1 would read as something else is quoted.
std::string ToYaml(const Resource& resource);

/// Reads what ToJson wrote, or what a client sent. Unknown fields are dropped; a value of the wrong JSON type
/// is INVALID_ARGUMENT naming the field path. The kind is taken from the document. Paths of dropped fields are added to
/// `unknown`, at most a thousand: "spec.parallelTrailCount".
absl::StatusOr<std::shared_ptr<Resource>> FromJson(std::string_view json,
                                                   std::vector<std::string>* unknown = nullptr);

/// The one document of a YAML text as compact JSON, with its keys in the order of the text. INVALID_ARGUMENT with a line for what is no YAML,
/// for repeated keys, several documents, none, and beyond the bounds of ReadManifest (manifest.h).
absl::StatusOr<std::string> YamlToJson(std::string_view yaml);

/// Compact JSON indented by two spaces.
std::string IndentJson(std::string_view compact);

}  // namespace qalam::api
