// Between the wire (proto/api.proto) and the types of the algorithms.
#pragma once

#include "algorithms/algorithm.h"
#include "base/status.h"
#include "proto/api.pb.h"

namespace qalam::suggestion {

namespace wire = ::api::v1::beta1;

/// INVALID_ARGUMENT, naming the parameter: a type or distribution that is unknown; a bound or step that is no
/// number; whatever algorithms::Parameter and SearchSpace refuse. No parameters at all is accepted. An unset
/// distribution is uniform; distributions of list parameters are ignored. Any objective type but MAXIMIZE
/// minimises, as in Katib's services.
absl::StatusOr<algorithms::Problem> ToProblem(const wire::Experiment& experiment);

/// Bounds and step alone. INVALID_ARGUMENT, naming the parameter: one that is no number.
absl::StatusOr<algorithms::Range> ToRange(const wire::ParameterSpec& spec);

algorithms::Settings ToSettings(const wire::EarlyStoppingSpec& spec);

/// What an early-stopping rule is about: the objective, with the settings of the rule and without a space. Never fails.
algorithms::Problem ToStoppingProblem(const wire::Experiment& experiment);

/// Never fails. A trial whose values do not fit the space has no point (values of inactive parameters may be missing); a metric
/// that is missing, no number or not finite is NaN; of several trials of one experiment with one name the first counts; unknown
/// conditions are kUnknown.
/// The label kFailureLabel makes a failed trial kInfeasible, or, where the failure was temporary, kKilled.
/// Trials of earlier experiments (earlier_trials.h) go to History::earlier.
/// The metric is the experiment's objective, or, where the experiment names none, the trial's own.
algorithms::History ToHistory(const google::protobuf::RepeatedPtrField<wire::Trial>& trials,
                              const algorithms::Problem& problem);

/// Points handed out before this request: total_request_number - current_request_number. A client that does
/// not count (total below current) has handed out as many as the `trials` it sends.
std::int64_t HandedOut(const wire::GetSuggestionsRequest& request, int trials);

/// Assignments in the order of the parameters; settings without the algorithm's name.
void ToWire(const algorithms::Suggestions& suggestions, const algorithms::SearchSpace& space,
            wire::GetSuggestionsReply& reply);

}  // namespace qalam::suggestion
