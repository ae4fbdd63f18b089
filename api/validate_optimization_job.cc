#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>

#include "api/checks.h"
#include "api/job_schema.h"
#include "api/json_text.h"
#include "api/optimization_job.h"
#include "base/number_text.h"

namespace qalam::api {
namespace {

constexpr std::size_t kLongestText = 64;  // of metrics, parameters and choices

std::string Element(std::string_view list, std::size_t index, std::string_view below) {
  return fmt::format("{}[{}]{}", list, index, below);
}

void CheckObjectives(const OptimizationJobSpec& spec, Checks& checks) {
  constexpr char kField[] = "spec.objectives";
  if (spec.objectives.empty()) {
    return checks.Required(kField, "must have one entry: metric and direction");
  }
  if (spec.objectives.size() > 1) {
    checks.Invalid(
        kField, std::to_string(spec.objectives.size()),
        "must have one entry; further objectives can be named in the annotation qalam.dev/objectives");
  }
  for (std::size_t i = 0; i < spec.objectives.size(); ++i) {
    const std::string& metric = spec.objectives[i].metric;
    const std::string field = Element(kField, i, ".metric");
    if (metric.empty()) checks.Required(field, "must be the name of the metric to optimise");
    if (metric.size() > kLongestText) checks.Invalid(field, metric, "must have at most 64 characters");
  }
}

void CheckAlgorithm(const OptimizationJobSpec& spec, Checks& checks) {
  constexpr char kField[] = "spec.searchAlgorithm";
  const SearchAlgorithm algorithm = spec.search_algorithm.value_or(SearchAlgorithm());
  if (algorithm.random.has_value() == algorithm.grid.has_value()) {
    checks.Invalid(kField, algorithm.grid ? "random and grid" : "neither", "must be one of random and grid");
  }
  if (!algorithm.grid) return;
  for (std::size_t i = 0; i < spec.parameters.size(); ++i) {
    if (spec.parameters[i].search_space.categorical) continue;
    checks.Invalid(Element("spec.parameters", i, ".searchSpace"), spec.parameters[i].name,
                   "must be categorical, because searchAlgorithm is grid: list the values to try");
  }
}

bool IsIdentifier(std::string_view name) {
  const auto letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && letter(name[0]) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || digit(c); });
}

void CheckRange(const NumberRange& range, bool log, const std::string& field, Checks& checks) {
  const bool whole = range.type == NumberType::kInt;
  const auto read = [&](const std::string& text, std::string_view name) -> std::optional<double> {
    const std::string at = fmt::format("{}.{}", field, name);
    if (text.empty()) {
      checks.Required(at, "must be a number in quotes, such as \"0.1\"");
      return std::nullopt;
    }
    const std::optional<double> value = ParseDouble(text);
    if (!value || !std::isfinite(*value)) {
      checks.Invalid(at, text, "must be a number");
      return std::nullopt;
    }
    if (whole && *value != std::trunc(*value)) {
      checks.Invalid(at, text, "must be a whole number, because type is Int");
      return std::nullopt;
    }
    return value;
  };
  const std::optional<double> min = read(range.min, "min"), max = read(range.max, "max");
  if (log && min && *min <= 0)
    checks.Invalid(field + ".min", range.min, "must be greater than 0 on a log scale");
  if (min && max && *min >= *max) {
    checks.Invalid(field + ".min", range.min, fmt::format("must be less than max, which is {}", range.max));
  }
}

void CheckChoices(const std::vector<std::string>& choices, const std::string& field, Checks& checks) {
  if (choices.empty()) checks.Required(field, "must list at least one value");
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const std::string at = Element(field, i, "");
    if (choices[i].empty() || choices[i].size() > kLongestText) {
      checks.Invalid(at, choices[i], "must have 1 to 64 characters");
    } else if (std::find(choices.begin(), choices.begin() + static_cast<std::ptrdiff_t>(i), choices[i]) !=
               choices.begin() + static_cast<std::ptrdiff_t>(i)) {
      checks.Invalid(at, choices[i], "is in the list already");
    }
  }
}

void CheckSpace(const SearchSpace& space, const std::string& field, Checks& checks) {
  const int given = space.uniform.has_value() + space.log_uniform.has_value() + space.categorical.has_value();
  if (given != 1) {
    checks.Invalid(field, given == 0 ? "none" : "several",
                   "must be one of uniform, logUniform and categorical");
  }
  if (space.uniform) CheckRange(*space.uniform, false, field + ".uniform", checks);
  if (space.log_uniform) CheckRange(*space.log_uniform, true, field + ".logUniform", checks);
  if (space.categorical) CheckChoices(space.categorical->choices, field + ".categorical.choices", checks);
}

void CheckParameters(const OptimizationJobSpec& spec, Checks& checks) {
  constexpr char kField[] = "spec.parameters";
  if (spec.parameters.empty()) checks.Required(kField, "must list what to search");
  std::map<std::string, std::string_view> variables;
  for (std::size_t i = 0; i < spec.parameters.size(); ++i) {
    const SearchedParameter& parameter = spec.parameters[i];
    const std::string field = Element(kField, i, ".name");
    if (!IsIdentifier(parameter.name) || parameter.name.size() > kLongestText) {
      checks.Invalid(
          field, parameter.name,
          "must be letters, digits and underscores, not begin with a digit and have at most 64 of them");
    } else if (const auto [other, fresh] =
                   variables.emplace(ParameterVariable(parameter.name), parameter.name);
               !fresh) {
      checks.Invalid(
          field, parameter.name,
          fmt::format("programs would read it from {}, as they do {}; choose another name", other->first,
                      other->second == parameter.name ? "the other one of this name" : other->second));
    }
    CheckSpace(parameter.search_space, Element(kField, i, ".searchSpace"), checks);
  }
}

void CheckCounts(const OptimizationJobSpec& spec, Checks& checks) {
  const std::int32_t trials = spec.num_trials.value_or(1), parallel = spec.parallel_trials.value_or(1);
  if (trials < 1) checks.Invalid("spec.numTrials", std::to_string(trials), "must be at least 1");
  if (parallel < 1) checks.Invalid("spec.parallelTrials", std::to_string(parallel), "must be at least 1");
  if (trials >= 1 && parallel > trials) {
    checks.Invalid("spec.parallelTrials", std::to_string(parallel),
                   fmt::format("must not exceed numTrials, which is {}", trials));
  }
}

void CheckTrainJob(const OptimizationJobSpec& spec, Checks& checks) {
  constexpr char kField[] = "spec.trainJobTemplate";
  const ObjectMeta& metadata = spec.train_job_template.metadata;
  for (const auto& [name, value] :
       {std::pair{"name", &metadata.name}, {"namespace", &metadata.namespace_name}}) {
    if (!value->empty()) {
      checks.Forbidden(fmt::format("{}.metadata.{}", kField, name),
                       "must be left out; each trial gets its own");
    }
  }
  if (spec.train_job_template.spec.empty()) {
    return checks.Required(fmt::format("{}.spec", kField), "must be a TrainJob's: runtimeRef and trainer");
  }
  const std::string object =
      fmt::format(R"({{"apiVersion":"","kind":"","spec":{}}})", spec.train_job_template.spec.text);
  const absl::StatusOr<Document> document = ParseJson(object);
  if (!document.ok())
    return checks.Invalid(fmt::format("{}.spec", kField), "", std::string(MessageOf(document.status())));
  for (const SchemaError& error : CheckSchema(*document->root, TrainJobSchema())) {
    checks.Invalid(fmt::format("{}.{}", kField, error.path), error.value, error.detail);
  }
  const Node* runtime = document->root->Find({"spec", "runtimeRef", "name"});
  if (runtime == nullptr || runtime->text.empty()) {
    checks.Required(fmt::format("{}.spec.runtimeRef.name", kField),
                    "must name a runtime, such as torch-distributed or plain");
  }
}

}  // namespace

void SetDefaults(OptimizationJob& job) {
  OptimizationJobSpec& spec = job.spec;
  for (OptimizationObjective& objective : spec.objectives) {
    if (objective.direction == Direction::kUnset) objective.direction = Direction::kMinimize;
  }
  if (!spec.search_algorithm) spec.search_algorithm = SearchAlgorithm{.random = RandomSearch{}, .grid = {}};
  for (SearchedParameter& parameter : spec.parameters) {
    for (std::optional<NumberRange>* range :
         {&parameter.search_space.uniform, &parameter.search_space.log_uniform}) {
      if (*range && (*range)->type == NumberType::kUnset) (*range)->type = NumberType::kFloat;
    }
  }
  if (!spec.num_trials) spec.num_trials = 1;
  if (!spec.parallel_trials) spec.parallel_trials = 1;
}

FieldErrors Validate(const OptimizationJob& job) {
  FieldErrors errors;
  Checks checks(errors);
  CheckName(job.metadata, checks);
  CheckObjectives(job.spec, checks);
  CheckAlgorithm(job.spec, checks);
  CheckParameters(job.spec, checks);
  CheckCounts(job.spec, checks);
  CheckTrainJob(job.spec, checks);
  return errors;
}

FieldErrors ValidateUpdate(const OptimizationJob& new_job, const OptimizationJob& old_job) {
  FieldErrors errors;
  Checks checks(errors);
  OptimizationJobSpec next = new_job.spec;
  JsonText& spec = next.train_job_template.spec;
  const JsonText& old_spec = old_job.spec.train_job_template.spec;
  // Clients send free-form objects back with their keys in another order.
  const absl::StatusOr<Document> a = ParseJson(spec.text), b = ParseJson(old_spec.text);
  if (a.ok() && b.ok() && SameJson(*a->root, *b->root)) spec = old_spec;
  if (next == old_job.spec) return errors;
  if (IsTrue(old_job.status.conditions, "Complete") || IsTrue(old_job.status.conditions, "Failed")) {
    checks.Forbidden("spec", "the job has ended; create a new one under another name");
    return errors;
  }
  const std::int32_t trials = next.num_trials.value_or(1);
  const auto there = static_cast<std::int32_t>(old_job.status.trials.size());
  if (trials < there) {
    checks.Invalid("spec.numTrials", std::to_string(trials),
                   fmt::format("must not be below {}, the number of trials there are", there));
  }
  next.num_trials = old_job.spec.num_trials;
  next.parallel_trials = old_job.spec.parallel_trials;
  if (next != old_job.spec) checks.Forbidden("spec", "only numTrials and parallelTrials can be changed");
  return errors;
}

std::string ParameterVariable(std::string_view parameter) {
  std::string name = "KUBEFLOW_TRAINER_OPT_";
  for (const char c : parameter) name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

}  // namespace qalam::api
