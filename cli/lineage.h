// Trials that go on from others: rungs of successive halving, generations of a population, chains of parents.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/read_store.h"
#include "cli/table.h"

namespace qalam::cli {

/// The trials of one rung of one bracket, or of one generation.
struct Stage {
  std::optional<int> bracket;  // nothing for a generation, or where trials name no bracket
  int step = 0;                // the rung or generation, from 0
  bool is_rung = false;
  int trials = 0, finished = 0;
  int promoted = 0;  // from how many of them a trial of a later step goes on
  std::optional<double> best;
  std::string best_trial;
};

/// By bracket, then step. Empty where no trial is labelled with a rung or generation.
std::vector<Stage> StagesOf(const api::Experiment& experiment, const std::vector<TrialPtr>& trials);

/// A row for each.
Table StagesTable(const api::Experiment& experiment, const std::vector<Stage>& stages);

/// The trial, its parent, the parent's parent, ...: from the newest to the first one, or to one that is not there, whose name
/// ends the list.
struct Ancestor {
  std::string name;
  TrialPtr trial;  // null: it is not there
};
std::vector<Ancestor> AncestorsOf(const TrialPtr& trial, const std::vector<TrialPtr>& trials);

/// The annotations in which JSON and YAML carry both, as JSON:
///   of an experiment  [{"bracket", "rung" or "generation", "trials", "finished", "promoted", "best", "bestTrial"}, ...]
///   of a trial        ["first", ..., "parent", "trial"]
inline constexpr char kStagesAnnotation[] = "qalam.dev/stages-report";
inline constexpr char kLineageAnnotation[] = "qalam.dev/lineage-report";
api::Experiment WithStages(api::Experiment experiment, const std::vector<Stage>& stages);
api::Trial WithLineage(api::Trial trial, const std::vector<Ancestor>& ancestors);

}  // namespace qalam::cli
