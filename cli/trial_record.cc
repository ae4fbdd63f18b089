#include "cli/trial_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/number_text.h"
#include "cli/resource_facts.h"
#include "cli/text_width.h"
#include "cli/time_text.h"

namespace qalam::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kShownBytes = 200;

struct StateWord {
  std::string_view word;   // as users write it
  std::string_view plain;  // lower case letters only
  api::TrialState state;
};
constexpr StateWord kWords[] = {
    {"succeeded", "succeeded", api::TrialState::kSucceeded},
    {"failed", "failed", api::TrialState::kFailed},
    {"killed", "killed", api::TrialState::kKilled},
    {"running", "running", api::TrialState::kRunning},
    {"pending", "pending", api::TrialState::kPending},
    {"early-stopped", "earlystopped", api::TrialState::kEarlyStopped},
    {"metrics-unavailable", "metricsunavailable", api::TrialState::kMetricsUnavailable},
    {"created", "created", api::TrialState::kPending},
};

api::FieldError Wrong(std::string field, const Json& value, std::string detail) {
  // Lists and objects by their kind only: they may be nested without end.
  std::string text = ScalarText(value).value_or(value.type_name());
  if (text.size() > kShownBytes) text.resize(kShownBytes);
  return {.type = api::FieldErrorType::kInvalid,
          .field = std::move(field),
          .value = Printable(text, true),
          .detail = std::move(detail),
          .file = {}};
}

void ReadMetric(const std::string& name, const Json& value, TrialReport& report, api::FieldErrors& errors) {
  if (value.is_null()) return;
  if (const std::optional<std::string> text = ScalarText(value)) {
    report.metrics.push_back({name, *text, *text, *text});
    return;
  }
  if (value.is_object()) {
    const auto text = [&](const char* key) {
      return value.contains(key) ? ScalarText(value[key]).value_or("") : std::string();
    };
    report.metrics.push_back({name, text("min"), text("max"), text("latest")});
    return;
  }
  errors.push_back(Wrong("metrics." + Printable(name, true), value, "must be a number"));
}

}  // namespace

std::optional<api::TrialState> ParseTrialState(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (c != '-' && c != '_' && c != ' ')
      plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  for (const StateWord& known : kWords) {
    if (known.plain == plain) return known.state;
  }
  return std::nullopt;
}

std::string TrialStateRule() {
  std::string rule = "must be ";
  for (const StateWord& known : kWords) rule += fmt::format("{}{}", rule.size() > 8 ? ", " : "", known.word);
  return rule;
}

std::optional<absl::Time> ParseTimestamp(std::string_view text) {
  absl::Time time;
  const std::string copy(text);
  if (copy.empty() || !absl::ParseTime(absl::RFC3339_full, copy, &time, nullptr)) return std::nullopt;
  return time;
}

Json NumberOrText(const std::string& text) {
  if (const std::optional<long long> whole = ParseInt(text)) return *whole;
  const std::optional<double> value = ParseDouble(text);
  if (value && std::isfinite(*value)) return *value;
  return text;
}

std::optional<std::string> ScalarText(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_number_float()) return NumberText(value.get<double>());
  if (value.is_number()) return value.dump();
  return std::nullopt;
}

TrialReport ReadTrialRecord(const Json& record, std::vector<std::string>& unknown, api::FieldErrors& errors) {
  TrialReport report;
  for (const auto& [key, value] : record.items()) {
    if (key == "trial") {
      if (const auto text = ScalarText(value)) {
        report.trial = *text;
      } else if (!value.is_null()) {
        errors.push_back(Wrong(key, value, "must be a name"));
      }
    } else if (key == "status") {
      report.state = value.is_string() ? ParseTrialState(value.get<std::string>()) : std::nullopt;
      if (!report.state && !value.is_null()) errors.push_back(Wrong(key, value, TrialStateRule()));
    } else if (key == "start" || key == "end") {
      auto& time = key == "start" ? report.start : report.end;
      time = value.is_string() ? ParseTimestamp(value.get<std::string>()) : std::nullopt;
      if (!time && !value.is_null()) {
        errors.push_back(Wrong(key, value, "must be a time such as 2026-05-01T12:03:11Z"));
      }
    } else if (key == "parameters" || key == "metrics" || key == "labels") {
      if (value.is_null()) continue;
      if (!value.is_object()) {
        errors.push_back(Wrong(key, value, "must be an object such as {\"name\": 0.1}"));
        continue;
      }
      for (const auto& [name, entry] : value.items()) {
        if (key == "metrics") {
          ReadMetric(name, entry, report, errors);
        } else if (const auto text = ScalarText(entry)) {
          if (key == "labels") {
            report.labels[name] = *text;
          } else {
            report.parameters.push_back({name, *text});
          }
        } else {
          errors.push_back(Wrong(key + "." + Printable(name, true), entry, "must be a number or a text"));
        }
      }
    } else {
      unknown.push_back(key);
    }
  }
  return report;
}

Json ParametersJson(const algorithms::SearchSpace& space,
                    const std::vector<api::ParameterAssignment>& assignments) {
  Json json = Json::object();
  for (const api::ParameterAssignment& assignment : assignments) {
    const auto parameter = std::find_if(space.parameters().begin(), space.parameters().end(),
                                        [&](const auto& p) { return p.name() == assignment.name; });
    const bool is_number =
        parameter != space.parameters().end() && parameter->type() != algorithms::ParameterType::kCategorical;
    json[assignment.name] = is_number ? NumberOrText(assignment.value) : Json(assignment.value);
  }
  return json;
}

Json SuggestionJson(const Study& study, const api::Trial& trial) {
  Json json = {{"trial", trial.metadata.name},
               {"parameters", ParametersJson(study.space(), trial.spec.parameter_assignments)}};
  if (!trial.spec.labels.empty()) json["labels"] = trial.spec.labels;
  return json;
}

Json TrialJson(const Study& study, const api::Trial& trial) {
  Json json = {{"trial", trial.metadata.name},
               {"status", StateName(api::StateOf(trial))},
               {"parameters", ParametersJson(study.space(), trial.spec.parameter_assignments)},
               {"metrics", Json::object()}};
  if (trial.status.observation) {
    for (const api::MetricValue& metric : trial.status.observation->metrics) {
      const std::string text(api::MetricText(trial.spec.objective, *trial.status.observation, metric.name));
      json["metrics"][metric.name] = NumberOrText(text.empty() ? metric.latest : text);
    }
  }
  if (!trial.spec.labels.empty()) json["labels"] = trial.spec.labels;
  if (trial.status.start_time) json["start"] = TimestampText(*trial.status.start_time);
  if (trial.status.completion_time) json["end"] = TimestampText(*trial.status.completion_time);
  return json;
}

}  // namespace qalam::cli
