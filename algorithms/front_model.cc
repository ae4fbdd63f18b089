#include "algorithms/front_model.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "algorithms/elite.h"
#include "algorithms/hypervolume_gain.h"

namespace qalam::algorithms {
namespace {

constexpr double kBeyond = 0.1;       // of the front's extent, to the reference
constexpr double kLeastExtent = 0.1;  // in standard deviations
constexpr double kLeastGain = 1e-3;   // likewise: what is less is not worth a trial
constexpr size_t kMaxFront[kMaxModelledObjectives + 1] = {0, 1, 200, 80, 30, 16, 10};
constexpr size_t kCentres = 16;
constexpr size_t kMaxModelled = 1500;

// At most `count` of the front's rows, the loneliest ones, ascending.
std::vector<size_t> Loneliest(std::vector<size_t> rows, const std::vector<Losses>& losses, size_t count) {
  if (rows.size() <= count) return rows;
  std::vector<Losses> front;
  for (const size_t row : rows) front.push_back(losses[row]);
  const std::vector<double> distances = CrowdingDistances(front);
  std::vector<size_t> order(rows.size()), chosen;
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return distances[a] > distances[b]; });
  for (size_t i = 0; i < count; ++i) chosen.push_back(rows[order[i]]);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace

FrontModel::FrontModel(std::vector<std::unique_ptr<BeliefModel>> models, Eigen::MatrixXd x,
                       std::vector<bool> feasible)
    : models_(std::move(models)), x_(std::move(x)), feasible_(std::move(feasible)) {
  if (std::none_of(feasible_.begin(), feasible_.end(), [](bool f) { return f; }))
    feasible_.assign(feasible_.size(), true);
}

absl::Status FrontModel::Believe(const Eigen::MatrixXd& rows) {
  if (rows.rows() == 0) return absl::OkStatus();
  for (const auto& model : models_) QALAM_RETURN_IF_ERROR(model->Believe(rows));
  x_.conservativeResize(x_.rows() + rows.rows(), Eigen::NoChange);
  x_.bottomRows(rows.rows()) = rows;
  feasible_.resize(static_cast<size_t>(x_.rows()), true);
  return absl::OkStatus();
}

std::vector<Losses> FrontModel::Expected() const {
  std::vector<Losses> expected(static_cast<size_t>(x_.rows()), Losses(models_.size()));
  for (size_t j = 0; j < models_.size(); ++j) {
    const Eigen::VectorXd means = models_[j]->PointMeans();
    for (size_t i = 0; i < expected.size(); ++i) expected[i][j] = means[static_cast<Eigen::Index>(i)];
  }
  return expected;
}

std::vector<size_t> FrontModel::Front(const std::vector<Losses>& expected) const {
  std::vector<size_t> rows, front;
  std::vector<Losses> candidates;
  for (size_t i = 0; i < expected.size(); ++i) {
    if (!feasible_[i]) continue;
    rows.push_back(i);
    candidates.push_back(expected[i]);
  }
  for (const size_t i : ParetoFront(candidates)) front.push_back(rows[i]);
  return front;
}

std::unique_ptr<Gain> FrontModel::NextGain() const {
  const size_t m = models_.size();
  const std::vector<Losses> expected = Expected();
  const std::vector<size_t> rows = Front(expected);
  Losses best(m, std::numeric_limits<double>::infinity()), reference(m, -best[0]);
  for (const size_t row : rows) {
    for (size_t j = 0; j < m; ++j) {
      best[j] = std::min(best[j], expected[row][j]);
      reference[j] = std::max(reference[j], expected[row][j]);
    }
  }
  for (size_t j = 0; j < m; ++j) reference[j] += kBeyond * std::max(reference[j] - best[j], kLeastExtent);
  std::vector<Losses> front;
  for (const size_t row : Loneliest(rows, expected, kMaxFront[m])) {
    front.push_back(expected[row]);
    for (double& loss : front.back()) loss -= kLeastGain;
  }
  std::vector<const Surrogate*> surrogates;
  for (const auto& model : models_) surrogates.push_back(&model->surrogate());
  return std::make_unique<HypervolumeGain>(std::move(surrogates), front, reference);
}

Eigen::MatrixXd FrontModel::Centres() const {
  const std::vector<Losses> expected = Expected();
  const std::vector<size_t> chosen = Loneliest(Front(expected), expected, kCentres);
  return x_(chosen, Eigen::all);
}

std::vector<size_t> ModelledTrials(const std::vector<Observation>& finished) {
  const size_t n = finished.size();
  std::vector<size_t> rows(n);
  std::iota(rows.begin(), rows.end(), 0);
  if (n <= kMaxModelled) return rows;
  constexpr size_t kShare = kMaxModelled / 3;
  std::vector<bool> taken(n, false);
  for (const EliteMember& member : EliteOf(finished, kShare)) taken[member.index] = true;
  std::fill(taken.end() - kShare, taken.end(), true);
  std::vector<size_t> others;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(others), [&](size_t row) { return !taken[row]; });
  const size_t share = std::min(kShare, others.size());
  for (size_t i = 0; i < share; ++i) taken[others[i * others.size() / share]] = true;
  std::erase_if(rows, [&](size_t row) { return !taken[row]; });
  return rows;
}

}  // namespace qalam::algorithms
