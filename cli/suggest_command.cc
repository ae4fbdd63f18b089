#include "cli/suggest_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/defaults.h"
#include "api/validate.h"
#include "base/csv.h"
#include "cli/ask_tell_protocol.h"
#include "cli/check_command.h"
#include "cli/command_line_text.h"
#include "cli/exit_code.h"
#include "cli/lookup.h"
#include "cli/run_command.h"
#include "cli/run_input.h"
#include "cli/study.h"
#include "cli/trial_history.h"
#include "cli/trial_record.h"
#include "server/service_calls.h"

namespace qalam::cli {
namespace {

using Json = nlohmann::ordered_json;
using Print = void (*)(const Study&, std::span<const api::Trial>, const api::TrialTemplate&, bool headers,
                       std::ostream&);

constexpr absl::Duration kLongestCall = absl::Minutes(10);  // a large history, or a slow service elsewhere

void PrintCsv(const Study& study, std::span<const api::Trial> trials, const api::TrialTemplate&, bool headers,
              std::ostream& out) {
  CsvRecord header{"trial"};
  for (const algorithms::Parameter& parameter : study.space().parameters()) {
    header.push_back(parameter.name() == "trial" ? "parameter.trial" : parameter.name());
  }
  if (headers) out << CsvRow(header);
  for (const api::Trial& trial : trials) {
    CsvRecord row{trial.metadata.name};
    for (const algorithms::Parameter& parameter : study.space().parameters()) {
      const auto& assignments = trial.spec.parameter_assignments;
      const auto found = std::find_if(assignments.begin(), assignments.end(),
                                      [&](const auto& a) { return a.name == parameter.name(); });
      row.push_back(found == assignments.end() ? "" : found->value);
    }
    out << CsvRow(row);
  }
}

void PrintJson(const Study& study, std::span<const api::Trial> trials, const api::TrialTemplate&, bool,
               std::ostream& out) {
  Json list = Json::array();
  for (const api::Trial& trial : trials) list.push_back(SuggestionJson(study, trial));
  out << list.dump(2) << '\n';
}

void PrintJsonLines(const Study& study, std::span<const api::Trial> trials, const api::TrialTemplate&, bool,
                    std::ostream& out) {
  for (const api::Trial& trial : trials) out << SuggestionJson(study, trial).dump() << '\n';
}

// Names and texts as JSON strings, which YAML reads as texts whatever they look like.
void PrintYaml(const Study& study, std::span<const api::Trial> trials, const api::TrialTemplate&, bool,
               std::ostream& out) {
  for (const api::Trial& trial : trials) {
    out << fmt::format("- trial: {}\n  parameters:\n", Json(trial.metadata.name).dump());
    const Json parameters = ParametersJson(study.space(), trial.spec.parameter_assignments);
    for (const auto& [name, value] : parameters.items()) {
      out << fmt::format("    {}: {}\n", Json(name).dump(), value.dump());
    }
  }
}

void PrintArguments(const Study&, std::span<const api::Trial> trials,
                    const api::TrialTemplate& trial_template, bool, std::ostream& out) {
  for (const api::Trial& trial : trials) {
    out << BestArguments(trial_template, trial.spec.parameter_assignments) << '\n';
  }
}

constexpr std::pair<std::string_view, Print> kForms[] = {{"csv", &PrintCsv},
                                                         {"json", &PrintJson},
                                                         {"jsonl", &PrintJsonLines},
                                                         {"yaml", &PrintYaml},
                                                         {"args", &PrintArguments}};

absl::Status CheckFlags(const SuggestOptions& options) {
  const bool known = std::any_of(std::begin(kForms), std::end(kForms),
                                 [&](const auto& f) { return f.first == options.format; });
  if (!known) {
    return absl::InvalidArgumentError(
        fmt::format("-o must be csv, json, jsonl, yaml or args, got \"{}\"", options.format));
  }
  if (options.count < 1) {
    return absl::InvalidArgumentError(fmt::format("--count must be 1 or more, got {}", options.count));
  }
  const int readers = (options.file == "-") + (options.history == "-") + options.serve_lines;
  if (readers > 1) {
    return absl::InvalidArgumentError(
        "-f -, --history - and --serve-stdio all read the standard input; use one of them");
  }
  if (options.file.empty() && options.quick.objective.empty() && options.quick.parameters.empty()) {
    return absl::InvalidArgumentError(
        "say what is searched: -f experiment.yaml, or for example --objective min:loss --param x=0.0..1.0");
  }
  return absl::OkStatus();
}

// Somebody else runs the trials, so that any program does; the rules for Experiments want one.
void SetAnyProgram(api::Experiment& experiment) {
  api::TrialTemplate& trial_template = experiment.spec.trial_template.emplace();
  trial_template.trial_spec.text =
      R"({"apiVersion":"qalam.dev/v1","kind":"Process","spec":{"command":["true")";
  for (const api::ParameterSpec& parameter : experiment.spec.parameters) {
    trial_template.trial_spec.text += "," + Json(fmt::format("${{trialParameters.{}}}", parameter.name))
                                                .dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  trial_template.trial_spec.text += "]}}";
  experiment.spec.metrics_collector.reset();
}

struct Input {
  api::Experiment experiment;         // with defaults, and valid
  api::TrialTemplate trial_template;  // as it was given
};

// Nothing when the errors have been printed.
std::optional<Input> ReadInput(const SuggestOptions& options, std::istream& input, Streams& streams,
                               absl::Status& status) {
  absl::StatusOr<RunInput> read =
      options.file.empty() ? FromQuickForm(options.quick) : FromFile(options.file, options.quick, input);
  if (!read.ok()) {
    status = read.status();
    return std::nullopt;
  }
  if (read->experiment->spec.nas_config) {
    status = absl::InvalidArgumentError(
        "spec.nasConfig: qalam suggest has no form for architectures; ask the service of qalam serve over "
        "gRPC");
    return std::nullopt;
  }
  Input result{*read->experiment, read->experiment->spec.trial_template.value_or(api::TrialTemplate{})};
  api::FieldErrors errors = std::move(read->errors);
  if (errors.empty()) {
    SetAnyProgram(result.experiment);
    api::SetDefaults(result.experiment);
    errors =
        api::Validate(result.experiment, {.algorithms = KnownAlgorithms(options.services),
                                          .early_stopping_algorithms = KnownEarlyStoppers(options.services),
                                          .config_map = {}});
    read->Locate(errors);
  }
  for (const api::FieldError& error : errors) streams.err << "qalam: " << error.Text() << "\n";
  if (!errors.empty()) return std::nullopt;
  return result;
}

absl::Status ReadHistoryFile(const SuggestOptions& options, std::istream& input, Study& study,
                             api::FieldErrors& errors, Streams& streams) {
  if (options.history.empty()) return absl::OkStatus();
  QALAM_ASSIGN_OR_RETURN(const std::string text, ReadText(options.history, input));
  std::vector<std::string> ignored;
  const std::string file = options.history == "-" ? "standard input" : options.history;
  errors = ReadHistory(text, file, study, ignored);
  if (errors.empty() && !ignored.empty()) {
    streams.err << fmt::format("qalam: {}: ignored what is neither a parameter nor a metric of {}: {}\n",
                               file, study.experiment().metadata.name, fmt::join(ignored, ", "));
  }
  return absl::OkStatus();
}

}  // namespace

int RunSuggest(const SuggestOptions& options, std::istream& input, Streams& streams) {
  if (const absl::Status status = CheckFlags(options); !status.ok()) return ReportError(status, streams);
  absl::Status status = absl::OkStatus();
  std::optional<Input> read = ReadInput(options, input, streams, status);
  if (!status.ok()) return ReportError(status, streams);
  if (!read) return ToInt(ExitCode::kInvalidInput);

  auto services = server::StandaloneServices::Start(options.services, kLongestCall);
  if (!services.ok()) return ReportError(services.status(), streams);
  if (status = (*services)->CheckSettings(read->experiment); !status.ok()) {
    return ReportError(
        absl::InvalidArgumentError(fmt::format("{}: {}", server::RefusedField(status), MessageOf(status))),
        streams);
  }
  auto study = Study::Make(read->experiment,
                           [&](const auto& experiment, auto trials, const auto& settings, int count) {
                             return (*services)->Suggest(experiment, trials, settings, count);
                           });
  if (!study.ok()) return ReportError(study.status(), streams);
  api::FieldErrors errors;
  status = ReadHistoryFile(options, input, *study, errors, streams);
  if (!status.ok()) return ReportError(status, streams);
  for (const api::FieldError& error : errors) streams.err << "qalam: " << error.Text() << "\n";
  if (!errors.empty()) return ToInt(ExitCode::kInvalidInput);

  if (options.serve_lines) {
    ServeLines(*study, input, streams.out);
    return ToInt(ExitCode::kOk);
  }
  const auto trials = study->Ask(options.count);
  if (absl::IsOutOfRange(trials.status())) {
    streams.err << fmt::format("qalam: {}: every point of the space has been tried\n",
                               study->experiment().metadata.name);
    return ToInt(ExitCode::kNotFound);
  }
  if (!trials.ok()) return ReportError(trials.status(), streams);
  const auto form = std::find_if(std::begin(kForms), std::end(kForms),
                                 [&](const auto& f) { return f.first == options.format; });
  form->second(*study, *trials, read->trial_template, options.headers, streams.out);
  if (trials->size() < static_cast<size_t>(options.count)) {
    streams.err << fmt::format("qalam: the space has only {} point{} left\n", trials->size(),
                               trials->size() == 1 ? "" : "s");
  }
  return ToInt(ExitCode::kOk);
}

}  // namespace qalam::cli
