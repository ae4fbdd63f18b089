// Which trials may report right now, and who a caller is.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace qalam::server {

struct TrialIdentity {
  std::string uid, namespace_name, name;
};

/// A caller is known by a token, which one launch of one trial has, or, as Katib's own client knows no tokens, by the name
/// of a trial that nobody else running here has. Tokens live in memory only.
///
/// Threads: one at a time.
class TrialAccess {
 public:
  /// `new_token` gives a text of at least 48 characters that nobody can guess; even the first 16 differ each time.
  explicit TrialAccess(std::function<std::string()> new_token) : new_token_(std::move(new_token)) {}

  /// The token of a new launch; that of an earlier launch of the trial counts no more.
  std::string Grant(const TrialIdentity& trial);

  /// The trial has ended. Its name is remembered with the token, for the texts of refusals, until 1,000 more have ended.
  void Revoke(const std::string& uid);

  /// The trial that the token is of. UNAUTHENTICATED: of none; PERMISSION_DENIED: of one that has ended. Takes as long
  /// for a token that is nearly right as for one that is not.
  absl::StatusOr<TrialIdentity> ByToken(std::string_view token) const;

  /// The trial of that name. NOT_FOUND: none may report; PERMISSION_DENIED: several are called so.
  absl::StatusOr<TrialIdentity> ByName(std::string_view name) const;

 private:
  struct Holder {
    TrialIdentity trial;
    std::string secret;
    bool ended = false;
  };

  const std::function<std::string()> new_token_;
  std::map<std::string, Holder, std::less<>> holders_;  // by the beginning of the token
  std::map<std::string, std::string> running_;          // uid -> key of holders_
  std::deque<std::string> ended_;                       // keys of holders_, the oldest first
};

/// 192 random bits of the system's, in hexadecimal.
std::string RandomToken();

}  // namespace qalam::server
