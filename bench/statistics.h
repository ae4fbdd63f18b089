// Whether differences between optimisers over several problems are more than luck.
//
// The method of Demsar, Statistical Comparisons of Classifiers over Multiple Data Sets, JMLR 7, 2006: each
// problem is one observation, of a robust summary over its runs.
#pragma once

#include <span>
#include <vector>

namespace qalam::bench {

/// p-value of the Friedman test in the form of Iman and Davenport: the chance of mean ranks at least this far
/// apart if all optimisers were alike. `ranks` is by problem, then optimiser. 1 with fewer than two of
/// either; 0 when every problem orders them alike.
double FriedmanPValue(std::span<const std::vector<double>> ranks);

/// Two-sided p-value of Wilcoxon's signed-rank test on paired differences. Zero differences are left out,
/// tied ones share their rank. Exact, by counting sign patterns, up to 200 differences (O(n^3)); beyond that
/// by the normal approximation with the correction for ties. 1 when no difference is left.
double WilcoxonPValue(std::span<const double> differences);

/// Holm's step-down correction for testing all of them at once; in the order given.
std::vector<double> HolmAdjusted(std::span<const double> p_values);

}  // namespace qalam::bench
