// Conditions, the way Katib writes them: the order of the list tells the history, its last element the state.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace qalam::api {

struct Condition {
  std::string type;
  std::string status;  // "True", "False" or "Unknown"
  std::string reason;
  std::string message;
  absl::Time last_update_time = absl::InfinitePast();      // one-second resolution
  absl::Time last_transition_time = absl::InfinitePast();  // changes only when `status` does

  bool operator==(const Condition&) const = default;
};

using Conditions = std::vector<Condition>;

/// Sets one condition. Nothing happens when one of that type with the same status and reason exists (a new
/// message alone is ignored); otherwise it is removed and the new one appended at the end. True on change.
bool SetCondition(Conditions& conditions, std::string_view type, bool status, std::string_view reason,
                  std::string_view message, absl::Time now);

/// Turns an existing True condition to False, keeping its reason and message. True on change.
bool ClearCondition(Conditions& conditions, std::string_view type, absl::Time now);

/// Removes the condition of that type. True if there was one.
bool RemoveCondition(Conditions& conditions, std::string_view type);

/// Null when absent.
const Condition* FindCondition(const Conditions& conditions, std::string_view type);

/// Whether a condition of that type exists with status True.
bool IsTrue(const Conditions& conditions, std::string_view type);

}  // namespace qalam::api
