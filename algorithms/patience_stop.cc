#include "algorithms/patience_stop.h"

#include <fmt/format.h>

#include <optional>

#include "algorithms/stopper_settings.h"
#include "base/number_text.h"

namespace qalam::algorithms::patience_stop {
namespace {

struct Options {
  std::int64_t patience = 5;  // >= 1
  double min_delta = 0;       // >= 0
  int start_step = 1;         // >= 1
};

absl::StatusOr<Options> ReadOptions(const Settings& settings) {
  QALAM_RETURN_IF_ERROR(CheckStopperSettings(settings, "patience", kSettings));
  Options options;
  QALAM_ASSIGN_OR_RETURN(const std::optional<std::int64_t> patience, IntSetting(settings, "patience"));
  options.patience = patience.value_or(options.patience);
  if (options.patience <= 0) return absl::InvalidArgumentError("patience must be greater than zero (>0)");
  QALAM_ASSIGN_OR_RETURN(const std::optional<double> delta, DoubleSetting(settings, "min_delta"));
  options.min_delta = delta.value_or(options.min_delta);
  if (options.min_delta < 0) {
    return absl::InvalidArgumentError("min_delta must be greater or equal than zero (>=0)");
  }
  QALAM_ASSIGN_OR_RETURN(options.start_step, StartStepSetting(settings, options.start_step));
  return options;
}

}  // namespace

absl::Status Validate(const Settings& settings) { return ReadOptions(settings).status(); }

absl::StatusOr<std::unique_ptr<EarlyStopper>> Create(const Problem& problem) {
  QALAM_ASSIGN_OR_RETURN(const Options options, ReadOptions(problem.settings));
  QALAM_ASSIGN_OR_RETURN(const Objective objective, NamedObjective(problem, "patience"));
  const std::string arguments = options.min_delta > 0
                                    ? fmt::format("{}, {}", objective.metric, NumberText(options.min_delta))
                                    : objective.metric;
  return FixedRule({fmt::format("reports_since_improvement({})", arguments),
                    static_cast<double>(options.patience - 1), Comparison::kGreater, options.start_step});
}

}  // namespace qalam::algorithms::patience_stop
