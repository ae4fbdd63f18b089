// Trials as the jobs that they ask for.
#pragma once

#include <string>

#include "apiserver/projection.h"

namespace qalam::apiserver {

/// A job for each trial whose run specification is a batch/v1 Job, of the trial's name, from the moment its
/// program was first started until the trial is deleted.
const Projection& TrialJobs();

// Columns of `kubectl get jobs`.
std::string JobCompletions(const api::Resource& trial);
std::string JobDuration(const api::Resource& trial);

}  // namespace qalam::apiserver
