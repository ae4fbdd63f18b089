#include "algorithms/stop_schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/number_text.h"

namespace qalam::algorithms {

std::vector<double> BestSoFar(const Trial& trial, Direction direction) {
  const double sign = direction == Direction::kMaximize ? -1 : 1;
  std::vector<double> best;
  for (const CurvePoint& report : trial.curve) {
    if (!std::isfinite(report.value)) continue;
    const double value = sign * report.value;
    best.push_back(best.empty() ? value : std::min(value, best.back()));
  }
  return best;
}

std::string ScheduleText(std::span<const StepBound> bounds, Direction direction) {
  const double sign = direction == Direction::kMaximize ? -1 : 1;
  std::string text;
  for (const StepBound& step : bounds) {
    fmt::format_to(std::back_inserter(text), "{}{}:{}", text.empty() ? "" : ", ", step.step,
                   NumberText(sign * step.bound + 0.0));  // + 0.0: no -0
  }
  return text;
}

StoppingRule ScheduleRule(const Objective& objective, std::string_view schedule) {
  return {fmt::format("beyond_schedule({}, {})", objective.metric, schedule), 0, Comparison::kGreater, 0};
}

std::vector<StepBound> RungBounds(const std::vector<std::vector<double>>& curves, std::span<const int> rungs,
                                  int eta) {
  std::vector<StepBound> bounds;
  for (const int rung : rungs) {
    std::vector<double> values;
    for (const std::vector<double>& curve : curves) {
      if (curve.size() >= static_cast<size_t>(rung)) values.push_back(curve[rung - 1]);
    }
    const size_t kept = (values.size() + 1) / static_cast<size_t>(eta);
    if (kept == 0) break;  // later ones were reached by no more
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(kept - 1), values.end());
    bounds.push_back({rung, values[kept - 1]});
  }
  return bounds;
}

}  // namespace qalam::algorithms
