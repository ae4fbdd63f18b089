// What early stopping has saved an experiment, and what it may have cost it.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "api/early_stopping.h"
#include "cli/read_store.h"

namespace qalam::cli {

struct StoppingSavings {
  int stopped = 0;                             // trials that rules have ended
  int finished = 0;                            // trials that succeeded: those that survived
  absl::Duration used = absl::ZeroDuration();  // by all trials, running ones until now

  /// How much longer the stopped trials would have run, reckoned in two ways: each would have lasted as long as a
  /// finished trial did; or it would have gone on, at its own pace, to as many reports of the objective. The first does
  /// not know that trials differ in speed; the second takes the time before the first report for a part of the pace.
  /// `likely` adds up the means of both medians over the finished trials, `low` and `high` the lower and upper
  /// quartiles of the way that is farther out.
  struct Saved {
    absl::Duration likely, low, high;
  };
  std::optional<Saved> saved;  // nothing when no trial has finished, or none was stopped

  /// The finished trials once more, under the newest rules that a trial was given.
  struct Replay {
    int trials = 0;                      // finished ones that reported the objective
    int stopped = 0;                     // of them: before their last report
    double best = 0, best_replayed = 0;  // of all trials, stopped ones too
    bool best_lost = false;              // best_replayed is worse
  };
  std::optional<Replay> replay;  // nothing without rules, or without such trials

  /// Finished trials that looked no better than a stopped one had, at the same report: what became of those that could
  /// as well have been stopped.
  struct LookAlikes {
    int trials = 0;
    double best = 0;         // that one of them reached
    double best_of_all = 0;  // that any trial reached
  };
  std::optional<LookAlikes> look_alikes;  // nothing when there are none

  bool had_rules = false;         // some trial was given a rule
  bool best_was_stopped = false;  // the best trial is one that was stopped
};

/// Fewer trials than these say little: reports should say so.
inline constexpr int kFewestToJudge = 5;

/// Calls its second argument for each point of the trial's curve in the order of time, as ReadStore::Curve does.
using CurveReader =
    std::function<absl::Status(const api::Trial&, const std::function<void(const CurvePoint&)>&)>;

/// Nothing when the experiment has no early stopping, or no objective. `trials` are in the order of their creation. Reads
/// the curve of each trial that succeeded or was stopped once and keeps a number for each of its reports of the
/// objective. Codes: those of `read`.
absl::StatusOr<std::optional<StoppingSavings>> EstimateSavings(const api::Experiment& experiment,
                                                               const std::vector<TrialPtr>& trials,
                                                               const CurveReader& read, absl::Time now);

}  // namespace qalam::cli
