#include "algorithms/turbo.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "algorithms/batch_search.h"
#include "algorithms/trust_region.h"

namespace qalam::algorithms::turbo {
namespace {

struct Options {
  std::uint64_t seed = 0;
  TrustRegionOptions region;
};

absl::StatusOr<std::int64_t> AtLeastOne(const Settings& settings, std::string_view name,
                                        std::int64_t fallback) {
  QALAM_ASSIGN_OR_RETURN(const std::optional<std::int64_t> given, IntSetting(settings, name));
  if (given && *given < 1) {
    return absl::InvalidArgumentError(fmt::format("{} should be at least 1, got {}", name, *given));
  }
  return given.value_or(fallback);
}

absl::StatusOr<Options> ReadOptions(const Problem& problem) {
  const Settings& settings = problem.settings;
  const auto parameters = static_cast<std::int64_t>(problem.space.size());
  const std::int64_t parallel = std::max(1, problem.parallel_trial_count);
  Options options;
  QALAM_ASSIGN_OR_RETURN(options.seed, SeedFrom(settings, problem.experiment_name));
  QALAM_ASSIGN_OR_RETURN(
      options.region.initial_points,
      AtLeastOne(settings, "n_initial_points", std::clamp<std::int64_t>(parameters, 4, 40)));
  QALAM_ASSIGN_OR_RETURN(options.region.success_tolerance, AtLeastOne(settings, "success_tolerance", 3));
  // As many observations without success as there are directions to fail in, and at least four, in whole rounds.
  const std::int64_t patience = std::max<std::int64_t>(4, parameters);
  QALAM_ASSIGN_OR_RETURN(options.region.failure_tolerance,
                         AtLeastOne(settings, "failure_tolerance", (patience + parallel - 1) / parallel));
  options.region.round = parallel;
  return options;
}

class Turbo final : public Algorithm {
 public:
  Turbo(Problem problem, const Options& options)
      : problem_(std::move(problem)), options_(options), encoding_(problem_.space) {}

  bool uses_history() const override { return true; }

  absl::StatusOr<Suggestions> Suggest(const History& history, const Ask& ask) const override {
    QALAM_RETURN_IF_ERROR(CheckAsk(ask));
    Suggestions suggestions;
    if (ask.count == 0) return suggestions;
    QALAM_RETURN_IF_ERROR(CheckStop(ask));
    BatchSearch search = {.space = problem_.space,
                          .encoding = encoding_,
                          .seed = options_.seed,
                          .constraints = problem_.metric_constraints};
    const Observations seen = Observe(problem_, history);
    RowSet tried = TriedRows(encoding_, seen);
    const Eigen::VectorXd values = ConservativeValues(seen.finished);
    const TrustRegion region = ReplayTrustRegion(RankedValues(seen.finished), options_.region);
    const Eigen::Index known = values.size() - region.first;
    if (known < options_.region.initial_points) {
      QALAM_RETURN_IF_ERROR(ProposeDesign(search, ask, tried, suggestions));
      return suggestions;
    }
    const BeliefData data = {encoding_.columns(), EncodeFinished(encoding_, seen.finished).bottomRows(known),
                             values.tail(known), ViolationsOf(seen, known)};
    QALAM_ASSIGN_OR_RETURN(const std::unique_ptr<BeliefModel> model,
                           BelieveGaussianProcess(data, ask.stop_requested));
    const Box box = StretchedBox(model->BestPoints(1).row(0), region.length, LogLengths(*model));
    search.something_kept = std::any_of(seen.finished.end() - known, seen.finished.end(),
                                        [](const Observation& o) { return o.violation == 0; });
    search.lower = &box.lower;
    search.upper = &box.upper;
    QALAM_RETURN_IF_ERROR(ProposeModelled(search, AcquisitionKind::kLogExpectedImprovement, seen, ask, *model,
                                          tried, suggestions));
    return suggestions;
  }

 private:
  // Of the last ones.
  std::vector<double> ViolationsOf(const Observations& seen, Eigen::Index count) const {
    if (problem_.metric_constraints.empty()) return {};
    const std::vector<double> all = algorithms::ViolationsOf(seen.finished);
    return {all.end() - count, all.end()};
  }

  // Those of the columns the region bounds.
  Eigen::VectorXd LogLengths(const BeliefModel& model) const {
    Eigen::VectorXd lengths = model.LogLengths();
    for (Eigen::Index j = 0; j < encoding_.size(); ++j) {
      const FeatureColumn& column = encoding_.columns()[j];
      if (column.levels == 1 || column.kind == FeatureColumn::Kind::kCategorical) {
        lengths[j] = std::numeric_limits<double>::infinity();
      }
    }
    return lengths;
  }

  const Problem problem_;
  const Options options_;
  const FeatureEncoding encoding_;
};

}  // namespace

absl::Status Validate(const Problem& problem) {
  QALAM_RETURN_IF_ERROR(CheckSettingNames(
      problem.settings, "turbo",
      {"n_initial_points", "success_tolerance", "failure_tolerance", "random_state", "seed"}));
  return ReadOptions(problem).status();
}

absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem) {
  QALAM_RETURN_IF_ERROR(RequireParameters(problem));
  QALAM_ASSIGN_OR_RETURN(const Options options, ReadOptions(problem));
  return std::make_unique<Turbo>(problem, options);
}

}  // namespace qalam::algorithms::turbo
