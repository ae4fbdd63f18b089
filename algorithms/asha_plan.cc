#include "algorithms/asha_plan.h"

#include <algorithm>

#include "algorithms/random_engine.h"

namespace qalam::algorithms {
namespace {

constexpr std::uint64_t kBracketStream = 0x6272616b6574;

// Of the bracket that point number `number` begins in, in proportion to how many begin in each.
Start StartOf(const AshaOptions& options, std::int64_t number) {
  if (options.brackets.size() == 1) return {options.brackets[0].first_level, 0};
  double total = 0;
  for (const Bracket& bracket : options.brackets) total += static_cast<double>(bracket.sizes[0]);
  Rng rng({options.seed, kBracketStream, static_cast<std::uint64_t>(number)});
  double left = rng.Uniform() * total;
  size_t b = 0;
  while (b + 1 < options.brackets.size() && left >= static_cast<double>(options.brackets[b].sizes[0])) {
    left -= static_cast<double>(options.brackets[b++].sizes[0]);
  }
  return {options.brackets[b].first_level, static_cast<int>(b)};
}

}  // namespace

Plan PlanAsha(const AshaOptions& options, const ConfigurationRuns& runs, const Ask& ask) {
  const int levels = runs.space().levels();
  std::vector<std::vector<size_t>> began(levels);
  for (size_t i = 0; i < runs.all().size(); ++i) {
    if (runs.all()[i].has_begun()) began[runs.all()[i].first_level].push_back(i);
  }
  Plan plan;
  for (int level = levels - 2; level >= 0; --level) {
    for (int first = 0; first <= level; ++first) {
      const auto ended = std::count_if(began[first].begin(), began[first].end(),
                                       [&](size_t i) { return runs.all()[i].runs[level].has_ended(); });
      std::vector<size_t> best = BestFirst(runs.all(), began[first], level);
      best.resize(std::min<size_t>(best.size(), TopShare(ended, options.eta)));
      for (const size_t i : best) {
        if (runs.all()[i].runs[level + 1].state == Run::State::kNone)
          plan.promotions.push_back({i, level + 1, first});
      }
    }
  }
  if (plan.promotions.size() > static_cast<size_t>(ask.count)) plan.promotions.resize(ask.count);
  for (int i = static_cast<int>(plan.promotions.size()); i < ask.count; ++i) {
    plan.starts.push_back(StartOf(options, ask.handed_out + i));
  }
  return plan;
}

}  // namespace qalam::algorithms
