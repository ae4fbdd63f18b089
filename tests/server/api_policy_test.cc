#include "server/api_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apiserver/failure.h"

namespace qalam::server {
namespace {

using apiserver::RequestInfo;
using apiserver::User;
using testing::HasSubstr;

ApiPolicy Policy(const std::string& text) {
  auto policy = ApiPolicy::Read("policy.yaml", text);
  EXPECT_TRUE(policy.ok()) << policy.status();
  return policy.ok() ? *std::move(policy) : ApiPolicy();
}

std::string Fault(const std::string& text) {
  const auto policy = ApiPolicy::Read("policy.yaml", text);
  EXPECT_TRUE(absl::IsInvalidArgument(policy.status())) << policy.status();
  return std::string(MessageOf(policy.status()));
}

// What is asked for: GET .../namespaces/NS/experiments/NAME and the like.
RequestInfo Ask(std::string verb, std::string namespace_name, std::string resource, std::string name = {}) {
  const size_t slash = resource.find('/');
  return {.is_resource = true,
          .verb = std::move(verb),
          .group = "kubeflow.org",
          .namespace_name = std::move(namespace_name),
          .resource = resource.substr(0, slash),
          .name = std::move(name),
          .subresource = slash == std::string::npos ? "" : resource.substr(slash + 1)};
}

RequestInfo AskNamespace(std::string verb, std::string name, std::string subresource = {}) {
  return {.is_resource = true,
          .verb = std::move(verb),
          .version = "v1",
          .namespace_name = name,
          .resource = "namespaces",
          .name = name,
          .subresource = std::move(subresource)};
}

const User kAlice{.name = "alice", .groups = {"team-a"}};
const User kBob{.name = "bob", .groups = {"team-b"}};

TEST(ApiPolicy, AllowsWhatARuleSaysAndNothingElse) {
  const ApiPolicy policy = Policy(
      "rules:\n"
      "- {groups: [team-a], namespaces: [a], verbs: [get, list], resources: [experiments, trials/status]}\n");
  EXPECT_TRUE(policy.Allows(kAlice, Ask("get", "a", "experiments", "x")));
  EXPECT_TRUE(policy.Allows(kAlice, Ask("list", "a", "experiments")));
  EXPECT_TRUE(policy.Allows(kAlice, Ask("get", "a", "trials/status", "x")));
  EXPECT_FALSE(policy.Allows(kBob, Ask("get", "a", "experiments", "x")));
  EXPECT_FALSE(policy.Allows(kAlice, Ask("get", "b", "experiments", "x")));
  EXPECT_FALSE(policy.Allows(kAlice, Ask("list", "", "experiments")));  // all namespaces
  EXPECT_FALSE(policy.Allows(kAlice, Ask("watch", "a", "experiments")));
  EXPECT_FALSE(policy.Allows(kAlice, Ask("get", "a", "trials", "x")));
  EXPECT_FALSE(policy.Allows(kAlice, Ask("get", "a", "experiments/status", "x")));
  EXPECT_FALSE(policy.Allows(kAlice, {.verb = "get", .path = "/metrics"}));
}

TEST(ApiPolicy, RulesDoNotMix) {
  const ApiPolicy policy = Policy(
      "rules:\n"
      "- {users: [alice], namespaces: [a], verbs: ['*'], resources: ['*']}\n"
      "- {users: [alice], namespaces: ['*'], verbs: [get], resources: [trials]}\n");
  EXPECT_TRUE(policy.Allows(kAlice, Ask("delete", "a", "trials/status", "x")));
  EXPECT_TRUE(policy.Allows(kAlice, Ask("get", "b", "trials", "x")));
  EXPECT_FALSE(policy.Allows(kAlice, Ask("delete", "b", "trials", "x")));
  EXPECT_FALSE(policy.Allows(kAlice, Ask("get", "b", "experiments", "x")));
}

TEST(ApiPolicy, StarsAreEverybodyEverywhereEverything) {
  const ApiPolicy policy = Policy(
      "rules:\n"
      "- {users: ['*'], namespaces: ['*'], verbs: [list], resources: ['*']}\n"
      "- {groups: ['*'], namespaces: [a], verbs: [get], resources: ['*/status']}\n");
  EXPECT_TRUE(policy.Allows(kAlice, Ask("list", "", "experiments")));
  EXPECT_TRUE(policy.Allows(kBob, Ask("list", "c", "pods")));
  EXPECT_TRUE(policy.Allows(kBob, Ask("get", "a", "trials/status", "x")));
  EXPECT_FALSE(policy.Allows(kBob, Ask("get", "a", "trials", "x")));
  EXPECT_FALSE(policy.Allows(kBob, Ask("get", "a", "pods/log", "x")));
}

TEST(ApiPolicy, ANamespaceCanBeReadFromWithinAndNothingElse) {
  const ApiPolicy policy =
      Policy("rules: [{users: [alice], namespaces: [a], verbs: ['*'], resources: ['*']}]\n");
  EXPECT_TRUE(policy.Allows(kAlice, AskNamespace("get", "a")));
  EXPECT_FALSE(policy.Allows(kAlice, AskNamespace("get", "b")));
  EXPECT_FALSE(policy.Allows(kAlice, AskNamespace("get", "a", "status")));
  for (const char* verb : {"list", "watch", "create", "update", "patch", "delete", "deletecollection"}) {
    EXPECT_FALSE(policy.Allows(kAlice, AskNamespace(verb, "a"))) << verb;
    EXPECT_FALSE(policy.Allows(kAlice, AskNamespace(verb, ""))) << verb;
  }
}

TEST(ApiPolicy, PathsMayEndWithAStar) {
  const ApiPolicy policy = Policy("rules: [{users: [probe], verbs: [get], paths: [/metrics, /debug/*]}]\n");
  const User probe{.name = "probe", .groups = {}};
  EXPECT_TRUE(policy.Allows(probe, {.verb = "get", .path = "/metrics"}));
  EXPECT_TRUE(policy.Allows(probe, {.verb = "get", .path = "/debug/heap"}));
  EXPECT_FALSE(policy.Allows(probe, {.verb = "get", .path = "/metrics/x"}));
  EXPECT_FALSE(policy.Allows(probe, {.verb = "get", .path = "/debug"}));
  EXPECT_FALSE(policy.Allows(probe, {.verb = "post", .path = "/metrics"}));
  EXPECT_FALSE(policy.Allows(probe, Ask("get", "a", "trials", "x")));
}

TEST(ApiPolicy, EmptyRulesForbidEverything) {
  EXPECT_FALSE(Policy("rules: []").Allows(kAlice, Ask("get", "a", "experiments", "x")));
}

TEST(ApiPolicy, FaultsNameLineFieldAndWhatWouldBeRight) {
  EXPECT_THAT(Fault("rules:\n- users: [a]\n  namespaces: [a]\n  verbs: [got]\n  resources: [trials]\n"),
              HasSubstr("policy.yaml:4: rules[0].verbs[0]: Invalid value: \"got\": did you mean \"get\"?"));
  EXPECT_THAT(
      Fault("rules:\n- users: [a]\n  namespaces: [a]\n  verbs: [get]\n  resources: [experiment/status]\n"),
      HasSubstr("policy.yaml:5: rules[0].resources[0]: Invalid value: \"experiment/status\": did you mean "
                "\"experiments\"?"));
  EXPECT_THAT(Fault("rules:\n- user: [a]\n"),
              HasSubstr("policy.yaml:2: rules[0].user: Unknown field: no such field; "
                        "did you mean \"users\"?"));
  EXPECT_THAT(Fault("rules:\n- users: alice\n"), HasSubstr("policy.yaml:2: rules[0].users: Invalid value"));
  EXPECT_THAT(Fault("rules:\n- verbs: [get]\n  paths: [/x]\n"), HasSubstr("rules[0].users: Required value"));
  EXPECT_THAT(Fault("rules:\n- users: [a]\n  paths: [/x]\n"), HasSubstr("rules[0].verbs: Required value"));
  EXPECT_THAT(Fault("rules: [{users: [a], verbs: [get], resources: [trials]}]"),
              HasSubstr("rules[0].namespaces: Required value"));
  EXPECT_THAT(Fault("rules: [{users: [a], verbs: [get], namespaces: [a]}]"),
              HasSubstr("rules[0].resources: Required value"));
  EXPECT_THAT(Fault("rules: [{users: [a], verbs: [get], paths: [/x], resources: [trials]}]"),
              HasSubstr("rules[0].resources: Forbidden"));
  EXPECT_THAT(Fault("rules: [{users: [a], verbs: [get], paths: [x]}]"),
              HasSubstr("rules[0].paths[0]: Invalid value"));
  EXPECT_THAT(Fault("rules: [{users: [a], verbs: [list], paths: [/x]}]"), HasSubstr("rules[0].verbs[0]"));
  EXPECT_THAT(Fault("rule: []"), HasSubstr("policy.yaml:1: rule: Unknown field"));
  EXPECT_THAT(Fault("{}"), HasSubstr("rules: Required value"));
  EXPECT_THAT(Fault("rules: [\n"), HasSubstr("policy.yaml:"));
  EXPECT_THAT(Fault(""), HasSubstr("policy.yaml should be one YAML document"));
  EXPECT_THAT(Fault("rules: []\n---\nrules: []\n"), HasSubstr("one YAML document"));
  EXPECT_THAT(Fault("- a"), HasSubstr("policy.yaml:1:"));
}

TEST(Forbidden, SpeaksAsKubernetes) {
  const absl::Status object = Forbidden(kAlice, Ask("get", "b", "experiments", "x"));
  EXPECT_EQ(apiserver::CodeOf(object), 403);
  EXPECT_EQ(MessageOf(object),
            "experiments.kubeflow.org \"x\" is forbidden: User \"alice\" cannot get resource \"experiments\" "
            "in API "
            "group \"kubeflow.org\" in the namespace \"b\"");
  EXPECT_EQ(
      MessageOf(Forbidden(kAlice, AskNamespace("list", ""))),
      "namespaces is forbidden: User \"alice\" cannot list resource \"namespaces\" in API group \"\" at the "
      "cluster scope");
  EXPECT_EQ(MessageOf(Forbidden(kAlice, {.verb = "get", .path = "/metrics"})),
            "forbidden: User \"alice\" cannot get path \"/metrics\"");
}

}  // namespace
}  // namespace qalam::server
