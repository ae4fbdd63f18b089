#include "server/trial_access.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "server/bearer_tokens.h"

namespace qalam::server {
namespace {

constexpr size_t kMaxEnded = 1'000;
constexpr size_t kHandleSize = 16;  // of a token's characters: they find the entry, the others prove it

std::string_view HandleOf(std::string_view token) { return token.substr(0, kHandleSize); }

}  // namespace

std::string TrialAccess::Grant(const TrialIdentity& trial) {
  Revoke(trial.uid);
  std::string token = new_token_();
  const std::string handle(HandleOf(token));
  holders_[handle] = {trial, token};
  running_[trial.uid] = handle;
  return token;
}

void TrialAccess::Revoke(const std::string& uid) {
  const auto node = running_.extract(uid);
  if (node.empty()) return;
  holders_[node.mapped()].ended = true;
  ended_.push_back(node.mapped());
  if (ended_.size() <= kMaxEnded) return;
  holders_.erase(ended_.front());
  ended_.pop_front();
}

absl::StatusOr<TrialIdentity> TrialAccess::ByToken(std::string_view token) const {
  const auto found = holders_.find(HandleOf(token));
  if (found == holders_.end() || !SameSecret(token, found->second.secret)) {
    return absl::UnauthenticatedError(
        "the bearer token is of no trial that runs here; the program of a trial finds its own in "
        "QALAM_TOKEN");
  }
  const Holder& holder = found->second;
  if (!holder.ended) return holder.trial;
  return absl::PermissionDeniedError(fmt::format(
      "trial {} has ended, or was started anew: this token of it counts no more, and nothing is stored",
      holder.trial.name));
}

absl::StatusOr<TrialIdentity> TrialAccess::ByName(std::string_view name) const {
  const TrialIdentity* only = nullptr;
  for (const auto& [uid, handle] : running_) {
    const TrialIdentity& trial = holders_.find(handle)->second.trial;
    if (trial.name != name) continue;
    if (only != nullptr) {
      return absl::PermissionDeniedError(
          fmt::format("trials called {} run in the namespaces {} and {}; say which one is meant by sending "
                      "QALAM_TOKEN as "
                      "the metadata \"authorization: Bearer TOKEN\"",
                      name, only->namespace_name, trial.namespace_name));
    }
    only = &trial;
  }
  if (only != nullptr) return *only;
  return absl::NotFoundError(fmt::format(
      "no trial called \"{}\" with the collector Push or Custom runs here; send as trial_name what "
      "the program of a trial finds in QALAM_TRIAL_NAME, while it runs",
      name.substr(0, 64)));
}

std::string RandomToken() {
  std::array<unsigned char, 24> bytes;
  if (getentropy(bytes.data(), bytes.size()) != 0) std::abort();  // no kernel that Qalam runs on lacks it
  std::string token;
  for (const unsigned char byte : bytes) token += fmt::format("{:02x}", byte);
  return token;
}

}  // namespace qalam::server
