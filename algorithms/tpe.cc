#include "algorithms/tpe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "algorithms/axis.h"
#include "algorithms/feasible_points.h"
#include "algorithms/observations.h"
#include "algorithms/parzen_estimator.h"
#include "algorithms/random_engine.h"
#include "algorithms/related_trials.h"
#include "algorithms/taken_points.h"

namespace qalam::algorithms {
namespace {

// Of the results, this share is good, but no more than kMaxGood: later ones only replace worse ones, and l keeps
// narrowing.
constexpr double kGoodShare = 0.15;
constexpr double kMaxGood = 25;
// Bandwidths in units of Scott's rule, whose factor 1 is best for estimating a normal density; l is to find
// something better than the points it was made from, so its kernels are narrower.
constexpr double kGoodBandwidth = 0.8;
constexpr double kBadBandwidth = 0.4;
constexpr double kMinBandwidth = 1e-3;  // of the range: finer differences are left to other optimisers
constexpr int kMaxRedraws = 8;          // of a candidate that was proposed before
// Trials of this experiment after which those of a relevant earlier one count a quarter.
constexpr double kFadingTrials = 10;
constexpr int kStopInterval = 16;

using Codes = std::vector<double>;

struct Options {
  std::optional<double> gamma;  // nothing: kGoodShare
  double prior_weight = 1;      // of the declared distribution in l and g; a point has 1 on average
  int n_candidates = 24;        // drawn from l for each proposal, >= 1
  int n_startup = 10;           // ended trials before the model is used
  std::uint64_t seed = 0;
};

// How many of n results are good.
size_t GoodCount(const Options& options, size_t n) {
  const double count = static_cast<double>(n);
  const double good = options.gamma ? *options.gamma * std::sqrt(count) : kGoodShare * count;
  return static_cast<size_t>(std::min(std::ceil(good), kMaxGood));
}

// For points in order of their value, the best one first; they sum to the number of points.
std::vector<double> RankWeights(size_t n) {
  std::vector<double> weights(n);
  for (size_t i = 0; i < n; ++i) weights[i] = std::log((n + 1.0) / (i + 1.0));
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) weight *= static_cast<double>(n) / sum;
  return weights;
}

// How many equal weights would estimate as well.
double EffectiveCount(std::span<const double> weights) {
  double sum = 0, squares = 0;
  for (const double weight : weights) {
    sum += weight;
    squares += weight * weight;
  }
  return squares > 0 ? sum * sum / squares : 1;
}

class Tpe final : public Algorithm {
 public:
  Tpe(Problem problem, const Options& options)
      : problem_(std::move(problem)),
        options_(options),
        axes_(AxesOf(problem_.space)),
        encoding_(problem_.space) {}

  bool uses_history() const override { return true; }

  absl::StatusOr<Suggestions> Suggest(const History& history, const Ask& ask) const override {
    QALAM_RETURN_IF_ERROR(CheckAsk(ask));
    QALAM_RETURN_IF_ERROR(CheckStop(ask));
    Suggestions suggestions;
    if (ask.count == 0) return suggestions;
    Observations seen = Observe(problem_, history);
    TakenPoints taken(problem_.space, seen);
    QALAM_ASSIGN_OR_RETURN(const std::vector<RelatedExperiment> related,
                           Relate(problem_, encoding_, history, seen, ask.stop_requested));
    std::optional<Model> model;
    if (!related.empty() ||
        seen.finished.size() + seen.failed.size() >= static_cast<size_t>(options_.n_startup)) {
      model = Fit(std::move(seen), related);
    }
    suggestions.proposals.reserve(ask.count);
    for (int i = 0; i < ask.count; ++i) {
      QALAM_RETURN_IF_ERROR(CheckStop(ask));
      const std::uint64_t number = ask.handed_out + i;
      Point point;
      if (model) {
        QALAM_ASSIGN_OR_RETURN(point, Propose(*model, taken, number, ask));
      } else {
        QALAM_ASSIGN_OR_RETURN(point, SpreadFeasible(problem_.space, number, options_.seed));
      }
      if (taken.Contains(point)) point = taken.AnyFree(HashWords({options_.seed, number})).value_or(point);
      if (model) model->bad.Add(CodesOf(point), 1);
      taken.Add(point);
      suggestions.proposals.push_back({std::move(point), {}, {}});
    }
    return suggestions;
  }

 private:
  struct Model {
    ParzenEstimator good, bad;  // l and g
  };

  struct Sample {
    std::vector<Codes> codes;
    std::vector<double> weights;
    void Add(Codes code, double weight) {
      codes.push_back(std::move(code));
      weights.push_back(weight);
    }
  };

  Codes CodesOf(const Point& point) const { return EncodeActive(problem_.space, axes_, point); }

  Model Fit(Observations seen, const std::vector<RelatedExperiment>& related) const {
    std::stable_sort(seen.finished.begin(), seen.finished.end(), &IsBetter);
    Sample good, bad;
    AddRanked(seen.finished, 1, good, bad);
    for (const Point& point : seen.failed) bad.Add(CodesOf(point), 1);
    const auto known = static_cast<double>(seen.finished.size());
    const double fading = kFadingTrials / (kFadingTrials + known);
    for (const RelatedExperiment& earlier : related) {
      AddRanked(earlier.finished, earlier.relevance * fading * fading, good, bad);
    }
    Model model{Estimate(good.codes, good.weights, kGoodBandwidth),
                Estimate(bad.codes, bad.weights, kBadBandwidth)};
    // They do not change the bandwidths, so a batch is what asking for one point after the other gives.
    for (const Point& point : seen.pending) model.bad.Add(CodesOf(point), 1);
    return model;
  }

  // `finished` is in order of value; a point has `weight` on average.
  void AddRanked(const std::vector<Observation>& finished, double weight, Sample& good, Sample& bad) const {
    const std::vector<double> ranked = RankWeights(GoodCount(options_, finished.size()));
    for (size_t i = 0; i < finished.size(); ++i) {
      const bool is_good = i < ranked.size();
      (is_good ? good : bad).Add(CodesOf(finished[i].point), is_good ? ranked[i] * weight : weight);
    }
  }

  ParzenEstimator Estimate(std::span<const Codes> codes, const std::vector<double>& weights,
                           double factor) const {
    const double scott = std::pow(EffectiveCount(weights), -1.0 / (static_cast<double>(axes_.size()) + 4));
    std::vector<double> bandwidths(axes_.size());
    for (size_t j = 0; j < axes_.size(); ++j) {
      bandwidths[j] = axes_[j].kind() == Axis::Kind::kUnordered
                          ? SpreadEvenly(axes_[j].size(), ActiveCount(codes, j))
                          : std::clamp(factor * scott * Spread(j, codes, weights), MinBandwidth(j), 1.0);
    }
    ParzenEstimator estimator(axes_, std::move(bandwidths), options_.prior_weight);
    for (size_t i = 0; i < codes.size(); ++i) estimator.Add(codes[i], weights[i]);
    return estimator;
  }

  // The share of a category's mass that its list shares, as if each entry had been seen prior_weight / n times
  // besides.
  double SpreadEvenly(std::uint64_t list_size, size_t n) const {
    const double prior = static_cast<double>(list_size) * options_.prior_weight;
    return prior / (static_cast<double>(std::max<size_t>(n, 1)) + prior);
  }

  double MinBandwidth(size_t axis) const {
    // Below a quarter of a cell a kernel is all in its own cell already.
    return axes_[axis].is_finite() ? std::max(kMinBandwidth, 0.25 / static_cast<double>(axes_[axis].size()))
                                   : kMinBandwidth;
  }

  // Standard deviation of the points along an axis, with the declared distribution as one more point: it has mean
  // 1/2 and variance 1/12.
  double Spread(size_t axis, std::span<const Codes> codes, const std::vector<double>& weights) const {
    double total = 1, mean = 0.5, variance = 1.0 / 12;
    for (size_t i = 0; i < codes.size(); ++i) {  // West's update of mean and variance
      if (std::isnan(codes[i][axis])) continue;
      const double offset = axes_[axis].Position(codes[i][axis]) - mean;
      total += weights[i];
      mean += offset * weights[i] / total;
      variance += weights[i] / total * (offset * offset * (1 - weights[i] / total) - variance);
    }
    return std::sqrt(std::max(variance, 0.0));
  }

  static size_t ActiveCount(std::span<const Codes> codes, size_t axis) {
    return static_cast<size_t>(
        std::count_if(codes.begin(), codes.end(), [axis](const Codes& c) { return !std::isnan(c[axis]); }));
  }

  // The free and feasible candidate with the largest l / g; if there is none, a feasible point near the last one.
  absl::StatusOr<Point> Propose(const Model& model, const TakenPoints& taken, std::uint64_t number,
                                const Ask& ask) const {
    Rng rng({options_.seed, number});
    std::optional<Point> best;
    const SearchSpace& space = problem_.space;
    Point last;
    double best_score = -std::numeric_limits<double>::infinity();
    for (int i = 0; i < options_.n_candidates * kMaxRedraws && (i < options_.n_candidates || !best); ++i) {
      if (i % kStopInterval == 0) QALAM_RETURN_IF_ERROR(CheckStop(ask));
      Codes codes = model.good.Sample(rng);
      last = Decode(axes_, codes);
      if (space.has_rules()) {
        last = space.Canonical(std::move(last));
        if (!space.IsFeasible(last)) continue;
        codes = CodesOf(last);
      }
      if (taken.Contains(last)) continue;
      const double score = model.good.LogDensity(codes) - model.bad.LogDensity(codes);
      if (score > best_score || !best) {
        best_score = score;
        best = last;
      }
    }
    if (best) return *std::move(best);
    return NearestFeasible(space, last, rng).value_or(last);
  }

  const Problem problem_;
  const Options options_;
  const std::vector<Axis> axes_;
  const FeatureEncoding encoding_;
};

absl::Status Require(bool holds, std::string_view name, std::string_view rule) {
  return holds ? absl::OkStatus() : absl::InvalidArgumentError(fmt::format("{} should be {}", name, rule));
}

// Nothing above what an int holds is worth more than that.
int AsInt(std::int64_t value) { return static_cast<int>(std::min<std::int64_t>(value, 1'000'000)); }

constexpr std::string_view kOptunaRule = "greate or equal than zero";  // sic: clients compare this text

// What Optuna's variant of "tpe" and "multivariate-tpe" share.
absl::StatusOr<Options> CommonOptions(const Problem& problem) {
  Options options;
  QALAM_ASSIGN_OR_RETURN(options.seed, SeedFrom(problem.settings, problem.experiment_name));
  QALAM_ASSIGN_OR_RETURN(const auto startup, IntSetting(problem.settings, "n_startup_trials"));
  QALAM_RETURN_IF_ERROR(Require(startup.value_or(0) >= 0, "n_startup_trials", kOptunaRule));
  if (startup) options.n_startup = AsInt(*startup);
  QALAM_ASSIGN_OR_RETURN(const auto candidates, IntSetting(problem.settings, "n_ei_candidates"));
  QALAM_RETURN_IF_ERROR(Require(candidates.value_or(0) >= 0, "n_ei_candidates", kOptunaRule));
  if (candidates) options.n_candidates = std::max(1, AsInt(*candidates));
  return options;
}

absl::StatusOr<Options> TpeOptions(const Problem& problem) {
  QALAM_ASSIGN_OR_RETURN(Options options, CommonOptions(problem));
  QALAM_ASSIGN_OR_RETURN(options.gamma, DoubleSetting(problem.settings, "gamma"));
  QALAM_RETURN_IF_ERROR(Require(!options.gamma || (*options.gamma > 0 && *options.gamma < 1), "gamma",
                                "in the range of (0, 1)"));
  QALAM_ASSIGN_OR_RETURN(const auto prior_weight, DoubleSetting(problem.settings, "prior_weight"));
  QALAM_RETURN_IF_ERROR(Require(prior_weight.value_or(1) > 0, "prior_weight", "great than zero"));
  // Beyond these bounds it makes no difference but to rounding.
  options.prior_weight = std::clamp(prior_weight.value_or(options.prior_weight), 1e-6, 1e6);
  QALAM_ASSIGN_OR_RETURN(const auto candidates, IntSetting(problem.settings, "n_EI_candidates"));
  QALAM_RETURN_IF_ERROR(Require(candidates.value_or(1) > 0, "n_EI_candidates", "great than zero"));
  if (candidates) options.n_candidates = AsInt(*candidates);
  return options;
}

absl::StatusOr<std::unique_ptr<Algorithm>> Make(const Problem& problem, absl::StatusOr<Options> options) {
  QALAM_RETURN_IF_ERROR(RequireParameters(problem));
  QALAM_RETURN_IF_ERROR(options.status());
  return std::make_unique<Tpe>(problem, *options);
}

}  // namespace

absl::Status tpe::Validate(const Problem& problem) {
  QALAM_RETURN_IF_ERROR(CheckSettingNames(problem.settings, "tpe",
                                          {"gamma", "prior_weight", "n_EI_candidates", "n_startup_trials",
                                           "n_ei_candidates", "seed", "random_state"}));
  return TpeOptions(problem).status();
}

absl::StatusOr<std::unique_ptr<Algorithm>> tpe::Create(const Problem& problem) {
  return Make(problem, TpeOptions(problem));
}

absl::Status multivariate_tpe::Validate(const Problem& problem) {
  QALAM_RETURN_IF_ERROR(CheckSettingNames(problem.settings, "multivariate-tpe",
                                          {"n_startup_trials", "n_ei_candidates", "seed", "random_state"}));
  QALAM_ASSIGN_OR_RETURN(const auto random_state, IntSetting(problem.settings, "random_state"));
  QALAM_RETURN_IF_ERROR(Require(random_state.value_or(0) >= 0, "random_state", kOptunaRule));
  return CommonOptions(problem).status();
}

absl::StatusOr<std::unique_ptr<Algorithm>> multivariate_tpe::Create(const Problem& problem) {
  return Make(problem, CommonOptions(problem));
}

}  // namespace qalam::algorithms
