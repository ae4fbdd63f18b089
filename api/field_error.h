// What is wrong with a manifest: where, what was seen, what would be right.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace qalam::api {

enum class FieldErrorType { kRequired, kInvalid, kForbidden, kUnknownField, kSyntax };

struct FieldError {
  FieldErrorType type = FieldErrorType::kInvalid;
  std::string field;   // path, e.g. spec.parameters[2].feasibleSpace.min; empty for syntax errors
  std::string value;   // what was seen, shortened; empty for kRequired
  std::string detail;  // the rule, and what would be right
  std::string file;    // empty when not read from a file
  int line = 0;        // from 1; 0 when unknown
  int column = 0;

  /// "train.yaml:12: spec.objective.type: Invalid value: "up": must be minimize or maximize"
  std::string Text() const;
};

using FieldErrors = std::vector<FieldError>;

/// INVALID_ARGUMENT with "`subject` is invalid: " and all the errors. They travel with it.
absl::Status InvalidError(std::string_view subject, const FieldErrors& errors);

/// Those that InvalidError was given: type, field, value and detail. None for any other status.
FieldErrors FieldErrorsOf(const absl::Status& status);

}  // namespace qalam::api
