#include "algorithms/genetic_operators.h"

#include <algorithm>
#include <cmath>

namespace qalam::algorithms {
namespace {

constexpr double kSame = 1e-14;

// How many times as far from the parents' middle as its own parent the child lies, when there is room for `room` times.
double Spread(double u, double index, double room) {
  const double cut = 2 - std::pow(room, -(index + 1));  // the mass within the room, of 2
  const double mass = u * cut;
  return mass <= 1 ? std::pow(mass, 1 / (index + 1)) : std::pow(1 / (2 - mass), 1 / (index + 1));
}

}  // namespace

double SimulatedBinaryCrossover(double a, double b, double index, Rng& rng) {
  const double u = rng.Uniform();
  const bool upper = rng.Uniform() < 0.5;
  const double low = std::min(a, b), high = std::max(a, b), distance = high - low;
  if (distance < kSame) return upper ? high : low;
  const double room = 1 + 2 * (upper ? 1 - high : low) / distance;
  const double reach = Spread(u, index, room) * distance / 2, middle = low + distance / 2;
  return std::clamp(upper ? middle + reach : middle - reach, 0.0, 1.0);
}

double PolynomialMutation(double x, double index, Rng& rng) {
  const double u = rng.Uniform(), power = 1 / (index + 1);
  if (u < 0.5)
    return std::clamp(x - 1 + std::pow(2 * u + (1 - 2 * u) * std::pow(1 - x, index + 1), power), 0.0, 1.0);
  return std::clamp(x + 1 - std::pow(2 * (1 - u) + (2 * u - 1) * std::pow(x, index + 1), power), 0.0, 1.0);
}

}  // namespace qalam::algorithms
