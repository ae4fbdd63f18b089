#include "algorithms/policy_network.h"

#include <utility>

namespace qalam::algorithms {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

}  // namespace

Index PolicyShape::weights() const {
  const Index h = hidden, c = choices;
  return 4 * h * 2 * h + h + 2 * h * c + 2 * h * h + h;
}

template <class Vector, class Matrix>
PolicyParts<Vector, Matrix>::PolicyParts(const PolicyShape& shape, Vector& all)
    : lstm(nullptr, 4 * shape.hidden, 2 * shape.hidden),
      start(nullptr, shape.hidden, 1),
      embed(nullptr, shape.hidden, shape.choices),
      choose(nullptr, shape.choices, shape.hidden),
      key(nullptr, shape.hidden, shape.hidden),
      query(nullptr, shape.hidden, shape.hidden),
      attend(nullptr, 1, shape.hidden) {
  auto* next = all.data();
  for (Eigen::Map<Matrix>* part : {&lstm, &start, &embed, &choose, &key, &query, &attend}) {
    new (part) Eigen::Map<Matrix>(next, part->rows(), part->cols());
    next += part->size();
  }
}

template struct PolicyParts<const VectorXd, const MatrixXd>;
template struct PolicyParts<VectorXd, MatrixXd>;

PolicyPass::PolicyPass(const PolicyShape& shape, const VectorXd& weights, int sequences)
    : shape_(shape),
      weights_(shape, weights),
      sequences_(sequences),
      entries_(2 * shape.hidden, Index{2} * shape.layers * sequences),
      input_(weights_.start.replicate(1, sequences)),
      state_(MatrixXd::Zero(shape.hidden, sequences)),
      output_(state_) {
  layers_.reserve(shape.layers);
}

void PolicyPass::Step(const MatrixXd& input, Cell& cell) {
  const Index h = shape_.hidden;
  auto entry = entries_.middleCols(steps_++ * sequences_, sequences_);
  entry.topRows(h) = input;
  entry.bottomRows(h) = output_;
  cell.gates.noalias() = weights_.lstm * entry;
  cell.gates.topRows(3 * h) = 1 / (1 + (-cell.gates.topRows(3 * h).array()).exp());
  cell.gates.bottomRows(h) = cell.gates.bottomRows(h).array().tanh();
  const auto in = cell.gates.topRows(h).array(), forget = cell.gates.middleRows(h, h).array(),
             out = cell.gates.middleRows(2 * h, h).array(), candidate = cell.gates.bottomRows(h).array();
  cell.before = state_;
  state_ = forget * state_.array() + in * candidate;
  cell.tanh_now = state_.array().tanh();
  output_ = out * cell.tanh_now.array();
  cell.output = output_;
}

void PolicyPass::Bound(double factor, MatrixXd& logits, MatrixXd& slopes) const {
  const double scale = shape_.temperature ? 1 / *shape_.temperature : 1;
  logits *= scale;
  if (shape_.tanh_const) {
    logits = logits.array().tanh();
    slopes = factor * scale * *shape_.tanh_const * (1 - logits.array().square());
    logits *= factor * *shape_.tanh_const;
  } else {
    slopes.setConstant(logits.rows(), logits.cols(), factor * scale);
    logits *= factor;
  }
}

const MatrixXd& PolicyPass::OperationLogits() {
  LayerTrace& layer = layers_.emplace_back();
  Step(input_, layer.choose);
  layer.logits.noalias() = weights_.choose * output_;
  Bound(1, layer.logits, layer.slopes);
  return layer.logits;
}

void PolicyPass::TakeOperations(const std::vector<int>& operations) {
  LayerTrace& layer = layers_.back();
  layer.operations = operations;
  for (int k = 0; k < sequences_; ++k) input_.col(k) = weights_.embed.col(operations[k]);
  Step(input_, layer.connect);
  layer.key.noalias() = weights_.key * output_;
  if (layers_.size() == 1) input_ = weights_.start.replicate(1, sequences_);
}

const MatrixXd& PolicyPass::SkipLogits() {
  LayerTrace& layer = layers_.back();
  const Index earlier = static_cast<Index>(layers_.size()) - 1;
  const MatrixXd query = weights_.query * output_;
  layer.skip_logits.resize(earlier, sequences_);
  for (Index i = 0; i < earlier; ++i) {
    const MatrixXd& compared =
        layer.compared.emplace_back((layers_[i].key.array() + query.array()).tanh().matrix());
    layer.skip_logits.row(i).noalias() = weights_.attend * compared;
  }
  Bound(2, layer.skip_logits, layer.skip_slopes);
  return layer.skip_logits;
}

void PolicyPass::TakeSkips(MatrixXd skips) {
  LayerTrace& layer = layers_.back();
  layer.skips = std::move(skips);
  input_.setZero();
  for (Index i = 0; i < layer.skips.rows(); ++i) {
    input_.array() += layers_[i].connect.output.array().rowwise() * layer.skips.row(i).array();
  }
  input_.array().rowwise() /= 1 + layer.skips.colwise().sum().array();
}

void PolicyPass::StepBack(const Cell& cell, Index number, const MatrixXd& by_output, MatrixXd& by_state,
                          MatrixXd& by_gates, MatrixXd& by_entry) const {
  const Index h = shape_.hidden;
  const auto in = cell.gates.topRows(h).array(), forget = cell.gates.middleRows(h, h).array(),
             out = cell.gates.middleRows(2 * h, h).array(), candidate = cell.gates.bottomRows(h).array();
  by_state.array() += by_output.array() * out * (1 - cell.tanh_now.array().square());
  auto by = by_gates.middleCols(number * sequences_, sequences_);
  by.topRows(h) = by_state.array() * candidate * in * (1 - in);
  by.middleRows(h, h) = by_state.array() * cell.before.array() * forget * (1 - forget);
  by.middleRows(2 * h, h) = by_output.array() * cell.tanh_now.array() * out * (1 - out);
  by.bottomRows(h) = by_state.array() * in * (1 - candidate.square());
  by_state.array() *= forget;
  by_entry.noalias() = weights_.lstm.transpose() * by;
}

void PolicyPass::Backward(const std::vector<MatrixXd>& by_operations, const std::vector<MatrixXd>& by_skips,
                          VectorXd& gradient) const {
  const Index h = shape_.hidden, layers = shape_.layers;
  PolicyGradient sum(shape_, gradient);
  const MatrixXd zero = MatrixXd::Zero(h, sequences_);
  MatrixXd by_next_input = zero, by_last_output = zero, by_state = zero, by_entry;
  MatrixXd by_gates(4 * h, entries_.cols());
  std::vector<MatrixXd> by_output(layers, zero), by_key(layers, zero);  // of the layers' second steps
  for (Index l = layers - 1; l >= 0; --l) {
    const LayerTrace& layer = layers_[l];
    const MatrixXd& output = layer.connect.output;
    MatrixXd& by_this = by_output[l];
    if (l == 0) sum.start += by_next_input.rowwise().sum();
    if (l > 0) {
      const Eigen::RowVectorXd divisors = 1 + layer.skips.colwise().sum().array();
      const MatrixXd by_logits = by_skips[l - 1].cwiseProduct(layer.skip_slopes);
      MatrixXd by_query = zero;
      for (Index i = 0; i < l; ++i) {
        by_output[i].array() +=
            by_next_input.array().rowwise() * (layer.skips.row(i).array() / divisors.array());
        const MatrixXd by_sum = (weights_.attend.transpose() * by_logits.row(i)).array() *
                                (1 - layer.compared[i].array().square());
        by_key[i] += by_sum;
        by_query += by_sum;
        sum.attend.noalias() += by_logits.row(i) * layer.compared[i].transpose();
      }
      sum.query.noalias() += by_query * output.transpose();
      by_this.noalias() += weights_.query.transpose() * by_query;
    }
    sum.key.noalias() += by_key[l] * output.transpose();
    by_this.noalias() += weights_.key.transpose() * by_key[l];
    by_this += by_last_output;
    StepBack(layer.connect, 2 * l + 1, by_this, by_state, by_gates, by_entry);
    for (int k = 0; k < sequences_; ++k) sum.embed.col(layer.operations[k]) += by_entry.col(k).head(h);

    const MatrixXd by_logits = by_operations[l].cwiseProduct(layer.slopes);
    sum.choose.noalias() += by_logits * layer.choose.output.transpose();
    MatrixXd by_chosen = by_entry.bottomRows(h);
    by_chosen.noalias() += weights_.choose.transpose() * by_logits;
    StepBack(layer.choose, 2 * l, by_chosen, by_state, by_gates, by_entry);
    by_next_input = by_entry.topRows(h);
    by_last_output = by_entry.bottomRows(h);
  }
  sum.start += by_next_input.rowwise().sum();
  sum.lstm.noalias() += by_gates * entries_.transpose();
}

}  // namespace qalam::algorithms
