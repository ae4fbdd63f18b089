// What Hyperband does next.
#pragma once

#include "algorithms/bracket_table.h"
#include "algorithms/halving_search.h"

namespace qalam::algorithms {

/// Bracket number b is table[b mod size] of round b / size. A configuration belongs to the bracket its label says, if it
/// began at that bracket's first level; without labels, to the first bracket of that level that has room, in the order
/// in which configurations began.
///
/// A configuration is promoted as soon as it is certain to be among the best of its rung: whatever is still to come, no
/// more than sizes[i + 1] - 1 can be better. That is what waiting for the whole rung gives, but sooner.
/// Failed configurations and those that a rule ended are in the rung and go no further; if too few are left,
/// the next rung is smaller. While nothing can be promoted, new configurations begin in the first bracket
/// that has room.
Plan PlanHyperband(const std::vector<Bracket>& table, const ConfigurationRuns& runs, const Ask& ask);

}  // namespace qalam::algorithms
