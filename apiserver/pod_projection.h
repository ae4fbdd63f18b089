// Trials as the pods that their programs would be.
#pragma once

#include <string>

#include "apiserver/projection.h"

namespace qalam::apiserver {

/// A pod per trial, from the moment its program was first started, or could not be for want of its
/// environment, until the trial is deleted: the output is kept as long. Its name follows from the trial's
/// (PodNameOf).
const Projection& TrialPods();

// Columns of `kubectl get pods`.
std::string PodReady(const api::Resource& trial);
std::string PodStatus(const api::Resource& trial);
std::string PodRestarts(const api::Resource& trial);

}  // namespace qalam::apiserver
