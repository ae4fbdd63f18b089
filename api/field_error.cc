#include "api/field_error.h"

#include <fmt/format.h>

namespace qalam::api {

std::string FieldError::Text() const {
  std::string out;
  if (!file.empty()) out += file + ":";
  if (line > 0) out += fmt::format("{}:", line);
  if (line > 0 && column > 0 && field.empty()) out += fmt::format("{}:", column);
  if (!out.empty()) out += ' ';
  if (!field.empty()) out += field + ": ";
  switch (type) {
    case FieldErrorType::kRequired:
      out += "Required value: ";
      break;
    case FieldErrorType::kInvalid:
      out += fmt::format("Invalid value: \"{}\": ", value);
      break;
    case FieldErrorType::kForbidden:
      out += "Forbidden: ";
      break;
    case FieldErrorType::kUnknownField:
      out += "Unknown field: ";
      break;
    case FieldErrorType::kSyntax:
      out += "Syntax error: ";
      break;
  }
  return out + detail;
}

}  // namespace qalam::api
