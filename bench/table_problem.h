// Recorded results as a problem: every combination of values was run once, evaluating is looking up.
#pragma once

#include <string>
#include <string_view>

#include "bench/problem.h"

namespace qalam::bench {

/// `csv` has a header line, one column per parameter and a column with the loss (lower is better). Every
/// combination of the parameters' values stands in exactly one row; the order of rows does not matter.
///
/// `json` says which columns are parameters, and their values in order:
///   {"objective": "loss", "params": [{"name": ..., "kind": "ordinal"|"categorical", "levels": [...]}]}
/// It may also name the columns with the losses on the way, in order, the last one equal to the loss:
///   "curve": ["e1", "e2", ...]
/// Empty: the last column is the loss, the others are parameters; a column of numbers is ordered, any other
/// is categorical, in order of first appearance.
///
/// Ordered values are searched by their number 0, 1, ... (an int parameter), categories by name.
///
/// INVALID_ARGUMENT, with the line where there is one: text that is not CSV or JSON of this shape, a value
/// that is no level, a loss that is no number, a combination that is missing or given twice.
absl::StatusOr<Problem> TableProblem(std::string_view name, std::string_view csv, std::string_view json);

}  // namespace qalam::bench
