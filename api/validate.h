// The rules an Experiment must keep before it is stored, as Katib's validating webhook has them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "api/experiment.h"
#include "api/field_error.h"

namespace qalam::api {

struct ValidationContext {
  /// Whether a suggestion (or early-stopping) service exists for an algorithm name. `known` names end up in
  /// messages.
  std::vector<std::string> algorithms;
  std::vector<std::string> early_stopping_algorithms;
  /// Text of a key of a ConfigMap; nothing when there is none.
  std::function<std::optional<std::string>(const ConfigMapSource&)> config_map;
};

/// All errors at once, except where the contract says that a check stops. `experiment` has its defaults.
/// Beyond Katib it also refuses what can only fail later: bounds that are no numbers, min above max, a log
/// scale that is not positive, a step that is not positive, empty or repeated list entries, repeated
/// parameter names, metric strategies of unknown metrics, filters that do not compile, parameters that the
/// template does not use.
FieldErrors Validate(const Experiment& experiment, const ValidationContext& context);

/// The rules for changing `old_experiment` into `new_experiment`, both with defaults. Not included: Validate.
FieldErrors ValidateUpdate(const Experiment& new_experiment, const Experiment& old_experiment);

}  // namespace qalam::api
