#include "algorithms/enas_training.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "algorithms/bounded_cache.h"

namespace qalam::algorithms {
namespace {

using Eigen::VectorXd;

constexpr size_t kFullTrials = 20;  // each of which brings all the steps
constexpr size_t kBatch = 8;        // trials that take a step together
constexpr double kMostDeviations = 3;
constexpr double kNormalDeviation =
    1.4826;  // standard deviation over median absolute deviation, of a normal distribution
constexpr double kLeastTarget = 1e-3;  // the divergence from a target of 0 or 1 is infinite
constexpr size_t kCacheBytes = size_t{64} << 20;
constexpr std::uint64_t kInitialStream = 0x656e61732d696e69, kReplayStream = 0x656e61732d726570;

double MedianOf(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return *middle / 2 + *std::max_element(values.begin(), middle) / 2;
}

// The rewards on a robust scale. Halves, as differences of doubles may not be finite.
VectorXd Standardised(std::vector<double> rewards) {
  const double middle = MedianOf(rewards) / 2;
  std::vector<double> distances;
  for (double& reward : rewards) {
    reward = reward / 2 - middle;
    distances.push_back(std::abs(reward));
  }
  double unit = kNormalDeviation * MedianOf(distances);
  if (unit == 0) {
    for (const double distance : distances) unit += distance / static_cast<double>(distances.size());
  }
  VectorXd scaled = VectorXd::Zero(static_cast<Eigen::Index>(rewards.size()));
  for (size_t i = 0; i < rewards.size() && unit > 0; ++i) {
    scaled[static_cast<Eigen::Index>(i)] = std::clamp(rewards[i] / unit, -kMostDeviations, kMostDeviations);
  }
  return scaled;
}

// What a network was trained on, as a chain: one key for each number of trials.
std::vector<std::uint64_t> Keys(const PolicyShape& shape, const EnasSettings& settings, std::uint64_t seed,
                                const std::vector<TriedArchitecture>& tried) {
  const auto bits = [](std::optional<double> value) {
    return std::bit_cast<std::uint64_t>(value.value_or(-1));
  };
  std::vector<std::uint64_t> keys = {
      HashWords({seed, static_cast<std::uint64_t>(shape.layers), static_cast<std::uint64_t>(shape.choices),
                 static_cast<std::uint64_t>(shape.hidden), bits(shape.temperature), bits(shape.tanh_const),
                 bits(settings.entropy_weight), bits(settings.baseline_decay), bits(settings.learning_rate),
                 bits(settings.skip_target), bits(settings.skip_weight),
                 static_cast<std::uint64_t>(settings.train_steps)})};
  for (const TriedArchitecture& trial : tried) {
    const std::uint64_t reward = std::isnan(trial.reward) ? 0 : std::bit_cast<std::uint64_t>(trial.reward);
    keys.push_back(HashWords({keys.back(), HashText(ArchitectureText(trial.architecture)), reward,
                              static_cast<std::uint64_t>(std::isnan(trial.reward))}));
  }
  return keys;
}

BoundedCache<EnasTraining>& Trainings() {
  static auto& cache = *new BoundedCache<EnasTraining>(kCacheBytes);
  return cache;
}

}  // namespace

VectorXd Advantages(const std::vector<TriedArchitecture>& tried, size_t count, double baseline_decay) {
  double worst = std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < count; ++i) {
    if (!std::isnan(tried[i].reward)) worst = std::min(worst, tried[i].reward);
  }
  if (!std::isfinite(worst)) return VectorXd::Zero(static_cast<Eigen::Index>(count));
  std::vector<double> rewards;
  for (size_t i = 0; i < count; ++i) rewards.push_back(std::isnan(tried[i].reward) ? worst : tried[i].reward);
  VectorXd scaled = Standardised(std::move(rewards));
  double sum = 0, weight = 0;
  for (const double reward : scaled) {
    sum = baseline_decay * sum + reward;
    weight = baseline_decay * weight + 1;
  }
  scaled.array() -= sum / weight;
  return scaled;
}

EnasTraining::EnasTraining(const PolicyShape& shape, const EnasSettings& settings, std::uint64_t seed)
    : shape_(shape),
      settings_(settings),
      seed_(seed),
      weights_(InitialWeights(shape, HashWords({seed, kInitialStream}))),
      adam_(weights_.size()) {}

size_t EnasTraining::bytes() const {
  return 3 * sizeof(double) * static_cast<size_t>(weights_.size()) +
         sizeof(double) * log_probabilities_.size();
}

absl::Status EnasTraining::Teach(const std::vector<TriedArchitecture>& tried, const Ask& ask) {
  const size_t newest = taught(), count = newest + 1;
  const Architecture* const own = &tried[newest].architecture;
  log_probabilities_.push_back(PolicyEvaluation(shape_, weights_, std::span(&own, 1)).log_probabilities()[0]);
  const VectorXd advantages = Advantages(tried, count, settings_.baseline_decay);
  const PolicyLoss loss = {settings_.entropy_weight.value_or(0), settings_.skip_weight.value_or(0),
                           std::clamp(settings_.skip_target, kLeastTarget, 1 - kLeastTarget)};
  const size_t steps = (settings_.train_steps * kFullTrials - 1) / std::max(count, kFullTrials) + 1;
  const size_t size = std::min(count, kBatch);
  std::vector<const Architecture*> batch(size, own);
  VectorXd weighed(static_cast<Eigen::Index>(size)), gradient;
  for (size_t step = 0; step < steps; ++step) {
    QALAM_RETURN_IF_ERROR(CheckStop(ask));
    Rng rng({seed_, kReplayStream, newest, step});
    std::vector<size_t> trials(size, newest);
    for (size_t k = 1; k < size; ++k) {
      trials[k] = rng.Below(newest);
      batch[k] = &tried[trials[k]].architecture;
    }
    const PolicyEvaluation evaluation(shape_, weights_, batch);
    for (size_t k = 0; k < size; ++k) {
      const auto i = static_cast<Eigen::Index>(k);
      const double ratio =
          std::exp(std::min(0.0, evaluation.log_probabilities()[i] - log_probabilities_[trials[k]]));
      weighed[i] = ratio * advantages[static_cast<Eigen::Index>(trials[k])] / static_cast<double>(size);
    }
    evaluation.Loss(loss, weighed, &gradient);
    adam_.Step(settings_.learning_rate, gradient, weights_);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const EnasTraining>> TrainEnas(const PolicyShape& shape,
                                                              const EnasSettings& settings,
                                                              std::uint64_t seed,
                                                              const std::vector<TriedArchitecture>& tried,
                                                              const Ask& ask) {
  const std::vector<std::uint64_t> keys = Keys(shape, settings, seed, tried);
  std::shared_ptr<const EnasTraining> training;
  for (size_t count = tried.size(); count > 0 && !training; --count) training = Trainings().Get(keys[count]);
  if (!training) training = std::make_shared<EnasTraining>(shape, settings, seed);
  absl::Status status;
  while (status.ok() && training->taught() < tried.size()) {
    auto next = std::make_shared<EnasTraining>(*training);
    status = next->Teach(tried, ask);
    if (status.ok()) training = std::move(next);
  }
  if (training->taught() > 0) Trainings().Put(keys[training->taught()], training, training->bytes());
  QALAM_RETURN_IF_ERROR(status);
  return training;
}

}  // namespace qalam::algorithms
