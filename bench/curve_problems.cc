#include "bench/curve_problems.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "algorithms/random_engine.h"
#include "bench/space_parts.h"

namespace qalam::bench {
namespace {

using algorithms::Choice;
using algorithms::Point;

constexpr int kEpochs = 27;
constexpr double kBest = 0.05;
constexpr std::uint64_t kNoiseStream = 0x6375727665;
constexpr std::array kOptimizerLoss = {0.06, 0.02, 0.0};

algorithms::SearchSpace Space() {
  return Must(algorithms::SearchSpace::Make({LogReal("learning_rate", 1e-4, 1), LogWhole("width", 8, 512),
                                             LogReal("weight_decay", 1e-6, 1e-2), Real("dropout", 0, 0.8),
                                             OneOf("optimizer", {"sgd", "momentum", "adam"})}));
}

Point Optimum() { return {1e-2, std::int64_t{128}, 1e-4, 0.2, Choice{2}}; }

// Decades, octaves and steps away from the optimum.
double Final(const Point& point) {
  const double rate = std::log10(RealAt(point, 0) / 1e-2),
               size = std::log2(static_cast<double>(WholeAt(point, 1)) / 128);
  const double decay = std::log10(RealAt(point, 2) / 1e-4), dropout = RealAt(point, 3) - 0.2;
  return kBest + 0.12 * rate * rate + 0.012 * size * size + 0.01 * decay * decay + 0.25 * dropout * dropout +
         kOptimizerLoss[ChoiceAt(point, 4)];
}

// The exponent r of curves that cross: 0.1 to 2.
double Speed(const Point& point) {
  const double rate = std::log10(RealAt(point, 0)) / 4 + 1;                       // 0 to 1
  const double size = std::log2(static_cast<double>(WholeAt(point, 1)) / 8) / 6;  // 0 to 1
  return 0.1 + 1.2 * rate + 0.7 * (1 - size);
}

// 1 after the first epoch, 0 after the last.
double Remaining(int epoch, double speed) {
  const double end = std::pow(kEpochs, -speed);
  return (std::pow(epoch, -speed) - end) / (1 - end);
}

double Noise(const Point& point, int epoch) {
  std::uint64_t key = algorithms::HashWords({kNoiseStream, static_cast<std::uint64_t>(epoch)});
  for (const algorithms::Value& value : point) {
    std::uint64_t word = 0;
    if (const auto* real = std::get_if<double>(&value)) {
      word = std::bit_cast<std::uint64_t>(*real);
    } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
      word = static_cast<std::uint64_t>(*whole);
    } else {
      word = std::get<Choice>(value).index;
    }
    key = algorithms::HashWords({key, word});
  }
  return std::abs(algorithms::Rng({key}).Normal());
}

Problem Curves(std::string name, std::function<double(const Point&, int epoch)> above_final) {
  Problem problem;
  problem.name = std::move(name);
  problem.group = "curves";
  problem.space = Space();
  problem.evaluate = [](const Point& point) -> absl::StatusOr<double> { return Final(point); };
  problem.best = kBest;
  problem.optimum = Optimum();
  problem.fidelity = Fidelity{
      kEpochs,
      [above_final = std::move(above_final)](const Point& point, int epoch) -> absl::StatusOr<double> {
        return Final(point) + above_final(point, epoch);
      },
      kBest};
  return problem;
}

}  // namespace

std::vector<Problem> CurveProblems() {
  const auto crossing = [](const Point& point, int epoch) { return 0.5 * Remaining(epoch, Speed(point)); };
  return {Curves("curve-parallel", [](const Point&, int epoch) { return 0.5 * Remaining(epoch, 1); }),
          Curves("curve-crossing", crossing),
          Curves("curve-noisy", [crossing](const Point& point, int epoch) {
            const double left = static_cast<double>(kEpochs - epoch) / (kEpochs - 1);
            return crossing(point, epoch) + 0.1 * left * Noise(point, epoch);
          })};
}

}  // namespace qalam::bench
