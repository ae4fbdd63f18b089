#include "cli/convert_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "fixtures.h"

namespace qalam::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kJob[] = R"(apiVersion: trainer.kubeflow.org/v1alpha1
kind: OptimizationJob
metadata:
  name: tune
spec:
  objectives:
  - metric: loss
    direction: Minimize
  searchAlgorithm:
    random:
      seed: 3
  parameters:
  - name: lr
    searchSpace:
      logUniform:
        min: "0.001"
        max: "0.1"
        type: Float
  numTrials: 4
  parallelTrials: 2
  trainJobTemplate:
    spec:
      runtimeRef:
        name: plain
      trainer:
        command:
        - python3
        - train.py
)";
constexpr char kConfigMap[] = R"(apiVersion: v1
kind: ConfigMap
metadata:
  name: other
data:
  a: b
)";

int Convert(const std::string& text, const std::string& to, TestStreams& test) {
  std::istringstream input(text);
  return RunConvert({.file = "-", .to = to, .algorithms = {"random", "tpe"}}, input, test.streams);
}

TEST(Convert, GoesThereAndBackThroughFilesOfSeveralDocuments) {
  TestStreams there, back;
  const std::string text = std::string(kJob) + "---\n" + kConfigMap;
  ASSERT_EQ(Convert(text, "katib", there), 0) << there.err.str();
  EXPECT_THAT(there.out.str(), HasSubstr("kind: Experiment\n"));
  EXPECT_THAT(there.out.str(), HasSubstr(std::string("---\n") + kConfigMap));
  EXPECT_THAT(there.err.str(), IsEmpty());
  ASSERT_EQ(Convert(there.out.str(), "optimizationjob", back), 0) << back.err.str();
  EXPECT_EQ(back.out.str(), text);
  EXPECT_THAT(back.err.str(), IsEmpty());
}

TEST(Convert, LeavesWhatIsThatKindAlready) {
  TestStreams test;
  ASSERT_EQ(Convert(kJob, "optimizationjob", test), 0) << test.err.str();
  EXPECT_EQ(test.out.str(), kJob);
}

TEST(Convert, NotesWhatHasNoCounterpart) {
  TestStreams there, back;
  ASSERT_EQ(Convert(kJob, "katib", there), 0) << there.err.str();
  std::string experiment = there.out.str();
  experiment.replace(experiment.find("algorithmName: random"), 21, "algorithmName: tpe");
  ASSERT_EQ(Convert(experiment, "optimizationjob", back), 0) << back.err.str();
  EXPECT_THAT(back.err.str(), HasSubstr("note: tune: spec.algorithm.algorithmName: there is no tpe"));
}

TEST(Convert, PrintsNothingButTheErrorsOfAFileThatIsWrong) {
  TestStreams test;
  EXPECT_EQ(Convert(std::string(kJob) + "  numTrial: 3\n", "katib", test), 2);
  EXPECT_THAT(test.out.str(), IsEmpty());
  EXPECT_THAT(test.err.str(), HasSubstr("(standard input):29: spec.numTrial: "));
  TestStreams other;
  EXPECT_EQ(Convert(kJob, "v2", other), 2);
  EXPECT_THAT(other.err.str(), HasSubstr("--to: \"v2\" must be katib or optimizationjob"));
}

}  // namespace
}  // namespace qalam::cli
