#include "cli/ask_tell_protocol.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli/resource_facts.h"
#include "cli/text_width.h"
#include "cli/trial_record.h"

namespace qalam::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kVerbs = "ask, tell, state or trials";

Json Failure(const absl::Status& status) {
  return {{"error",
           {{"code", absl::StatusCodeToString(status.code())}, {"message", std::string(status.message())}}}};
}

Json Invalid(const std::string& message) { return Failure(absl::InvalidArgumentError(message)); }

Json Ask(Study& study, const Json& count) {
  if (!count.is_number_integer() || count < 1 || count > std::numeric_limits<int>::max()) {
    return Invalid("ask: must be the number of suggestions, 1 or more, such as {\"ask\": 2}");
  }
  const auto trials = study.Ask(count.get<int>());
  if (!trials.ok()) return Failure(trials.status());
  Json suggestions = Json::array();
  for (const api::Trial& trial : *trials) suggestions.push_back(SuggestionJson(study, trial));
  return {{"suggestions", std::move(suggestions)}};
}

Json Tell(Study& study, const Json& record) {
  if (!record.is_object()) {
    return Invalid("tell: must be an object such as {\"trial\": \"tune-1\", \"metrics\": {\"loss\": 0.3}}");
  }
  std::vector<std::string> unknown;
  api::FieldErrors errors;
  const TrialReport report = ReadTrialRecord(record, unknown, errors);
  for (const std::string& name : unknown) {
    errors.push_back({.type = api::FieldErrorType::kUnknownField,
                      .field = Printable(name, true),
                      .value = {},
                      .detail = "there are trial, status, parameters, metrics, start, end and labels",
                      .file = {}});
  }
  const std::vector<std::string> metrics = MetricNames(*study.experiment().spec.objective);
  for (const api::MetricValue& metric : report.metrics) {
    if (std::find(metrics.begin(), metrics.end(), metric.name) != metrics.end()) continue;
    errors.push_back({.type = api::FieldErrorType::kUnknownField,
                      .field = "metrics." + Printable(metric.name, true),
                      .value = {},
                      .detail = fmt::format("the experiment has {}", fmt::join(metrics, ", ")),
                      .file = {}});
  }
  if (errors.empty()) errors = study.Tell(report);
  if (errors.empty()) {
    const api::Trial& told = study.told();
    return {{"told", {{"trial", told.metadata.name}, {"status", StateName(api::StateOf(told))}}}};
  }
  std::vector<std::string> texts;
  for (const api::FieldError& error : errors) texts.push_back("tell." + error.Text());
  return Invalid(fmt::format("{}", fmt::join(texts, "; ")));
}

Json State(const Study& study) {
  std::map<api::TrialState, size_t> counts;
  for (const api::Trial& trial : study.trials()) ++counts[api::StateOf(trial)];
  const api::ExperimentSpec& spec = study.experiment().spec;
  const api::Trial* best = study.Best();
  return {{"state",
           {{"experiment", study.experiment().metadata.name},
            {"algorithm", spec.algorithm->algorithm_name},
            {"objective", spec.objective->objective_metric_name},
            {"trials", study.trials().size()},
            {"pending", counts[api::TrialState::kPending]},
            {"running", counts[api::TrialState::kRunning]},
            {"succeeded", counts[api::TrialState::kSucceeded]},
            {"failed", counts[api::TrialState::kFailed]},
            {"killed", counts[api::TrialState::kKilled]},
            {"earlyStopped", counts[api::TrialState::kEarlyStopped]},
            {"metricsUnavailable", counts[api::TrialState::kMetricsUnavailable]},
            {"best", best == nullptr ? Json() : TrialJson(study, *best)}}}};
}

Json Trials(const Study& study) {
  Json trials = Json::array();
  for (const api::Trial& trial : study.trials()) trials.push_back(TrialJson(study, trial));
  return {{"trials", std::move(trials)}};
}

Json Answer(Study& study, const Json& request) {
  if (!request.is_object()) {
    return Invalid(fmt::format("a line must be one JSON object with {}, such as {{\"ask\": 1}}", kVerbs));
  }
  std::vector<std::string> verbs;
  for (const auto& [key, value] : request.items()) {
    if (key != "id") verbs.push_back(key);
  }
  if (verbs.size() != 1) {
    return Invalid(fmt::format("a request has one of {}, got {}", kVerbs,
                               verbs.empty() ? "none" : fmt::format("{}", fmt::join(verbs, ", "))));
  }
  const std::string& verb = verbs.front();
  const Json& value = request[verb];
  if (verb == "ask") return Ask(study, value);
  if (verb == "tell") return Tell(study, value);
  if (verb != "state" && verb != "trials") {
    return Invalid(fmt::format("{}: unknown request; there are {}", Printable(verb, true), kVerbs));
  }
  if (value != true) return Invalid(fmt::format("{0}: must be true, as in {{\"{0}\": true}}", verb));
  return verb == "state" ? State(study) : Trials(study);
}

// False at the end. A line that is too long is read to its end and comes back cut, one byte longer than allowed.
bool ReadLine(std::istream& in, std::string& line) {
  line.clear();
  std::streambuf& buffer = *in.rdbuf();
  using Traits = std::streambuf::traits_type;
  bool any = false;
  for (int c = buffer.sbumpc(); !Traits::eq_int_type(c, Traits::eof()); c = buffer.sbumpc()) {
    any = true;
    if (c == '\n') return true;
    if (line.size() <= kLongestLine) line += Traits::to_char_type(c);
  }
  return any;
}

}  // namespace

std::string AnswerLine(Study& study, std::string_view line) {
  Json answer;
  Json id;
  if (line.size() > kLongestLine) {
    answer = Invalid(fmt::format("a line may have {} bytes at most", kLongestLine));
  } else {
    const Json request = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    const auto given = request.is_object() ? request.find("id") : request.end();
    const bool has_id = request.is_object() && given != request.end();
    // Copies of what is nested without end would run out of stack.
    if (has_id && !given->is_string() && !given->is_number()) {
      answer = Invalid("id: must be a text or a number");
    } else {
      if (has_id) id = *given;
      answer = Answer(study, request);
    }
  }
  if (!id.is_null()) answer["id"] = std::move(id);
  return answer.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void ServeLines(Study& study, std::istream& in, std::ostream& out) {
  std::string line;
  while (out && ReadLine(in, line)) {
    if (line.size() <= kLongestLine && line.find_first_not_of(" \t\r") == std::string::npos) continue;
    out << AnswerLine(study, line) << '\n' << std::flush;
  }
}

}  // namespace qalam::cli
