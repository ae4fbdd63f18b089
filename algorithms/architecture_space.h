// What an architecture search chooses from.
#pragma once

#include <string>
#include <vector>

#include "algorithms/parameter.h"

namespace qalam::algorithms {

/// A kind of layer. Each combination of its parameters' values is a choice of its own; all of them are finite.
struct Operation {
  std::string type;
  std::vector<Parameter> parameters;
};

/// A network of `layers` layers, each of which does one of the operations.
struct ArchitectureSpace {
  int layers = 0;
  std::vector<int> input_sizes, output_sizes;
  std::vector<Operation> operations;
};

}  // namespace qalam::algorithms
