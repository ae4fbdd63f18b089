// Trials as the TrainJobs that they run.
#pragma once

#include <string>

#include "apiserver/projection.h"

namespace qalam::apiserver {

/// A TrainJob for each trial whose run specification is one, of the trial's name, as long as the trial is
/// there. Its conditions are Complete or Failed, once it has ended; jobsStatus tells of its one job, "node".
const Projection& TrialTrainJobs();

/// Column State of `kubectl get trainjobs`: the last condition.
std::string TrainJobState(const api::Resource& trial);

}  // namespace qalam::apiserver
