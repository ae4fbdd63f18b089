// qalam check FILE...: is it right, and if not, everything that is wrong with it.
#pragma once

#include <functional>
#include <istream>
#include <string>
#include <vector>

#include "api/experiment.h"
#include "api/manifest.h"
#include "api/validate.h"
#include "base/status.h"
#include "cli/streams.h"

namespace qalam::cli {

struct CheckOptions {
  std::vector<std::string> files;  // "-" is the standard input; at least one
  bool quiet = false;              // -q, --quiet: say nothing about files that are right
};

/// What an Experiment is checked against besides the rules of the format.
struct CheckContext {
  /// Known algorithms. ConfigMaps of the same file are found without it.
  api::ValidationContext validation;
  /// Asks the algorithm about its settings; may be empty. Its message becomes an error of spec.algorithm.
  std::function<absl::Status(const api::Experiment&)> check_algorithm;
};

/// Reads a file, or `input` for "-". NOT_FOUND, UNAVAILABLE: cannot be read; the message names the file.
absl::StatusOr<std::string> ReadText(const std::string& file, std::istream& input);

/// Fills the defaults of every Experiment and OptimizationJob in `manifest`, checks it, and returns all errors, those of reading
/// included, by file position.
api::FieldErrors CheckManifest(api::Manifest& manifest, const CheckContext& context);

/// Errors go to streams.err, one per line; a line per good file to streams.out. Exit code 0, 2 when anything
/// is wrong, 3 when a file does not exist (2 wins).
int RunCheck(const CheckOptions& options, const CheckContext& context, std::istream& input, Streams& streams);

}  // namespace qalam::cli
