// What an architecture search chooses from.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/status.h"

namespace qalam::algorithms {

/// Whole numbers and real ones of a range, or an entry of a list as it was written.
using OperationValue = std::variant<std::int64_t, double, std::string>;

struct OperationParameter {
  std::string name;
  std::vector<OperationValue> values;  // in ascending or list order; none: of a range whose min is above max
};

/// A kind of layer.
struct Operation {
  std::string type;
  std::vector<OperationParameter> parameters;
};

/// A network of `layers` layers, each of which does one of the operations with one value of each of its parameters.
struct ArchitectureSpace {
  int layers = 0;
  std::vector<int> input_sizes, output_sizes;
  std::vector<Operation> operations;
};

/// One operation with its values, one per parameter.
struct OperationChoice {
  const Operation* operation;
  std::vector<const OperationValue*> values;
};

/// Every operation with every combination of its values: operations in their order, and within one the last parameter
/// changes fastest. Their numbers are the ids by which trained programs know them. At most `most` of them are counted.
std::uint64_t ChoiceCount(const ArchitectureSpace& space, std::uint64_t most);

/// Number `id` < ChoiceCount. Valid as long as the space.
OperationChoice ChoiceAt(const ArchitectureSpace& space, std::uint64_t id);

}  // namespace qalam::algorithms
