#include "algorithms/acquisition_optimizer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "algorithms/feasible_points.h"
#include "algorithms/lbfgs.h"
#include "algorithms/random_engine.h"

namespace qalam::algorithms {
namespace {

using Kind = FeatureColumn::Kind;
using Row = Eigen::RowVectorXd;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr size_t kMaxSteppedPerRound = 16;
constexpr Eigen::Index kMaxExact = 64;        // samples
constexpr std::uint64_t kRelaxedLevels = 24;  // a column with more values is climbed along by gradient too
// Ordered columns of more values are searched around the value they have.
constexpr std::uint64_t kExhaustiveLevels = 16;
constexpr std::uint64_t kMaxCategories = 64;
constexpr double kLeastGain = 1e-4;  // of the acquisition, a logarithm; less is not worth another round

struct Candidate {
  Row row;
  double value = -kInfinity;
};

class Climber {
 public:
  explicit Climber(const AcquisitionSearch& search)
      : search_(search), columns_(search.encoding.columns()), rng_({search.seed, 0x616371}) {
    for (Eigen::Index j = 0; j < search.encoding.size(); ++j) {
      const FeatureColumn& column = columns_[j];
      if (column.levels == 1) continue;
      free_.push_back(j);
      const bool ordered = column.kind == Kind::kOrdered;
      if (column.kind == Kind::kSmooth || (ordered && column.levels > kRelaxedLevels)) relaxed_.push_back(j);
      if (column.kind != Kind::kSmooth) stepped_.push_back(j);
    }
  }

  absl::StatusOr<Row> Best() {
    std::vector<Candidate> samples = Evaluated(GlobalSamples());
    std::vector<Candidate> around = Evaluated(LocalSamples());
    Candidate best = std::max(samples.front().value, around.empty() ? -kInfinity : around.front().value) ==
                             samples.front().value
                         ? samples.front()
                         : around.front();
    if (search_.climb) {
      std::vector<Candidate> starts(
          samples.begin(),
          samples.begin() + std::min<size_t>(search_.starts - search_.starts / 3, samples.size()));
      starts.insert(starts.end(), around.begin(),
                    around.begin() + std::min<size_t>(search_.starts / 3, around.size()));
      for (Candidate& start : starts) {
        if (start.value == -kInfinity) continue;
        Climb(start);
        if (Stopped()) return absl::CancelledError("the caller does not want the answer any more");
        if (start.value > best.value) best = std::move(start);
      }
    }
    return best.row;
  }

 private:
  bool Stopped() const { return search_.stop_requested && search_.stop_requested(); }

  double Lower(Eigen::Index j) const { return search_.lower != nullptr ? (*search_.lower)[j] : 0; }
  double Upper(Eigen::Index j) const { return search_.upper != nullptr ? (*search_.upper)[j] : 1; }

  bool HasConstraints() const { return search_.space != nullptr && !search_.space->constraints().empty(); }

  bool IsFeasible(const Row& row) const {
    return !HasConstraints() || search_.space->IsFeasible(search_.encoding.Decode(row));
  }

  std::vector<bool> Active(const Row& row) const {
    if (search_.space == nullptr) return std::vector<bool>(columns_.size(), true);
    return search_.space->Active(search_.encoding.Decode(row));
  }

  // Canonical where it is inactive; other columns keep every bit.
  void MakeCanonical(Row& row) const {
    if (search_.space == nullptr || search_.space->conditions().empty()) return;
    const Point point = search_.encoding.Decode(row);
    const std::vector<bool> active = search_.space->Active(point);
    const Row canonical = search_.encoding.Encode(search_.space->Canonical(point));
    for (Eigen::Index j = 0; j < row.size(); ++j) {
      if (!active[static_cast<size_t>(j)]) row[j] = canonical[j];
    }
  }

  // Onto the constraints, where it is beyond them and a way is found.
  void Mend(Row& row) const {
    if (IsFeasible(row)) return;
    if (const auto point = Repair(*search_.space, search_.encoding.Decode(row))) {
      row = search_.encoding.Encode(*point);
    }
  }

  // Into the box and onto the grid. A box may hold no value of a grid: then the nearest one is taken.
  void Settle(Row& row) const {
    for (const Eigen::Index j : free_) {
      if (columns_[j].kind != Kind::kCategorical) row[j] = std::clamp(row[j], Lower(j), Upper(j));
    }
    search_.encoding.Snap(row);
    MakeCanonical(row);
  }

  Eigen::MatrixXd GlobalSamples() {
    Eigen::MatrixXd rows(std::max(1, search_.samples), search_.encoding.size());
    std::vector<double> u(static_cast<size_t>(rows.cols()));
    for (Eigen::Index i = 0; i < rows.rows(); ++i) {
      for (double& x : u) x = rng_.Uniform();
      Row row = search_.encoding.FromUnit(u);
      if (search_.lower != nullptr) {
        for (const Eigen::Index j : free_) {
          if (columns_[j].kind != Kind::kCategorical) row[j] = Lower(j) + u[j] * (Upper(j) - Lower(j));
        }
        Settle(row);
        Mend(row);
      } else if (search_.space != nullptr) {
        MakeCanonical(row);
        if (!IsFeasible(row)) {
          if (const auto point = DrawFeasible(*search_.space, rng_)) row = search_.encoding.Encode(*point);
        }
      }
      rows.row(i) = row;
    }
    return rows;
  }

  // Steps of several lengths, in few columns or all, around the centres.
  Eigen::MatrixXd LocalSamples() {
    const Eigen::Index count =
        search_.centres.rows() == 0 || free_.empty() ? 0 : std::max(1, search_.samples / 4);
    Eigen::MatrixXd rows(count, search_.encoding.size());
    for (Eigen::Index i = 0; i < count; ++i) {
      const Row centre = search_.centres.row(i % search_.centres.rows());
      const double length = std::pow(10.0, -0.5 - 2.5 * rng_.Uniform());
      const double share = std::min(1.0, std::max(0.3, 2.0 / static_cast<double>(free_.size())));
      rows.row(i) = Perturbed(centre, length, share);
    }
    return rows;
  }

  Row Perturbed(const Row& centre, double length, double share) {
    Row row = centre;
    const Eigen::Index always = free_[rng_.Below(free_.size())];
    for (const Eigen::Index j : free_) {
      if (j != always && rng_.Uniform() > share) continue;
      const FeatureColumn& column = columns_[j];
      if (column.kind == Kind::kCategorical) {
        row[j] = static_cast<double>(rng_.Below(column.levels));
        continue;
      }
      double step = length * rng_.Normal();
      // A shorter step would end where it began.
      if (column.kind == Kind::kOrdered)
        step += std::copysign(1.0 / static_cast<double>(column.levels), step);
      row[j] += step;
    }
    Settle(row);
    Mend(row);
    return row;
  }

  // The acquisition at each row; -infinity at those that were tried before or do not keep the constraints.
  Eigen::VectorXd Values(const Eigen::MatrixXd& rows) const {
    return Values(rows, search_.gain.Values(rows));
  }

  Eigen::VectorXd Values(const Eigen::MatrixXd& rows, Eigen::VectorXd gains) const {
    for (Eigen::Index i = 0; i < rows.rows(); ++i) {
      if (search_.tried.Contains(rows.row(i)) || !IsFeasible(rows.row(i))) gains[i] = -kInfinity;
    }
    for (const Surrogate* cost : search_.log_costs) gains -= cost->PredictOptimistic(rows).mean;
    return gains;
  }

  // The kMaxExact rows that may be best, or all if they are fewer.
  Eigen::MatrixXd Promising(const Eigen::MatrixXd& rows) const {
    if (rows.rows() <= kMaxExact) return rows;
    const Eigen::VectorXd bound = Values(rows, search_.gain.OptimisticValues(rows));
    std::vector<Eigen::Index> order(static_cast<size_t>(rows.rows()));
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return bound[a] > bound[b]; });
    order.resize(kMaxExact);
    return rows(order, Eigen::all);
  }

  // Best first.
  std::vector<Candidate> Evaluated(const Eigen::MatrixXd& all) const {
    std::vector<Candidate> candidates;
    if (all.rows() == 0) return candidates;
    const Eigen::MatrixXd rows = Promising(all);
    const Eigen::VectorXd values = Values(rows);
    for (Eigen::Index i = 0; i < rows.rows(); ++i) candidates.push_back({rows.row(i), values[i]});
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate& a, const Candidate& b) { return a.value > b.value; });
    return candidates;
  }

  bool TakeBest(Candidate& at, const Eigen::MatrixXd& rows) const {
    if (rows.rows() == 0) return false;
    Eigen::Index best = 0;
    const double value = Values(rows).maxCoeff(&best);
    if (!(value > at.value)) return false;
    at = {rows.row(best), value};
    return true;
  }

  void Climb(Candidate& at) {
    for (int round = 0; round < search_.rounds && !Stopped(); ++round) {
      const double before = at.value;
      if (!relaxed_.empty() && search_.gain.has_gradient()) {
        FollowGradient(at);
      } else if (!relaxed_.empty()) {
        StepRandomly(at);
      }
      // Where a constraint has ended the climb it may go on along it.
      if (!relaxed_.empty() && search_.gain.has_gradient() && HasConstraints()) StepRandomly(at);
      for (const Eigen::Index j : ColumnsToStepAlong()) TakeBest(at, Alternatives(at.row, j));
      if (stepped_.empty() || !(at.value > before + kLeastGain)) return;
    }
  }

  // All of them in order, or some at random where a round would take too long.
  std::vector<Eigen::Index> ColumnsToStepAlong() {
    std::vector<Eigen::Index> columns = stepped_;
    for (size_t i = 0; stepped_.size() > kMaxSteppedPerRound && i < kMaxSteppedPerRound; ++i) {
      std::swap(columns[i], columns[i + rng_.Below(columns.size() - i)]);
    }
    columns.resize(std::min(columns.size(), kMaxSteppedPerRound));
    return columns;
  }

  void FollowGradient(Candidate& at) const {
    std::vector<Eigen::Index> columns = relaxed_;
    const std::vector<bool> active = Active(at.row);
    std::erase_if(columns, [&](Eigen::Index j) { return !active[static_cast<size_t>(j)]; });
    if (columns.empty()) return;
    const auto n = static_cast<Eigen::Index>(columns.size());
    Eigen::VectorXd start(n), lower(n), upper(n);
    for (Eigen::Index c = 0; c < n; ++c) {
      start[c] = at.row[columns[c]];
      lower[c] = Lower(columns[c]);
      upper[c] = Upper(columns[c]);
    }
    Row row = at.row;
    const auto objective = [&](const Eigen::VectorXd& x, Eigen::VectorXd& gradient) {
      for (Eigen::Index c = 0; c < n; ++c) row[columns[c]] = x[c];
      Row by_column;
      double value = search_.gain.ValueWithGradient(row, by_column);
      for (const Surrogate* log_cost : search_.log_costs) {
        const Surrogate::PointPosterior cost = log_cost->PredictWithGradient(row);
        value -= cost.mean;
        by_column -= cost.mean_gradient;
      }
      for (Eigen::Index c = 0; c < n; ++c) gradient[c] = -by_column[columns[c]];
      return -value;
    };
    const Minimum found =
        MinimizeLbfgs(objective, start, lower, upper,
                      {.max_evaluations = search_.gradient_evaluations, .relative_tolerance = 1e-5});
    Row moved = at.row;
    for (Eigen::Index c = 0; c < n; ++c) moved[columns[c]] = found.x[c];
    TakeFarthest(at, std::move(moved));
  }

  // The end of a way, or where a constraint is in the way: the end moved onto it, or the best on the way.
  void TakeFarthest(Candidate& at, Row end) const {
    Settle(end);
    if (IsFeasible(end)) {
      TakeBest(at, end);
      return;
    }
    constexpr int kHalvings = 12;
    Eigen::MatrixXd rows(kHalvings + 1, end.size());
    for (int i = 0; i < kHalvings; ++i) {
      Row row = at.row + std::ldexp(1.0, -i) * (end - at.row);
      Settle(row);
      rows.row(i) = row;
    }
    Mend(end);
    rows.row(kHalvings) = end;
    TakeBest(at, rows);
  }

  void StepRandomly(Candidate& at) {
    constexpr int kSteps = 16;
    for (double length = 0.2; length > 0.005; length /= 3) {
      Eigen::MatrixXd rows(kSteps, at.row.size());
      for (int i = 0; i < kSteps; ++i) {
        Row row = at.row;
        for (const Eigen::Index j : relaxed_) {
          if (i % 2 == 0 || rng_.Below(relaxed_.size()) == 0) row[j] += length * rng_.Normal();
        }
        Settle(row);
        Mend(row);
        rows.row(i) = row;
      }
      TakeBest(at, rows);
    }
  }

  // The row with other values in column j.
  Eigen::MatrixXd Alternatives(const Row& row, Eigen::Index j) const {
    const FeatureColumn& column = columns_[j];
    const FeatureEncoding& encoding = search_.encoding;
    const std::uint64_t now = encoding.IndexAt(j, row[j]);
    std::vector<std::uint64_t> indices;
    const bool all =
        column.levels <= (column.kind == Kind::kCategorical ? kMaxCategories : kExhaustiveLevels);
    if (all) {
      for (std::uint64_t i = 0; i < column.levels; ++i) indices.push_back(i);
    } else {
      for (std::uint64_t step = 1; step < column.levels; step *= 2) {
        if (step <= now) indices.push_back(now - step);
        if (step < column.levels - now) indices.push_back(now + step);
      }
    }
    std::erase_if(indices, [&](std::uint64_t i) {
      if (i == now) return true;
      const double value = encoding.ValueAt(j, i);
      return column.kind == Kind::kOrdered && (value < Lower(j) || value > Upper(j));
    });
    Eigen::MatrixXd rows = row.replicate(static_cast<Eigen::Index>(indices.size()), 1);
    for (size_t i = 0; i < indices.size(); ++i)
      rows(static_cast<Eigen::Index>(i), j) = encoding.ValueAt(j, indices[i]);
    if (search_.space == nullptr) return rows;
    for (Eigen::Index i = 0; i < rows.rows(); ++i) {
      Row settled = rows.row(i);
      MakeCanonical(settled);
      Mend(settled);
      rows.row(i) = settled;
    }
    return rows;
  }

  const AcquisitionSearch& search_;
  const std::vector<FeatureColumn>& columns_;
  Rng rng_;
  std::vector<Eigen::Index> free_;     // more than one value
  std::vector<Eigen::Index> relaxed_;  // climbed along by gradient
  std::vector<Eigen::Index> stepped_;  // climbed along value by value
};

}  // namespace

absl::StatusOr<Eigen::RowVectorXd> MaximizeAcquisition(const AcquisitionSearch& search) {
  if (search.stop_requested && search.stop_requested()) {
    return absl::CancelledError("the caller does not want the answer any more");
  }
  return Climber(search).Best();
}

}  // namespace qalam::algorithms
