// Resources as the services see them on the wire.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/suggestion.h"
#include "controller/experiment_progress.h"
#include "proto/api.pb.h"

namespace qalam::controller {

namespace wire = ::api::v1::beta1;

/// The experiment with `settings` (those an algorithm returned earlier) laid over its own: the same name is replaced
/// in place, new ones are appended. Annotations that are extensions (base/extensions.h) go before them, likewise.
wire::Experiment ToWire(const api::Experiment& experiment,
                        const std::vector<api::AlgorithmSetting>& settings);

/// Without the setting `evaluate`, which is for us: services of others do not know it.
wire::EarlyStoppingSpec ToWireEarlyStopping(const api::AlgorithmSpec& spec);

/// A GetEarlyStoppingRulesRequest without its trials, as bytes to append those to. `settings` as above;
/// `observations_address` is where the service finds DBManager.
std::string RulesRequest(const api::Experiment& experiment,
                         const std::vector<api::AlgorithmSetting>& settings,
                         const std::string& observations_address);

/// Name, objective, assignments, times, the last condition and one value per metric by its strategy; labels say which
/// trial it is and, if it failed, what is known of the cause (suggestion/labels.h).
wire::Trial ToWire(const api::Trial& trial);

/// The trial as one entry of the field `trials` of a GetSuggestionsRequest or a GetEarlyStoppingRulesRequest: bytes to
/// append to those of such a request.
std::string ToWireField(const api::Trial& trial);

/// Whether a trial teaches an algorithm anything: all but those whose metrics are unavailable, and early-stopped ones
/// that have no usable objective (yet).
bool IsSent(const api::Trial& trial);

api::TrialAssignment FromWire(const wire::GetSuggestionsReply::ParameterAssignments& assignments);
std::vector<api::EarlyStoppingRule> FromWire(const wire::GetEarlyStoppingRulesReply& reply);

}  // namespace qalam::controller
