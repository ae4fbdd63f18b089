#include "bench/catch_up.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <tuple>

#include "algorithms/random_engine.h"
#include "bench/markdown.h"
#include "bench/median.h"

namespace qalam::bench {
namespace {

constexpr int kDraws = 2000;
constexpr std::uint64_t kBootstrapStream = 0x626f6f74;
constexpr double kNever = std::numeric_limits<double>::infinity();

// The upper one of two in the middle: runs that never got there have no middle with others.
double UpperMedian(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void AddInterval(const std::vector<double>& costs, CatchUp& entry) {
  std::vector<double> medians;
  algorithms::Rng rng({kBootstrapStream});
  for (int draw = 0; draw < kDraws; ++draw) {
    std::vector<double> sample;
    for (size_t i = 0; i < costs.size(); ++i) sample.push_back(costs[rng.Below(costs.size())]);
    medians.push_back(UpperMedian(std::move(sample)));
  }
  std::sort(medians.begin(), medians.end());
  entry.low = medians[kDraws * 25 / 1000];
  entry.high = medians[kDraws * 975 / 1000 - 1];
}

std::string Cost(double cost) { return std::isfinite(cost) ? fmt::format("{:.0f}", cost) : "never"; }
std::string Share(double share) { return std::isfinite(share) ? fmt::format("{:.0f}%", 100 * share) : ""; }

double LastRegret(const RunRecord& record) {
  return record.curve.empty() ? kNever : record.curve.back().regret;
}

}  // namespace

std::vector<RunRecord> RecordsOf(std::span<const RunRecord> records, const std::string& problem) {
  std::vector<RunRecord> found;
  std::copy_if(records.begin(), records.end(), std::back_inserter(found),
               [&](const RunRecord& record) { return record.problem == problem; });
  return found;
}

std::string CatchUpCaption(const std::string& problem, const std::string& reference, double target) {
  return fmt::format("{}: to where {} ends, a regret of {} in the median:", problem, reference,
                     ShortNumber(target));
}

std::vector<CatchUp> CatchUps(std::span<const RunRecord> records, const std::string& reference,
                              double& target) {
  std::map<std::string, std::vector<const RunRecord*>> by_optimizer;
  for (const RunRecord& record : records) by_optimizer[record.optimizer].push_back(&record);
  const auto found = by_optimizer.find(reference);
  if (found == by_optimizer.end()) return {};
  std::vector<double> ends, whole_costs, whole_times;
  for (const RunRecord* record : found->second) {
    ends.push_back(LastRegret(*record));
    whole_costs.push_back(record->evaluations);
    whole_times.push_back(record->time);
  }
  target = Median(std::move(ends));
  const double whole_cost = Median(std::move(whole_costs)), whole_time = Median(std::move(whole_times));

  std::vector<CatchUp> entries;
  for (const auto& [name, runs] : by_optimizer) {
    CatchUp entry{.optimizer = name, .runs = static_cast<int>(runs.size())};
    std::vector<double> costs, times, regrets;
    for (const RunRecord* record : runs) {
      const auto hit = std::find_if(record->curve.begin(), record->curve.end(),
                                    [&](const Improvement& point) { return point.regret <= target; });
      const bool reached = hit != record->curve.end();
      if (reached) ++entry.reached;
      costs.push_back(reached ? hit->evaluation : kNever);
      times.push_back(reached ? hit->time : kNever);
      regrets.push_back(LastRegret(*record));
    }
    AddInterval(costs, entry);
    entry.cost = UpperMedian(std::move(costs));
    entry.share = entry.cost / whole_cost;
    if (whole_time > 0) entry.time_share = UpperMedian(std::move(times)) / whole_time;
    entry.regret = Median(std::move(regrets));
    entries.push_back(std::move(entry));
  }
  std::sort(entries.begin(), entries.end(), [](const CatchUp& a, const CatchUp& b) {
    return std::tie(a.cost, a.regret, a.optimizer) < std::tie(b.cost, b.regret, b.optimizer);
  });
  return entries;
}

std::vector<std::vector<std::string>> CatchUpRows(std::span<const CatchUp> entries, const std::string& unit) {
  std::vector<std::vector<std::string>> rows = {{"optimizer", unit + " to the target", "95% interval",
                                                 "share", "share of the time", "runs that got there",
                                                 "regret at the end"}};
  for (const CatchUp& entry : entries) {
    rows.push_back({entry.optimizer, Cost(entry.cost),
                    fmt::format("{} to {}", Cost(entry.low), Cost(entry.high)), Share(entry.share),
                    entry.time_share > 0 ? Share(entry.time_share) : "",
                    fmt::format("{}/{}", entry.reached, entry.runs), ShortNumber(entry.regret)});
  }
  return rows;
}

}  // namespace qalam::bench
