// What asynchronous successive halving does next.
#pragma once

#include <cstdint>

#include "algorithms/bracket_table.h"
#include "algorithms/halving_search.h"

namespace qalam::algorithms {

struct AshaOptions {
  double eta = 3;
  std::vector<Bracket> brackets;  // the first ones of a BracketTable, >= 1
  std::uint64_t seed = 0;         // of which bracket a new configuration begins in
};

/// The rungs of a bracket are the configurations that began at its first level. At each level below the top,
/// those of the best floor(n / eta) that have not begun the next one are promoted, where n of the rung have
/// ended there, well or not.
Plan PlanAsha(const AshaOptions& options, const ConfigurationRuns& runs, const Ask& ask);

}  // namespace qalam::algorithms
