#include "algorithms/end_when.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "algorithms/acquisition_optimizer.h"
#include "algorithms/batch_search.h"
#include "algorithms/gp_fit.h"
#include "algorithms/gp_model.h"
#include "algorithms/observations.h"
#include "algorithms/output_transform.h"
#include "algorithms/random_engine.h"
#include "algorithms/sobol_sequence.h"

namespace qalam::algorithms {
namespace {

constexpr std::uint64_t kStream = 0x656e642d7768656e;
constexpr Eigen::Index kMaxModelled =
    200;                                // of longer histories: half of them the best, half of them the last
constexpr Eigen::Index kSpread = 1024;  // points all over the space
constexpr int kCentres = 8, kAround = 64;         // best trials, and points around each
constexpr Eigen::Index kJoint = 200;              // points at which functions are drawn
constexpr int kProcesses = 16, kFunctions = 128;  // drawn; of each process

size_t LeastTrials(const Problem& problem) {
  if (problem.end_rule->min_trials > 0) return static_cast<size_t>(problem.end_rule->min_trials);
  return std::max<size_t>(20, 10 * problem.space.size());
}

// Half of them the best, half of them the last; in their order.
std::vector<Eigen::Index> ModelledRows(const Eigen::VectorXd& values) {
  std::vector<Eigen::Index> rows(static_cast<size_t>(values.size()));
  std::iota(rows.begin(), rows.end(), 0);
  if (values.size() <= kMaxModelled) return rows;
  const auto middle = rows.end() - kMaxModelled / 2;
  std::stable_sort(rows.begin(), middle, [&](auto a, auto b) { return values[a] < values[b]; });
  rows.erase(rows.begin() + kMaxModelled / 2, middle);
  std::sort(rows.begin(), rows.end());
  return rows;
}

class Forecaster {
 public:
  Forecaster(const Problem& problem, std::uint64_t seed, const std::function<bool()>& stop_requested)
      : encoding_(problem.space), problem_(problem), seed_(seed), stop_requested_(stop_requested) {}

  // That the objective is below the best by `improvement`.
  absl::StatusOr<double> Chance(const Observations& seen, double improvement) {
    const Eigen::VectorXd all = ConservativeValues(seen.finished);
    const std::vector<Eigen::Index> rows = ModelledRows(all);
    values_ = all(rows);
    x_ = EncodeFinished(encoding_, seen.finished)(rows, Eigen::all);
    scale_ = ScaleOf(values_);
    QALAM_ASSIGN_OR_RETURN(const GpModel model,
                           FitGpModel(encoding_.columns(), x_, values_, stop_requested_));
    const GpFit fit = {model.process.parameters(), model.log_k};
    QALAM_ASSIGN_OR_RETURN(const Process likely, ProcessOf(fit, improvement));

    // The likeliest point of the likeliest process may be likely enough to go on.
    const Eigen::MatrixXd centres = BestRows();
    const RowSet none(encoding_);
    const SurrogateGain gain(AcquisitionKind::kLogProbabilityOfImprovement, likely.process, likely.target);
    const AcquisitionSearch search = {.encoding = encoding_,
                                      .gain = gain,
                                      .log_costs = {},
                                      .centres = centres,
                                      .tried = none,
                                      .seed = seed_,
                                      .stop_requested = stop_requested_};
    QALAM_ASSIGN_OR_RETURN(const Eigen::RowVectorXd likeliest, MaximizeAcquisition(search));
    const double alone = std::exp(LogChances(likely, likeliest)[0]);
    if (alone > 1 - problem_.end_rule->confidence) return alone;

    const Eigen::MatrixXd candidates = Candidates(centres, likeliest);
    Rng rng({seed_, kStream, static_cast<std::uint64_t>(x_.rows()), 1});
    double sum = 0;
    for (const GpFit& drawn : DrawFits(fit, rng)) {
      if (stop_requested_ && stop_requested_())
        return absl::CancelledError("the caller does not want the answer");
      const absl::StatusOr<Process> process = ProcessOf(drawn, improvement);
      sum += process.ok() ? JointChance(*process, candidates, rng)
                          : 1;  // parameters that fit nothing decide nothing
    }
    return sum / kProcesses;
  }

 private:
  struct Process {
    GaussianProcess process;
    double target;  // the improved value, on its scale
  };

  absl::StatusOr<Process> ProcessOf(const GpFit& fit, double improvement) const {
    QALAM_ASSIGN_OR_RETURN(GaussianProcess process,
                           GaussianProcess::Make(encoding_.columns(), fit.kernel, x_));
    const TransformedValues transformed = TransformValues(values_, scale_, fit.log_k);
    process.SetValues(transformed.z);
    const double target = process.BestMean() - transformed.z_by_t / scale_.half_unit / 2 * improvement;
    return Process{std::move(process), target};
  }

  // Parameters that explain the values, too: from Laplace's approximation of their posterior.
  std::vector<GpFit> DrawFits(const GpFit& fit, Rng& rng) const {
    GpLogPosterior posterior(encoding_.columns(), x_, values_, scale_);
    const Eigen::VectorXd mode = posterior.Pack(fit);
    const Eigen::Index d = mode.size();
    Eigen::MatrixXd hessian(d, d);
    for (Eigen::Index i = 0; i < d; ++i) {
      constexpr double kStep = 0.05;
      Eigen::VectorXd above(d), below(d), theta = mode;
      theta[i] = mode[i] + kStep;
      posterior(theta, above);
      theta[i] = mode[i] - kStep;
      posterior(theta, below);
      hessian.col(i) = (above - below) / (2 * kStep);
    }
    if (!hessian.allFinite()) hessian.setIdentity();
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen((hessian + hessian.transpose()) / 2);
    constexpr double kLeastCurvature = 0.1;  // of the flattest prior, about
    const Eigen::VectorXd deviations =
        eigen.eigenvalues().cwiseMax(kLeastCurvature).cwiseInverse().cwiseSqrt();
    std::vector<GpFit> fits;
    for (int i = 0; i < kProcesses; ++i) {
      Eigen::VectorXd draw(d);
      for (double& number : draw) number = rng.Normal();
      const Eigen::VectorXd theta = mode + eigen.eigenvectors() * deviations.cwiseProduct(draw);
      fits.push_back(posterior.Unpack(theta.cwiseMax(posterior.lower()).cwiseMin(posterior.upper())));
    }
    return fits;
  }

  static Eigen::VectorXd LogChances(const Process& process, const Eigen::MatrixXd& x) {
    const Posterior posterior = process.process.Predict(x);
    Eigen::VectorXd log(x.rows());
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
      log[i] = Evaluate(AcquisitionKind::kLogProbabilityOfImprovement, posterior.mean[i],
                        posterior.variance[i], process.target)
                   .value;
    }
    return log;
  }

  Eigen::MatrixXd BestRows() const {
    std::vector<Eigen::Index> rows(static_cast<size_t>(values_.size()));
    std::iota(rows.begin(), rows.end(), 0);
    std::stable_sort(rows.begin(), rows.end(), [&](auto a, auto b) { return values_[a] < values_[b]; });
    rows.resize(std::min<size_t>(kCentres, rows.size()));
    return x_(rows, Eigen::all);
  }

  Eigen::MatrixXd Candidates(const Eigen::MatrixXd& centres, const Eigen::RowVectorXd& likeliest) const {
    Eigen::MatrixXd x(kSpread + (centres.rows() + 1) * kAround, encoding_.size());
    Eigen::Index row = 0;
    for (; row < kSpread; ++row)
      x.row(row) = encoding_.FromUnit(ScrambledSobolPoint(row, problem_.space.size(), seed_));
    Rng rng({seed_, kStream, static_cast<std::uint64_t>(x_.rows())});
    for (Eigen::Index c = 0; c <= centres.rows(); ++c) {
      const Eigen::RowVectorXd centre = c < centres.rows() ? Eigen::RowVectorXd(centres.row(c)) : likeliest;
      x.row(row++) = centre;
      for (int i = 1; i < kAround; ++i) x.row(row++) = Near(centre, 0.5 * std::exp2(-i % 8), rng);
    }
    return x;
  }

  // About half of the numbers moved.
  Eigen::RowVectorXd Near(Eigen::RowVectorXd row, double distance, Rng& rng) const {
    for (Eigen::Index j = 0; j < row.size(); ++j) {
      const FeatureColumn& column = encoding_.columns()[static_cast<size_t>(j)];
      if (rng.Uniform() < 0.5) continue;
      if (column.kind == FeatureColumn::Kind::kCategorical) {
        row[j] = static_cast<double>(rng.Below(column.levels));
      } else {
        row[j] = std::clamp(row[j] + distance * rng.Normal(), 0.0, 1.0);
      }
    }
    encoding_.Snap(row);
    return row;
  }

  double JointChance(const Process& process, const Eigen::MatrixXd& candidates, Rng& rng) const {
    const Eigen::VectorXd chances = LogChances(process, candidates);
    std::vector<Eigen::Index> rows(static_cast<size_t>(chances.size()));
    std::iota(rows.begin(), rows.end(), 0);
    std::stable_sort(rows.begin(), rows.end(), [&](auto a, auto b) { return chances[a] > chances[b]; });
    rows.resize(kJoint);
    const Eigen::MatrixXd x = candidates(rows, Eigen::all);
    const Eigen::VectorXd mean = process.process.Predict(x).mean;
    const Eigen::LDLT<Eigen::MatrixXd> factor(process.process.Covariance(x));
    const Eigen::VectorXd deviations = factor.vectorD().cwiseMax(0).cwiseSqrt();
    int better = 0;
    for (int i = 0; i < kFunctions; ++i) {
      Eigen::VectorXd draw(kJoint);
      for (double& number : draw) number = rng.Normal();
      draw = factor.matrixL() * deviations.cwiseProduct(draw).eval();
      draw = factor.transpositionsP().transpose() * draw;
      better += (mean + draw).minCoeff() < process.target ? 1 : 0;
    }
    return static_cast<double>(better) / kFunctions;
  }

  const FeatureEncoding encoding_;
  const Problem& problem_;
  const std::uint64_t seed_;
  const std::function<bool()>& stop_requested_;
  Eigen::MatrixXd x_;
  Eigen::VectorXd values_;
  ValueScale scale_;
};

class EndingSearch final : public Algorithm {
 public:
  EndingSearch(const Problem& problem, std::unique_ptr<Algorithm> search)
      : problem_(problem), search_(std::move(search)) {}

  bool uses_history() const override { return true; }

  absl::StatusOr<Suggestions> Suggest(const History& history, const Ask& ask) const override {
    QALAM_RETURN_IF_ERROR(CheckAsk(ask));
    if (ask.count > 0) {
      QALAM_ASSIGN_OR_RETURN(const std::optional<EndForecast> forecast,
                             ForecastEnd(problem_, history, ask.stop_requested));
      const double risk = 1 - problem_.end_rule->confidence;
      if (forecast && forecast->chance <= risk) {
        return absl::OutOfRangeError(fmt::format(
            "EndRuleMet: the chance that any trial would improve the best {} {:.6g} by {:.3g} is {:.2g}, at "
            "most {:.2g}",
            problem_.objectives[0].metric, forecast->best, forecast->improvement, forecast->chance, risk));
      }
    }
    return search_->Suggest(history, ask);
  }

 private:
  const Problem problem_;
  const std::unique_ptr<Algorithm> search_;
};

}  // namespace

absl::StatusOr<std::optional<EndForecast>> ForecastEnd(const Problem& problem, const History& history,
                                                       const std::function<bool()>& stop_requested) {
  const EndRule& rule = *problem.end_rule;
  const Observations seen = Observe(problem, history);
  const size_t count = seen.finished.size();
  if (count < LeastTrials(problem)) return std::nullopt;
  const auto better = [](const Observation& a, const Observation& b) { return a.value < b.value; };
  const auto lately = seen.finished.end() - static_cast<std::ptrdiff_t>(
                                                std::min<size_t>(count, static_cast<size_t>(rule.patience)));
  const double best = std::min_element(seen.finished.begin(), seen.finished.end(), better)->value;
  const double improvement = rule.relative ? rule.improvement * std::abs(best) : rule.improvement;
  if (!(improvement > 0)) return std::nullopt;  // a share of nothing
  if (lately == seen.finished.begin()) return std::nullopt;
  if (std::min_element(seen.finished.begin(), lately, better)->value - best >= improvement)
    return std::nullopt;

  QALAM_ASSIGN_OR_RETURN(const std::uint64_t seed, SeedFrom(problem.settings, problem.experiment_name));
  Forecaster forecaster(problem, seed, stop_requested);
  QALAM_ASSIGN_OR_RETURN(const double chance, forecaster.Chance(seen, improvement));
  const double sign = problem.objectives[0].direction == Direction::kMaximize ? -1 : 1;
  return EndForecast{sign * best, improvement, chance};
}

absl::Status CheckEndRule(const Problem& problem) {
  if (!problem.end_rule) return absl::OkStatus();
  const auto refuse = [](std::string_view what) {
    return absl::InvalidArgumentError(fmt::format("qalam.dev/end-when does not work with {}", what));
  };
  if (problem.objectives.size() > 1) return refuse("several objectives");
  if (!problem.metric_constraints.empty()) return refuse("constraints on metrics");
  if (problem.space.size() == 0) return refuse("experiments without parameters");
  return absl::OkStatus();
}

std::unique_ptr<Algorithm> EndingWhen(const Problem& problem, std::unique_ptr<Algorithm> search) {
  if (!problem.end_rule) return search;
  return std::make_unique<EndingSearch>(problem, std::move(search));
}

}  // namespace qalam::algorithms
