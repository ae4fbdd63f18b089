// The 24 BBOB functions as formulas over the numbers that make an instance. Internal to this room; see
// bbob.h.
#pragma once

#include <span>
#include <vector>

#include "bench/functions.h"
#include "bench/rotation.h"

namespace qalam::bench {

/// One Gaussian peak of f21 and f22.
struct BbobPeak {
  std::vector<double> centre;   // in the coordinates that R makes
  std::vector<double> stretch;  // diagonal of C
  double height = 0;
};

/// What differs between instances of one function. Rotations have as many rows as there are dimensions;
/// functions without them do not read them.
struct BbobInstance {
  Rotation r, q;
  double best = 0;              // f_opt
  std::vector<double> optimum;  // x_opt
  std::vector<double> signs;    // of the optimum: f5, f20, f24
  std::vector<BbobPeak> peaks;  // f21, f22
};

inline constexpr double kBbobSchwefelOptimum = 4.2096874633;  // f20: twice the size of each coordinate
inline constexpr double kBbobLunacekCentre = 2.5;             // f24: likewise

/// max(1, sqrt(D) / 8), by which f8, f9 and f19 are scaled.
double BbobWidening(size_t dimensions);

/// f(x) - f_opt, 0 at the optimum. `function` is 1 .. 24. O(D^2), for f21 O(101 D) more.
double BbobExcess(int function, const BbobInstance& instance, Coordinates x);

}  // namespace qalam::bench
