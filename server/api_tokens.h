// Whose a bearer token is.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/access.h"
#include "base/status.h"

namespace qalam::server {

struct TokenLine {
  std::string token;
  apiserver::User user;
};

/// A token file: a line for each token, in one of two forms. Empty lines and lines that begin with # do not
/// count.
///
///     TOKEN,USER,UID,"GROUP1,GROUP2"   as kube-apiserver's; the uid is not used, the groups may be left out
///     TOKEN                            of user "token"
///
/// INVALID_ARGUMENT, with file and line: another number of columns, no token, no user, a token given twice,
/// no line at all. No message tells a token.
absl::StatusOr<std::vector<TokenLine>> ReadTokenFile(const std::string& path, const std::string& text);

/// Users by their tokens. Only digests are kept: how long it takes to find one tells nothing of the tokens.
class ApiTokens {
 public:
  explicit ApiTokens(const std::vector<TokenLine>& lines);

  /// Null for a token of nobody.
  const apiserver::User* Find(std::string_view token) const;

 private:
  std::map<std::array<unsigned char, 32>, apiserver::User> users_;
};

}  // namespace qalam::server
