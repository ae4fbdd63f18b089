#include "apiserver/failure.h"

#include <nlohmann/json.hpp>

#include "absl/strings/cord.h"
#include "api/field_error.h"
#include "apiserver/resource_type.h"

namespace qalam::apiserver {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kPayload[] = "qalam.dev/status";  // the Status object as JSON

absl::StatusCode NearestCode(int code, std::string_view reason) {
  switch (code) {
    case 400:
    case 406:
    case 415:
    case 422:
      return absl::StatusCode::kInvalidArgument;
    case 401:
      return absl::StatusCode::kUnauthenticated;
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
      return absl::StatusCode::kNotFound;
    case 405:
      return absl::StatusCode::kUnimplemented;
    case 409:
      return reason == "AlreadyExists" ? absl::StatusCode::kAlreadyExists : absl::StatusCode::kAborted;
    case 410:
      return absl::StatusCode::kOutOfRange;
    case 413:
    case 429:
      return absl::StatusCode::kResourceExhausted;
    case 503:
      return absl::StatusCode::kUnavailable;
    case 504:
      return absl::StatusCode::kDeadlineExceeded;
    default:
      return absl::StatusCode::kInternal;
  }
}

Json DetailsJson(const FailureDetails& details) {
  Json json = Json::object();
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) json[key] = value;
  };
  add("name", details.name);
  add("group", details.group);
  add("kind", details.kind);
  add("uid", details.uid);
  for (const Cause& cause : details.causes) {
    Json entry = Json::object();
    entry["reason"] = cause.reason;
    entry["message"] = cause.message;
    if (!cause.field.empty()) entry["field"] = cause.field;
    json["causes"].push_back(std::move(entry));
  }
  if (details.retry_after_seconds > 0) json["retryAfterSeconds"] = details.retry_after_seconds;
  return json;
}

std::string Text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string FailureJson(int code, std::string_view reason, std::string_view message,
                        const FailureDetails& details) {
  Json json = {{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", Json::object()}};
  if (!details.continue_token.empty()) json["metadata"]["continue"] = details.continue_token;
  json["status"] = "Failure";
  json["message"] = message;
  if (!reason.empty()) json["reason"] = reason;
  if (Json more = DetailsJson(details); !more.empty()) json["details"] = std::move(more);
  json["code"] = code;
  return Text(json);
}

std::vector<Cause> CausesOf(const absl::Status& status) {
  std::vector<Cause> causes;
  for (const api::FieldError& error : api::FieldErrorsOf(status)) {
    std::string_view reason = "FieldValueInvalid";
    if (error.type == api::FieldErrorType::kRequired) reason = "FieldValueRequired";
    if (error.type == api::FieldErrorType::kForbidden) reason = "FieldValueForbidden";
    // A cause's message is the error's text without the field, which stands beside it.
    api::FieldError text = error;
    text.field.clear();
    causes.push_back({std::string(reason), text.Text(), error.field});
  }
  return causes;
}

std::string KindOf(std::string_view group, std::string_view resource) {
  for (const ResourceType& type : AllResourceTypes()) {
    if (type.group == group && type.plural == resource) return std::string(type.kind);
  }
  return std::string(resource);
}

}  // namespace

absl::Status Failure(int code, std::string_view reason, std::string message, FailureDetails details) {
  absl::Status status(NearestCode(code, reason), message);
  status.SetPayload(kPayload, absl::Cord(FailureJson(code, reason, message, details)));
  return status;
}

absl::Status ToFailure(const absl::Status& status, std::string_view group, std::string_view resource,
                       std::string_view name) {
  if (status.ok() || status.GetPayload(kPayload)) return status;
  FailureDetails details{
      .name = std::string(name), .group = std::string(group), .kind = std::string(resource)};
  const std::string message(MessageOf(status));
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
      return Failure(404, "NotFound", message, details);
    case absl::StatusCode::kAlreadyExists:
      return Failure(409, "AlreadyExists", message, details);
    case absl::StatusCode::kAborted:
      return Failure(409, "Conflict", message, details);
    case absl::StatusCode::kOutOfRange:
      return Failure(410, "Expired", message);
    case absl::StatusCode::kInvalidArgument:
      details.kind = KindOf(group, resource);
      details.causes = CausesOf(status);
      return Failure(422, "Invalid", message, details);
    case absl::StatusCode::kPermissionDenied:
      return Failure(403, "Forbidden", message, details);
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
      details.retry_after_seconds = 1;
      return Failure(503, "ServiceUnavailable", message, details);
    case absl::StatusCode::kDeadlineExceeded:
      return Failure(504, "Timeout", message, details);
    default:
      return Failure(500, "InternalError", "Internal error occurred: " + message, details);
  }
}

int CodeOf(const absl::Status& failure) {
  if (failure.ok()) return 200;
  const absl::optional<absl::Cord> payload = failure.GetPayload(kPayload);
  if (!payload) return 500;
  return Json::parse(std::string(*payload)).value("code", 500);
}

std::string StatusJson(const absl::Status& failure) {
  if (failure.ok()) {
    return R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success"})";
  }
  if (const absl::optional<absl::Cord> payload = failure.GetPayload(kPayload)) return std::string(*payload);
  return FailureJson(500, "InternalError", "Internal error occurred: " + std::string(MessageOf(failure)), {});
}

http::Response ToResponse(const absl::Status& failure) {
  http::Response response{.status = CodeOf(failure), .body = StatusJson(failure) + "\n"};
  response.headers.Add("Content-Type", "application/json");
  const bool again = response.status == 429 || response.status == 503;
  if (again) response.headers.Add("Retry-After", "1");
  return response;
}

}  // namespace qalam::apiserver
