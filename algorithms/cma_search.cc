#include "algorithms/cma_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "algorithms/random_engine.h"
#include "algorithms/truncated_normal.h"

namespace qalam::algorithms {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

constexpr std::uint64_t kWithinCellStream = 0x63656c6c;
constexpr std::uint64_t kRestartStream = 0x72657374617274;

// Share of the way to the better half's frequencies that the chances of categories go in one generation.
constexpr double kChanceStep = 0.3;
constexpr double kSmallestDeviation = 1e-11;  // on continuous axes: rounding begins to show
constexpr double kSmallestCellShare =
    0.2;  // on ordered ones, of the mean cell: then only the margin is at work
constexpr double kSmallestDifference = 1e-12;  // of values, relative to them
constexpr int kMaxDoublings = 10;
constexpr double kAtBound = 1e-12;

double NormalQuantile(double u) { return TruncatedNormalQuantile(u, -kInfinity, kInfinity); }

}  // namespace

CmaSearch::CmaSearch(std::span<const Axis> axes, double sigma, RestartStrategy restarts, std::uint64_t seed)
    : axes_(axes), sigma_(sigma), restarts_(restarts), seed_(seed) {
  for (size_t j = 0; j < axes_.size(); ++j) {
    if (axes_[j].size() == 1) continue;
    if (axes_[j].kind() == Axis::Kind::kUnordered) {
      ++categories_;
    } else {
      coordinates_.push_back(j);
    }
  }
  const Eigen::Index n = static_cast<Eigen::Index>(coordinates_.size());
  StartRun(Eigen::VectorXd::Constant(n, 0.5), sigma_,
           CmaDistribution::DefaultPopulation(static_cast<int>(coordinates_.size() + categories_)));
}

void CmaSearch::StartRun(Eigen::VectorXd mean, double sigma, int population) {
  ++runs_;
  population_ = population;
  told_before_run_ = told_;
  if (mean.size() > 0) distribution_.emplace(std::move(mean), sigma, population);
  chances_.assign(axes_.size(), {});
  for (size_t j = 0; j < axes_.size(); ++j) {
    if (axes_[j].kind() == Axis::Kind::kUnordered) {
      chances_[j].assign(axes_[j].size(), 1 / static_cast<double>(axes_[j].size()));
    }
  }
  generation_.clear();
  recent_bests_.clear();
  MeasureDeviations();
}

void CmaSearch::Restart() {
  // The first run is of neither kind.
  if (runs_ > 1) (large_ ? told_large_ : told_small_) += told_ - told_before_run_;
  Rng rng({seed_, kRestartStream, static_cast<std::uint64_t>(runs_)});
  Eigen::VectorXd mean(static_cast<Eigen::Index>(coordinates_.size()));
  for (double& x : mean) x = rng.Uniform();
  const int first = CmaDistribution::DefaultPopulation(static_cast<int>(coordinates_.size() + categories_));
  large_ = restarts_ == RestartStrategy::kIpop || told_large_ <= told_small_;
  if (large_) doublings_ = std::min(doublings_ + 1, kMaxDoublings);
  const int largest = first << doublings_;
  if (large_) return StartRun(std::move(mean), sigma_, largest);
  const double u = rng.Uniform();
  const double population = first * std::pow(0.5 * largest / first, u * u);
  StartRun(std::move(mean), sigma_ * std::pow(10, -2 * rng.Uniform()), static_cast<int>(population));
}

void CmaSearch::Tell(std::vector<double> codes, double value, double violation) {
  generation_.push_back({std::move(codes), value, violation, told_++});
  if (generation_.size() == static_cast<size_t>(population_)) NextGeneration();
}

void CmaSearch::NextGeneration() {
  std::stable_sort(generation_.begin(), generation_.end(), [](const Result& a, const Result& b) {
    return a.violation != b.violation ? a.violation < b.violation : a.value < b.value;
  });
  if (distribution_) {
    Eigen::MatrixXd points(coordinates_.size(), population_);
    for (int i = 0; i < population_; ++i) points.col(i) = CoordinatesOf(generation_[i]);
    distribution_->Update(points);
  }
  MoveChances();
  MeasureDeviations();
  recent_bests_.push_back(Ranked(generation_.front()));
  const bool restart = restarts_ != RestartStrategy::kNone && HasConverged();
  generation_.clear();
  if (restart) Restart();
}

Eigen::VectorXd CmaSearch::CoordinatesOf(const Result& result) const {
  Rng rng({seed_, kWithinCellStream, result.number});
  Eigen::VectorXd x(static_cast<Eigen::Index>(coordinates_.size()));
  for (size_t k = 0; k < coordinates_.size(); ++k) {
    const Axis& axis = axes_[coordinates_[k]];
    const double code = result.codes[coordinates_[k]], mean = distribution_->mean()[k], width = widths_[k];
    if (std::isnan(code)) {
      x[k] = mean + width * NormalQuantile(rng.Uniform());
      continue;
    }
    Parameter::Cell cell = axis.is_finite() ? axis.CellOf(code) : Parameter::Cell{code, code};
    // The outermost cells, or the bounds themselves, have what lies beyond, too.
    if (cell.lower <= kAtBound) cell.lower -= width;
    if (cell.upper >= 1 - kAtBound) cell.upper += width;
    x[k] = cell.lower;
    if (cell.lower == cell.upper) continue;
    const double z =
        TruncatedNormalQuantile(rng.Uniform(), (cell.lower - mean) / width, (cell.upper - mean) / width);
    x[k] = std::clamp(mean + width * z, cell.lower, cell.upper);
  }
  return x;
}

void CmaSearch::MeasureDeviations() {
  if (!distribution_) return;
  deviations_ = distribution_->standard_deviations();
  widths_ = deviations_;
  for (size_t k = 0; k < coordinates_.size(); ++k) widths_[k] = std::max(widths_[k], MarginDeviation(k));
}

// With it the cells beyond the nearest edge of the mean's cell have the probability 1 / (lambda n).
double CmaSearch::MarginDeviation(size_t coordinate) const {
  const Axis& axis = axes_[coordinates_[coordinate]];
  if (!axis.is_finite()) return 0;
  const double mean = distribution_->mean()[coordinate];
  const auto [lower, upper] = axis.CellOf(axis.CodeAt(std::clamp(mean, 0.0, 1.0)));
  double distance = 1;
  if (lower > 0) distance = std::min(distance, mean - lower);
  if (upper < 1) distance = std::min(distance, upper - mean);
  const double margin = 1 / (static_cast<double>(population_) * static_cast<double>(coordinates_.size()));
  return std::max(distance, 0.0) / NormalQuantile(1 - margin);
}

void CmaSearch::MoveChances() {
  const size_t parents = generation_.size() / 2;
  double total = 0;
  std::vector<double> weights(parents);
  for (size_t i = 0; i < parents; ++i) {
    weights[i] = std::log((static_cast<double>(generation_.size()) + 1) / 2) - std::log(i + 1.0);
    total += weights[i];
  }
  for (size_t j = 0; j < axes_.size(); ++j) {
    std::vector<double>& chances = chances_[j];
    if (chances.size() < 2) continue;
    double unknown = 0;  // share of the parents in which the axis was inactive
    for (size_t i = 0; i < parents; ++i) {
      if (std::isnan(generation_[i].codes[j])) unknown += weights[i] / total;
    }
    for (double& chance : chances) chance *= 1 - kChanceStep * (1 - unknown);
    for (size_t i = 0; i < parents; ++i) {
      if (std::isnan(generation_[i].codes[j])) continue;
      chances[static_cast<size_t>(generation_[i].codes[j])] += kChanceStep * weights[i] / total;
    }
    const double entries = static_cast<double>(chances.size());
    const double margin = (1 - std::pow(0.73, 1 / static_cast<double>(categories_))) / (entries - 1);
    double sum = 0;
    for (double& chance : chances) sum += chance = std::max(chance, std::min(margin, 1 / entries));
    for (double& chance : chances) chance /= sum;
  }
}

bool CmaSearch::HasConverged() const {
  bool small = distribution_.has_value();
  for (size_t k = 0; small && k < coordinates_.size(); ++k) {
    const Axis& axis = axes_[coordinates_[k]];
    small = deviations_[k] <
            (axis.is_finite() ? kSmallestCellShare / static_cast<double>(axis.size()) : kSmallestDeviation);
  }
  if (small) return true;
  const size_t n = std::max<size_t>(coordinates_.size() + categories_, 1);
  const size_t window = 10 + (30 * n + population_ - 1) / population_;
  if (recent_bests_.size() < window) return false;
  double lowest = Ranked(generation_.front()), highest = Ranked(generation_.back());
  for (size_t i = recent_bests_.size() - window; i < recent_bests_.size(); ++i) {
    lowest = std::min(lowest, recent_bests_[i]);
    highest = std::max(highest, recent_bests_[i]);
  }
  // Nothing but failures is no difference either.
  return lowest == kInfinity ||
         highest - lowest <= kSmallestDifference * std::max(std::fabs(lowest), std::fabs(highest));
}

std::vector<double> CmaSearch::PointAt(std::span<const double> u, double widening) const {
  std::vector<double> codes(axes_.size());
  if (distribution_) {
    Eigen::VectorXd z(static_cast<Eigen::Index>(coordinates_.size()));
    for (size_t k = 0; k < coordinates_.size(); ++k) z[k] = widening * NormalQuantile(u[coordinates_[k]]);
    Eigen::VectorXd x = distribution_->PointAt(z);
    for (size_t k = 0; k < coordinates_.size(); ++k) {
      const double mean = distribution_->mean()[k];
      if (widths_[k] > deviations_[k])
        x[k] = mean + (x[k] - mean) * (widths_[k] / std::max(deviations_[k], 1e-300));
      codes[coordinates_[k]] = axes_[coordinates_[k]].CodeAt(std::clamp(x[k], 0.0, 1.0));
    }
  }
  for (size_t j = 0; j < axes_.size(); ++j) {
    const std::vector<double>& chances = chances_[j];
    double rest = u[j];
    size_t entry = 0;
    while (entry + 1 < chances.size() && (rest -= chances[entry]) > 0) ++entry;
    if (!chances.empty()) codes[j] = static_cast<double>(entry);
  }
  return codes;
}

}  // namespace qalam::algorithms
