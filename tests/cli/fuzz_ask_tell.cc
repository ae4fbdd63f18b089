// Any bytes as a history and as lines of a conversation: never a crash, every line one answer, and what is told reads back.

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "api/defaults.h"
#include "cli/ask_tell_protocol.h"
#include "cli/trial_history.h"

namespace {

using qalam::cli::Study;

Study MakeStudy() {
  namespace api = qalam::api;
  api::Experiment experiment;
  experiment.metadata.name = "t";
  experiment.spec.objective =
      api::ObjectiveSpec{.type = api::ObjectiveType::kMinimize, .objective_metric_name = "l"};
  experiment.spec.algorithm = api::AlgorithmSpec{"random", {}};
  experiment.spec.parameters = {
      {"x", api::ParameterType::kDouble, {.max = "1", .min = "0", .list = {}, .step = {}}},
      {"k", api::ParameterType::kInt, {.max = "3", .min = "1", .list = {}, .step = {}}},
      {"trial", api::ParameterType::kCategorical, {.max = {}, .min = {}, .list = {"a", "1"}, .step = {}}}};
  api::SetDefaults(experiment);
  const auto suggest = [](const auto&, auto trials, const auto&,
                          int count) -> absl::StatusOr<qalam::server::SuggestionBatch> {
    if (trials.size() + static_cast<size_t>(count) > 50) return absl::OutOfRangeError("SpaceExhausted");
    return qalam::server::SuggestionBatch{
        .assignments = std::vector<api::TrialAssignment>(
            static_cast<size_t>(count),
            {.name = {}, .parameter_assignments = {{"x", "0.5"}, {"k", "2"}, {"trial", "a"}}}),
        .settings = {}};
  };
  return *Study::Make(experiment, suggest);
}

// Every trial of `study` can be told to another one, and is then the same.
void CheckReadsBack(Study& study) {
  const std::string trials = qalam::cli::AnswerLine(study, R"({"trials": true})");
  Study copy = MakeStudy();
  const auto records = nlohmann::ordered_json::parse(trials)["trials"];
  for (const auto& trial : records) {
    const std::string answer = qalam::cli::AnswerLine(copy, nlohmann::ordered_json{{"tell", trial}}.dump());
    if (answer.rfind("{\"told\":", 0) != 0) std::abort();
  }
  if (qalam::cli::AnswerLine(copy, R"({"trials": true})") != trials) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> ignored;
  Study study = MakeStudy();
  if (ReadHistory(text, "history", study, ignored).empty()) CheckReadsBack(study);

  Study talking = MakeStudy();
  std::istringstream in(text);
  std::ostringstream out;
  ServeLines(talking, in, out);
  std::istringstream answers(out.str());
  for (std::string line; std::getline(answers, line);) {
    if (!nlohmann::json::parse(line).is_object()) std::abort();
  }
  CheckReadsBack(talking);
  return 0;
}
