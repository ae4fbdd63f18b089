#include "api/condition.h"

#include <algorithm>

#include "api/times.h"

namespace qalam::api {
namespace {

auto Find(auto& conditions, std::string_view type) {
  return std::find_if(conditions.begin(), conditions.end(),
                      [&](const Condition& c) { return c.type == type; });
}

}  // namespace

bool SetCondition(Conditions& conditions, std::string_view type, bool status, std::string_view reason,
                  std::string_view message, absl::Time now) {
  Condition next{std::string(type),    status ? "True" : "False", std::string(reason),
                 std::string(message), WholeSeconds(now),         WholeSeconds(now)};
  if (auto old = Find(conditions, type); old != conditions.end()) {
    if (old->status == next.status) {
      if (old->reason == reason) return false;
      next.last_transition_time = old->last_transition_time;
    }
    conditions.erase(old);
  }
  conditions.push_back(std::move(next));
  return true;
}

bool ClearCondition(Conditions& conditions, std::string_view type, absl::Time now) {
  const Condition* old = FindCondition(conditions, type);
  if (old == nullptr || old->status != "True") return false;
  const Condition copy = *old;
  return SetCondition(conditions, type, false, copy.reason, copy.message, now);
}

bool RemoveCondition(Conditions& conditions, std::string_view type) {
  return std::erase_if(conditions, [&](const Condition& c) { return c.type == type; }) > 0;
}

const Condition* FindCondition(const Conditions& conditions, std::string_view type) {
  const auto found = Find(conditions, type);
  return found == conditions.end() ? nullptr : &*found;
}

bool IsTrue(const Conditions& conditions, std::string_view type) {
  const Condition* condition = FindCondition(conditions, type);
  return condition != nullptr && condition->status == "True";
}

}  // namespace qalam::api
