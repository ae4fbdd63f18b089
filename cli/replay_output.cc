#include "cli/replay_output.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/number_text.h"
#include "cli/resource_facts.h"
#include "cli/table.h"
#include "cli/time_text.h"

namespace qalam::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string ValueText(const std::optional<double>& value) {
  return value ? ShortNumber(NumberText(*value)) : "-";
}

std::string SavedShare(double used, double all) {
  return all > 0 ? fmt::format("{:.0f} %", 100 * (1 - used / all)) : "-";
}

void PrintRules(const ReplayResult& result, Streams& streams) {
  Table table({{.title = "rule"},
               {.title = "trials", .right_aligned = true},
               {.title = "stopped", .right_aligned = true},
               {.title = "reports saved", .right_aligned = true},
               {.title = "time saved", .right_aligned = true},
               {.title = "best", .right_aligned = true},
               {.title = "best lost", .right_aligned = true}});
  for (const auto& [label, replay] : result.rules) {
    const bool lost = replay.best && replay.best != replay.best_replayed;
    table.AddRow(
        {label, std::to_string(replay.trials.size()), std::to_string(replay.stopped),
         fmt::format(
             "{} of {} ({})", replay.reports - replay.reports_used, replay.reports,
             SavedShare(static_cast<double>(replay.reports_used), static_cast<double>(replay.reports))),
         fmt::format("{} ({})", RoughDurationText(absl::Seconds(replay.seconds - replay.seconds_used)),
                     SavedShare(replay.seconds_used, replay.seconds)),
         ValueText(replay.best_replayed), lost ? "yes, " + ValueText(replay.best) : "no"});
  }
  streams.out << "Exact: what each rule would have done to the trials that were run\n\n";
  table.Print(streams.out, streams.out_terminal, /*wide=*/false);
}

// One rule alone: which trials, and why.
void PrintStopped(const bench::StoppingReplay& replay, Streams& streams) {
  Table table({{.title = "trial"},
               {.title = "ran", .right_aligned = true},
               {.title = "result", .right_aligned = true},
               {.title = "would have had", .right_aligned = true},
               {.title = "stopped as", .min_width = 20}});
  for (const bench::ReplayedTrial& trial : replay.trials) {
    if (!trial.stopped) continue;
    table.AddRow({trial.name, fmt::format("{} of {}", trial.reports_used, trial.reports),
                  ValueText(trial.recorded), ValueText(trial.replayed), trial.reason});
  }
  if (table.empty()) return;
  streams.out << '\n';
  table.Print(streams.out, streams.out_terminal, /*wide=*/false);
}

std::string RangeText(const bench::EstimatedBest& best) {
  return fmt::format("{} ({} to {})", ValueText(best.median), ValueText(best.low), ValueText(best.high));
}

void PrintSearch(const bench::SearchReplay& search, int seeds, Streams& streams) {
  streams.out << fmt::format(
      "Estimate: searches on a model of the {} trials, {} seeds\n"
      "The model is off by {} on trials it has not seen; it explains {:.0f} % of their variance and puts "
      "{:.0f} % of the pairs\n"
      "in the right order. It never predicts better than the best trial.\n\n",
      search.observations, seeds, ShortNumber(NumberText(search.error)), 100 * search.explained,
      100 * search.in_order);
  std::vector<Column> columns = {{.title = "search"}};
  for (const bench::EstimatedBest& best : search.recorded.best)
    columns.push_back({.title = fmt::format("best after {}", best.trials), .right_aligned = true});
  Table table(columns);
  const auto add = [&](const bench::EstimatedSearch& row) {
    std::vector<std::string> cells = {row.name};
    for (const bench::EstimatedBest& best : row.best) cells.push_back(RangeText(best));
    table.AddRow(std::move(cells));
  };
  add(search.recorded);
  for (const bench::EstimatedSearch& row : search.searches) add(row);
  table.Print(streams.out, streams.out_terminal, /*wide=*/false);
  streams.out
      << "\nmedian (quantiles 0.1 to 0.9); recorded: the trials that were run, as the model sees them\n";
}

Json OrNull(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json TrialsJson(const bench::StoppingReplay& replay) {
  Json trials = Json::array();
  for (const bench::ReplayedTrial& trial : replay.trials) {
    Json one = {{"trial", trial.name},
                {"stopped", trial.stopped},
                {"reports", trial.reports},
                {"reportsUsed", trial.reports_used},
                {"seconds", trial.seconds},
                {"secondsUsed", trial.seconds_used},
                {"recorded", OrNull(trial.recorded)},
                {"replayed", OrNull(trial.replayed)}};
    if (trial.stopped) one["reason"] = trial.reason;
    trials.push_back(std::move(one));
  }
  return trials;
}

Json SearchJson(const bench::EstimatedSearch& search) {
  Json best = Json::array();
  for (const bench::EstimatedBest& one : search.best)
    best.push_back({{"trials", one.trials}, {"median", one.median}, {"low", one.low}, {"high", one.high}});
  return {{"name", search.name}, {"best", best}};
}

}  // namespace

void PrintReplay(const ReplayResult& result, Streams& streams) {
  if (!result.rules.empty()) {
    PrintRules(result, streams);
    if (result.rules.size() == 2) PrintStopped(result.rules.back().second, streams);
  }
  if (!result.search) return;
  if (!result.rules.empty()) streams.out << '\n';
  PrintSearch(*result.search, result.seeds, streams);
}

Json ReplayJson(const api::Experiment& experiment, const ReplayResult& result) {
  Json json = {{"experiment", experiment.metadata.name}};
  if (!result.rules.empty()) {
    json["stopping"] = Json::array();
    for (const auto& [label, replay] : result.rules) {
      json["stopping"].push_back({{"rule", label},
                                  {"exact", true},
                                  {"stopped", replay.stopped},
                                  {"reports", replay.reports},
                                  {"reportsUsed", replay.reports_used},
                                  {"seconds", replay.seconds},
                                  {"secondsUsed", replay.seconds_used},
                                  {"best", OrNull(replay.best)},
                                  {"bestReplayed", OrNull(replay.best_replayed)},
                                  {"trials", TrialsJson(replay)}});
    }
  }
  if (result.search) {
    Json searches = Json::array({SearchJson(result.search->recorded)});
    for (const bench::EstimatedSearch& search : result.search->searches)
      searches.push_back(SearchJson(search));
    json["search"] = {{"exact", false},
                      {"observations", result.search->observations},
                      {"seeds", result.seeds},
                      {"error", result.search->error},
                      {"explained", result.search->explained},
                      {"pairsInOrder", result.search->in_order},
                      {"searches", searches}};
  }
  return json;
}

}  // namespace qalam::cli
