#include "algorithms/parzen_estimator.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "algorithms/truncated_normal.h"

namespace qalam::algorithms {
namespace {

// A cell this narrow, in bandwidths, has the mass of its middle and the second-order correction: the error of
// the logarithm is below 1e-5 where the kernel matters.
constexpr double kNarrowCell = 0.2;
// Terms this much smaller than the largest, in the logarithm, vanish in the sum.
constexpr double kNegligible = 40;

constexpr double kLogSqrtTwoPi = 0.918938533204672741780;

// Of the mass that a normal has within [0, 1].
double LogMassInside(double position, double h) {
  return std::log(NormalMass(-position / h, (1 - position) / h));
}

}  // namespace

ParzenEstimator::ParzenEstimator(std::span<const Axis> axes, std::vector<double> bandwidths,
                                 double prior_weight)
    : axes_(axes),
      bandwidths_(std::move(bandwidths)),
      prior_weight_(prior_weight),
      total_weight_(prior_weight),
      centres_(axes.size()) {}

void ParzenEstimator::Add(std::span<const double> codes, double weight) {
  double log_factor = std::log(weight);
  for (size_t j = 0; j < axes_.size(); ++j) {
    Centres& centres = centres_[j];
    const double h = bandwidths_[j];
    const bool inactive = std::isnan(codes[j]);
    if (!axes_[j].is_finite()) {
      const double log_height = inactive ? 0 : kLogSqrtTwoPi + std::log(h) + LogMassInside(codes[j], h);
      centres.position.push_back(codes[j]);
      centres.log_height.push_back(log_height);
      log_factor -= log_height;
      continue;
    }
    if (inactive) {
      centres.slot.push_back(kInactive);
      continue;
    }
    const auto [found, is_new] = centres.slots.try_emplace(codes[j], centres.code.size());
    centres.slot.push_back(found->second);
    if (!is_new) continue;
    centres.code.push_back(codes[j]);
    centres.position.push_back(axes_[j].Position(codes[j]));
    centres.log_inside.push_back(LogMassInside(centres.position.back(), h));
  }
  log_factor_.push_back(log_factor);
  weights_.push_back(weight);
  total_weight_ += weight;
}

// Of every distinct code of the axis.
void ParzenEstimator::LogKernels(size_t axis, double code, std::vector<double>& log_kernels) const {
  const Centres& centres = centres_[axis];
  const size_t count = centres.code.size();
  const double h = bandwidths_[axis];
  log_kernels.resize(count);
  if (axes_[axis].kind() == Axis::Kind::kUnordered) {
    const double other = std::log(h), same = std::log(h + (1 - h) * static_cast<double>(axes_[axis].size()));
    for (size_t i = 0; i < count; ++i) log_kernels[i] = code == centres.code[i] ? same : other;
    return;
  }
  const auto [lower, upper] = axes_[axis].CellOf(code);
  const double width = (upper - lower) / h;
  const double log_height = kLogSqrtTwoPi + std::log(h), log_width = std::log(upper - lower);
  for (size_t i = 0; i < count; ++i) {
    if (width < kNarrowCell) {
      const double z = ((lower + upper) / 2 - centres.position[i]) / h;
      log_kernels[i] = -0.5 * z * z + (z * z - 1) * width * width / 24 - log_height;
    } else {
      log_kernels[i] =
          std::log(NormalMass((lower - centres.position[i]) / h, (upper - centres.position[i]) / h)) -
          log_width;
    }
    log_kernels[i] -= centres.log_inside[i];
  }
}

double ParzenEstimator::LogDensity(std::span<const double> codes) const {
  const size_t n = weights_.size();
  std::vector<double> log_terms = log_factor_, log_kernels;
  for (size_t j = 0; j < axes_.size(); ++j) {
    const Centres& centres = centres_[j];
    if (std::isnan(codes[j])) {
      for (size_t i = 0; i < centres.log_height.size(); ++i) log_terms[i] += centres.log_height[i];
      continue;
    }
    if (!axes_[j].is_finite()) {
      const double x = codes[j], scale = std::numbers::sqrt2 / 2 / bandwidths_[j];
      for (size_t i = 0; i < n; ++i) {
        const double z = (x - centres.position[i]) * scale;
        if (!std::isnan(z)) log_terms[i] -= z * z;
      }
      continue;
    }
    LogKernels(j, codes[j], log_kernels);
    for (size_t i = 0; i < n; ++i) {
      if (centres.slot[i] != kInactive) log_terms[i] += log_kernels[centres.slot[i]];
    }
  }
  const double log_prior = std::log(prior_weight_);
  double largest = log_prior;
  for (const double term : log_terms) largest = std::max(largest, term);
  double sum = std::exp(log_prior - largest);
  for (const double term : log_terms) {
    if (term > largest - kNegligible) sum += std::exp(term - largest);
  }
  return largest + std::log(sum) - std::log(total_weight_);
}

std::vector<double> ParzenEstimator::Sample(Rng& rng) const {
  double remaining = rng.Uniform() * total_weight_ - prior_weight_;
  size_t kernel = weights_.size();  // the prior
  if (remaining > 0 && !weights_.empty()) {
    kernel = 0;
    while (kernel + 1 < weights_.size() && (remaining -= weights_[kernel]) > 0) ++kernel;
  }
  std::vector<double> codes(axes_.size());
  for (size_t j = 0; j < axes_.size(); ++j) {
    const double u = rng.Uniform();
    codes[j] = axes_[j].CodeAt(u);
    if (kernel == weights_.size()) continue;
    const Centres& centres = centres_[j];
    const double h = bandwidths_[j];
    const size_t centre = axes_[j].is_finite() ? centres.slot[kernel] : kernel;
    if (axes_[j].is_finite() ? centre == kInactive : std::isnan(centres.position[kernel])) continue;
    if (axes_[j].kind() == Axis::Kind::kUnordered) {
      if (rng.Uniform() >= h) codes[j] = centres.code[centre];
      continue;
    }
    const double position = centres.position[centre];
    const double z = TruncatedNormalQuantile(u, -position / h, (1 - position) / h);
    codes[j] = axes_[j].CodeAt(std::clamp(position + z * h, 0.0, 1.0));
  }
  return codes;
}

}  // namespace qalam::algorithms
