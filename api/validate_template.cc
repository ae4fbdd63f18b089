#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <unordered_set>

#include "api/checks.h"
#include "api/did_you_mean.h"
#include "api/job_schema.h"
#include "api/process_schema.h"
#include "api/train_job.h"
#include "api/yaml_reader.h"

namespace qalam::api {
namespace {

constexpr std::string_view kField = "spec.trialTemplate";
constexpr std::string_view kPlaceholder = "${trialParameters.";
constexpr std::string_view kTestValue = "test-value";

std::string Field(std::string_view below = {}) { return fmt::format("{}{}", kField, below); }

std::string ReplaceAll(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  for (std::size_t at = 0;;) {
    const std::size_t found = text.find(from, at);
    out += text.substr(at, found - at);
    if (found == std::string_view::npos) return out;
    out += to;
    at = found + from.size();
  }
}

// ${trialSpec.Name}, ...: a property of the trial or its template instead of a parameter. The key of
// Labels[key] and Annotations[key] is in `key`.
struct MetaReference {
  std::string_view name, key;
};
std::optional<MetaReference> ParseMetaReference(std::string_view reference) {
  constexpr std::string_view kStart = "${trialSpec.";
  if (!reference.starts_with(kStart) || !reference.ends_with('}')) return std::nullopt;
  const std::string_view name = reference.substr(kStart.size(), reference.size() - kStart.size() - 1);
  for (const std::string_view known : {"Name", "Namespace", "Kind", "APIVersion"}) {
    if (name == known) return MetaReference{known, {}};
  }
  for (const std::string_view known : {"Annotations", "Labels"}) {
    if (name.size() > known.size() + 2 && name.starts_with(known) && name[known.size()] == '[' &&
        name.ends_with(']')) {
      return MetaReference{known, name.substr(known.size() + 1, name.size() - known.size() - 2)};
    }
  }
  return std::nullopt;
}

class TemplateChecker {
 public:
  TemplateChecker(const ExperimentSpec& spec, const ValidationContext& context, Checks& checks)
      : spec_(spec), template_(*spec.trial_template), context_(context), checks_(checks) {}

  void Check() {
    if (template_.primary_container_name.empty()) {
      checks_.Required(Field(".primaryContainerName"),
                       "must be specified: the container whose metrics are collected");
    }
    if (template_.success_condition.empty() || template_.failure_condition.empty()) {
      checks_.Required(Field(),
                       "successCondition and failureCondition must be specified for this kind of trial");
    }
    if (template_.trial_parameters.empty()) {
      return checks_.Required(Field(".trialParameters"),
                              "must be specified: name and reference of each placeholder");
    }
    const std::optional<std::string> text = Text();
    if (!text) return;
    const std::optional<std::string> filled = CheckTrialParameters(*text);
    if (!filled) return;
    CheckLeftovers(*filled);
    CheckUse();
    CheckObject(*filled);
  }

 private:
  void Invalid(std::string detail) { checks_.Invalid(Field(), "", std::move(detail)); }

  std::optional<std::string> Text() {
    const bool has_spec = !template_.trial_spec.empty();
    if (has_spec && template_.config_map) {
      checks_.Required(Field(), "only one of trialSpec and configMap can be specified");
      return std::nullopt;
    }
    if (has_spec) return template_.trial_spec.text;
    if (!template_.config_map) {
      checks_.Required(Field(".TrialSource"), "trialSpec or configMap must be specified");
      return std::nullopt;
    }
    const ConfigMapSource& source = *template_.config_map;
    if (source.config_map_name.empty() || source.config_map_namespace.empty() ||
        source.template_path.empty()) {
      checks_.Required(Field(".configMap"),
                       "configMapName, configMapNamespace and templatePath must be specified");
      return std::nullopt;
    }
    std::optional<std::string> text = context_.config_map ? context_.config_map(source) : std::nullopt;
    if (!text) {
      Invalid(fmt::format("there is no ConfigMap \"{}\" in namespace \"{}\" with the key \"{}\"",
                          Shortened(source.config_map_name), Shortened(source.config_map_namespace),
                          Shortened(source.template_path)));
    }
    return text;
  }

  // Rule 8. The text with test values; nothing when checking stops.
  std::optional<std::string> CheckTrialParameters(std::string text) {
    std::unordered_set<std::string_view> names, references;
    for (std::size_t i = 0; i < template_.trial_parameters.size(); ++i) {
      const TrialParameterSpec& parameter = template_.trial_parameters[i];
      const std::string field = fmt::format("{}.trialParameters[{}]", kField, i);
      if (parameter.name.empty() || parameter.reference.empty()) {
        checks_.Invalid(field, parameter.name, "name and reference must be specified");
        continue;
      }
      if (parameter.name.find_first_of("{}") != std::string::npos) {
        checks_.Invalid(field, parameter.name, "name must not contain { or }");
        continue;
      }
      if (!names.insert(parameter.name).second) {
        checks_.Invalid(field + ".name", parameter.name, "is the name of another entry already");
        continue;
      }
      if (!references.insert(parameter.reference).second) {
        checks_.Invalid(field + ".reference", parameter.reference, "another entry refers to it already");
        continue;
      }
      CheckReference(field + ".reference", parameter.reference);
      const std::string placeholder = fmt::format("{}{}}}", kPlaceholder, parameter.name);
      if (text.find(placeholder) == std::string::npos) {
        checks_.Invalid(
            field + ".name", parameter.name,
            fmt::format("{} does not stand in the template; use it there or remove this entry", placeholder));
        return std::nullopt;
      }
      text = ReplaceAll(text, placeholder, kTestValue);
    }
    return text;
  }

  void CheckReference(const std::string& field, const std::string& reference) {
    if (ParseMetaReference(reference) || spec_.parameters.empty()) return;
    std::vector<std::string_view> known;
    for (const ParameterSpec& parameter : spec_.parameters) known.push_back(parameter.name);
    if (std::find(known.begin(), known.end(), reference) != known.end()) return;
    if (reference.starts_with("${")) {
      known = {"${trialSpec.Name}",       "${trialSpec.Namespace}",        "${trialSpec.Kind}",
               "${trialSpec.APIVersion}", "${trialSpec.Annotations[key]}", "${trialSpec.Labels[key]}"};
    }
    checks_.Invalid(field, reference,
                    fmt::format("is neither in spec.parameters nor a reference to the trial's metadata; {}",
                                NameHint(reference, known)));
  }

  // Rule 9.
  void CheckLeftovers(const std::string& filled) {
    std::vector<std::string_view> names;
    const std::string_view text = filled;
    for (std::size_t at = text.find(kPlaceholder); at != std::string_view::npos;
         at = text.find(kPlaceholder, at)) {
      at += kPlaceholder.size();
      const std::size_t end = text.find('}', at);
      if (end == std::string_view::npos) break;
      const std::string_view name = text.substr(at, end - at);
      if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    if (names.empty()) return;
    std::vector<std::string_view> known;
    for (const TrialParameterSpec& parameter : template_.trial_parameters) known.push_back(parameter.name);
    std::string detail = "the template has placeholders without an entry in trialParameters:";
    for (const std::string_view name : names) {
      const std::string_view nearest = Nearest(name, known);
      detail += fmt::format(" {}{}}}{}", kPlaceholder, Shortened(name),
                            nearest.empty() ? "" : fmt::format(" (did you mean \"{}\"?)", nearest));
    }
    Invalid(std::move(detail));
  }

  // The number of assignments must be the number of placeholders, or no trial can be created.
  void CheckUse() {
    for (const ParameterSpec& parameter : spec_.parameters) {
      const bool used =
          std::any_of(template_.trial_parameters.begin(), template_.trial_parameters.end(),
                      [&](const TrialParameterSpec& entry) { return entry.reference == parameter.name; });
      if (used || parameter.name.empty()) continue;
      checks_.Invalid(
          Field(".trialParameters"), parameter.name,
          fmt::format("no entry refers to this parameter, so trials could not use it; add {{name: {}, "
                      "reference: {}}} and use {}{}}} in the template, or remove the parameter",
                      Shortened(parameter.name), Shortened(parameter.name), kPlaceholder,
                      Shortened(parameter.name)));
    }
  }

  // Rules 10 to 13.
  void CheckObject(const std::string& filled) {
    std::vector<YamlDocument> documents = ParseYaml(filled);
    std::erase_if(documents,
                  [](const YamlDocument& document) { return document.empty && document.errors.empty(); });
    const bool one = documents.size() == 1;
    if (one && !documents[0].errors.empty()) {
      const FieldError& error = documents[0].errors[0];
      return Invalid(fmt::format("the template cannot be read, line {}: {}", error.line, error.detail));
    }
    if (!one || documents[0].document.root == nullptr || documents[0].document.root->type != NodeType::kMap) {
      return Invalid(fmt::format("the template must be one object, such as a Job or a Process"));
    }
    const Node& object = *documents[0].document.root;
    for (const std::string_view name : {"name", "namespace"}) {
      const Node* node = object.Find({"metadata", name});
      if (node != nullptr && !node->text.empty() && node->type != NodeType::kNull) {
        Invalid(fmt::format("trialSpec.metadata.{}: must be left out; each trial gets its own", name));
      }
    }
    const Node* version = object.Find("apiVersion");
    const Node* kind = object.Find("kind");
    if (version == nullptr || kind == nullptr || version->text.empty() || kind->text.empty()) {
      return checks_.Required(Field(), "APIVersion and Kind of the template must be specified");
    }
    CheckMetaKeys(object);
    if (kind->text == kProcessKind) {
      Report(CheckProcess(object), "Process");
    } else if (kind->text == "Job" && version->text == "batch/v1") {
      Report(CheckSchema(object, JobSchema()), "batch/v1 Job");
      CheckPrimaryContainer(object);
    } else if (kind->text == kTrainJobKind && version->text == kTrainerApiVersion) {
      Report(CheckSchema(object, TrainJobSchema()), "TrainJob");
    }
  }

  void Report(const std::vector<SchemaError>& errors, std::string_view kind) {
    for (const SchemaError& error : errors) {
      checks_.Invalid(Field(), error.value,
                      fmt::format("trialSpec.{}: {} ({})", error.path, error.detail, kind));
    }
  }

  void CheckMetaKeys(const Node& object) {
    for (std::size_t i = 0; i < template_.trial_parameters.size(); ++i) {
      const std::optional<MetaReference> reference =
          ParseMetaReference(template_.trial_parameters[i].reference);
      if (!reference || reference->key.empty()) continue;
      const std::string_view map = reference->name == "Labels" ? "labels" : "annotations";
      if (object.Find({"metadata", map, reference->key}) != nullptr) continue;
      checks_.Invalid(
          fmt::format("{}.trialParameters[{}].reference", kField, i), template_.trial_parameters[i].reference,
          fmt::format("the template's metadata.{} has no \"{}\"", map, Shortened(reference->key)));
    }
  }

  void CheckPrimaryContainer(const Node& object) {
    const Node* containers = object.Find({"spec", "template", "spec", "containers"});
    const std::string& primary = template_.primary_container_name;
    if (containers == nullptr || containers->type != NodeType::kList || primary.empty()) return;
    std::vector<std::string_view> names;
    for (const Node::Child& container : containers->children) {
      const Node* name = container.value->Find("name");
      if (name != nullptr) names.push_back(name->text);
    }
    if (std::find(names.begin(), names.end(), primary) != names.end()) return;
    checks_.Invalid(Field(".primaryContainerName"), primary,
                    fmt::format("no container of the template has this name; {}", NameHint(primary, names)));
  }

  const ExperimentSpec& spec_;
  const TrialTemplate& template_;
  const ValidationContext& context_;
  Checks& checks_;
};

}  // namespace

void CheckTemplate(const ExperimentSpec& spec, const ValidationContext& context, Checks& checks) {
  if (!spec.trial_template) {
    return checks.Required(Field(), "must be specified: what a trial runs (trialSpec or configMap)");
  }
  TemplateChecker(spec, context, checks).Check();
}

}  // namespace qalam::api
