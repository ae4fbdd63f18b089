#include "api/defaults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace qalam::api {
namespace {

using testing::ElementsAre;

Experiment Defaulted(Experiment e) {
  SetDefaults(e);
  return e;
}

Experiment WithTemplate(const std::string& trial_spec) {
  Experiment e;
  e.spec.parameters = {{"lr", ParameterType::kDouble, {"1", "0", {}, "", {}}},
                       {"n", ParameterType::kInt, {}}};
  e.spec.trial_template.emplace().trial_spec.text = trial_spec;
  return e;
}

const TrialTemplate DefaultedTemplate(const std::string& kind) {
  return *Defaulted(WithTemplate(R"({"apiVersion":"any/v1","kind":")" + kind + "\"}")).spec.trial_template;
}

Experiment WithCollector(CollectorKind kind) {
  Experiment e;
  e.spec.metrics_collector.emplace().kind = kind;
  return Defaulted(e);
}

TEST(SetDefaults, FillsCountsAndPolicy) {
  const Experiment e = Defaulted(Experiment());
  EXPECT_EQ(e.spec.parallel_trial_count, 3);
  EXPECT_EQ(e.spec.resume_policy, ResumePolicy::kNever);
  EXPECT_EQ(e.spec.max_trial_count, std::nullopt);
  EXPECT_EQ(e.spec.max_failed_trial_count, std::nullopt);
}

TEST(SetDefaults, RunsNoMoreAtOnceThanThereAreTrials) {
  const auto parallel = [](std::int32_t max) {
    Experiment e;
    e.spec.max_trial_count = max;
    return *Defaulted(e).spec.parallel_trial_count;
  };
  EXPECT_EQ(parallel(1), 1);
  EXPECT_EQ(parallel(2), 2);
  EXPECT_EQ(parallel(10), 3);
  EXPECT_EQ(parallel(0), 3);  // the error is maxTrialCount's alone
}

TEST(SetDefaults, KeepsWhatIsGiven) {
  Experiment e;
  e.spec.parallel_trial_count = 7;
  e.spec.max_trial_count = 2;
  e.spec.resume_policy = ResumePolicy::kFromVolume;
  e = Defaulted(e);
  EXPECT_EQ(e.spec.parallel_trial_count, 7);
  EXPECT_EQ(e.spec.resume_policy, ResumePolicy::kFromVolume);
}

TEST(SetDefaults, FillsTheAlgorithmExceptForArchitectures) {
  Experiment e;
  EXPECT_EQ(Defaulted(e).spec.algorithm->algorithm_name, "auto");
  e.spec.nas_config.emplace();
  EXPECT_FALSE(Defaulted(e).spec.algorithm.has_value());
}

TEST(SetDefaults, FillsNoObjectiveOrTemplate) {
  const Experiment e = Defaulted(Experiment());
  EXPECT_FALSE(e.spec.objective.has_value());
  EXPECT_FALSE(e.spec.trial_template.has_value());
}

TEST(SetDefaults, TakesTheLatestValueOfEachOfSeveralObjectives) {
  Experiment e;
  e.metadata.annotations = {{"qalam.dev/objectives", "latency: minimize; auc: maximize"}};
  e.spec.objective = ObjectiveSpec{ObjectiveType::kMaximize,
                                   {},
                                   "accuracy",
                                   {"latency", "auc", "epochs"},
                                   {{"auc", MetricStrategyType::kMax}}};
  EXPECT_EQ(Defaulted(e).spec.objective->metric_strategies,
            (std::vector<MetricStrategy>{{"auc", MetricStrategyType::kMax},
                                         {"accuracy", MetricStrategyType::kLatest},
                                         {"latency", MetricStrategyType::kLatest},
                                         {"epochs", MetricStrategyType::kMax}}));
}

TEST(SetDefaults, AppendsTheMissingMetricStrategies) {
  Experiment e;
  e.spec.objective = ObjectiveSpec{
      ObjectiveType::kMinimize, {}, "loss", {"accuracy", "auc"}, {{"accuracy", MetricStrategyType::kMax}}};
  EXPECT_EQ(Defaulted(e).spec.objective->metric_strategies,
            (std::vector<MetricStrategy>{{"accuracy", MetricStrategyType::kMax},
                                         {"loss", MetricStrategyType::kMin},
                                         {"auc", MetricStrategyType::kMin}}));
  e.spec.objective = ObjectiveSpec{ObjectiveType::kMaximize, {}, "a", {}, {}};
  EXPECT_EQ(Defaulted(e).spec.objective->metric_strategies,
            (std::vector<MetricStrategy>{{"a", MetricStrategyType::kMax}}));
  e.spec.objective = ObjectiveSpec{ObjectiveType::kUnset, {}, "a", {}, {}};
  EXPECT_EQ(Defaulted(e).spec.objective->metric_strategies,
            (std::vector<MetricStrategy>{{"a", MetricStrategyType::kLatest}}));
}

TEST(SetDefaults, SetsUniformForEveryParameterButNotForOperations) {
  Experiment e;
  e.spec.parameters = {{"a", ParameterType::kDouble, {}},
                       {"b", ParameterType::kCategorical, {}},
                       {"c", ParameterType::kDouble, {"", "", {}, "", Distribution::kLogNormal}}};
  e.spec.nas_config = NasConfig{{}, {{"conv", {{"d", ParameterType::kInt, {}}}}}};
  e = Defaulted(e);
  EXPECT_EQ(e.spec.parameters[0].feasible_space.distribution, Distribution::kUniform);
  EXPECT_EQ(e.spec.parameters[1].feasible_space.distribution, Distribution::kUniform);
  EXPECT_EQ(e.spec.parameters[2].feasible_space.distribution, Distribution::kLogNormal);
  EXPECT_EQ(e.spec.nas_config->operations[0].parameters[0].feasible_space.distribution, Distribution::kUnset);
}

TEST(SetDefaults, CollectsStandardOutputWithoutASource) {
  const Experiment e = Defaulted(Experiment());
  EXPECT_EQ(e.spec.metrics_collector->kind, CollectorKind::kStdOut);
  EXPECT_FALSE(e.spec.metrics_collector->source.has_value());
}

TEST(SetDefaults, FillsTheSourceByKindOfCollector) {
  EXPECT_EQ(WithCollector(CollectorKind::kFile).spec.metrics_collector->source->file_system_path,
            (FileSystemPath{"/var/log/katib/metrics.log", "File", "TEXT"}));
  EXPECT_EQ(WithCollector(CollectorKind::kTensorFlowEvent).spec.metrics_collector->source->file_system_path,
            (FileSystemPath{"/var/log/katib/tfevent/", "Directory", ""}));
  EXPECT_EQ(WithCollector(CollectorKind::kPrometheusMetric).spec.metrics_collector->source->http_get,
            (HttpGet{"/metrics", "8080", "", "", true, {}}));
  EXPECT_FALSE(WithCollector(CollectorKind::kPush).spec.metrics_collector->source.has_value());
  EXPECT_FALSE(WithCollector(CollectorKind::kCustom).spec.metrics_collector->source.has_value());
  EXPECT_EQ(WithCollector(CollectorKind::kInvalid).spec.metrics_collector->kind, CollectorKind::kInvalid);
}

TEST(SetDefaults, FillsOnlyTheEmptyPartsOfASource) {
  Experiment e;
  e.spec.metrics_collector.emplace().kind = CollectorKind::kFile;
  e.spec.metrics_collector->source.emplace().file_system_path = FileSystemPath{"/my.json", "", "JSON"};
  EXPECT_EQ(Defaulted(e).spec.metrics_collector->source->file_system_path,
            (FileSystemPath{"/my.json", "File", "JSON"}));
  e.spec.metrics_collector->kind = CollectorKind::kPrometheusMetric;
  e.spec.metrics_collector->source->http_get = HttpGet{"", "http", "", "", false, {}};
  EXPECT_EQ(Defaulted(e).spec.metrics_collector->source->http_get,
            (HttpGet{"/metrics", "http", "", "", false, {}}));
}

TEST(SetDefaults, FillsConditionsAndPodLabelsByKindOfTemplate) {
  const auto condition = [](const std::string& type) {
    return "status.conditions.#(type==\"" + type + "\")#|#(status==\"True\")#";
  };
  const StringMap none, master = {{"training.kubeflow.org/job-role", "master"}};
  const StringMap node = {{"jobset.sigs.k8s.io/replicatedjob-name", "node"},
                          {"batch.kubernetes.io/job-completion-index", "0"}};
  const struct {
    const char* kind;
    const char* success;
    StringMap labels;
  } kCases[] = {{"Job", "Complete", none},           {"TFJob", "Succeeded", master},
                {"PyTorchJob", "Succeeded", master}, {"MPIJob", "Succeeded", master},
                {"XGBoostJob", "Succeeded", master}, {"TrainJob", "Complete", node},
                {"Process", "Complete", none}};
  for (const auto& c : kCases) {
    const TrialTemplate t = DefaultedTemplate(c.kind);
    EXPECT_EQ(t.success_condition, condition(c.success)) << c.kind;
    EXPECT_EQ(t.failure_condition, condition("Failed")) << c.kind;
    EXPECT_EQ(t.primary_pod_labels, c.labels) << c.kind;
  }
  EXPECT_EQ(DefaultedTemplate("Workflow").success_condition, "");
  EXPECT_EQ(DefaultedTemplate("Workflow").primary_pod_labels, none);
}

TEST(SetDefaults, FillsEachConditionByItself) {
  Experiment e = WithTemplate(R"({"kind":"TFJob"})");
  e.spec.trial_template->success_condition = "mine";
  e.spec.trial_template->primary_pod_labels = {{"role", "worker"}};
  const TrialTemplate t = *Defaulted(e).spec.trial_template;
  EXPECT_EQ(t.success_condition, "mine");
  EXPECT_NE(t.failure_condition, "");
  EXPECT_EQ(t.primary_pod_labels, (StringMap{{"role", "worker"}}));
}

TEST(SetDefaults, LeavesConfigMapTemplatesAlone) {
  Experiment e;
  e.spec.trial_template.emplace().config_map = ConfigMapSource{"a", "b", "c"};
  EXPECT_EQ(Defaulted(e).spec.trial_template->success_condition, "");
}

TEST(SetDefaults, MakesAProcessShortToWrite) {
  const TrialTemplate t = DefaultedTemplate("Process");
  EXPECT_EQ(t.primary_container_name, "main");
  EXPECT_THAT(t.trial_parameters,
              ElementsAre(TrialParameterSpec{"lr", "", "lr"}, TrialParameterSpec{"n", "", "n"}));
  EXPECT_TRUE(DefaultedTemplate("Job").trial_parameters.empty());
  EXPECT_EQ(DefaultedTemplate("Job").primary_container_name, "");

  Experiment e = WithTemplate(R"({"kind":"Process"})");
  e.spec.trial_template->trial_parameters = {{"x", "", "lr"}};
  EXPECT_THAT(Defaulted(e).spec.trial_template->trial_parameters,
              ElementsAre(TrialParameterSpec{"x", "", "lr"}));
}

TEST(SetDefaults, IsIdempotentAndSurvivesBadTemplates) {
  for (const char* text : {"{", "[]", "3", R"({"kind":["Job"]})", R"({"kind":"Process"})"}) {
    const Experiment once = Defaulted(WithTemplate(text));
    EXPECT_TRUE(Defaulted(once).Equals(once)) << text;
  }
}

}  // namespace
}  // namespace qalam::api
