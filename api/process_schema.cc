#include "api/process_schema.h"

#include <fmt/format.h>

#include <unordered_set>

#include "base/number_text.h"

namespace qalam::api {
namespace {

using enum SchemaType;

constexpr SchemaField kMetadata[] = {{"labels", kTextMap}, {"annotations", kTextMap}};
constexpr SchemaField kResources[] = {{"cpu"}, {"memory"}};
constexpr SchemaField kSpec[] = {
    {"command", kTexts},
    {"env", kTextMap},
    {"workingDir", kText},
    {"timeoutSeconds", kInteger},
    {"retries", kInteger},
    {"requeues", kInteger},
    {"resources", kObject, kResources},
};
constexpr SchemaField kProcess[] = {
    {"apiVersion", kText}, {"kind", kText}, {"metadata", kObject, kMetadata}, {"spec", kObject, kSpec}};

// A Kubernetes quantity: a number that is not negative, then a decimal or binary suffix.
bool IsQuantity(std::string_view text) {
  static constexpr std::string_view kSuffixes[] = {"Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "m",
                                                   "k",  "M",  "G",  "T",  "P",  "E"};
  for (const std::string_view suffix : kSuffixes) {
    if (text.ends_with(suffix)) {
      text.remove_suffix(suffix.size());
      break;
    }
  }
  if (text.empty() || text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return false;
  const std::optional<double> value = ParseDouble(text);
  return value && *value > 0;
}

void CheckAtLeast(const Node& spec, std::string_view name, long long least,
                  std::vector<SchemaError>& errors) {
  const Node* node = spec.Find(name);
  if (node == nullptr || node->type != NodeType::kInt) return;
  const std::optional<long long> value = ParseInt(node->text);
  if (!value || *value < least || *value > 2'147'483'647) {
    errors.push_back({fmt::format("spec.{}", name), Shortened(*node),
                      fmt::format("must be from {} to 2147483647", least)});
  }
}

}  // namespace

std::vector<SchemaError> CheckProcess(const Node& process) {
  std::vector<SchemaError> errors = CheckSchema(process, kProcess);
  if (const Node* version = process.Find("apiVersion");
      version != nullptr && version->text != kProcessApiVersion) {
    errors.push_back(
        {"apiVersion", Shortened(*version), fmt::format("must be {} for kind Process", kProcessApiVersion)});
  }
  const Node* spec = process.Find("spec");
  const Node* command = spec == nullptr ? nullptr : spec->Find("command");
  if (command == nullptr || (command->type == NodeType::kList && command->children.empty()) ||
      command->type == NodeType::kNull) {
    errors.push_back({"spec.command", "", "must be given: a list with the program and its arguments"});
  } else if (command->type == NodeType::kList && command->children[0].value->text.empty() &&
             command->children[0].value->IsScalar()) {
    errors.push_back({"spec.command[0]", "", "must be the name of a program"});
  }
  if (spec == nullptr) return errors;
  CheckAtLeast(*spec, "timeoutSeconds", 1, errors);
  CheckAtLeast(*spec, "retries", 0, errors);
  CheckAtLeast(*spec, "requeues", 0, errors);
  for (const std::string_view name : {"cpu", "memory"}) {
    const Node* quantity = spec->Find({"resources", name});
    if (quantity == nullptr || quantity->type == NodeType::kNull) continue;
    if (!quantity->IsScalar() || !IsQuantity(quantity->text)) {
      errors.push_back({fmt::format("spec.resources.{}", name), Shortened(*quantity),
                        "must be a positive quantity such as 2, 500m or 1Gi"});
    }
  }
  if (const Node* env = spec->Find("env"); env != nullptr) {
    for (const Node::Child& child : env->children) {
      if (env->type != NodeType::kMap) break;
      const std::string& name = child.key->text;
      if (name.empty() || name.find('=') != std::string::npos || name.find('\0') != std::string::npos) {
        errors.push_back({"spec.env", Shortened(name), "a variable's name must not be empty or hold \"=\""});
      }
    }
  }
  return errors;
}

void TakeProcessScalarsAsText(Document& experiment) {
  if (experiment.root == nullptr) return;
  const Node* trial_spec = experiment.root->Find({"spec", "trialTemplate", "trialSpec"});
  const Node* kind = trial_spec == nullptr ? nullptr : trial_spec->Find("kind");
  if (kind == nullptr || kind->text != kProcessKind) return;
  std::unordered_set<const Node*> scalars;
  for (const std::string_view name : {"command", "env"}) {
    const Node* list = trial_spec->Find({"spec", name});
    if (list == nullptr) continue;
    for (const Node::Child& child : list->children) {
      if (child.value->IsScalar()) scalars.insert(child.value);
    }
  }
  if (scalars.empty()) return;
  for (Node& node : experiment.nodes) {
    if (scalars.contains(&node)) node.type = NodeType::kText;
  }
}

}  // namespace qalam::api
