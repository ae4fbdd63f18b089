#include "cli/failure_groups.h"

#include <algorithm>
#include <map>

#include "cli/resource_facts.h"

namespace qalam::cli {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// The end of the number that begins at `at`: 12, 0x7f01, 1.5e-7.
size_t NumberEnd(std::string_view text, size_t at) {
  if (text.substr(at).starts_with("0x")) {
    at += 2;
    while (at < text.size() && IsHex(text[at])) ++at;
    return at;
  }
  while (at < text.size()) {
    const bool exponent =
        (text[at] == 'e' || text[at] == 'E') && at + 1 < text.size() &&
        (IsDigit(text[at + 1]) || (text[at + 1] == '-' && at + 2 < text.size() && IsDigit(text[at + 2])));
    const bool fraction = text[at] == '.' && at + 1 < text.size() && IsDigit(text[at + 1]);
    if (exponent) {
      at += 2;
    } else if (IsDigit(text[at]) || fraction) {
      ++at;
    } else {
      break;
    }
  }
  return at;
}

}  // namespace

std::string MessagePattern(std::string_view message) {
  // Exit codes and signals tell reasons apart; all other numbers do not.
  constexpr std::string_view kKept[] = {"exit code ", "killed by signal "};
  std::string pattern;
  for (size_t at = 0; at < message.size();) {
    if (!IsDigit(message[at])) {
      pattern += message[at++];
      continue;
    }
    const size_t end = NumberEnd(message, at);
    const bool kept = std::any_of(std::begin(kKept), std::end(kKept),
                                  [&](std::string_view before) { return pattern.ends_with(before); });
    pattern += kept ? std::string(message.substr(at, end - at)) : "#";
    at = end;
  }
  return pattern;
}

std::vector<FailureGroup> GroupFailures(const std::vector<TrialPtr>& trials) {
  std::vector<FailureGroup> groups;
  std::map<std::pair<TrialState, std::string>, size_t> places;
  for (const TrialPtr& trial : trials) {
    const auto [place, added] =
        places.emplace(std::pair(StateOf(*trial), MessagePattern(TrialMessage(*trial))), groups.size());
    if (added) groups.emplace_back();
    groups[place->second].trials.push_back(trial);
  }
  std::stable_sort(groups.begin(), groups.end(), [](const FailureGroup& a, const FailureGroup& b) {
    return a.trials.size() > b.trials.size();
  });
  return groups;
}

}  // namespace qalam::cli
