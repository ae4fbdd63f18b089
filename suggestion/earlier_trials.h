// Trials of earlier experiments in a request: told apart from the experiment's own, and brought into its space.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/algorithm.h"
#include "proto/api.pb.h"

namespace qalam::suggestion {

/// The entry of Problem::earlier_experiments to which the trial belongs by its label kEarlierExperimentLabel; nullptr for
/// a trial of the experiment itself, whatever it is labelled.
const std::string* EarlierExperimentOf(const ::api::v1::beta1::Trial& trial,
                                       const algorithms::Problem& problem);

/// What the space of an experiment has of the trials of an earlier one.
struct EarlierFit {
  int used = 0;
  std::map<std::string, int> out_of_range;  // trials left out by the first parameter whose value does not fit
  int without_result = 0;                   // failed, or the objective is missing
  std::vector<std::string> drawn;           // parameters that the trials do not have
  std::vector<std::string> dropped;         // values they have, and the space does not
};

/// The trial's point in the problem's space: values of names the space does not have are dropped; where the trial has no
/// value, one is drawn from the declared distribution, the same at every call, as the trial says nothing along that parameter.
/// Canonical. No point where a value is outside its parameter's. Adds to `fit`, but for its counts of trials used and without
/// result.
std::optional<algorithms::Point> FitPoint(const ::api::v1::beta1::Trial& trial,
                                          const algorithms::SearchSpace& space, EarlierFit& fit);

/// As FitPoint, for all `trials` of one experiment.
EarlierFit FitOf(const std::vector<::api::v1::beta1::Trial>& trials, const algorithms::Problem& problem);

}  // namespace qalam::suggestion
