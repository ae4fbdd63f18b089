// What several objectives are expected to be, and what is to be gained on their front.
#pragma once

#include <memory>
#include <vector>

#include "algorithms/batch_search.h"
#include "algorithms/belief_model.h"

namespace qalam::algorithms {

/// Most objectives a FrontModel takes: the boxes of the expected hypervolume improvement multiply with their number.
inline constexpr size_t kMaxModelledObjectives = 6;

/// One model per objective (belief_model.h), independent of each other, and the expected improvement of the hypervolume
/// (hypervolume_gain.h) of the front of what they expect at the points they know: noise is removed, and a
/// running trial counts with its expected values. All in the models' own units, in which each objective is
/// compressed and standardised (output_transform.h); dominance is the same there.
///
/// The reference lies beyond the worst values on the front by a tenth of the front's extent [1]. Of large
/// fronts the loneliest points stand for all (CrowdingDistances): 200 for two objectives, 80 for three, then
/// 30, 16 and 10.
///
/// [1] Ishibuchi, Imada, Setoguchi, Nojima, How to Specify a Reference Point in Hypervolume Calculation for Fair Performance
///     Comparison, Evolutionary Computation 26(3), 2018.
class FrontModel final : public BatchModel {
 public:
  /// `x`: the observed points, of which all models are made. `feasible`: which of them keep the constraints on metrics; only
  /// those are on the front, unless none of them does.
  FrontModel(std::vector<std::unique_ptr<BeliefModel>> models, Eigen::MatrixXd x, std::vector<bool> feasible);

  absl::Status Believe(const Eigen::MatrixXd& rows) override;
  std::unique_ptr<Gain> NextGain() const override;
  Eigen::MatrixXd Centres() const override;

 private:
  // Row numbers of what is expected to be efficient.
  std::vector<size_t> Front(const std::vector<Losses>& expected) const;
  std::vector<Losses> Expected() const;

  std::vector<std::unique_ptr<BeliefModel>> models_;
  Eigen::MatrixXd x_;  // observed, then believed
  std::vector<bool> feasible_;
};

/// Which of the finished trials a FrontModel is made of, ascending: all, or, of more than 1,500, the 500 best
/// (elite.h), the 500 last and 500 spread evenly over the others.
std::vector<size_t> ModelledTrials(const std::vector<Observation>& finished);

}  // namespace qalam::algorithms
