// The Experiment that a command is about, from a file or from flags.
#pragma once

#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/core.h"
#include "api/manifest.h"
#include "base/status.h"
#include "cli/quick_form.h"

namespace qalam::cli {

struct RunInput {
  std::shared_ptr<api::Experiment> experiment;  // without defaults; always set
  std::vector<std::shared_ptr<api::ConfigMap>> config_maps;
  api::FieldErrors errors;  // of reading, complete with places
  api::Manifest manifest;   // of a file
  size_t index = 0;         // of the experiment in the manifest

  /// Adds file and line to errors of the experiment's fields.
  void Locate(api::FieldErrors& field_errors) const;
  /// Text of a ConfigMap of the same file.
  std::optional<std::string> FindConfigMap(const api::ConfigMapSource& source) const;
};

/// Reads a file ("-": `input`) that holds one Experiment, and ConfigMaps if it likes. `overrides`: name,
/// max_trials, parallel, seed, algorithm and settings replace what the file says. Resources without a
/// namespace get that of `overrides`. NOT_FOUND, UNAVAILABLE: the file cannot be read. INVALID_ARGUMENT: not
/// exactly one Experiment, or a flag that only the quick form has.
absl::StatusOr<RunInput> FromFile(const std::string& file, const QuickFormOptions& overrides,
                                  std::istream& input);

/// INVALID_ARGUMENT never: what is wrong stands in `errors`.
absl::StatusOr<RunInput> FromQuickForm(const QuickFormOptions& options);

}  // namespace qalam::cli
