// Labels by which an algorithm finds its own trials again, and by which others know what a trial is.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/number_text.h"

namespace qalam::algorithms {

/// The name of the trial from whose checkpoint this one goes on.
inline constexpr std::string_view kParentLabel = "qalam.dev/parent";

/// Of successive halving: which bracket, and how often the point was promoted; decimal numbers from 0.
inline constexpr std::string_view kBracketLabel = "qalam.dev/bracket";
inline constexpr std::string_view kRungLabel = "qalam.dev/rung";

/// Of a point enqueued by hand: its place in the queue, a decimal number from 0.
inline constexpr std::string_view kEnqueuedLabel = "qalam.dev/enqueued";

/// Of a point taken from an earlier experiment, to be tried first here: the experiment's name.
inline constexpr std::string_view kFirstTriedInLabel = "qalam.dev/first-tried-in";

/// Katib's labels of population-based training; the second one means what kParentLabel means.
inline constexpr std::string_view kGenerationLabel = "pbt.suggestion.katib.kubeflow.org/generation";
inline constexpr std::string_view kPbtParentLabel = "pbt.suggestion.katib.kubeflow.org/parent";

/// The name of a trial's parent by its labels, a map of texts; empty: it has none. Part of `labels`.
template <class Labels>
std::string_view ParentIn(const Labels& labels) {
  for (const std::string_view name : {kParentLabel, kPbtParentLabel}) {
    if (const auto label = labels.find(std::string(name)); label != labels.end()) return label->second;
  }
  return {};
}

/// The number in a trial's label, from 0 to 10^9; nothing where it has none, or another text.
template <class Labels>
std::optional<int> NumberIn(const Labels& labels, std::string_view name) {
  const auto label = labels.find(std::string(name));
  if (label == labels.end()) return std::nullopt;
  const std::optional<long long> number = ParseInt(label->second);
  if (!number || *number < 0 || *number > 1'000'000'000) return std::nullopt;
  return static_cast<int>(*number);
}

}  // namespace qalam::algorithms
