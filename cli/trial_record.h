// A trial as one JSON object: what `qalam export --format jsonl` writes, `qalam suggest` reads and writes, and people write
// by hand.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/field_error.h"
#include "api/trial.h"
#include "cli/study.h"

namespace qalam::cli {

/// "succeeded", "Failed", "early-stopped", "EarlyStopped", "METRICS_UNAVAILABLE": any case, with or without '-', '_' and
/// blanks. "created" is pending.
std::optional<api::TrialState> ParseTrialState(std::string_view text);
/// "must be succeeded, failed, ...": the words there are.
std::string TrialStateRule();

/// RFC 3339; nothing for any other text.
std::optional<absl::Time> ParseTimestamp(std::string_view text);

/// Reads {"trial": ..., "status": ..., "parameters": {...}, "metrics": {...}, "start": ..., "end": ..., "labels": {...}}; each
/// may be absent or null. Values are numbers, texts or booleans; a metric may also be {"min": ..., "max": ..., "latest": ...}.
/// `unknown` becomes the names of the other members. Errors name the member.
TrialReport ReadTrialRecord(const nlohmann::ordered_json& record, std::vector<std::string>& unknown,
                            api::FieldErrors& errors);

/// A whole or finite number as such. JSON has no NaN and no infinity: those stay text, as does everything else.
nlohmann::ordered_json NumberOrText(const std::string& text);

/// The text of a number, text or boolean; nothing for anything else.
std::optional<std::string> ScalarText(const nlohmann::ordered_json& value);

/// {"lr": 0.1, "opt": "adam"}: numbers wherever the parameter is not categorical and the text is a finite number.
nlohmann::ordered_json ParametersJson(const algorithms::SearchSpace& space,
                                      const std::vector<api::ParameterAssignment>& assignments);

/// {"trial": ..., "parameters": {...}}, and "labels" where the algorithm gave some.
nlohmann::ordered_json SuggestionJson(const Study& study, const api::Trial& trial);

/// The whole trial, in the form that ReadTrialRecord reads.
nlohmann::ordered_json TrialJson(const Study& study, const api::Trial& trial);

}  // namespace qalam::cli
