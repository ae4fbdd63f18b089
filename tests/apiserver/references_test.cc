#include "apiserver/references.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "api/experiment.h"
#include "api/optimization_job.h"

namespace qalam::apiserver {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

api::Experiment Naming(const std::string& config_map_namespace, const std::string& earlier) {
  api::Experiment experiment;
  experiment.metadata.namespace_name = "a";
  experiment.metadata.name = "tune";
  if (!earlier.empty()) experiment.metadata.annotations["qalam.dev/warm-start"] = earlier;
  api::TrialTemplate trial_template;
  trial_template.config_map = {
      .config_map_name = "templates", .config_map_namespace = config_map_namespace, .template_path = "t"};
  experiment.spec.trial_template = trial_template;
  return experiment;
}

// What is asked, as "VERB NAMESPACE/RESOURCE/NAME".
std::vector<std::string> Asked(const api::Resource& written, const api::Resource* live = nullptr) {
  std::vector<std::string> asked;
  EXPECT_TRUE(CheckReferences(written, live, [&](const RequestInfo& info) {
                EXPECT_TRUE(info.is_resource);
                asked.push_back(info.verb + " " + info.namespace_name + "/" + info.resource + "/" +
                                info.name);
                return absl::OkStatus();
              }).ok());
  return asked;
}

TEST(CheckReferences, AsksForWhatIsInOtherNamespaces) {
  EXPECT_THAT(Asked(Naming("b", "own, c/earlier ,a/second")),
              ElementsAre("get b/configmaps/templates", "get c/experiments/earlier", "list c/trials/"));
  EXPECT_THAT(Asked(Naming("", "own")), IsEmpty());
  EXPECT_THAT(Asked(Naming("a", "a/own")), IsEmpty());
}

TEST(CheckReferences, CutsNamesWhereTheControllerDoes) {
  for (const char* names : {"a/own;c/x", "a/own\nc/x", "own ;\n c/x,", "a/own,c/x"}) {
    EXPECT_THAT(Asked(Naming("", names)), ElementsAre("get c/experiments/x", "list c/trials/")) << names;
  }
}

TEST(CheckReferences, LooksWhereverAnExperimentSaysIt) {
  api::Experiment settings = Naming("", "");
  settings.spec.algorithm.emplace().algorithm_settings = {{"qalam.dev/warm-start", "c/x"}};
  EXPECT_THAT(Asked(settings), ElementsAre("get c/experiments/x", "list c/trials/"));

  api::OptimizationJob job;
  job.metadata.namespace_name = "a";
  job.metadata.annotations["qalam.dev/warm-start"] = "a/own,c/x";
  EXPECT_THAT(Asked(job), ElementsAre("get c/experiments/x", "list c/trials/"));
  EXPECT_THAT(Asked(job, &job), IsEmpty());
}

TEST(CheckReferences, AsksOnceForWhatStays) {
  const api::Experiment live = Naming("b", "");
  EXPECT_THAT(Asked(Naming("b", ""), &live), IsEmpty());
  EXPECT_THAT(Asked(Naming("c", ""), &live), ElementsAre("get c/configmaps/templates"));
}

TEST(CheckReferences, FailsAsItIsAnswered) {
  const absl::Status no = absl::PermissionDeniedError("no");
  EXPECT_EQ(CheckReferences(Naming("b", ""), nullptr, [&](const RequestInfo&) { return no; }), no);
}

}  // namespace
}  // namespace qalam::apiserver
