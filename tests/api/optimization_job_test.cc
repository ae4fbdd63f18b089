#include "api/optimization_job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/codec.h"
#include "api/manifest.h"

namespace qalam::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kJob[] = R"(apiVersion: trainer.kubeflow.org/v1alpha1
kind: OptimizationJob
metadata:
  name: tune
spec:
  objectives:
  - metric: loss
  parameters:
  - name: lr
    searchSpace:
      logUniform: {min: "0.001", max: "0.1"}
  - name: layers
    searchSpace:
      uniform: {min: "1", max: "4", type: Int}
  - name: optimizer
    searchSpace:
      categorical: {choices: [sgd, adam]}
  numTrials: 4
  parallelTrials: 2
  trainJobTemplate:
    spec:
      runtimeRef: {name: plain}
      trainer: {command: [python3, train.py]}
)";

std::shared_ptr<OptimizationJob> Read(std::string_view text) {
  const Manifest manifest = ReadManifest(text, "job.yaml");
  EXPECT_THAT(manifest.errors, IsEmpty()) << manifest.errors[0].Text();
  return std::static_pointer_cast<OptimizationJob>(manifest.resources.at(0));
}

OptimizationJob Valid() {
  OptimizationJob job = *Read(kJob);
  SetDefaults(job);
  return job;
}

// "field: detail" of each.
std::vector<std::string> Errors(const FieldErrors& errors) {
  std::vector<std::string> texts;
  for (const FieldError& error : errors) texts.push_back(error.field + ": " + error.detail);
  return texts;
}
std::vector<std::string> Errors(const OptimizationJob& job) { return Errors(Validate(job)); }

TEST(OptimizationJob, IsReadWithTheDefaultsOfTrainer) {
  OptimizationJob job = *Read(kJob);
  EXPECT_EQ(job.spec.objectives[0].direction, Direction::kUnset);
  SetDefaults(job);
  EXPECT_EQ(job.spec.objectives[0].direction, Direction::kMinimize);
  ASSERT_TRUE(job.spec.search_algorithm);
  EXPECT_TRUE(job.spec.search_algorithm->random);
  EXPECT_EQ(job.spec.parameters[0].search_space.log_uniform->type, NumberType::kFloat);
  EXPECT_EQ(job.spec.parameters[1].search_space.uniform->type, NumberType::kInt);
  EXPECT_THAT(Errors(job), IsEmpty());

  job.spec.num_trials.reset();
  job.spec.parallel_trials.reset();
  SetDefaults(job);
  EXPECT_EQ(job.spec.num_trials, 1);
  EXPECT_EQ(job.spec.parallel_trials, 1);
}

TEST(OptimizationJob, SurvivesWritingAndReading) {
  OptimizationJob job = Valid();
  job.spec.search_algorithm = SearchAlgorithm{.random = RandomSearch{0}, .grid = {}};
  job.status.conditions = {{.type = "Complete",
                            .status = "True",
                            .reason = "R",
                            .message = "M",
                            .last_transition_time = absl::FromUnixSeconds(1'800'000'000)}};
  job.status.result = OptimizationResult{"tune-a", {{"lr", "0.1"}}};
  job.status.trials = {{.train_job_name = "tune-a",
                        .parameters = {{"lr", "0.1"}},
                        .metrics = {{"loss", "1"}},
                        .state = "Succeeded",
                        .creation_time = absl::FromUnixSeconds(1'800'000'000)}};
  const auto read = FromJson(ToJson(job));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(job.Equals(**read)) << ToJson(job) << "\n" << ToJson(**read);
  EXPECT_THAT(ToJson(job), HasSubstr(R"("random":{"seed":0})"));
}

TEST(OptimizationJob, KeepsAnEmptyAlgorithmApartFromNone) {
  OptimizationJob job = Valid();
  job.spec.search_algorithm = SearchAlgorithm{.random = {}, .grid = GridSearch{}};
  const auto read = FromJson(ToJson(job));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(static_cast<const OptimizationJob&>(**read).spec.search_algorithm->grid);
}

TEST(OptimizationJob, IsReadStrictlyWithTheLineOfEachMistake) {
  const Manifest manifest = ReadManifest(
      "apiVersion: trainer.kubeflow.org/v1alpha1\nkind: OptimizationJob\nmetadata: {name: a}\nspec:\n"
      "  objectives:\n  - metric: loss\n    direction: down\n  trialPolicy: {numTrials: 3}\n",
      "job.yaml");
  ASSERT_EQ(manifest.errors.size(), 2u);
  EXPECT_EQ(manifest.errors[0].line, 7);
  EXPECT_EQ(manifest.errors[0].field, "spec.objectives[0].direction");
  EXPECT_EQ(manifest.errors[1].line, 8);
  EXPECT_EQ(manifest.errors[1].field, "spec.trialPolicy");
}

TEST(OptimizationJob, TellsWhatIsMissingAllAtOnce) {
  OptimizationJob job;
  SetDefaults(job);
  EXPECT_THAT(
      Errors(job),
      ElementsAre(HasSubstr("metadata.name: "), HasSubstr("spec.objectives: must have one entry"),
                  HasSubstr("spec.parameters: must list"), HasSubstr("spec.trainJobTemplate.spec: must be")));
}

TEST(OptimizationJob, HasOneObjectiveOneAlgorithmAndOneSpaceForEachParameter) {
  OptimizationJob job = Valid();
  job.spec.objectives.push_back({"accuracy", Direction::kMaximize});
  job.spec.search_algorithm->grid.emplace();
  job.spec.parameters[2].search_space = {};
  EXPECT_THAT(Errors(job), ElementsAre(HasSubstr("spec.objectives: must have one entry"),
                                       HasSubstr("spec.searchAlgorithm: must be one of random and grid"),
                                       HasSubstr("spec.parameters[0].searchSpace: must be categorical"),
                                       HasSubstr("spec.parameters[1].searchSpace: must be categorical"),
                                       HasSubstr("spec.parameters[2].searchSpace: must be categorical"),
                                       HasSubstr("spec.parameters[2].searchSpace: must be one of uniform")));
}

TEST(OptimizationJob, ChecksTheNumbersOfARange) {
  OptimizationJob job = Valid();
  job.spec.parameters[0].search_space.log_uniform = NumberRange{"0", "x", NumberType::kFloat};
  job.spec.parameters[1].search_space.uniform = NumberRange{"4", "2.5", NumberType::kInt};
  job.spec.parameters[2].search_space.categorical = Choices{{"a", "", "a"}};
  EXPECT_THAT(Errors(job),
              ElementsAre(HasSubstr("[0].searchSpace.logUniform.max: must be a number"),
                          HasSubstr("[0].searchSpace.logUniform.min: must be greater than 0"),
                          HasSubstr("[1].searchSpace.uniform.max: must be a whole number"),
                          HasSubstr("[2].searchSpace.categorical.choices[1]: must have 1 to 64"),
                          HasSubstr("[2].searchSpace.categorical.choices[2]: is in the list already")));
  job.spec.parameters[1].search_space.uniform = NumberRange{"4", "4", NumberType::kInt};
  EXPECT_THAT(Errors(job),
              testing::Contains(HasSubstr("[1].searchSpace.uniform.min: must be less than max, which is 4")));
}

TEST(OptimizationJob, RefusesNamesThatNoVariableCanHaveOrTwoWouldShare) {
  OptimizationJob job = Valid();
  job.spec.parameters[0].name = "learning-rate";
  job.spec.parameters[1].name = "Optimizer";
  EXPECT_THAT(Errors(job), ElementsAre(HasSubstr("spec.parameters[0].name: must be letters"),
                                       HasSubstr("spec.parameters[2].name: programs would read it from "
                                                 "KUBEFLOW_TRAINER_OPT_OPTIMIZER, as they do Optimizer")));
}

TEST(OptimizationJob, ChecksTheTemplateByField) {
  OptimizationJob job = Valid();
  job.spec.train_job_template.metadata.name = "x";
  job.spec.train_job_template.spec.text = R"({"runtimeRef":{},"trainer":{"comand":["a"]},"suspend":"no"})";
  EXPECT_THAT(Errors(job),
              ElementsAre(HasSubstr("spec.trainJobTemplate.metadata.name: "),
                          HasSubstr("spec.trainJobTemplate.spec.trainer.comand: "),
                          HasSubstr("spec.trainJobTemplate.spec.suspend: "),
                          HasSubstr("spec.trainJobTemplate.spec.runtimeRef.name: must name a runtime")));
}

TEST(OptimizationJob, NeedsAtLeastAsManyTrialsAsRunAtOnce) {
  OptimizationJob job = Valid();
  job.spec.parallel_trials = 5;
  EXPECT_THAT(Errors(job),
              ElementsAre(HasSubstr("spec.parallelTrials: must not exceed numTrials, which is 4")));
  job.spec.parallel_trials = 0;
  job.spec.num_trials = 0;
  EXPECT_THAT(Errors(job), ElementsAre(HasSubstr("spec.numTrials: must be at least 1"),
                                       HasSubstr("spec.parallelTrials: must be at least 1")));
}

TEST(OptimizationJobUpdate, MayChangeTheNumbersOfTrialsUntilTheEnd) {
  OptimizationJob old = Valid();
  old.status.trials.resize(3);
  OptimizationJob next = old;
  next.spec.train_job_template.spec.text =
      R"({"trainer":{"command":["python3","train.py"]},"runtimeRef":{"name":"plain"}})";
  next.spec.num_trials = 10;
  next.spec.parallel_trials = 1;
  EXPECT_THAT(Errors(ValidateUpdate(next, old)), IsEmpty());
  next.spec.num_trials = 2;
  EXPECT_THAT(Errors(ValidateUpdate(next, old)),
              ElementsAre(HasSubstr("spec.numTrials: must not be below 3")));
  next = old;
  next.spec.parameters.pop_back();
  EXPECT_THAT(Errors(ValidateUpdate(next, old)),
              ElementsAre(HasSubstr("spec: only numTrials and parallelTrials")));
  old.status.conditions = {{.type = "Complete", .status = "True"}};
  EXPECT_THAT(Errors(ValidateUpdate(next, old)), ElementsAre(HasSubstr("spec: the job has ended")));
}

}  // namespace
}  // namespace qalam::api
