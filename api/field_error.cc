#include "api/field_error.h"

#include <fmt/format.h>

#include "absl/strings/cord.h"
#include "absl/strings/str_split.h"
#include "base/number_text.h"

namespace qalam::api {
namespace {

// ASCII's separators. An error whose value has them does not travel, no more.
constexpr char kUnit = '\x1f', kRecord = '\x1e';
constexpr char kPayload[] = "qalam.dev/field-errors";

}  // namespace

std::string FieldError::Text() const {
  std::string out;
  if (!file.empty()) out += file + ":";
  if (line > 0) out += fmt::format("{}:", line);
  if (line > 0 && column > 0 && field.empty()) out += fmt::format("{}:", column);
  if (!out.empty()) out += ' ';
  if (!field.empty()) out += field + ": ";
  switch (type) {
    case FieldErrorType::kRequired:
      out += detail.empty() ? "Required value" : "Required value: ";
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

absl::Status InvalidError(std::string_view subject, const FieldErrors& errors) {
  std::string message, payload;
  for (const FieldError& error : errors) {
    if (!message.empty()) message += ", ";
    message += error.Text();
    payload += fmt::format("{}{}{}{}{}{}{}{}", static_cast<int>(error.type), kUnit, error.field, kUnit,
                           error.value, kUnit, error.detail, kRecord);
  }
  if (errors.size() > 1) message = "[" + message + "]";
  absl::Status status = absl::InvalidArgumentError(fmt::format("{} is invalid: {}", subject, message));
  status.SetPayload(kPayload, absl::Cord(payload));
  return status;
}

FieldErrors FieldErrorsOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kPayload);
  FieldErrors errors;
  if (!payload) return errors;
  const std::string text(*payload);
  for (const auto record : absl::StrSplit(text, kRecord, absl::SkipEmpty())) {
    const std::vector<std::string> parts = absl::StrSplit(record, kUnit);
    if (parts.size() != 4) continue;
    errors.push_back(
        {static_cast<FieldErrorType>(ParseInt(parts[0]).value_or(0)), parts[1], parts[2], parts[3]});
  }
  return errors;
}

}  // namespace qalam::api
