// qalam why NAME [TRIAL]: why an experiment or trial hangs, fails or has no metrics. Reading only.
#pragma once

#include <string>

#include "cli/diagnosis.h"
#include "cli/read_store.h"
#include "cli/streams.h"
#include "cli/trial_evidence.h"

namespace qalam::cli {

struct WhyOptions {
  std::string namespace_name = "default";
  std::string name;             // of the experiment; NAME/TRIAL works too
  std::string trial;            // full name, or the part after "NAME-"; empty: the experiment
  std::string format = "text";  // -o text or json
};

/// Causes in words with their evidence, the most important first. JSON: one object with experiment, trial (of a trial only),
/// state, summary, and causes; each cause has cause (its key), text, evidence, remedy, paste, trials and facts. Finding causes
/// is no error: exit code 0. 2: another format. 3: not found.
int RunWhy(const WhyOptions& options, const ReadStore& store, const Surroundings& around, Streams& streams);

}  // namespace qalam::cli
