#include "cli/lineage.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <utility>

#include "algorithms/trial_labels.h"
#include "cli/resource_facts.h"

namespace qalam::cli {
namespace {

using Json = nlohmann::ordered_json;

std::optional<int> NumberIn(const api::Trial& trial, std::string_view label) {
  return algorithms::NumberIn(trial.metadata.labels, label);
}

std::string_view ParentOf(const api::Trial& trial) { return algorithms::ParentIn(trial.metadata.labels); }

}  // namespace

std::vector<Stage> StagesOf(const api::Experiment& experiment, const std::vector<TrialPtr>& trials) {
  std::set<std::string_view> parents;
  for (const TrialPtr& trial : trials) parents.insert(ParentOf(*trial));
  std::map<std::tuple<bool, std::optional<int>, int>, Stage> stages;
  for (const TrialPtr& trial : trials) {
    const std::optional<int> rung = NumberIn(*trial, algorithms::kRungLabel);
    const std::optional<int> step = rung ? rung : NumberIn(*trial, algorithms::kGenerationLabel);
    if (!step) continue;
    const std::optional<int> bracket = rung ? NumberIn(*trial, algorithms::kBracketLabel) : std::nullopt;
    Stage& stage = stages[{rung.has_value(), bracket, *step}];
    stage.bracket = bracket;
    stage.step = *step;
    stage.is_rung = rung.has_value();
    ++stage.trials;
    stage.promoted += parents.contains(trial->metadata.name);
    const TrialState state = StateOf(*trial);
    stage.finished += IsFinished(state);
    if (!experiment.spec.objective || !trial->status.observation || state == TrialState::kFailed) continue;
    const std::optional<double> value =
        ObjectiveValue(*experiment.spec.objective, *trial->status.observation);
    if (!value || (stage.best && !IsBetter(experiment.spec.objective->type, *value, *stage.best))) continue;
    stage.best = value;
    stage.best_trial = trial->metadata.name;
  }
  std::vector<Stage> ordered;
  for (auto& [place, stage] : stages) ordered.push_back(std::move(stage));
  return ordered;
}

Table StagesTable(const api::Experiment& experiment, const std::vector<Stage>& stages) {
  const auto has = [&](auto test) { return std::any_of(stages.begin(), stages.end(), test); };
  const bool brackets = has([](const Stage& stage) { return stage.bracket.has_value(); });
  const bool rungs = has([](const Stage& stage) { return stage.is_rung; });
  std::vector<Column> columns;
  if (brackets) columns.push_back({.title = "bracket", .right_aligned = true});
  columns.push_back({.title = rungs ? "rung" : "generation", .right_aligned = true});
  columns.push_back({.title = "trials", .right_aligned = true});
  columns.push_back({.title = "finished", .right_aligned = true});
  columns.push_back({.title = rungs ? "promoted" : "parents", .right_aligned = true});
  const std::string metric =
      experiment.spec.objective ? experiment.spec.objective->objective_metric_name : "";
  columns.push_back({.title = "best " + metric, .right_aligned = true, .keep_title = true});
  columns.push_back({.title = "trial", .min_width = 20});
  Table table(std::move(columns));
  for (const Stage& stage : stages) {
    std::vector<std::string> cells;
    if (brackets) cells.push_back(stage.bracket ? fmt::format("{}", *stage.bracket) : "");
    cells.push_back(fmt::format("{}", stage.step));
    cells.push_back(fmt::format("{}", stage.trials));
    cells.push_back(fmt::format("{}", stage.finished));
    cells.push_back(fmt::format("{}", stage.promoted));
    cells.push_back(stage.best ? fmt::format("{:.6g}", *stage.best) : "");
    cells.push_back(stage.best_trial);
    table.AddRow(std::move(cells));
  }
  return table;
}

std::vector<Ancestor> AncestorsOf(const TrialPtr& trial, const std::vector<TrialPtr>& trials) {
  std::map<std::string_view, TrialPtr> by_name;
  for (const TrialPtr& other : trials) by_name.emplace(other->metadata.name, other);
  std::vector<Ancestor> chain = {{trial->metadata.name, trial}};
  std::set<std::string_view> seen = {trial->metadata.name};
  for (TrialPtr at = trial; at != nullptr;) {
    const std::string_view parent = ParentOf(*at);
    if (parent.empty() || !seen.insert(parent).second) break;
    const auto found = by_name.find(parent);
    at = found == by_name.end() ? nullptr : found->second;
    chain.push_back({std::string(parent), at});
  }
  return chain;
}

api::Experiment WithStages(api::Experiment experiment, const std::vector<Stage>& stages) {
  if (stages.empty()) return experiment;
  Json list = Json::array();
  for (const Stage& stage : stages) {
    Json entry = Json::object();
    if (stage.bracket) entry["bracket"] = *stage.bracket;
    entry[stage.is_rung ? "rung" : "generation"] = stage.step;
    entry["trials"] = stage.trials;
    entry["finished"] = stage.finished;
    entry["promoted"] = stage.promoted;
    entry["best"] = stage.best ? Json(*stage.best) : Json(nullptr);
    entry["bestTrial"] = stage.best_trial.empty() ? Json(nullptr) : Json(stage.best_trial);
    list.push_back(std::move(entry));
  }
  experiment.metadata.annotations[kStagesAnnotation] = list.dump();
  return experiment;
}

api::Trial WithLineage(api::Trial trial, const std::vector<Ancestor>& ancestors) {
  if (ancestors.size() < 2) return trial;
  Json names = Json::array();
  for (auto ancestor = ancestors.rbegin(); ancestor != ancestors.rend(); ++ancestor)
    names.push_back(ancestor->name);
  trial.metadata.annotations[kLineageAnnotation] = names.dump();
  return trial;
}

}  // namespace qalam::cli
