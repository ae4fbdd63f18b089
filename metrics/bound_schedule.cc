#include "metrics/bound_schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/name_share.h"
#include "base/number_text.h"
#include "base/trimmed.h"

namespace qalam::metrics {
namespace {

constexpr std::int64_t kMaxWeight = 1'000'000'000;

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t begin = 0;;) {
    const size_t end = text.find(separator, begin);
    parts.push_back(Trimmed(text.substr(begin, end - begin)));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

}  // namespace

absl::StatusOr<BoundSchedule> BoundSchedule::Parse(std::string_view text, std::string_view trial) {
  std::vector<Steps> schedules;
  std::vector<std::uint64_t> weights;
  for (std::string_view part : Split(text, '|')) {
    std::int64_t weight = 1;
    if (const size_t star = part.find('*'); star != std::string_view::npos) {
      const auto given = ParseInt(part.substr(0, star));
      if (!given || *given < 1 || *given > kMaxWeight) {
        return absl::InvalidArgumentError(fmt::format("weight \"{}\" should be a whole number from 1 to {}",
                                                      Trimmed(part.substr(0, star)), kMaxWeight));
      }
      weight = *given;
      part = Trimmed(part.substr(star + 1));
    }
    QALAM_ASSIGN_OR_RETURN(Steps steps, ParseSteps(part));
    schedules.push_back(std::move(steps));
    weights.push_back(static_cast<std::uint64_t>(weight));
  }
  if (schedules.size() == 1 && schedules[0].empty())
    return absl::InvalidArgumentError("there should be at least one STEP:BOUND");
  BoundSchedule drawn;
  drawn.steps_ = std::move(schedules[ShareOf(trial, weights)]);
  return drawn;
}

absl::StatusOr<BoundSchedule::Steps> BoundSchedule::ParseSteps(std::string_view text) {
  Steps steps;
  if (text.empty()) return steps;
  for (const std::string_view part : Split(text, ',')) {
    const size_t colon = part.find(':');
    const auto step = colon == std::string_view::npos ? std::nullopt : ParseInt(part.substr(0, colon));
    const auto bound = colon == std::string_view::npos ? std::nullopt : ParseDouble(part.substr(colon + 1));
    if (!step || *step < 1 || !bound || !std::isfinite(*bound)) {
      return absl::InvalidArgumentError(fmt::format(
          "\"{}\" should be STEP:BOUND, a whole number from 1 up and a finite number, as in 9:0.31", part));
    }
    if (!steps.empty() && *step <= steps.back().report) {
      return absl::InvalidArgumentError(
          fmt::format("step {} should be greater than {}, the one before", *step, steps.back().report));
    }
    steps.push_back({*step, *bound});
  }
  return steps;
}

std::optional<double> BoundSchedule::At(std::int64_t report) const {
  const auto step = Find(report);
  return step == steps_.end() ? std::nullopt : std::optional<double>(step->bound);
}

bool BoundSchedule::IsStep(std::int64_t report) const {
  const auto step = Find(report);
  return step != steps_.end() && step->report == report;
}

BoundSchedule::Steps::const_iterator BoundSchedule::Find(std::int64_t report) const {
  const auto after =
      std::upper_bound(steps_.begin(), steps_.end(), report,
                       [](std::int64_t value, const Step& step) { return value < step.report; });
  return after == steps_.begin() ? steps_.end() : after - 1;
}

}  // namespace qalam::metrics
