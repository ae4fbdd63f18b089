#include "apiserver/log_options.h"

#include <fmt/format.h>

#include "api/field_error.h"
#include "api/times.h"
#include "apiserver/failure.h"
#include "base/number_text.h"

namespace qalam::apiserver {
namespace {

using enum api::FieldErrorType;

absl::Status ReadNumber(const http::Query& query, std::string_view name, std::int64_t least,
                        std::optional<std::int64_t>& out, api::FieldErrors& errors) {
  const std::string_view text = query.Find(name).value_or("");
  if (text.empty()) return absl::OkStatus();
  const std::optional<long long> number = ParseInt(text);
  if (!number) {
    return Failure(400, "BadRequest",
                   fmt::format("{}: Invalid value: \"{}\": must be a whole number", name, text));
  }
  out = *number;
  if (*number < least) {
    errors.push_back({kInvalid, std::string(name), std::string(text),
                      fmt::format("must be greater than or equal to {}", least)});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LogOptions> ReadLogOptions(const http::Query& query) {
  LogOptions options;
  api::FieldErrors errors;
  options.container = query.Find("container").value_or("");
  options.follow = query.Flag("follow");
  options.previous = query.Flag("previous");
  options.timestamps = query.Flag("timestamps");
  QALAM_RETURN_IF_ERROR(ReadNumber(query, "tailLines", 0, options.tail_lines, errors));
  QALAM_RETURN_IF_ERROR(ReadNumber(query, "sinceSeconds", 1, options.since_seconds, errors));
  QALAM_RETURN_IF_ERROR(ReadNumber(query, "limitBytes", 1, options.limit_bytes, errors));
  if (const std::string_view text = query.Find("sinceTime").value_or(""); !text.empty()) {
    options.since_time = api::ParseTime(text);
    if (!options.since_time)
      errors.push_back(
          {kInvalid, "sinceTime", std::string(text), "must be a time such as 2026-06-01T09:30:00Z"});
    if (options.since_seconds)
      errors.push_back(
          {kForbidden, "sinceSeconds", "", "at most one of sinceTime or sinceSeconds may be specified"});
  }
  if (errors.empty()) return options;
  return ToFailure(api::InvalidError("PodLogOptions \"\"", errors), "", "PodLogOptions", "");
}

}  // namespace qalam::apiserver
