#include "api/optimization_conversion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/codec.h"
#include "api/defaults.h"
#include "api/validate.h"

namespace qalam::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

OptimizationJob Job() {
  OptimizationJob job;
  job.metadata.name = "tune";
  job.metadata.namespace_name = "team";
  job.metadata.labels = {{"a", "b"}};
  job.metadata.annotations = {{"qalam.dev/end-when", "x"}};
  job.spec.objectives = {{"accuracy", Direction::kMaximize}};
  job.spec.search_algorithm = SearchAlgorithm{.random = RandomSearch{7}, .grid = {}};
  job.spec.parameters = {{"lr", {.log_uniform = NumberRange{"0.001", "0.1", NumberType::kFloat}}},
                         {"layers", {.uniform = NumberRange{"1", "4", NumberType::kInt}}},
                         {"optimizer", {.categorical = Choices{{"sgd", "adam"}}}}};
  job.spec.num_trials = 12;
  job.spec.parallel_trials = 3;
  job.spec.train_job_template.metadata.labels = {{"team", "red"}};
  job.spec.train_job_template.spec = {
      R"j({"runtimeRef":{"name":"plain"},"trainer":{"command":["run","--lr=$(KUBEFLOW_TRAINER_OPT_LR)"],"env":[{"name":"A","value":"1"}]}})j"};
  SetDefaults(job);
  return job;
}

Experiment WithTemplate(std::string_view trial_spec, std::string container = "main") {
  Experiment experiment;
  experiment.metadata.name = "tune";
  ExperimentSpec& spec = experiment.spec;
  spec.parameters = {{"--lr", ParameterType::kDouble, {.max = "0.1", .min = ".01"}}};
  spec.objective = ObjectiveSpec{.type = ObjectiveType::kMinimize, .objective_metric_name = "loss"};
  spec.algorithm = AlgorithmSpec{"random", {}};
  spec.max_trial_count = 5;
  spec.trial_template = TrialTemplate{.trial_spec = {std::string(trial_spec)},
                                      .trial_parameters = {{"rate", "", "--lr"}},
                                      .primary_container_name = std::move(container)};
  SetDefaults(experiment);
  return experiment;
}

constexpr char kProcess[] =
    R"j({"apiVersion":"qalam.dev/v1","kind":"Process","spec":{"command":["sh","-c","echo $(date) ${trialParameters.rate}"],"env":{"N":1},"timeoutSeconds":60,"retries":2}})j";

std::string Error(const Experiment& experiment) {
  const auto converted = ToOptimizationJob(experiment);
  EXPECT_EQ(converted.status().code(), absl::StatusCode::kInvalidArgument) << converted.status();
  return std::string(converted.status().message());
}

TEST(ToExperiment, MakesAValidExperimentWhoseTrainerGetsTheParametersAsVariables) {
  Experiment experiment = ToExperiment(Job());
  SetDefaults(experiment);
  const FieldErrors errors = Validate(experiment, {.algorithms = {"random", "grid"}});
  EXPECT_THAT(errors, IsEmpty()) << errors[0].Text();
  EXPECT_EQ(experiment.metadata.name, "tune");
  EXPECT_EQ(experiment.metadata.namespace_name, "team");
  EXPECT_EQ(experiment.spec.objective->type, ObjectiveType::kMaximize);
  EXPECT_EQ(experiment.spec.max_trial_count, 12);
  EXPECT_EQ(experiment.spec.parallel_trial_count, 3);
  EXPECT_THAT(experiment.spec.algorithm->algorithm_settings,
              ElementsAre(AlgorithmSetting{"random_state", "7"}));
  EXPECT_EQ(experiment.spec.parameters[0].feasible_space.distribution, Distribution::kLogUniform);
  EXPECT_EQ(experiment.spec.parameters[1].type, ParameterType::kInt);
  EXPECT_EQ(
      experiment.spec.trial_template->trial_spec.text,
      R"j({"apiVersion":"trainer.kubeflow.org/v1alpha1","kind":"TrainJob","metadata":{"labels":{"team":"red"}},"spec":{"runtimeRef":{"name":"plain"},"trainer":{"command":["run","--lr=$(KUBEFLOW_TRAINER_OPT_LR)"],"env":[{"name":"KUBEFLOW_TRAINER_OPT_LR","value":"${trialParameters.lr}"},{"name":"KUBEFLOW_TRAINER_OPT_LAYERS","value":"${trialParameters.layers}"},{"name":"KUBEFLOW_TRAINER_OPT_OPTIMIZER","value":"${trialParameters.optimizer}"},{"name":"A","value":"1"}]}}})j");
}

TEST(ToOptimizationJob, TakesBackWhatToExperimentHasMade) {
  for (const bool grid : {false, true}) {
    OptimizationJob job = Job();
    if (grid) {
      job.spec.search_algorithm = SearchAlgorithm{.random = {}, .grid = GridSearch{}};
      job.spec.parameters = {{"optimizer", {.categorical = Choices{{"sgd", "adam"}}}}};
      job.spec.train_job_template.spec = {R"({"runtimeRef":{"name":"plain"},"trainer":{"command":["run"]}})"};
    }
    Experiment experiment = ToExperiment(job);
    SetDefaults(experiment);
    const auto back = ToOptimizationJob(experiment);
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_THAT(back->notes, IsEmpty());
    EXPECT_EQ(ToJson(back->job), ToJson(job));
  }
}

TEST(ToOptimizationJob, TurnsPlaceholdersIntoReferencesAndEscapesWhatWasLiteral) {
  const auto converted = ToOptimizationJob(WithTemplate(kProcess));
  ASSERT_TRUE(converted.ok()) << converted.status();
  EXPECT_EQ(
      converted->job.spec.train_job_template.spec.text,
      R"j({"activeDeadlineSeconds":60,"trainer":{"command":["sh","-c","echo $$(date) $(KUBEFLOW_TRAINER_OPT_LR)"],"env":[{"name":"N","value":"1"}]},"runtimeRef":{"name":"torch-distributed"}})j");
  EXPECT_EQ(converted->job.spec.parameters[0].name, "lr");
  EXPECT_EQ(converted->job.spec.parameters[0].search_space.uniform,
            (NumberRange{"0.01", "0.1", NumberType::kFloat}));
  EXPECT_THAT(converted->notes, ElementsAre(HasSubstr("spec.parameters[--lr]: the name may have"),
                                            HasSubstr("spec.retries: has no counterpart"),
                                            HasSubstr("the Process became a TrainJob")));
  EXPECT_THAT(Validate(converted->job), IsEmpty());
}

TEST(ToOptimizationJob, TakesThePrimaryContainerOfAJobForTheTrainer) {
  const auto converted = ToOptimizationJob(WithTemplate(
      R"j({"apiVersion":"batch/v1","kind":"Job","metadata":{"labels":{"a":"b"}},"spec":{"backoffLimit":2,"template":{"spec":{"restartPolicy":"Never","volumes":[],"containers":[{"name":"side","command":["x"]},{"name":"main","image":"i","command":["run"],"args":["--lr=${trialParameters.rate}"],"resources":{"limits":{"cpu":"1"}},"workingDir":"/a"}]}}}})j"));
  ASSERT_TRUE(converted.ok()) << converted.status();
  EXPECT_EQ(
      converted->job.spec.train_job_template.spec.text,
      R"j({"trainer":{"image":"i","command":["run"],"args":["--lr=$(KUBEFLOW_TRAINER_OPT_LR)"],"resourcesPerNode":{"limits":{"cpu":"1"}}},"runtimeRef":{"name":"torch-distributed"}})j");
  EXPECT_EQ(converted->job.spec.train_job_template.metadata.labels.at("a"), "b");
  EXPECT_THAT(
      converted->notes,
      ElementsAre(HasSubstr("spec.parameters[--lr]"), HasSubstr("more containers than the primary one"),
                  HasSubstr("container main.workingDir"), HasSubstr("the pod's volumes"),
                  HasSubstr("spec.backoffLimit"), HasSubstr("the Job became a TrainJob")));
}

TEST(ToOptimizationJob, SaysWhatHasNoCounterpart) {
  Experiment experiment = WithTemplate(kProcess);
  ExperimentSpec& spec = experiment.spec;
  spec.algorithm = AlgorithmSpec{"tpe", {{"gamma", "0.2"}, {"seed", "3"}}};
  spec.early_stopping = AlgorithmSpec{"medianstop", {}};
  spec.max_failed_trial_count = 2;
  spec.objective->goal = 0.1;
  spec.objective->additional_metric_names = {"time"};
  spec.resume_policy = ResumePolicy::kLongRunning;
  spec.metrics_collector = MetricsCollectorSpec{.kind = CollectorKind::kFile};
  spec.max_trial_count = 500;
  spec.parameters[0].feasible_space.distribution = Distribution::kLogNormal;
  const auto converted = ToOptimizationJob(experiment);
  ASSERT_TRUE(converted.ok()) << converted.status();
  std::string notes;
  for (const std::string& note : converted->notes) notes += note + "\n";
  for (const char* field :
       {"spec.maxTrialCount", "spec.maxFailedTrialCount", "spec.objective.goal",
        "spec.objective.additionalMetricNames", "spec.algorithm.algorithmName: there is no tpe",
        "algorithmSettings[gamma]", "feasibleSpace.distribution", "spec.earlyStopping", "spec.resumePolicy",
        "spec.metricsCollectorSpec"}) {
    EXPECT_THAT(notes, HasSubstr(field));
  }
  EXPECT_EQ(converted->job.spec.num_trials, 500);
  EXPECT_EQ(converted->job.spec.search_algorithm->random->seed, 3);
  EXPECT_TRUE(converted->job.spec.parameters[0].search_space.log_uniform);
}

TEST(ToOptimizationJob, WritesStepsAndGridsAsTheirValues) {
  Experiment experiment = WithTemplate(kProcess);
  experiment.spec.parameters[0].feasible_space = {.max = "0.3", .min = "-0.1", .step = "0.1"};
  auto converted = ToOptimizationJob(experiment);
  ASSERT_TRUE(converted.ok()) << converted.status();
  EXPECT_THAT(converted->job.spec.parameters[0].search_space.categorical->choices,
              ElementsAre("-0.1", "0", "0.1", "0.2", "0.3"));
  experiment.spec.algorithm->algorithm_name = "grid";
  experiment.spec.parameters[0] = {"--lr", ParameterType::kInt, {.max = "3", .min = "1"}};
  converted = ToOptimizationJob(experiment);
  ASSERT_TRUE(converted.ok()) << converted.status();
  EXPECT_THAT(converted->job.spec.parameters[0].search_space.categorical->choices,
              ElementsAre("1", "2", "3"));
  EXPECT_THAT(Validate(converted->job), IsEmpty());
}

TEST(ToOptimizationJob, RefusesWhatCannotBeTold) {
  Experiment experiment = WithTemplate(kProcess);
  experiment.spec.nas_config.emplace();
  EXPECT_THAT(Error(experiment), HasSubstr("spec.nasConfig"));
  experiment = WithTemplate("");
  experiment.spec.trial_template->config_map = ConfigMapSource{"a", "b", "c"};
  EXPECT_THAT(Error(experiment), HasSubstr("spec.trialTemplate.trialSpec"));
  EXPECT_THAT(Error(WithTemplate(R"({"apiVersion":"a/v1","kind":"Workflow"})")), HasSubstr("\"Workflow\""));
  EXPECT_THAT(Error(WithTemplate(R"({"apiVersion":"batch/v1","kind":"Job","spec":{}})")),
              HasSubstr("\"main\""));
  EXPECT_THAT(Error(WithTemplate(R"({"kind":"Job","spec":[]})")), HasSubstr("spec.trialTemplate.trialSpec"));
  EXPECT_THAT(
      Error(WithTemplate(R"({"kind":"TrainJob","spec":{"trainer":{"numNodes":"${trialParameters.rate}"}}})")),
      HasSubstr("in command, args and env only"));
  experiment = WithTemplate(kProcess);
  experiment.spec.trial_template->trial_parameters = {{"rate", "", "${trialSpec.Name}"}};
  EXPECT_THAT(Error(experiment), HasSubstr("trialParameters[0].reference"));
}

}  // namespace
}  // namespace qalam::api
