#include "algorithms/transfer_belief.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace qalam::algorithms {
namespace {

constexpr double kMaxEarlier = 60;
constexpr double kHere = 0.25, kThere = 0.75;  // of a column that tells an experiment from the others

// The model as this experiment sees it: without the columns that tell experiments apart.
class HereOnly final : public Surrogate {
 public:
  HereOnly(const Surrogate& all, Eigen::Index experiments) : all_(all), experiments_(experiments) {}

  Eigen::MatrixXd Extended(const Eigen::MatrixXd& x) const {
    Eigen::MatrixXd extended(x.rows(), x.cols() + experiments_);
    extended << x, Eigen::MatrixXd::Constant(x.rows(), experiments_, kHere);
    return extended;
  }

  Posterior Predict(const Eigen::MatrixXd& x) const override { return all_.Predict(Extended(x)); }
  Posterior PredictOptimistic(const Eigen::MatrixXd& x) const override {
    return all_.PredictOptimistic(Extended(x));
  }
  bool has_gradient() const override { return all_.has_gradient(); }
  PointPosterior PredictWithGradient(const Eigen::RowVectorXd& x) const override {
    PointPosterior posterior = all_.PredictWithGradient(Extended(x).row(0));
    posterior.mean_gradient.conservativeResize(x.size());
    posterior.variance_gradient.conservativeResize(x.size());
    return posterior;
  }

 private:
  const Surrogate& all_;
  const Eigen::Index experiments_;
};

class TransferBelief final : public BeliefModel {
 public:
  TransferBelief(std::unique_ptr<BeliefModel> all, Eigen::MatrixXd here, Eigen::Index experiments)
      : all_(std::move(all)),
        view_(all_->surrogate(), experiments),
        here_(std::move(here)),
        experiments_(experiments) {}

  const Surrogate& surrogate() const override { return view_; }
  double best() const override {
    return here_.rows() == 0 ? all_->best() : view_.Predict(here_).mean.minCoeff();
  }
  double zero() const override { return all_->zero(); }
  Eigen::VectorXd PointMeans() const override { return all_->PointMeans(); }
  Eigen::MatrixXd BestPoints(Eigen::Index count) const override {
    const Eigen::MatrixXd points = all_->BestPoints(count);
    return points.leftCols(points.cols() - experiments_);
  }
  Eigen::VectorXd LogLengths() const override {
    const Eigen::VectorXd lengths = all_->LogLengths();
    return lengths.head(lengths.size() - experiments_);
  }
  absl::Status Believe(const Eigen::MatrixXd& rows) override { return all_->Believe(view_.Extended(rows)); }

 private:
  const std::unique_ptr<BeliefModel> all_;
  const HereOnly view_;
  const Eigen::MatrixXd here_;  // observations that the best is one of
  const Eigen::Index experiments_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<BeliefModel>> BelieveTransferred(const BeliefData& data,
                                                                const std::vector<RelatedExperiment>& related,
                                                                const FeatureEncoding& encoding,
                                                                const std::function<bool()>& stop_requested) {
  const auto experiments = static_cast<Eigen::Index>(related.size());
  double relevance = 0;
  for (const RelatedExperiment& one : related) relevance += one.relevance;
  std::vector<Eigen::RowVectorXd> rows;
  std::vector<double> values, violations;
  for (Eigen::Index e = 0; e < experiments; ++e) {
    const RelatedExperiment& one = related[e];
    const auto share = static_cast<size_t>(std::ceil(kMaxEarlier * one.relevance / std::max(1.0, relevance)));
    const size_t size = one.finished.size(), count = std::min(size, share);
    for (size_t k = 0; k < count; ++k) {
      const size_t i = k * size / count;  // the best one, and spread evenly over the ranks
      Eigen::RowVectorXd row = Eigen::RowVectorXd::Constant(encoding.size() + experiments, kHere);
      row.head(encoding.size()) = encoding.Encode(one.finished[i].point);
      row[encoding.size() + e] = kThere;
      rows.push_back(std::move(row));
      values.push_back(one.values[i]);
      violations.push_back(one.finished[i].violation);
    }
  }
  std::vector<FeatureColumn> columns = data.columns;
  columns.insert(columns.end(), related.size(), {FeatureColumn::Kind::kOrdered, 2});
  const auto earlier = static_cast<Eigen::Index>(rows.size());
  const Eigen::Index n = data.x.rows();
  BeliefData all{columns, Eigen::MatrixXd::Constant(earlier + n, encoding.size() + experiments, kHere),
                 Eigen::VectorXd(earlier + n)};
  for (Eigen::Index i = 0; i < earlier; ++i) {
    all.x.row(i) = rows[i];
    all.values[i] = values[i];
  }
  if (n > 0) all.x.bottomLeftCorner(n, encoding.size()) = data.x;
  all.values.tail(n) = data.values;
  violations.insert(violations.end(), data.violations.begin(), data.violations.end());
  violations.resize(static_cast<size_t>(earlier + n), 0);
  all.violations = std::move(violations);
  QALAM_ASSIGN_OR_RETURN(std::unique_ptr<BeliefModel> model, BelieveGaussianProcess(all, stop_requested));
  Eigen::MatrixXd to_improve_on = data.x(RowsToImproveOn(n, data.violations), Eigen::all);
  return std::make_unique<TransferBelief>(std::move(model), std::move(to_improve_on), experiments);
}

}  // namespace qalam::algorithms
