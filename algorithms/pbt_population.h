// The members of a population, as the history tells of them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/algorithm.h"

namespace qalam::algorithms::pbt {

/// What the name of a trial says.
struct MemberName {
  int generation = 0;
  std::int64_t number = 0;
  std::optional<std::int64_t> parent;  // its number
};

/// At most 63 characters, so that it may be the name and the value of a label of a Kubernetes object. An experiment's name
/// that is too long is cut.
std::string TrialName(std::string_view experiment, const MemberName& name);

/// Nothing for any text that TrialName does not write for this experiment.
std::optional<MemberName> ParseTrialName(std::string_view experiment, std::string_view trial);

struct Member {
  enum class State { kPending, kResult, kFailed, kInfeasible };

  std::string name;
  int generation = 0;
  std::optional<std::int64_t> number;  // nothing: the caller gave the name
  std::string parent;                  // name; empty in generation 0
  Point point;
  State state = State::kPending;
  double value = 0;  // with kResult; lower is better
};

/// The members of one generation, in order of their numbers, then names.
using Generation = std::vector<Member>;

/// By generation.
std::map<int, Generation> ReadPopulation(const Problem& problem, const History& history);

}  // namespace qalam::algorithms::pbt
