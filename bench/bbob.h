// The 24 noiseless functions of the Black-Box Optimization Benchmarking suite.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "bench/problem.h"

namespace qalam::bench {

inline constexpr int kBbobFunctions = 24;
inline constexpr std::uint64_t kDefaultBbobInstance = 1;

struct BbobName {
  int function = 1;    // 1 .. 24
  int dimensions = 2;  // 2 .. 200
};

/// "bbob-f7-10": function 7 in 10 dimensions. Nothing for other texts.
std::optional<BbobName> ParseBbobName(std::string_view name);

/// "bbob-10": all functions in 10 dimensions. Nothing for other texts.
std::optional<int> ParseBbobSuiteName(std::string_view name);

/// The function as defined in [1], minimised in [-5, 5]^D.
///
/// `instance` seeds what differs between instances: the place of the optimum, the rotations, the peaks and the
/// lowest value. They have the distributions of [1], but come from a generator of our own, so that instance 3
/// is not COCO's instance 3.
///
/// [1] Hansen, Finck, Ros, Auger, Real-Parameter Black-Box Optimization Benchmarking 2009: Noiseless Functions
///     Definitions, INRIA RR-6829, 2009.
Problem Bbob(const BbobName& name, std::uint64_t instance);

}  // namespace qalam::bench
