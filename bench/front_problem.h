// Problems with several losses, of which the best trade-offs are known.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "bench/problem.h"

namespace qalam::bench {

/// A family of problems as it is listed.
struct FrontFamily {
  std::string_view name, parameters;
};
std::span<const FrontFamily> FrontFamilies();

/// "zdt1", "zdt2", "zdt3" (30 parameters), "zdt4", "zdt6" (10) [1]; "dtlz2-M" with M losses, 2 to 6, and M + 9 parameters
/// [2]. Another number D of parameters follows: "zdt1-8", "dtlz2-3-6" (at least 2, and as many as there are losses; at most
/// 10,000). Nothing for another name.
///
/// The reference of the hypervolume is (11, 11) for ZDT and 1.1 in each loss for DTLZ2, as in BoTorch, whose hypervolumes of the
/// whole front are the best values here: 120 2/3, 120 1/3, 128.778, 120 2/3 for ZDT1 to 4, 1.1^M less the part of the unit ball in
/// one orthant for DTLZ2.
///
/// [1] Zitzler, Deb, Thiele, Comparison of Multiobjective Evolutionary Algorithms: Empirical Results, Evolutionary Computation
///     8(2), 2000.
/// [2] Deb, Thiele, Laumanns, Zitzler, Scalable Multi-Objective Optimization Test Problems, CEC 2002.
std::optional<Problem> FrontProblem(std::string_view name);

/// ZDT1 to 4, ZDT6, DTLZ2 with two and with three losses: what the name "front" stands for.
std::vector<Problem> FrontProblems();

}  // namespace qalam::bench
