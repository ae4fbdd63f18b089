#include "api/did_you_mean.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace qalam::api {
namespace {

constexpr std::size_t kLongestName = 64;  // nobody misspells a longer one by accident

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Optimal string alignment distance.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), previous(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = Lower(a[i - 1]) == Lower(b[j - 1]);
      row[j] = std::min({previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && Lower(a[i - 1]) == Lower(b[j - 2]) && Lower(a[i - 2]) == Lower(b[j - 1])) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, previous);
    std::swap(previous, row);
  }
  return previous[b.size()];
}

// maxTrials for maxTrialCount: most of the name agrees, the rest is another word.
std::string_view SameBeginning(std::string_view name, std::span<const std::string_view> candidates) {
  std::string_view best;
  std::size_t longest = std::max<std::size_t>(4, name.size() * 2 / 3) - 1;
  for (const std::string_view candidate : candidates) {
    std::size_t same = 0;
    while (same < std::min(name.size(), candidate.size()) && Lower(name[same]) == Lower(candidate[same]))
      ++same;
    if (same > longest) {
      best = candidate;
      longest = same;
    }
  }
  return best;
}

}  // namespace

std::string_view Nearest(std::string_view name, std::span<const std::string_view> candidates) {
  if (name.empty() || name.size() > kLongestName) return {};
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = Distance(name, candidate);
    if (distance < best_distance && distance < candidate.size()) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best.empty() ? SameBeginning(name, candidates) : best;
}

std::string NameHint(std::string_view name, std::span<const std::string_view> candidates) {
  const std::string_view nearest = Nearest(name, candidates);
  if (!nearest.empty()) return fmt::format("did you mean \"{}\"?", nearest);
  if (candidates.empty()) return "none is known";
  return fmt::format("must be one of {}", fmt::join(candidates, ", "));
}

}  // namespace qalam::api
