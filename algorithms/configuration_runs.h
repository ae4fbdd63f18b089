// A history as successive halving wants it: what was run with how much of the resource, and what came of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "algorithms/fidelity_space.h"

namespace qalam::algorithms {

/// What is known of a configuration at one level of the resource.
struct Run {
  enum class State {
    kNone,  // nothing ran there, or only what was killed for reasons that are not the configuration's
    kRunning,
    kDone,     // has a value
    kStopped,  // a rule ended it: has the last value, and is not worth more
    kFailed,   // or reported nothing usable, or was killed kMaxKills times
  };
  static constexpr int kMaxKills = 3;

  State state = State::kNone;
  double value = 0;   // of kDone and kStopped; lower is better whatever the objective's direction
  std::string trial;  // the name of the trial the state is from
  int kills = 0;

  bool has_ended() const { return state != State::kNone && state != State::kRunning; }
};

struct Configuration {
  Point point;                 // of FidelitySpace::configurations()
  std::vector<Run> runs;       // one per level
  int first_level = 0;         // the lowest with a state; runs.size(): none
  std::optional<int> bracket;  // what the label says, of the first labelled trial

  bool has_begun() const { return first_level < static_cast<int>(runs.size()); }
};

/// The configurations of a history, in the order in which they were first tried: by number, start, name and text of their
/// trials, so that the order of the history does not matter. A trial between two levels counts at the lower one, a trial
/// below the lowest level or outside the space not at all. Of several trials of one configuration at one level the one
/// that says most counts: a value before running before failure.
class ConfigurationRuns {
 public:
  ConfigurationRuns(const Problem& problem, const FidelitySpace& space, const History& history);

  const std::vector<Configuration>& all() const { return all_; }
  const FidelitySpace& space() const { return space_; }

  /// How many configurations have not begun yet; 2^63 or more if there is no end of them.
  std::uint64_t free() const;

  /// Lets a configuration of this key (taken_points.h) that has no trial at the level have this state there. True if it has
  /// none, or one that runs; false if it has ended or was killed, or if there is no such configuration or level.
  bool Assume(std::uint64_t key, int level, Run::State state);

 private:
  Configuration& Of(const Point& configuration);
  void Add(const Trial& trial, double sign);

  const FidelitySpace& space_;
  std::vector<Configuration> all_;
  std::uint64_t begun_ = 0;
  std::unordered_map<std::uint64_t, size_t> places_;
};

/// Places, in `configurations`, of those done at a level, the best first; of equal ones the earlier.
std::vector<size_t> BestFirst(const std::vector<Configuration>& all,
                              const std::vector<size_t>& configurations, int level);

}  // namespace qalam::algorithms
