#include "cli/plan_command.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/defaults.h"
#include "api/validate.h"
#include "cli/db_read_store.h"
#include "cli/exit_code.h"
#include "cli/lookup.h"
#include "cli/run_command.h"
#include "cli/run_input.h"
#include "cli/time_text.h"
#include "server/service_calls.h"

namespace qalam::cli {
namespace {

constexpr int kShown = 5;

using Points = std::vector<std::vector<api::ParameterAssignment>>;

// The longest a trial may take by its own deadline; nothing without one.
std::optional<absl::Duration> Deadline(const api::TrialTemplate& trial_template) {
  const auto object = nlohmann::json::parse(trial_template.trial_spec.text, nullptr, false);
  if (!object.is_object() || !object.contains("spec") || !object["spec"].is_object()) return std::nullopt;
  for (const char* field : {"activeDeadlineSeconds", "timeoutSeconds"}) {
    const auto found = object["spec"].find(field);
    if (found != object["spec"].end() && found->is_number()) return absl::Seconds(found->get<double>());
  }
  return std::nullopt;
}

// Mean time of the trials that the same experiment has finished earlier.
std::optional<absl::Duration> MeanTrialTime(const PlanOptions& options, const api::Experiment& experiment) {
  const auto store = OpenDataDirectory(options.data_directory);
  if (!store.ok()) return std::nullopt;
  const auto trials = (*store)->Trials(experiment);
  if (!trials.ok()) return std::nullopt;
  absl::Duration total;
  int count = 0;
  for (const TrialPtr& trial : *trials) {
    if (!trial->status.start_time || !trial->status.completion_time) continue;
    total += *trial->status.completion_time - *trial->status.start_time;
    ++count;
  }
  if (count == 0) return std::nullopt;
  return total / count;
}

// Rounds of `parallel` trials, one after another.
absl::Duration Whole(absl::Duration one, int trials, int parallel) {
  return one * ((trials + parallel - 1) / parallel);
}

struct Plan {
  std::optional<int> trials;
  int parallel = 1;
  std::optional<absl::Duration> worst, expected;
  Points first;
};

void PrintJson(const Plan& plan, const api::Experiment& experiment, std::ostream& out) {
  nlohmann::ordered_json json = {{"experiment", experiment.metadata.name},
                                 {"algorithm", experiment.spec.algorithm->algorithm_name},
                                 {"trials", nullptr},
                                 {"parallel", plan.parallel},
                                 {"worstSeconds", nullptr},
                                 {"expectedSeconds", nullptr}};
  if (plan.trials) json["trials"] = *plan.trials;
  if (plan.worst) json["worstSeconds"] = absl::ToDoubleSeconds(*plan.worst);
  if (plan.expected) json["expectedSeconds"] = absl::ToDoubleSeconds(*plan.expected);
  json["firstSuggestions"] = nlohmann::ordered_json::array();
  for (const auto& point : plan.first) {
    nlohmann::ordered_json assignments = nlohmann::ordered_json::object();
    for (const api::ParameterAssignment& assignment : point) assignments[assignment.name] = assignment.value;
    json["firstSuggestions"].push_back(std::move(assignments));
  }
  out << json.dump(2) << "\n";
}

void PrintText(const Plan& plan, const api::Experiment& experiment, std::ostream& out) {
  out << fmt::format("experiment   {}, {}\n", experiment.metadata.name,
                     experiment.spec.algorithm->algorithm_name);
  out << fmt::format("trials       {}, {} at a time\n",
                     plan.trials ? std::to_string(*plan.trials) : "until the goal is reached", plan.parallel);
  out << fmt::format("at worst     {}\n", plan.worst    ? DurationText(*plan.worst)
                                          : plan.trials ? "no limit: the trials have no deadline of their own"
                                                        : "no limit: there is no maxTrialCount");
  out << fmt::format("expected     {}\n",
                     plan.expected ? DurationText(*plan.expected) + ", by the trials that have finished"
                                   : "unknown until a first trial has finished");
  out << "first suggestions\n";
  for (const auto& point : plan.first) {
    std::string line;
    for (const api::ParameterAssignment& assignment : point)
      line += fmt::format(" {}={}", assignment.name, assignment.value);
    out << " " << line << "\n";
  }
}

}  // namespace

int RunPlan(const PlanOptions& options, std::istream& input, Streams& streams) {
  if (options.format != "table" && options.format != "json") {
    return ReportError(absl::InvalidArgumentError(
                           fmt::format("-o: \"{}\" is unknown; plan knows table and json", options.format)),
                       streams);
  }
  auto read = FromFile(options.file, {.namespace_name = options.namespace_name}, input);
  if (!read.ok()) return ReportError(read.status(), streams);
  api::Experiment& experiment = *read->experiment;
  api::FieldErrors errors = read->errors;
  if (errors.empty()) {
    api::SetDefaults(experiment);
    errors = api::Validate(experiment, {.algorithms = KnownAlgorithms(options.services),
                                        .early_stopping_algorithms = KnownEarlyStoppers(options.services),
                                        .config_map = [&](const api::ConfigMapSource& source) {
                                          return read->FindConfigMap(source);
                                        }});
    read->Locate(errors);
  }
  for (const api::FieldError& error : errors) streams.err << "qalam: " << error.Text() << "\n";
  if (!errors.empty()) return ToInt(ExitCode::kInvalidInput);

  auto services = server::StandaloneServices::Start(options.services);
  if (!services.ok()) return ReportError(services.status(), streams);
  if (const absl::Status status = (*services)->CheckSettings(experiment); !status.ok()) {
    return ReportError(
        absl::InvalidArgumentError(fmt::format("{}: {}", server::RefusedField(status), MessageOf(status))),
        streams);
  }
  Plan plan{.trials = experiment.spec.max_trial_count,
            .parallel = experiment.spec.parallel_trial_count.value_or(1)};
  // A finite space may have fewer points than are shown.
  for (int count = std::min(kShown, plan.trials.value_or(kShown)); count > 0; --count) {
    auto points = (*services)->FirstSuggestions(experiment, count);
    if (absl::IsOutOfRange(points.status())) continue;
    if (!points.ok()) return ReportError(points.status(), streams);
    plan.first = *std::move(points);
    break;
  }
  if (plan.trials) {
    if (const auto deadline = Deadline(*experiment.spec.trial_template))
      plan.worst = Whole(*deadline, *plan.trials, plan.parallel);
    if (const auto mean = MeanTrialTime(options, experiment))
      plan.expected = Whole(*mean, *plan.trials, plan.parallel);
  }
  if (options.format == "json") {
    PrintJson(plan, experiment, streams.out);
  } else {
    PrintText(plan, experiment, streams.out);
  }
  return ToInt(ExitCode::kOk);
}

}  // namespace qalam::cli
