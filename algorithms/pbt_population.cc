#include "algorithms/pbt_population.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
#include <tuple>
#include <unordered_map>

#include "algorithms/trial_labels.h"
#include "base/number_text.h"

namespace qalam::algorithms::pbt {
namespace {

constexpr size_t kLongestName = 63;
constexpr int kMaxGeneration = 1'000'000;

// Takes "-<letter><number>" from the end of `text`.
std::optional<std::int64_t> TakePart(std::string_view& text, char letter) {
  const size_t dash = text.rfind('-');
  if (dash == std::string_view::npos || dash + 2 >= text.size() || text[dash + 1] != letter)
    return std::nullopt;
  const std::optional<long long> number = ParseInt(text.substr(dash + 2));
  if (!number || *number < 0) return std::nullopt;
  text = text.substr(0, dash);
  return *number;
}

std::optional<Member> ReadMember(const Problem& problem, const Trial& trial) {
  if (!trial.point || trial.name.empty()) return std::nullopt;
  Member member{.name = trial.name, .parent = std::string(ParentIn(trial.labels)), .point = *trial.point};
  if (const auto name = ParseTrialName(problem.experiment_name, trial.name)) {
    member.generation = name->generation;
    member.number = name->number;
    if (member.parent.empty() && name->parent) member.parent = fmt::format("#{}", *name->parent);
  } else {
    const auto label = trial.labels.find(std::string(kGenerationLabel));
    if (label == trial.labels.end()) return std::nullopt;
    const std::optional<long long> generation = ParseInt(label->second);
    if (!generation || *generation < 0 || *generation > kMaxGeneration) return std::nullopt;
    member.generation = static_cast<int>(*generation);
  }
  const double sign = problem.objectives.front().direction == Direction::kMaximize ? -1 : 1;
  using enum Member::State;
  switch (trial.status) {
    case TrialStatus::kPending:
    case TrialStatus::kUnknown:
      member.state = kPending;
      break;
    case TrialStatus::kInfeasible:
      member.state = kInfeasible;
      break;
    default:
      member.state = HasResult(trial) ? kResult : kFailed;
  }
  if (member.state == kResult) member.value = sign * trial.objectives.front();
  return member;
}

}  // namespace

std::string TrialName(std::string_view experiment, const MemberName& name) {
  std::string end = fmt::format("-g{}-n{}", name.generation, name.number);
  if (name.parent) end += fmt::format("-p{}", *name.parent);
  experiment = experiment.substr(0, kLongestName - std::min(kLongestName, end.size()));
  while (experiment.ends_with('-') || experiment.ends_with('.')) experiment.remove_suffix(1);
  return std::string(experiment) + end;
}

std::optional<MemberName> ParseTrialName(std::string_view experiment, std::string_view trial) {
  std::string_view rest = trial;
  MemberName name;
  name.parent = TakePart(rest, 'p');
  const std::optional<std::int64_t> number = TakePart(rest, 'n'), generation = TakePart(rest, 'g');
  if (!number || !generation || *generation > kMaxGeneration) return std::nullopt;
  name.number = *number;
  name.generation = static_cast<int>(*generation);
  if (TrialName(experiment, name) != trial) return std::nullopt;
  return name;
}

std::map<int, Generation> ReadPopulation(const Problem& problem, const History& history) {
  std::map<int, Generation> generations;
  std::unordered_map<std::string, std::string> names;  // by "#number"
  std::set<std::string_view> seen;
  for (const Trial& trial : history.trials) {
    if (!seen.insert(trial.name).second) continue;
    std::optional<Member> member = ReadMember(problem, trial);
    if (!member) continue;
    if (member->number) {
      const auto [named, first] = names.emplace(fmt::format("#{}", *member->number), member->name);
      if (!first) named->second = std::min(named->second, member->name);
    }
    Generation& mates = generations[member->generation];
    mates.push_back(*std::move(member));
  }
  for (auto& [generation, members] : generations) {
    for (Member& member : members) {
      if (const auto name = names.find(member.parent); name != names.end()) member.parent = name->second;
    }
    std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) {
      constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();
      return std::tuple(a.number.value_or(kLast), std::string_view(a.name)) <
             std::tuple(b.number.value_or(kLast), std::string_view(b.name));
    });
  }
  return generations;
}

}  // namespace qalam::algorithms::pbt
