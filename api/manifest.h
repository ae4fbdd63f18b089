// Manifests as users write them: YAML or JSON, several documents in one file.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/field_error.h"
#include "api/resource.h"

namespace qalam::api {

struct Manifest {
  std::vector<std::shared_ptr<Resource>> resources;  // those without errors, in file order
  FieldErrors errors;                                // of all documents, in file order

  /// Fills file and line of errors that name only a field of resource `index` (as Validate returns them).
  void Locate(size_t index, FieldErrors& field_errors) const;

  /// For every resource: field path -> line in the file.
  std::vector<std::vector<std::pair<std::string, int>>> lines;
  std::string file;
};

/// Reads text strictly: a field that does not exist is an error with a "did you mean" hint, a value of the
/// wrong type likewise, and reading goes on after each error. Where the meaning is clear, YAML scalars are
/// taken as text
/// (`min: 0.01` without quotes). Bounded: nesting 100, aliases 10,000 nodes in all, size 64 MiB.
/// `file` only names the source in errors.
Manifest ReadManifest(std::string_view text, std::string_view file);

}  // namespace qalam::api
