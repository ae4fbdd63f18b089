#include "api/resource.h"

#include <gtest/gtest.h>

#include "samples.h"

namespace qalam::api {
namespace {

TEST(Kind, NamesReadBack) {
  for (const Kind kind :
       {Kind::kExperiment, Kind::kSuggestion, Kind::kTrial, Kind::kEvent, Kind::kConfigMap}) {
    EXPECT_EQ(KindFromName(KindName(kind)), kind);
  }
  EXPECT_EQ(PluralName(Kind::kConfigMap), "configmaps");
  EXPECT_EQ(PluralName(Kind::kSuggestion), "suggestions");
  EXPECT_EQ(ApiVersion(Kind::kTrial), "kubeflow.org/v1beta1");
  EXPECT_EQ(ApiVersion(Kind::kEvent), "v1");
  EXPECT_EQ(KindFromName("experiment"), std::nullopt);
  EXPECT_EQ(KindName(static_cast<Kind>(77)), "");
}

TEST(Resource, CloneIsEqualAndIndependent) {
  const Experiment original = FullExperiment();
  const std::shared_ptr<Resource> clone = original.Clone();
  EXPECT_TRUE(clone->Equals(original));
  clone->metadata.labels["new"] = "1";
  EXPECT_FALSE(clone->Equals(original));
  EXPECT_TRUE(clone->SpecEquals(original));
}

TEST(Resource, CopiesTheStatusOnly) {
  Trial trial;
  trial.metadata.name = "other";
  trial.CopyStatusFrom(FullTrial());
  EXPECT_EQ(trial.status, FullTrial().status);
  EXPECT_EQ(trial.metadata.name, "other");
  EXPECT_EQ(trial.spec, TrialSpec());
}

}  // namespace
}  // namespace qalam::api
