#include "apiserver/write_options.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/field_error.h"
#include "apiserver/failure.h"
#include "apiserver/request_body.h"

namespace qalam::apiserver {
namespace {

using Json = nlohmann::json;
using enum api::FieldErrorType;

constexpr std::size_t kMaxManager = 128;

absl::Status OptionsFailure(std::string_view kind, const api::FieldErrors& errors) {
  if (errors.empty()) return absl::OkStatus();
  return ToFailure(api::InvalidError(fmt::format("{}.meta.k8s.io \"\"", kind), errors), "meta.k8s.io", kind,
                   "");
}

void Unsupported(api::FieldErrors& errors, std::string field, std::string_view value,
                 std::string_view known) {
  errors.push_back(
      {kInvalid, std::move(field), std::string(value), fmt::format("supported values: {}", known)});
}

// dryRun may come several times, or not; all it can say is "All".
void ReadDryRun(std::string_view value, bool& dry_run, api::FieldErrors& errors) {
  if (value == "All") {
    dry_run = true;
  } else {
    Unsupported(errors, "dryRun", value, "\"All\"");
  }
}

void ReadDryRun(const http::Query& query, bool& dry_run, api::FieldErrors& errors) {
  const auto [first, last] = query.parameters().equal_range("dryRun");
  for (auto it = first; it != last; ++it) ReadDryRun(it->second, dry_run, errors);
}

void ReadPropagation(std::string_view text, api::Propagation& propagation, api::FieldErrors& errors) {
  if (text == "Background") {
    propagation = api::Propagation::kBackground;
  } else if (text == "Foreground") {
    propagation = api::Propagation::kForeground;
  } else if (text == "Orphan") {
    propagation = api::Propagation::kOrphan;
  } else {
    Unsupported(errors, "propagationPolicy", text, "\"Background\", \"Foreground\", \"Orphan\"");
  }
}

// orphanDependents is what propagationPolicy was called before.
void ReadOrphan(bool orphan, bool has_policy, api::Propagation& propagation, api::FieldErrors& errors) {
  if (has_policy) {
    errors.push_back(
        {kInvalid, "propagationPolicy", "",
         "orphanDependents and propagationPolicy cannot be both set; leave orphanDependents out"});
  } else {
    propagation = orphan ? api::Propagation::kOrphan : api::Propagation::kBackground;
  }
}

// Text of a member that must be text.
std::string Text(const Json& object, const char* name, std::string_view path, api::FieldErrors& errors) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return {};
  if (found->is_string()) return found->get<std::string>();
  errors.push_back({kInvalid, fmt::format("{}{}", path, name), found->dump(), "must be text"});
  return {};
}

void ReadDeleteBody(const Json& body, DeleteOptions& options, api::FieldErrors& errors) {
  if (const std::string kind = Text(body, "kind", "", errors); !kind.empty() && kind != "DeleteOptions")
    errors.push_back({kInvalid, "kind", kind, "must be DeleteOptions"});
  const std::string policy = Text(body, "propagationPolicy", "", errors);
  if (!policy.empty()) ReadPropagation(policy, options.propagation, errors);
  if (const auto orphan = body.find("orphanDependents"); orphan != body.end() && orphan->is_boolean())
    ReadOrphan(orphan->get<bool>(), !policy.empty(), options.propagation, errors);
  if (const auto grace = body.find("gracePeriodSeconds"); grace != body.end() && !grace->is_null()) {
    if (!grace->is_number_integer() || *grace < 0)
      errors.push_back({kInvalid, "gracePeriodSeconds", grace->dump(), "must be a whole number from 0 on"});
  }
  if (const auto dry_run = body.find("dryRun"); dry_run != body.end() && !dry_run->is_null()) {
    for (const Json& value : *dry_run)
      ReadDryRun(value.is_string() ? value.get<std::string>() : value.dump(), options.dry_run, errors);
  }
  const auto preconditions = body.find("preconditions");
  if (preconditions == body.end() || preconditions->is_null()) return;
  if (!preconditions->is_object()) {
    errors.push_back({kInvalid, "preconditions", preconditions->dump(), "must be an object"});
    return;
  }
  options.uid = Text(*preconditions, "uid", "preconditions.", errors);
  options.resource_version = Text(*preconditions, "resourceVersion", "preconditions.", errors);
}

void ReadDeleteQuery(const http::Query& query, DeleteOptions& options, api::FieldErrors& errors) {
  const std::optional<std::string_view> policy = query.Find("propagationPolicy");
  if (policy && !policy->empty()) ReadPropagation(*policy, options.propagation, errors);
  if (query.Find("orphanDependents"))
    ReadOrphan(query.Flag("orphanDependents"), policy.has_value(), options.propagation, errors);
}

}  // namespace

absl::StatusOr<WriteOptions> ReadWriteOptions(const http::Request& request, bool apply) {
  WriteOptions options;
  api::FieldErrors errors;
  ReadDryRun(request.query, options.dry_run, errors);

  const std::string_view validation = request.query.Find("fieldValidation").value_or("");
  if (validation == "Ignore") {
    options.validation = FieldValidation::kIgnore;
  } else if (validation == "Strict") {
    options.validation = FieldValidation::kStrict;
  } else if (!validation.empty() && validation != "Warn") {
    Unsupported(errors, "fieldValidation", validation, "\"Ignore\", \"Strict\", \"Warn\"");
  }

  options.manager = request.query.Find("fieldManager").value_or("");
  if (options.manager.size() > kMaxManager) {
    errors.push_back({kInvalid, "fieldManager", options.manager.substr(0, 32) + "...",
                      fmt::format("must be no more than {} characters", kMaxManager)});
  } else if (options.manager.empty() && apply) {
    errors.push_back({kRequired, "fieldManager", "", "is required for apply patch"});
  } else if (options.manager.empty()) {
    const std::string_view agent = request.headers.Find("User-Agent").value_or("unknown");
    options.manager = agent.substr(0, agent.find('/')).substr(0, kMaxManager);
  }
  options.force = request.query.Flag("force");
  if (options.force && !apply)
    errors.push_back({kForbidden, "force", "", "may not be specified for non-apply patch"});

  std::string_view kind = request.method == "POST" ? "CreateOptions" : "UpdateOptions";
  if (request.method == "PATCH") kind = "PatchOptions";
  QALAM_RETURN_IF_ERROR(OptionsFailure(kind, errors));
  return options;
}

absl::StatusOr<DeleteOptions> ReadDeleteOptions(const http::Request& request) {
  DeleteOptions options;
  api::FieldErrors errors;
  ReadDryRun(request.query, options.dry_run, errors);
  if (request.body.empty()) {
    ReadDeleteQuery(request.query, options, errors);
  } else {
    QALAM_ASSIGN_OR_RETURN(const Json body, ReadBodyObject(request));
    ReadDeleteBody(body, options, errors);
  }
  QALAM_RETURN_IF_ERROR(OptionsFailure("DeleteOptions", errors));
  return options;
}

}  // namespace qalam::apiserver
