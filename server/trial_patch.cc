#include "server/trial_patch.h"

#include <nlohmann/json.hpp>

#include "controller/vocabulary.h"

namespace qalam::server {
namespace {

using controller::kEarlyStopped;
using nlohmann::json;

constexpr int kMaxDepth = 64;  // of what the API server sends; a Trial has some ten levels

json Condition(absl::Time now) {
  const std::string time = absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", now, absl::UTCTimeZone());
  return {{"type", kEarlyStopped},
          {"status", "True"},
          {"reason", controller::kReasonTrialEarlyStopped},
          {"message", controller::kEarlyStoppedMessage},
          {"lastUpdateTime", time},
          {"lastTransitionTime", time}};
}

// The member, or null where there is none.
const json& At(const json& object, const char* name) {
  static const json null;
  if (!object.is_object()) return null;
  const auto found = object.find(name);
  return found == object.end() ? null : *found;
}

json Parse(std::string_view text) {
  const auto shallow = [](int depth, json::parse_event_t, json&) { return depth <= kMaxDepth; };
  return json::parse(text, shallow, /*allow_exceptions=*/false);
}

}  // namespace

bool IsObjectName(std::string_view name) {
  constexpr std::string_view kAlphanumeric = "abcdefghijklmnopqrstuvwxyz0123456789";
  constexpr size_t kMaxBytes = 253;
  return !name.empty() && name.size() <= kMaxBytes &&
         kAlphanumeric.find(name.front()) != std::string_view::npos &&
         kAlphanumeric.find(name.back()) != std::string_view::npos &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") == std::string_view::npos;
}

absl::StatusOr<std::optional<std::string>> EarlyStoppedPatch(std::string_view trial, absl::Time now) {
  const json parsed = Parse(trial);
  const json& version = At(At(parsed, "metadata"), "resourceVersion");
  const json& before = At(At(parsed, "status"), "conditions");
  if (!version.is_string() || !(before.is_array() || before.is_null())) {
    return absl::InternalError("the API server's answer is no Trial");
  }
  json conditions = json::array();
  for (const json& condition : before) {
    const bool early_stopped = At(condition, "type") == kEarlyStopped;
    if (early_stopped && At(condition, "status") == "True") return std::optional<std::string>();
    if (!early_stopped) conditions.push_back(condition);
  }
  conditions.push_back(Condition(now));
  const json patch = {{"metadata", {{"resourceVersion", version}}},
                      {"status", {{"conditions", std::move(conditions)}}}};
  return patch.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace qalam::server
