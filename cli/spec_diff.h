// What differs between two experiments of one name, for people.
#pragma once

#include <string>
#include <vector>

#include "api/experiment.h"

namespace qalam::cli {

/// One line per difference of the specifications, in the order of the fields: "spec.maxTrialCount: 50 -> 80".
/// Elements of lists are told apart by their name: "spec.parameters[lr].feasibleSpace.max: "0.1" -> "1"". A
/// field that only one side has: "spec.earlyStopping: (none) -> {...}". Empty when they are equal. Give both
/// sides their defaults first, or defaults show up as differences.
std::vector<std::string> SpecDifferences(const api::Experiment& before, const api::Experiment& after);

}  // namespace qalam::cli
