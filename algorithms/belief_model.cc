#include "algorithms/belief_model.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "algorithms/gp_model.h"
#include "algorithms/output_transform.h"

namespace qalam::algorithms {
namespace {

constexpr Eigen::Index kMaxModelled = 1500;

using Violations = std::vector<double>;

double At(const Violations& violations, Eigen::Index row) {
  return violations.empty() ? 0 : violations[static_cast<size_t>(row)];
}

std::vector<Eigen::Index> BestFirst(const Eigen::VectorXd& values, const Violations& violations) {
  std::vector<Eigen::Index> rows(static_cast<size_t>(values.size()));
  std::iota(rows.begin(), rows.end(), 0);
  std::stable_sort(rows.begin(), rows.end(), [&](auto a, auto b) {
    return std::pair(At(violations, a), values[a]) < std::pair(At(violations, b), values[b]);
  });
  return rows;
}

Eigen::MatrixXd BestRows(const Eigen::MatrixXd& x, const Eigen::VectorXd& values,
                         const Violations& violations, Eigen::Index count) {
  std::vector<Eigen::Index> rows = BestFirst(values, violations);
  rows.resize(static_cast<size_t>(std::min(count, values.size())));
  return x(rows, Eigen::all);
}

// In ascending order.
std::vector<Eigen::Index> ModelledRows(const Eigen::VectorXd& values, const Violations& violations) {
  const Eigen::Index n = values.size();
  std::vector<Eigen::Index> rows(static_cast<size_t>(n));
  std::iota(rows.begin(), rows.end(), 0);
  if (n <= kMaxModelled) return rows;
  constexpr Eigen::Index kShare = kMaxModelled / 3;
  const std::vector<Eigen::Index> best = BestFirst(values, violations);
  std::vector<bool> taken(static_cast<size_t>(n), false);
  for (Eigen::Index i = 0; i < kShare; ++i) taken[best[i]] = taken[n - 1 - i] = true;
  std::vector<Eigen::Index> others;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(others), [&](auto row) { return !taken[row]; });
  const auto rest = static_cast<Eigen::Index>(others.size()), share = std::min(kShare, rest);
  for (Eigen::Index i = 0; i < share; ++i) taken[others[i * rest / share]] = true;
  std::erase_if(rows, [&](auto row) { return !taken[row]; });
  return rows;
}

class GpBelief final : public BeliefModel {
 public:
  GpBelief(GpModel model, Eigen::MatrixXd x, Violations violations)
      : process_(std::move(model.process)),
        x_(std::move(x)),
        values_(std::move(model.values)),
        violations_(std::move(violations)),
        zero_(model.zero),
        resolution_(model.resolution) {
    process_.SetValues(values_);
  }

  const Surrogate& surrogate() const override { return process_; }
  // What is less than half a step better is measured as equal: on a plateau of equal values nothing is to be gained.
  double best() const override {
    if (violations_.empty()) return process_.BestMean() - resolution_ / 2;
    const Eigen::MatrixXd rows = x_(RowsToImproveOn(x_.rows(), violations_), Eigen::all);
    return process_.Predict(rows).mean.minCoeff() - resolution_ / 2;
  }
  Eigen::VectorXd PointMeans() const override { return process_.PointMeans(); }
  double zero() const override { return zero_; }
  Eigen::MatrixXd BestPoints(Eigen::Index count) const override {
    return BestRows(x_, values_, violations_, count);
  }
  Eigen::VectorXd LogLengths() const override { return process_.parameters().log_length; }
  absl::Status Believe(const Eigen::MatrixXd& rows) override {
    for (Eigen::Index i = 0; i < rows.rows(); ++i) process_.AddBelief(rows.row(i));
    return absl::OkStatus();
  }

 private:
  GaussianProcess process_;
  const Eigen::MatrixXd x_;
  const Eigen::VectorXd values_;
  const Violations violations_;
  const double zero_;
  const double resolution_;
};

class SurrogateBelief final : public BeliefModel {
 public:
  SurrogateBelief(FitSurrogate fit, const BeliefData& data, std::uint64_t seed,
                  std::function<bool()> stop_requested)
      : fit_(fit),
        columns_(data.columns),
        seed_(seed),
        stop_requested_(std::move(stop_requested)),
        observed_(data.x.rows()),
        x_(data.x),
        violations_(data.violations) {
    const ValueScale scale = ScaleOf(data.values);
    const TransformedValues transformed = TransformValues(data.values, scale, 0);
    z_ = transformed.z;
    zero_ = TransformedAt(0, scale, 0, transformed);
  }

  absl::Status Fit() {
    QALAM_ASSIGN_OR_RETURN(model_, fit_({columns_, x_, z_, seed_, stop_requested_}));
    return absl::OkStatus();
  }

  const Surrogate& surrogate() const override { return *model_; }
  double best() const override { return z_(RowsToImproveOn(observed_, violations_)).minCoeff(); }
  double zero() const override { return zero_; }
  Eigen::VectorXd PointMeans() const override { return model_->Predict(x_).mean; }
  Eigen::MatrixXd BestPoints(Eigen::Index count) const override {
    return BestRows(x_.topRows(observed_), z_.head(observed_), violations_, count);
  }
  Eigen::VectorXd LogLengths() const override { return Eigen::VectorXd::Zero(x_.cols()); }
  absl::Status Believe(const Eigen::MatrixXd& rows) override {
    if (rows.rows() == 0) return absl::OkStatus();
    const Eigen::VectorXd expected = model_->Predict(rows).mean;
    const Eigen::Index n = x_.rows();
    x_.conservativeResize(n + rows.rows(), Eigen::NoChange);
    x_.bottomRows(rows.rows()) = rows;
    z_.conservativeResize(n + rows.rows());
    z_.tail(rows.rows()) = expected;
    return Fit();
  }

 private:
  const FitSurrogate fit_;
  const std::vector<FeatureColumn> columns_;
  const std::uint64_t seed_;
  const std::function<bool()> stop_requested_;
  const Eigen::Index observed_;
  Eigen::MatrixXd x_;
  const Violations violations_;
  Eigen::VectorXd z_;
  double zero_ = 0;
  std::unique_ptr<Surrogate> model_;
};

}  // namespace

std::vector<Eigen::Index> RowsToImproveOn(Eigen::Index n, const Violations& violations) {
  std::vector<Eigen::Index> rows;
  for (Eigen::Index i = 0; i < n; ++i) {
    if (At(violations, i) == 0) rows.push_back(i);
  }
  if (rows.empty()) {
    rows.resize(static_cast<size_t>(n));
    std::iota(rows.begin(), rows.end(), 0);
  }
  return rows;
}

absl::StatusOr<std::unique_ptr<BeliefModel>> BelieveGaussianProcess(
    const BeliefData& data, const std::function<bool()>& stop_requested) {
  const std::vector<Eigen::Index> rows = ModelledRows(data.values, data.violations);
  Violations violations;
  for (const Eigen::Index row : rows) {
    if (!data.violations.empty()) violations.push_back(At(data.violations, row));
  }
  Eigen::MatrixXd x = data.x(rows, Eigen::all);
  QALAM_ASSIGN_OR_RETURN(GpModel model,
                         FitGpModel(data.columns, x, data.values(rows), stop_requested, data.max_log_k));
  return std::make_unique<GpBelief>(std::move(model), std::move(x), std::move(violations));
}

absl::StatusOr<std::unique_ptr<BeliefModel>> BelieveSurrogate(FitSurrogate fit, const BeliefData& data,
                                                              std::uint64_t seed,
                                                              const std::function<bool()>& stop_requested) {
  auto model = std::make_unique<SurrogateBelief>(fit, data, seed, stop_requested);
  QALAM_RETURN_IF_ERROR(model->Fit());
  return model;
}

}  // namespace qalam::algorithms
