#include "algorithms/hyperband_plan.h"

#include <algorithm>
#include <map>

namespace qalam::algorithms {
namespace {

using Members = std::vector<size_t>;

// Members of each bracket that has any.
std::map<int, Members> Group(const std::vector<Bracket>& table, const ConfigurationRuns& runs) {
  const int round = static_cast<int>(table.size());
  std::map<int, Members> groups;
  std::vector<Members> unlabelled(table.size());
  for (size_t i = 0; i < runs.all().size(); ++i) {
    const Configuration& configuration = runs.all()[i];
    if (!configuration.has_begun()) continue;
    if (configuration.bracket && *configuration.bracket % round == configuration.first_level) {
      groups[*configuration.bracket].push_back(i);
    } else {
      unlabelled[configuration.first_level].push_back(i);
    }
  }
  for (int first = 0; first < round; ++first) {
    const auto size = static_cast<size_t>(table[first].sizes[0]);
    int number = first;
    for (const size_t i : unlabelled[first]) {
      while (groups[number].size() >= size) number += round;
      groups[number].push_back(i);
    }
  }
  return groups;
}

class BracketState {
 public:
  BracketState(const Bracket& bracket, const ConfigurationRuns& runs, const Members& members)
      : bracket_(bracket), runs_(runs), members_(members) {}

  void AddPromotions(int number, std::vector<Promotion>& promotions) const {
    std::int64_t expected = std::max<std::int64_t>(Count(0, &Run::has_ended), bracket_.sizes[0]);
    const std::uint64_t possible = members_.size() + std::min<std::uint64_t>(runs_.free(), 1u << 30);
    expected = std::min(expected, static_cast<std::int64_t>(possible));
    for (size_t rung = 0; rung + 1 < bracket_.sizes.size(); ++rung) {
      const int level = bracket_.first_level + static_cast<int>(rung);
      const std::int64_t to_come = std::max<std::int64_t>(0, expected - Count(rung, &Run::has_ended));
      const Members best = BestFirst(runs_.all(), members_, level);
      const std::int64_t places = bracket_.sizes[rung + 1];
      for (std::int64_t i = 0; i < std::min<std::int64_t>(places - to_come, best.size()); ++i) {
        if (runs_.all()[best[i]].runs[level + 1].state == Run::State::kNone)
          promotions.push_back({best[i], level + 1, number});
      }
      expected = std::min<std::int64_t>(places, static_cast<std::int64_t>(best.size()) + to_come);
    }
  }

 private:
  std::int64_t Count(size_t rung, bool (Run::*is)() const) const {
    return std::count_if(members_.begin(), members_.end(),
                         [&](size_t i) { return (runs_.all()[i].runs[bracket_.first_level + rung].*is)(); });
  }

  const Bracket& bracket_;
  const ConfigurationRuns& runs_;
  const Members& members_;
};

}  // namespace

Plan PlanHyperband(const std::vector<Bracket>& table, const ConfigurationRuns& runs, const Ask& ask) {
  const int round = static_cast<int>(table.size());
  const std::map<int, Members> groups = Group(table, runs);
  Plan plan;
  for (const auto& [number, members] : groups) {
    BracketState(table[number % round], runs, members).AddPromotions(number, plan.promotions);
    if (plan.promotions.size() >= static_cast<size_t>(ask.count)) break;
  }
  if (plan.promotions.size() > static_cast<size_t>(ask.count)) plan.promotions.resize(ask.count);
  const size_t wanted = ask.count - plan.promotions.size();
  for (int number = 0; plan.starts.size() < wanted; ++number) {
    const Bracket& bracket = table[number % round];
    const auto group = groups.find(number);
    const std::int64_t begun = group == groups.end() ? 0 : static_cast<std::int64_t>(group->second.size());
    const std::int64_t room = std::max<std::int64_t>(0, bracket.sizes[0] - begun);
    plan.starts.insert(plan.starts.end(), std::min<std::uint64_t>(room, wanted - plan.starts.size()),
                       Start{bracket.first_level, number});
  }
  return plan;
}

}  // namespace qalam::algorithms
