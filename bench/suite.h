// The 22 problems on which other libraries were measured, with the same definitions, names and yardsticks.
#pragma once

#include <vector>

#include "bench/problem.h"

namespace qalam::bench {

/// 12 continuous functions of 2 to 10 dimensions, 4 mixed ones, 6 recorded tuning tables. Ordered lists of
/// values are searched by the number of the value, as the other libraries did. Made once.
const std::vector<Problem>& Suite();

}  // namespace qalam::bench
