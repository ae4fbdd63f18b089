#include "db/metadata_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "api/experiment.h"

namespace qalam::db {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;

api::Experiment Named(const std::string& name, const std::string& namespace_name = "default") {
  api::Experiment experiment;
  experiment.metadata.name = name;
  experiment.metadata.namespace_name = namespace_name;
  return experiment;
}

TEST(CheckMetadata, TakesDnsSubdomains) {
  for (const std::string& name :
       {std::string("a"), std::string("0-1.b"), std::string("a-b-c"), std::string(253, 'x')}) {
    EXPECT_EQ(CheckMetadata(Named(name)), absl::OkStatus()) << name;
  }
}

TEST(CheckMetadata, RefusesOtherNames) {
  for (const std::string& name :
       {std::string(), std::string("A"), std::string("a_b"), std::string("-a"), std::string("a-"),
        std::string("a..b"), std::string(".a"), std::string("a."), std::string("a.-b"), std::string("a/b"),
        std::string("\xc3\xa4"), std::string(254, 'x')}) {
    const absl::Status status = CheckMetadata(Named(name));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << name;
    EXPECT_THAT(std::string(status.message()), HasSubstr("metadata.name: "));
  }
}

TEST(CheckMetadata, WantsANamespaceThatIsADnsLabel) {
  for (const std::string& name :
       {std::string(), std::string("a.b"), std::string("A"), std::string(64, 'x')}) {
    const absl::Status status = CheckMetadata(Named("a", name));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << name;
    EXPECT_THAT(std::string(status.message()), HasSubstr("metadata.namespace: "));
  }
  EXPECT_EQ(CheckMetadata(Named("a", std::string(63, 'x'))), absl::OkStatus());
}

TEST(CheckMetadata, NamesEveryErrorAtOnce) {
  api::Experiment experiment = Named("A", "");
  experiment.metadata.finalizers = {"x/y", ""};
  experiment.metadata.owner_references = {{"v1", "ConfigMap", "o", "", true, false},
                                          {"v1", "ConfigMap", "", "u", true}};
  EXPECT_THAT(
      std::string(CheckMetadata(experiment).message()),
      AllOf(HasSubstr("metadata.name"), HasSubstr("metadata.namespace"), HasSubstr("metadata.finalizers[1]"),
            HasSubstr("metadata.ownerReferences[0].uid"), HasSubstr("metadata.ownerReferences[1].name"),
            HasSubstr("only one reference can have controller")));
}

TEST(GenerateName, AddsFiveSafeLettersToAtMost58) {
  std::uint64_t state = 7;
  const auto random = [&] { return state = state * 6364136223846793005u + 1442695040888963407u; };
  std::set<std::string> names;
  for (int i = 0; i < 100; ++i) {
    const std::string name = GenerateName("digits-", random);
    EXPECT_THAT(name, MatchesRegex("digits-[bcdfghjklmnpqrstvwxz2456789]{5}"));
    names.insert(name);
  }
  EXPECT_GT(names.size(), 95u);  // 14,348,907 possible endings
  EXPECT_EQ(GenerateName(std::string(80, 'a'), random).size(), 63u);
  EXPECT_EQ(GenerateName("x", [] { return std::uint64_t{0}; }), "xbbbbb");
}

TEST(GenerateUid, IsAUuidOfVersion4) {
  EXPECT_EQ(GenerateUid([] { return ~std::uint64_t{0}; }), "ffffffff-ffff-4fff-bfff-ffffffffffff");
  EXPECT_EQ(GenerateUid([] { return std::uint64_t{0}; }), "00000000-0000-4000-8000-000000000000");
}

TEST(Refusals, SpeakLikeKubernetes) {
  EXPECT_EQ(NotFound(api::Kind::kExperiment, "x"),
            absl::NotFoundError("experiments.kubeflow.org \"x\" not found"));
  EXPECT_EQ(NotFound(api::Kind::kConfigMap, "x"), absl::NotFoundError("configmaps \"x\" not found"));
  EXPECT_EQ(AlreadyExists(Named("x")),
            absl::AlreadyExistsError("experiments.kubeflow.org \"x\" already exists"));
  EXPECT_EQ(Conflict(api::Kind::kTrial, "x"),
            absl::AbortedError(
                "Operation cannot be fulfilled on trials.kubeflow.org \"x\": the object has been modified; "
                "please apply your changes to the latest version and try again"));
}

}  // namespace
}  // namespace qalam::db
