// Who may call: whoever knows a token.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "base/status.h"

namespace qalam::server {

/// What follows "Bearer " in that header or metadata. UNAUTHENTICATED: something else, or nothing, is there.
absl::StatusOr<std::string_view> BearerToken(std::optional<std::string_view> authorization);

/// Takes a time that depends on the length of `given` only.
bool SameSecret(std::string_view given, std::string_view secret);

/// Tokens from a file, one a line; empty lines and lines that begin with # do not count. The file is read again when it has
/// changed, at most once a second; while it cannot be read or holds no token, the tokens read last go on to count.
///
/// Threads: Check may be called from any.
class BearerTokens {
 public:
  /// INVALID_ARGUMENT: it cannot be read or holds no token. `now` tells when to look again.
  static absl::StatusOr<std::unique_ptr<BearerTokens>> Load(const std::string& path, absl::Time now);

  /// `authorization`: the value of that header or metadata, "Bearer TOKEN". UNAUTHENTICATED unless the token is one of
  /// the file's. Takes as long for a token that is nearly right as for one that is not.
  absl::Status Check(std::optional<std::string_view> authorization, absl::Time now);

 private:
  explicit BearerTokens(std::string path) : path_(std::move(path)) {}
  absl::Status Reload();

  const std::string path_;
  std::mutex mutex_;
  absl::Time next_look_;
  std::string version_;  // of the file, as stat tells it
  std::vector<std::string> tokens_;
};

}  // namespace qalam::server
