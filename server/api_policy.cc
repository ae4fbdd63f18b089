#include "server/api_policy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <concepts>
#include <span>
#include <string_view>

#include "api/did_you_mean.h"
#include "api/field_reader.h"
#include "api/yaml_reader.h"
#include "apiserver/failure.h"
#include "apiserver/resource_type.h"

namespace qalam::server {
namespace {

using Texts = std::vector<std::string>;

constexpr std::string_view kAny = "*";
constexpr std::string_view kResourceVerbs[] = {"*",      "get",   "list",   "watch",           "create",
                                               "update", "patch", "delete", "deletecollection"};
constexpr std::string_view kPathVerbs[] = {"*", "get", "head", "post", "put", "patch", "delete", "options"};
// Asked, not stored: what somebody may.
constexpr std::string_view kReviews[] = {"selfsubjectaccessreviews", "subjectaccessreviews"};

bool Has(const Texts& texts, std::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}
bool HasOrAny(const Texts& texts, std::string_view text) { return Has(texts, text) || Has(texts, kAny); }

bool Shares(const Texts& a, const Texts& b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& text) { return Has(b, text); });
}

}  // namespace

template <class Visitor>
void Fields(Visitor& v, PolicyRule& rule) {
  v("users", rule.users);
  v("groups", rule.groups);
  v("verbs", rule.verbs);
  v("namespaces", rule.namespaces);
  v("resources", rule.resources);
  v("paths", rule.paths);
}

namespace {

struct PolicyFile {
  std::vector<PolicyRule> rules;
};

template <class Visitor>
void Fields(Visitor& v, PolicyFile& file) {
  v("rules", file.rules);
}

// What the shape of a rule leaves open: whether its words mean something, and whether it can ever allow
// anything.
class RuleChecker {
 public:
  RuleChecker(api::ReadContext& context, const api::FieldPath& path, const api::Node& node)
      : context_(context), path_(path), node_(node) {}

  void Check(const PolicyRule& rule) {
    if (rule.users.empty() && rule.groups.empty()) Required("users", "users, groups or both");
    if (rule.verbs.empty()) Required("verbs", "at least one, or \"*\"");
    if (!rule.paths.empty()) {
      if (!rule.resources.empty())
        Forbidden("resources", "a rule is about resources or about paths; write two");
      if (!rule.namespaces.empty()) Forbidden("namespaces", "paths are in no namespace");
      Words("verbs", [](std::string_view word) { return Known(word, kPathVerbs); });
      Words("paths", PathFault);
      return;
    }
    if (rule.resources.empty()) Required("resources", "resources with namespaces, or paths");
    if (rule.namespaces.empty()) Required("namespaces", "names, or \"*\" for all and what is in none");
    Words("verbs", [](std::string_view word) { return Known(word, kResourceVerbs); });
    Words("resources", ResourceFault);
  }

 private:
  static std::string Known(std::string_view word, std::span<const std::string_view> known) {
    const bool found = std::find(known.begin(), known.end(), word) != known.end();
    return found ? "" : api::NameHint(word, known);
  }

  static std::string ResourceFault(std::string_view word) {
    std::vector<std::string_view> known = {kAny, kReviews[0], kReviews[1]};
    for (const apiserver::ResourceType& type : apiserver::AllResourceTypes()) known.push_back(type.plural);
    return Known(word.substr(0, word.find('/')), known);
  }

  static std::string PathFault(std::string_view word) {
    const bool star_inside = word.find('*') < word.size() - 1;
    return word == kAny || (word.starts_with('/') && !star_inside) ? ""
                                                                   : "must begin with / and may end with *";
  }

  void Words(std::string_view field, std::string (*fault_of)(std::string_view)) {
    const api::Node* list = node_.Find(field);
    if (list == nullptr || list->type != api::NodeType::kList) return;
    const api::FieldPath path = path_.Field(field);
    for (size_t i = 0; i < list->children.size(); ++i) {
      const api::Node& word = *list->children[i].value;
      if (!word.IsScalar()) continue;
      if (std::string fault = fault_of(word.text); !fault.empty()) {
        context_.Error(api::FieldErrorType::kInvalid, path.Element(i), word, std::move(fault));
      }
    }
  }

  void Required(std::string_view field, std::string what) {
    context_.Error(api::FieldErrorType::kRequired, path_.Field(field), node_, std::move(what));
  }
  void Forbidden(std::string_view field, std::string why) {
    context_.Error(api::FieldErrorType::kForbidden, path_.Field(field), *node_.Find(field), std::move(why));
  }

  api::ReadContext& context_;
  const api::FieldPath& path_;
  const api::Node& node_;
};

void CheckRules(api::ReadContext& context, const api::Node& root, const std::vector<PolicyRule>& rules) {
  const api::Node* list = root.Find("rules");
  const api::FieldPath top, path = top.Field("rules");
  if (list == nullptr) {
    return context.Error(api::FieldErrorType::kRequired, path, root,
                         "a list of rules; [] forbids everything");
  }
  for (size_t i = 0; i < rules.size(); ++i) {
    const api::FieldPath element = path.Element(i);
    RuleChecker(context, element, *list->children[i].value).Check(rules[i]);
  }
}

bool PathMatches(std::string_view pattern, std::string_view path) {
  if (!pattern.ends_with('*')) return pattern == path;
  return path.starts_with(pattern.substr(0, pattern.size() - 1));
}

bool CoversResource(const Texts& resources, const apiserver::RequestInfo& info) {
  if (Has(resources, kAny)) return true;
  if (info.subresource.empty()) return Has(resources, info.resource);
  return Has(resources, info.resource + "/" + info.subresource) || Has(resources, "*/" + info.subresource);
}

// A namespace is in no namespace, but who works in one may look at it itself.
const std::string& NamespaceOf(const apiserver::RequestInfo& info) {
  static const std::string kNone;
  if (!info.group.empty() || info.resource != "namespaces") return info.namespace_name;
  return info.verb == "get" && info.subresource.empty() ? info.name : kNone;
}

}  // namespace

absl::StatusOr<ApiPolicy> ApiPolicy::Read(const std::string& path, const std::string& text) {
  std::vector<api::YamlDocument> documents = api::ParseYaml(text);
  api::ReadContext context{.strict = true, .errors = {}};
  PolicyFile file;
  for (const api::YamlDocument& document : documents) {
    context.errors.insert(context.errors.end(), document.errors.begin(), document.errors.end());
  }
  if (context.errors.empty()) {
    if (documents.size() != 1 || documents[0].document.root == nullptr) {
      return absl::InvalidArgumentError(fmt::format("{} should be one YAML document with rules", path));
    }
    const api::Node& root = *documents[0].document.root;
    api::ReadStruct(context, {}, root, file);
    if (context.errors.empty()) CheckRules(context, root, file.rules);
  }
  if (!context.errors.empty()) {
    std::vector<std::string> lines;
    for (api::FieldError& error : context.errors) {
      error.file = path;
      lines.push_back(error.Text());
    }
    return absl::InvalidArgumentError(fmt::format("{}", fmt::join(lines, "\n")));
  }
  ApiPolicy policy;
  policy.rules_ = std::move(file.rules);
  return policy;
}

bool ApiPolicy::Allows(const apiserver::User& user, const apiserver::RequestInfo& info) const {
  return std::any_of(rules_.begin(), rules_.end(), [&](const PolicyRule& rule) {
    if (!HasOrAny(rule.users, user.name) && !Has(rule.groups, kAny) && !Shares(rule.groups, user.groups)) {
      return false;
    }
    if (!HasOrAny(rule.verbs, info.verb)) return false;
    if (!info.is_resource) {
      return std::any_of(rule.paths.begin(), rule.paths.end(),
                         [&](const std::string& pattern) { return PathMatches(pattern, info.path); });
    }
    const std::string& namespace_name = NamespaceOf(info);
    const bool covers_namespace =
        namespace_name.empty() ? Has(rule.namespaces, kAny) : HasOrAny(rule.namespaces, namespace_name);
    return covers_namespace && CoversResource(rule.resources, info);
  });
}

absl::Status Forbidden(const apiserver::User& user, const apiserver::RequestInfo& info) {
  if (!info.is_resource) {
    return apiserver::Failure(
        403, "Forbidden",
        fmt::format("forbidden: User \"{}\" cannot {} path \"{}\"", user.name, info.verb, info.path));
  }
  std::string subject = info.group.empty() ? info.resource : info.resource + "." + info.group;
  if (!info.name.empty()) subject += fmt::format(" \"{}\"", info.name);
  std::string resource = info.resource;
  if (!info.subresource.empty()) resource += "/" + info.subresource;
  const std::string where = info.namespace_name.empty()
                                ? "at the cluster scope"
                                : fmt::format("in the namespace \"{}\"", info.namespace_name);
  return apiserver::Failure(
      403, "Forbidden",
      fmt::format("{} is forbidden: User \"{}\" cannot {} resource \"{}\" in API group \"{}\" {}", subject,
                  user.name, info.verb, resource, info.group, where),
      {.name = info.name, .group = info.group, .kind = info.resource});
}

}  // namespace qalam::server
