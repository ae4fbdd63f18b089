// How real-coded genetic algorithms make children.
#pragma once

#include "algorithms/random_engine.h"

namespace qalam::algorithms {

/// Simulated binary crossover on [0, 1] (Deb, Agrawal 1995): one of the two children of `a` and `b`, as near to them as
/// crossing bit strings would give: a large `index` keeps closer. The density is cut where a child would leave the interval.
double SimulatedBinaryCrossover(double a, double b, double index, Rng& rng);

/// Polynomial mutation on [0, 1] (Deb, Goyal 1996, bounded): small steps are likely, more so with a large `index`.
double PolynomialMutation(double x, double index, Rng& rng);

}  // namespace qalam::algorithms
