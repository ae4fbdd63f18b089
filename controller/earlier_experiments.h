// The trials of earlier experiments that an experiment names in its annotation qalam.dev/warm-start.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/experiment.h"
#include "api/resource_store.h"

namespace qalam::controller {

struct EarlierTrials {
  std::string wire;     // the field `trials` of a request, each trial labelled with its experiment's name
  std::string summary;  // one line: what is used of each experiment, and what was left out, why
};

/// Reads them once for each experiment and process, so that what is suggested does not change with an earlier experiment that
/// still runs: its trials that had ended by then count. Of each experiment at most 200 trials, the 100 best and the newest of
/// the others, and less where all of them together would pass 3 MB.
///
/// Threads: the event loop's thread only.
class EarlierExperiments {
 public:
  explicit EarlierExperiments(const api::ResourceStore& store) : store_(store) {}

  /// Nothing in it where the experiment names none. INVALID_ARGUMENT: text of another form, itself, an experiment that is not
  /// there or has another objective. Other codes are the store's.
  absl::StatusOr<std::shared_ptr<const EarlierTrials>> Of(const api::Experiment& experiment);

 private:
  absl::StatusOr<EarlierTrials> Read(const api::Experiment& experiment, std::string_view names) const;

  struct Known {
    std::string names;
    std::shared_ptr<const EarlierTrials> trials;
  };

  const api::ResourceStore& store_;
  std::map<std::string, Known> known_;  // by uid
};

}  // namespace qalam::controller
