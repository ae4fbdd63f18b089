// The recurrent network that draws architectures in ENAS, forwards and backwards.
#pragma once

#include <Eigen/Core>
#include <optional>
#include <vector>

namespace qalam::algorithms {

/// Shapes, in every comment of this file. L: layers, C: operations to choose from, H: hidden units, B: sequences of
/// decisions that go through the network side by side, one per column.
struct PolicyShape {
  int layers = 1, choices = 1, hidden = 1;
  std::optional<double> temperature,
      tanh_const;  // a logit z is bounded to tanh_const * tanh(z / temperature)

  Eigen::Index weights() const;
};

/// The weights, or a gradient by them, as named parts of one vector. Valid as long as the vector.
template <class Vector, class Matrix>
struct PolicyParts {
  PolicyParts(const PolicyShape& shape, Vector& all);

  Eigen::Map<Matrix>
      lstm;  // 4H x 2H: from (input, last output) to input, forget and output gate, and candidate
  Eigen::Map<Matrix> start;   // H x 1, the input where there is no other
  Eigen::Map<Matrix> embed;   // H x C, the input that an operation is
  Eigen::Map<Matrix> choose;  // C x H, from output to logits of operations
  Eigen::Map<Matrix> key;     // H x H, of an earlier layer's output
  Eigen::Map<Matrix> query;   // H x H, of this layer's output
  Eigen::Map<Matrix> attend;  // 1 x H, from tanh(key + query) to half the log odds of a skip
};
using PolicyWeights = PolicyParts<const Eigen::VectorXd, const Eigen::MatrixXd>;
using PolicyGradient = PolicyParts<Eigen::VectorXd, Eigen::MatrixXd>;

/// B sequences of decisions on their way through the network [1, section 2.3]. For each layer l from 0: OperationLogits,
/// TakeOperations, then, above layer 0, SkipLogits, TakeSkips. After the last layer Backward, if wanted.
///
/// A layer is two steps of an LSTM [2], without biases. The first one's output gives the logits of the operations; the
/// operation's embedding is the input of the second one, whose output, compared with those of earlier layers, gives the odds
/// of skips. The mean of the outputs that are skipped to is the input of the next layer.
///
/// [1] Pham, Guan, Zoph, Le, Dean, Efficient Neural Architecture Search via Parameter Sharing, ICML 2018.
/// [2] Hochreiter, Schmidhuber, Long Short-Term Memory, Neural Computation 9(8), 1997.
class PolicyPass {
 public:
  /// `weights` has shape.weights() entries and outlives the pass.
  PolicyPass(const PolicyShape& shape, const Eigen::VectorXd& weights, int sequences);

  /// C x B; log probabilities up to a constant of each column.
  const Eigen::MatrixXd& OperationLogits();
  void TakeOperations(const std::vector<int>& operations);  // B

  /// l x B: the log odds of a connection from each output but the last one.
  const Eigen::MatrixXd& SkipLogits();
  void TakeSkips(Eigen::MatrixXd skips);  // l x B, 1 or 0

  /// Adds to `gradient` what the derivatives of a loss by the logits come to. `by_operations` has L matrices shaped like
  /// OperationLogits(), `by_skips` L - 1 like SkipLogits().
  void Backward(const std::vector<Eigen::MatrixXd>& by_operations,
                const std::vector<Eigen::MatrixXd>& by_skips, Eigen::VectorXd& gradient) const;

 private:
  struct Cell {
    Eigen::MatrixXd gates;             // 4H x B, after their nonlinearities
    Eigen::MatrixXd before, tanh_now;  // H x B: cell state at entry, tanh of that at exit
    Eigen::MatrixXd output;            // H x B
  };
  struct LayerTrace {
    Cell choose, connect;
    std::vector<int> operations;
    Eigen::MatrixXd logits, slopes;            // C x B; slopes: d bounded logit / d logit
    std::vector<Eigen::MatrixXd> compared;     // l of H x B
    Eigen::MatrixXd skip_logits, skip_slopes;  // l x B
    Eigen::MatrixXd skips, key;                // l x B, H x B
  };

  void Step(const Eigen::MatrixXd& input, Cell& cell);
  void StepBack(const Cell& cell, Eigen::Index number, const Eigen::MatrixXd& by_output,
                Eigen::MatrixXd& by_state, Eigen::MatrixXd& by_gates, Eigen::MatrixXd& by_entry) const;
  void Bound(double factor, Eigen::MatrixXd& logits, Eigen::MatrixXd& slopes) const;

  const PolicyShape shape_;
  const PolicyWeights weights_;
  const int sequences_;
  Eigen::MatrixXd entries_;                 // 2H x 2LB: what each step began with, (input, last output)
  Eigen::MatrixXd input_, state_, output_;  // H x B
  Eigen::Index steps_ = 0;
  std::vector<LayerTrace> layers_;
};

}  // namespace qalam::algorithms
