// What is maximised to find the next point.
#pragma once

#include <Eigen/Core>

#include "algorithms/acquisition_function.h"
#include "algorithms/surrogate.h"

namespace qalam::algorithms {

/// What a trial at a point promises; larger is better. Rows are encoded points (feature_encoding.h). Threads: immutable.
class Gain {
 public:
  virtual ~Gain() = default;

  virtual Eigen::VectorXd Values(const Eigen::MatrixXd& rows) const = 0;

  /// The same from the models' optimistic posteriors, at a fraction of the cost: enough to tell which points
  /// are not worth more.
  virtual Eigen::VectorXd OptimisticValues(const Eigen::MatrixXd& rows) const = 0;

  /// Whether ValueWithGradient may be called.
  virtual bool has_gradient() const = 0;

  /// The value at one point; writes its derivatives by each column to `gradient`.
  virtual double ValueWithGradient(const Eigen::RowVectorXd& row, Eigen::RowVectorXd& gradient) const = 0;
};

/// Of one objective, in which `best` is to be improved on.
class SurrogateGain final : public Gain {
 public:
  SurrogateGain(AcquisitionKind kind, const Surrogate& model, double best)  // the model outlives this
      : kind_(kind), model_(model), best_(best) {}

  Eigen::VectorXd Values(const Eigen::MatrixXd& rows) const override { return Of(model_.Predict(rows)); }
  Eigen::VectorXd OptimisticValues(const Eigen::MatrixXd& rows) const override {
    return Of(model_.PredictOptimistic(rows));
  }
  bool has_gradient() const override { return model_.has_gradient(); }
  double ValueWithGradient(const Eigen::RowVectorXd& row, Eigen::RowVectorXd& gradient) const override;

 private:
  Eigen::VectorXd Of(const Posterior& posterior) const;

  AcquisitionKind kind_;
  const Surrogate& model_;
  double best_;
};

}  // namespace qalam::algorithms
