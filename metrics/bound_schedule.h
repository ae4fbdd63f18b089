// Bounds for the best value of a trial so far, by how much it has reported.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace qalam::metrics {

/// A step function of the number of reports: from report number `step` on `bound` holds, until the next step.
class BoundSchedule {
 public:
  /// Reads "STEP:BOUND, STEP:BOUND, ...", the steps whole numbers from 1 up and ascending; or several such schedules, of
  /// which one is drawn by the name of the trial (base/name_share.h), each behind a WEIGHT* if they are not drawn alike:
  ///
  ///   1:0.9, 3:0.5, 9:0.31
  ///   9* 1:0.9, 3:0.5 | 3* 3:0.7 | 1*
  ///
  /// Those of several may have no steps: their trials have no bounds. INVALID_ARGUMENT, saying which part.
  static absl::StatusOr<BoundSchedule> Parse(std::string_view text, std::string_view trial);

  /// The bound that holds at report number `report`; nothing before the first step.
  std::optional<double> At(std::int64_t report) const;

  /// Whether `report` is one of the steps.
  bool IsStep(std::int64_t report) const;

 private:
  struct Step {
    std::int64_t report;
    double bound;
  };
  using Steps = std::vector<Step>;

  static absl::StatusOr<Steps> ParseSteps(std::string_view text);
  Steps::const_iterator Find(std::int64_t report) const;  // the last step <= report; end() before the first

  Steps steps_;
};

}  // namespace qalam::metrics
