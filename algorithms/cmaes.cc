#include "algorithms/cmaes.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "algorithms/axis.h"
#include "algorithms/cma_search.h"
#include "algorithms/feasible_points.h"
#include "algorithms/observations.h"
#include "algorithms/random_engine.h"
#include "algorithms/sobol_sequence.h"
#include "algorithms/taken_points.h"

namespace qalam::algorithms::cmaes {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kDefaultSigma = 1.0 / 6;  // three deviations reach the bounds
constexpr int kMaxRedraws = 20;            // of a point that is infeasible or was proposed before
constexpr double kWidening = 1.3;          // from one redraw to the next
constexpr size_t kStopInterval = 64;

struct Options {
  double sigma = kDefaultSigma;
  RestartStrategy restarts = RestartStrategy::kNone;
  std::uint64_t seed = 0;
};

class Cmaes final : public Algorithm {
 public:
  Cmaes(Problem problem, const Options& options)
      : problem_(std::move(problem)), options_(options), axes_(AxesOf(problem_.space)) {}

  bool uses_history() const override { return true; }

  absl::StatusOr<Suggestions> Suggest(const History& history, const Ask& ask) const override {
    QALAM_RETURN_IF_ERROR(CheckAsk(ask));
    QALAM_RETURN_IF_ERROR(CheckStop(ask));
    Suggestions suggestions;
    if (ask.count == 0) return suggestions;
    const Observations seen = Observe(problem_, history);
    QALAM_ASSIGN_OR_RETURN(const CmaSearch search, Replay(seen, ask));
    TakenPoints taken(problem_.space, seen);
    suggestions.proposals.reserve(ask.count);
    for (int i = 0; i < ask.count; ++i) {
      QALAM_RETURN_IF_ERROR(CheckStop(ask));
      Point point = Propose(search, taken, ask.handed_out + i);
      taken.Add(point);
      suggestions.proposals.push_back({std::move(point), {}, {}});
    }
    return suggestions;
  }

 private:
  std::vector<double> CodesOf(const Point& point) const { return EncodeActive(problem_.space, axes_, point); }

  absl::StatusOr<CmaSearch> Replay(const Observations& seen, const Ask& ask) const {
    CmaSearch search(axes_, options_.sigma, options_.restarts, options_.seed);
    size_t failed = 0;
    for (size_t i = 0; i <= seen.finished.size(); ++i) {
      if (i % kStopInterval == 0) QALAM_RETURN_IF_ERROR(CheckStop(ask));
      for (; failed < seen.failed.size() && seen.failed_after[failed] == i; ++failed) {
        search.Tell(CodesOf(seen.failed[failed]), kInfinity, kInfinity);
      }
      if (i == seen.finished.size()) break;
      const Observation& result = seen.finished[i];
      search.Tell(CodesOf(result.point), result.value, result.violation);
    }
    return search;
  }

  Point Propose(const CmaSearch& search, const TakenPoints& taken, std::uint64_t number) const {
    std::vector<double> u = ScrambledSobolPoint(number, axes_.size(), options_.seed);
    const SearchSpace& space = problem_.space;
    const auto point_at = [&](double widening) {
      return space.Canonical(Decode(axes_, search.PointAt(u, widening)));
    };
    Point point = point_at(1);
    Rng rng({options_.seed, number});
    for (int redraw = 0; redraw < kMaxRedraws && !space.IsFeasible(point); ++redraw) {
      for (double& x : u) x = rng.Uniform();
      point = point_at(1);
    }
    if (!space.IsFeasible(point)) point = NearestFeasible(space, point, rng).value_or(point);
    double widening = 1;
    for (int redraw = 0; redraw < kMaxRedraws && taken.Contains(point); ++redraw) {
      for (double& x : u) x = rng.Uniform();
      Point other = point_at(widening *= kWidening);
      if (space.IsFeasible(other)) point = std::move(other);
    }
    if (taken.Contains(point)) return taken.AnyFree(HashWords({options_.seed, number})).value_or(point);
    return point;
  }

  const Problem problem_;
  const Options options_;
  const std::vector<Axis> axes_;
};

absl::StatusOr<Options> ReadOptions(const Problem& problem) {
  Options options;
  QALAM_ASSIGN_OR_RETURN(options.seed, SeedFrom(problem.settings, problem.experiment_name));
  QALAM_ASSIGN_OR_RETURN(const auto sigma, DoubleSetting(problem.settings, "sigma"));
  if (sigma.value_or(0) < 0) {
    return absl::InvalidArgumentError("sigma should be greate or equal than zero");  // sic: Katib's text
  }
  if (sigma.value_or(0) > 0) options.sigma = std::min(*sigma, 1.0);
  const std::string_view restarts = FindSetting(problem.settings, "restart_strategy").value_or("none");
  if (restarts == "ipop") {
    options.restarts = RestartStrategy::kIpop;
  } else if (restarts == "bipop") {
    options.restarts = RestartStrategy::kBipop;
  } else if (restarts != "none" && restarts != "None") {
    return absl::InvalidArgumentError(
        fmt::format("restart_strategy {} is not supported in CMAES optimization", restarts));
  }
  return options;
}

}  // namespace

absl::Status Validate(const Problem& problem) {
  QALAM_RETURN_IF_ERROR(
      CheckSettingNames(problem.settings, "cmaes", {"sigma", "restart_strategy", "seed", "random_state"}));
  return ReadOptions(problem).status();
}

absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem) {
  QALAM_RETURN_IF_ERROR(RequireParameters(problem));
  QALAM_ASSIGN_OR_RETURN(const Options options, ReadOptions(problem));
  return std::make_unique<Cmaes>(problem, options);
}

}  // namespace qalam::algorithms::cmaes
