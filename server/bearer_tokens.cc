#include "server/bearer_tokens.h"

#include <fmt/format.h>
#include <string.h>
#include <strings.h>

#include <fstream>

#include "server/file_version.h"

namespace qalam::server {
namespace {

constexpr absl::Duration kLookAgain = absl::Seconds(1);
constexpr std::string_view kScheme = "Bearer ";

std::string_view Trimmed(std::string_view line) {
  const size_t begin = line.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1);
}

}  // namespace

absl::StatusOr<std::string_view> BearerToken(std::optional<std::string_view> authorization) {
  if (authorization && authorization->size() >= kScheme.size() &&
      strncasecmp(authorization->data(), kScheme.data(), kScheme.size()) == 0) {
    return authorization->substr(kScheme.size());
  }
  return absl::UnauthenticatedError("the metadata \"authorization\" should be \"Bearer TOKEN\"");
}

bool SameSecret(std::string_view given, std::string_view secret) {
  if (secret.empty()) return given.empty();
  size_t difference = given.size() ^ secret.size();
  for (size_t i = 0; i < given.size(); ++i) {
    difference |=
        static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(secret[i % secret.size()]);
  }
  return difference == 0;
}

absl::StatusOr<std::unique_ptr<BearerTokens>> BearerTokens::Load(const std::string& path, absl::Time now) {
  std::unique_ptr<BearerTokens> tokens(new BearerTokens(path));
  tokens->version_ = FileVersion(path);
  tokens->next_look_ = now + kLookAgain;
  QALAM_RETURN_IF_ERROR(tokens->Reload());
  return tokens;
}

absl::Status BearerTokens::Reload() {
  std::ifstream file(path_);
  std::vector<std::string> tokens;
  for (std::string line; std::getline(file, line);) {
    const std::string_view token = Trimmed(line);
    if (!token.empty() && token.front() != '#') tokens.emplace_back(token);
  }
  if (tokens.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("{} should be a readable file with one token a line{}", path_,
                    file.is_open() ? "; it has none" : fmt::format(": {}", strerror(errno))));
  }
  tokens_ = std::move(tokens);
  return absl::OkStatus();
}

absl::Status BearerTokens::Check(std::optional<std::string_view> authorization, absl::Time now) {
  QALAM_ASSIGN_OR_RETURN(const std::string_view given, BearerToken(authorization));
  const std::lock_guard lock(mutex_);
  if (now >= next_look_) {
    next_look_ = now + kLookAgain;
    std::string version = FileVersion(path_);
    if (!version.empty() && version != version_ && Reload().ok()) version_ = std::move(version);
  }
  bool known = false;
  for (const std::string& token : tokens_) known |= SameSecret(given, token);
  return known ? absl::OkStatus()
               : absl::UnauthenticatedError("the bearer token is not one of this server's");
}

}  // namespace qalam::server
