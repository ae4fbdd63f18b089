// Results that are words: what an architecture search such as DARTS finds is a description of a network.
#pragma once

#include "api/experiment.h"
#include "api/trial.h"

namespace qalam::controller {

/// Of a trial whose Experiment has a nasConfig: the objective may be a text.
inline constexpr std::string_view kTextResultAnnotation = "qalam.dev/text-result";

/// Marks a trial as one of `experiment`'s, where that searches architectures.
void AllowTextResult(const api::Experiment& experiment, api::Trial& trial);

/// Whether the trial's result is a text: it may be one, and `observation` has one for the objective that is no number at all
/// (a NaN is a number that went wrong).
bool HasTextResult(const api::Trial& trial, const api::Observation& observation);

}  // namespace qalam::controller
