// Probabilities of architectures, as a recurrent network has them.
#pragma once

#include <span>

#include "algorithms/architecture.h"
#include "algorithms/policy_network.h"
#include "algorithms/random_engine.h"

namespace qalam::algorithms {

/// Weights with which the network begins: uniform within 0.1 of 0, so that all architectures are about equally likely.
Eigen::VectorXd InitialWeights(const PolicyShape& shape, std::uint64_t seed);

/// Draws a network, decision by decision. `sharpness` multiplies all logits: at 0 every choice has the same chance.
Architecture Draw(const PolicyShape& shape, const Eigen::VectorXd& weights, double sharpness, Rng& rng);

/// What is made small.
struct PolicyLoss {
  double entropy_weight = 0;  // >= 0
  double skip_weight = 0;     // >= 0
  double skip_target = 0.5;   // in (0, 1)
};

/// The natural logarithms of the probabilities of `architectures`, at least one; the caller decides by them how much each
/// counts:
///
///   loss = sum_k -advantage_k log p_k + mean_k(-entropy_weight H_k + skip_weight S_k)
///
/// H_k is the sum of the entropies of the decisions on the way, S_k the divergence (Kullback and Leibler's) of the skips'
/// probabilities from the target, summed and divided by the number of layers that have any.
class PolicyEvaluation {
 public:
  PolicyEvaluation(const PolicyShape& shape, const Eigen::VectorXd& weights,
                   std::span<const Architecture* const> architectures);

  const Eigen::VectorXd& log_probabilities() const { return log_probabilities_; }

  /// With the advantages as constants, one per architecture. The gradient is by the weights.
  double Loss(const PolicyLoss& loss, const Eigen::VectorXd& advantages, Eigen::VectorXd* gradient) const;

 private:
  const PolicyShape shape_;
  PolicyPass pass_;
  std::vector<Eigen::MatrixXd> operations_;      // L of C x B: log probabilities
  std::vector<Eigen::MatrixXd> taken_;           // L of C x B: 1 for what was chosen
  std::vector<Eigen::MatrixXd> odds_, skipped_;  // L - 1 of l x B: log odds; 1 or 0
  Eigen::VectorXd log_probabilities_;
};

}  // namespace qalam::algorithms
