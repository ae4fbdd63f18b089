// Functions of the literature in any dimension, in their usual boxes.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "bench/problem.h"

namespace qalam::bench {

struct ClassicalFunction {
  std::string_view name;
  int dimensions = 0;  // the only number of them it has; 0: any
};

std::span<const ClassicalFunction> ClassicalFunctions();

/// NAME-D, or NAME alone for a function of one dimension count: "ackley-10", "branin", "hartmann-6". Nothing
/// for another name, or a dimension it does not have (1 to 10,000 are allowed; 2 at least where coordinates
/// are coupled).
std::optional<Problem> Classical(std::string_view name);

}  // namespace qalam::bench
