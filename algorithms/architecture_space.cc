#include "algorithms/architecture_space.h"

#include <algorithm>

namespace qalam::algorithms {
namespace {

std::uint64_t CombinationsOf(const Operation& operation, std::uint64_t most) {
  std::uint64_t product = 1;
  for (const OperationParameter& parameter : operation.parameters) {
    if (parameter.values.empty()) return 0;
    product = product > most / parameter.values.size() ? most : product * parameter.values.size();
  }
  return std::min(product, most);
}

}  // namespace

std::uint64_t ChoiceCount(const ArchitectureSpace& space, std::uint64_t most) {
  std::uint64_t count = 0;
  for (const Operation& operation : space.operations) {
    count += std::min(CombinationsOf(operation, most), most - count);
  }
  return count;
}

OperationChoice ChoiceAt(const ArchitectureSpace& space, std::uint64_t id) {
  auto operation = space.operations.begin();
  for (std::uint64_t count; (count = CombinationsOf(*operation, id + 1)) <= id; ++operation) id -= count;
  OperationChoice choice{&*operation, {}};
  choice.values.resize(operation->parameters.size());
  for (size_t i = choice.values.size(); i-- > 0;) {
    const std::vector<OperationValue>& values = operation->parameters[i].values;
    choice.values[i] = &values[id % values.size()];
    id /= values.size();
  }
  return choice;
}

}  // namespace qalam::algorithms
