#include "api/field_descriptions.h"

#include <map>
#include <utility>

namespace qalam::api {
namespace {

struct Description {
  std::string_view owner, field, text;
};

constexpr Description kDescriptions[] = {
    {"Condition", "lastTransitionTime", "When the status last changed."},
    {"Condition", "lastUpdateTime", "When the condition was last written."},
    {"Condition", "message", "What happened, for people to read."},
    {"Condition", "reason", "Why the condition has this status, in one word for programs."},
    {"Condition", "status", "Whether the condition holds: True, False or Unknown."},
    {"Condition", "type", "What the condition says of the object; the last one of the list tells its state."},

    {"ConfigMapSource", "configMapName", "Name of the ConfigMap that holds the template."},
    {"ConfigMapSource", "configMapNamespace", "Namespace of that ConfigMap."},
    {"ConfigMapSource", "templatePath", "Key of its data under which the template's text stands."},

    {"AlgorithmSpec", "algorithmName", "Name of the algorithm, such as random, tpe or medianstop."},
    {"AlgorithmSpec", "algorithmSettings", "Settings of the algorithm; which there are depends on it."},

    {"ConfigMap", "data", "Texts by key."},

    {"EarlyStoppingRule", "comparison", "How the metric is compared with the value: equal, less or greater."},
    {"EarlyStoppingRule", "name", "Name of the metric that the rule watches."},
    {"EarlyStoppingRule", "startStep", "Number of the report from which on the rule is checked."},
    {"EarlyStoppingRule", "value", "Value that the metric is compared with."},

    {"Event", "count", "How often this has happened."},
    {"Event", "firstTimestamp", "When it happened first."},
    {"Event", "involvedObject", "The object that it happened to."},
    {"Event", "lastTimestamp", "When it happened last."},
    {"Event", "message", "What happened, for people to read."},
    {"Event", "reason", "What happened, in one word for programs."},
    {"Event", "source", "Who reports it."},
    {"Event", "type", "Normal or Warning."},
    {"Event.source", "component", "Name of the component that reports it."},

    {"Experiment", "spec", "What to search, how, with which workload, and until when."},
    {"Experiment", "status",
     "How far the search has come and the best that it has found; kept by the controller."},

    {"ExperimentSpec", "algorithm", "The algorithm that proposes parameters."},
    {"ExperimentSpec", "earlyStopping", "The algorithm that ends trials which promise little."},
    {"ExperimentSpec", "maxFailedTrialCount", "The experiment fails when more trials than this have failed."},
    {"ExperimentSpec", "maxTrialCount",
     "The experiment ends when this many trials have finished; without it there is no limit."},
    {"ExperimentSpec", "metricsCollectorSpec",
     "Where the values of metrics come from; without it, from the trial's standard output."},
    {"ExperimentSpec", "nasConfig", "Search of a neural architecture, instead of parameters."},
    {"ExperimentSpec", "objective", "The metric to optimise, in which direction, and how far."},
    {"ExperimentSpec", "parallelTrialCount", "How many trials may run at the same time; 3 unless given."},
    {"ExperimentSpec", "parameters", "The search space: every parameter with the values that it may take."},
    {"ExperimentSpec", "resumePolicy",
     "Whether a finished experiment can go on with a larger maxTrialCount: Never, LongRunning or "
     "FromVolume."},
    {"ExperimentSpec", "trialTemplate", "The workload of a trial, with places for the parameters."},

    {"ExperimentStatus", "completionTime", "When the experiment ended."},
    {"ExperimentStatus", "conditions",
     "What happened to the experiment; the last condition tells its state."},
    {"ExperimentStatus", "currentOptimalTrial", "The best trial so far."},
    {"ExperimentStatus", "earlyStoppedTrialList", "Names of the trials that were stopped early."},
    {"ExperimentStatus", "failedTrialList", "Names of the trials that failed."},
    {"ExperimentStatus", "killedTrialList", "Names of the trials that were ended from outside."},
    {"ExperimentStatus", "lastReconcileTime", "Known to Katib's type and never set."},
    {"ExperimentStatus", "metricsUnavailableTrialList",
     "Names of the trials that ended without a value of the objective."},
    {"ExperimentStatus", "pendingTrialList", "Names of the trials that have not started."},
    {"ExperimentStatus", "runningTrialList", "Names of the trials that run."},
    {"ExperimentStatus", "startTime", "When the experiment began."},
    {"ExperimentStatus", "succeededTrialList", "Names of the trials that succeeded."},
    {"ExperimentStatus", "trialMetricsUnavailable",
     "Number of trials that ended without a value of the objective."},
    {"ExperimentStatus", "trials", "Number of all trials."},
    {"ExperimentStatus", "trialsEarlyStopped", "Number of trials that were stopped early."},
    {"ExperimentStatus", "trialsFailed", "Number of trials that failed."},
    {"ExperimentStatus", "trialsKilled", "Number of trials that were ended from outside."},
    {"ExperimentStatus", "trialsPending", "Number of trials that have not started."},
    {"ExperimentStatus", "trialsRunning", "Number of trials that run."},
    {"ExperimentStatus", "trialsSucceeded", "Number of trials that succeeded."},

    {"FeasibleSpace", "distribution",
     "How values between min and max are drawn: uniform, logUniform, normal or logNormal; uniform unless "
     "given."},
    {"FeasibleSpace", "list", "The choices of a categorical or discrete parameter."},
    {"FeasibleSpace", "max", "Largest value of a double or int parameter, as text."},
    {"FeasibleSpace", "min", "Smallest value of a double or int parameter, as text."},
    {"FeasibleSpace", "step",
     "Distance of two neighbouring values, as text; without it a double takes any value."},

    {"FileSystemPath", "format", "Form of the file's lines: TEXT (name=value) or JSON."},
    {"FileSystemPath", "kind", "What the path names: File or Directory."},
    {"FileSystemPath", "path", "Absolute path at which the trial writes its metrics."},

    {"GraphConfig", "inputSizes", "Shape of the network's input."},
    {"GraphConfig", "numLayers", "Number of the network's layers."},
    {"GraphConfig", "outputSizes", "Shape of the network's output."},

    {"HttpGet", "host", "Host to ask; the trial's own unless given."},
    {"HttpGet", "httpHeaders", "Header fields to send."},
    {"HttpGet", "path", "Path to ask; /metrics unless given."},
    {"HttpGet", "port", "Port to ask, as a number or a name; 8080 unless given."},
    {"HttpGet", "scheme", "HTTP or HTTPS."},
    {"HttpHeader", "name", "Name of the header field."},
    {"HttpHeader", "value", "Value of the header field."},

    {"MetricStrategy", "name", "Name of the metric."},
    {"MetricStrategy", "value", "Which of its values counts: min, max or latest."},

    {"MetricValue", "latest", "The value that was reported last, or \"unavailable\"."},
    {"MetricValue", "max", "The largest value."},
    {"MetricValue", "min", "The smallest value."},
    {"MetricValue", "name", "Name of the metric."},

    {"MetricsCollectorSpec", "collector", "What collects the metrics."},
    {"MetricsCollectorSpec", "source", "Where it finds them."},
    {"MetricsCollectorSpec.collector", "customCollector",
     "The container that collects, for the kind Custom."},
    {"MetricsCollectorSpec.collector", "kind",
     "StdOut, File, TensorFlowEvent, PrometheusMetric, Custom, Push or None; StdOut unless given."},

    {"MetricsSource", "fileSystemPath", "The file or directory that the trial writes to."},
    {"MetricsSource", "filter", "How metrics are recognised in text."},
    {"MetricsSource", "httpGet", "The HTTP endpoint at which the trial shows its metrics."},
    {"MetricsSource.filter", "metricsFormat",
     "Regular expressions with two groups, the metric's name and its value."},

    {"NameValue", "name", "Name of what is set."},
    {"NameValue", "value", "Its value, as text."},

    {"NasConfig", "graphConfig", "The network's shape."},
    {"NasConfig", "operations", "The operations that a layer may consist of."},
    {"NasOperation", "operationType", "Kind of the operation, such as convolution or reduction."},
    {"NasOperation", "parameters", "Parameters of the operation and the values that they may take."},

    {"ObjectMeta", "annotations", "Texts by key that programs keep with the object; they select nothing."},
    {"ObjectMeta", "creationTimestamp", "When the object was created; set by the server."},
    {"ObjectMeta", "deletionGracePeriodSeconds",
     "Seconds until the object may go once its deletion was asked for; set by the server."},
    {"ObjectMeta", "deletionTimestamp", "When its deletion was asked for; set by the server."},
    {"ObjectMeta", "finalizers",
     "Who has to do something before the object goes; it goes when the list is empty."},
    {"ObjectMeta", "generateName",
     "Beginning of the name, to which the server adds five characters when no name is given."},
    {"ObjectMeta", "generation", "Number that grows with every change of the spec; set by the server."},
    {"ObjectMeta", "labels", "Texts by key by which objects are selected."},
    {"ObjectMeta", "managedFields", "Who wrote which field; kept by the server for server-side apply."},
    {"ObjectMeta", "name", "Name of the object, unique for its kind within its namespace."},
    {"ObjectMeta", "namespace", "Namespace of the object."},
    {"ObjectMeta", "ownerReferences", "The objects that this one belongs to; it is deleted when they are."},
    {"ObjectMeta", "resourceVersion", "Version of the object; a write that names an older one is refused."},
    {"ObjectMeta", "selfLink", "Known from old versions of Kubernetes and never set."},
    {"ObjectMeta", "uid", "Identity of the object, which no other has before or after; set by the server."},

    {"ObjectReference", "apiVersion", "Group and version of the object."},
    {"ObjectReference", "kind", "Kind of the object."},
    {"ObjectReference", "name", "Name of the object."},
    {"ObjectReference", "namespace", "Namespace of the object."},
    {"ObjectReference", "uid", "Identity of the object."},

    {"ObjectiveSpec", "additionalMetricNames", "Names of further metrics to collect."},
    {"ObjectiveSpec", "goal", "The experiment succeeds as soon as the objective has reached this value."},
    {"ObjectiveSpec", "metricStrategies", "Which value of each metric counts."},
    {"ObjectiveSpec", "objectiveMetricName", "Name of the metric to optimise."},
    {"ObjectiveSpec", "type", "Direction: minimize or maximize."},

    {"Observation", "metrics", "The trial's metrics."},

    {"OptimalTrial", "bestTrialName", "Name of the trial."},
    {"OptimalTrial", "observation", "Its metrics."},
    {"OptimalTrial", "parameterAssignments", "Its parameters."},

    {"OwnerReference", "apiVersion", "Group and version of the owner."},
    {"OwnerReference", "blockOwnerDeletion",
     "Whether an owner that is deleted in the foreground waits for this object."},
    {"OwnerReference", "controller", "Whether the owner is the one that manages this object."},
    {"OwnerReference", "kind", "Kind of the owner."},
    {"OwnerReference", "name", "Name of the owner."},
    {"OwnerReference", "uid", "Identity of the owner."},

    {"ParameterSpec", "feasibleSpace", "The values that the parameter may take."},
    {"ParameterSpec", "name", "Name of the parameter."},
    {"ParameterSpec", "parameterType", "Kind of its values: double, int, discrete or categorical."},

    {"Suggestion", "spec", "How many assignments are wanted, from which algorithm."},
    {"Suggestion", "status", "The assignments made so far; kept by the controller."},
    {"SuggestionSpec", "algorithm", "The algorithm, as in the experiment."},
    {"SuggestionSpec", "earlyStopping", "The early-stopping algorithm, as in the experiment."},
    {"SuggestionSpec", "requests", "Number of assignments wanted since the beginning."},
    {"SuggestionSpec", "resumePolicy", "The experiment's resumePolicy."},
    {"SuggestionStatus", "algorithmSettings",
     "Settings that the algorithm returned, sent back to it with the next request."},
    {"SuggestionStatus", "completionTime", "Known to Katib's type and never set."},
    {"SuggestionStatus", "conditions",
     "What happened to the suggestion; the last condition tells its state."},
    {"SuggestionStatus", "lastReconcileTime", "Known to Katib's type and never set."},
    {"SuggestionStatus", "startTime", "When the first assignment was asked for."},
    {"SuggestionStatus", "suggestionCount", "Number of assignments made."},
    {"SuggestionStatus", "suggestions", "The assignments, one for each trial."},

    {"Trial", "spec", "The trial's parameters and the workload made of them; never changed once written."},
    {"Trial", "status", "What became of the trial; kept by the controller."},
    {"TrialAssignment", "earlyStoppingRules", "Rules that end the trial early."},
    {"TrialAssignment", "labels", "Labels that the trial gets."},
    {"TrialAssignment", "name", "Name of the trial."},
    {"TrialAssignment", "parameterAssignments", "The trial's parameters."},
    {"TrialParameterSpec", "description", "What the parameter is for."},
    {"TrialParameterSpec", "name", "Name of the place in the template: ${trialParameters.NAME}."},
    {"TrialParameterSpec", "reference",
     "Name of the parameter whose value goes there, or a reference to the trial's metadata."},
    {"TrialSpec", "earlyStoppingRules", "Rules that end the trial early: it ends when all of them hold."},
    {"TrialSpec", "failureCondition", "Path into the workload that is true when it has failed."},
    {"TrialSpec", "labels", "Known to Katib's type and not used; labels stand in the metadata."},
    {"TrialSpec", "metricsCollector", "Where the values of metrics come from."},
    {"TrialSpec", "objective", "The metric to optimise, as in the experiment."},
    {"TrialSpec", "parameterAssignments", "The values of the parameters."},
    {"TrialSpec", "primaryContainerName", "Container whose output holds the metrics."},
    {"TrialSpec", "primaryPodLabels", "Labels of the pod whose output holds the metrics."},
    {"TrialSpec", "retainRun", "Whether the workload is kept after its end."},
    {"TrialSpec", "runSpec", "The workload, with all parameters filled in."},
    {"TrialSpec", "successCondition", "Path into the workload that is true when it has succeeded."},
    {"TrialStatus", "completionTime", "When the trial ended."},
    {"TrialStatus", "conditions", "What happened to the trial; the last condition tells its state."},
    {"TrialStatus", "lastReconcileTime", "Known to Katib's type and never set."},
    {"TrialStatus", "observation", "The metrics that the trial reported."},
    {"TrialStatus", "startTime", "When the trial began."},
    {"TrialTemplate", "configMap", "The ConfigMap that holds the template, instead of trialSpec."},
    {"TrialTemplate", "failureCondition",
     "Path into the workload that is true when it has failed; follows from its kind unless given."},
    {"TrialTemplate", "primaryContainerName", "Container whose output holds the metrics."},
    {"TrialTemplate", "primaryPodLabels",
     "Labels of the pod whose output holds the metrics; follow from the workload's kind unless given."},
    {"TrialTemplate", "retain", "Whether the workload is kept after its end."},
    {"TrialTemplate", "successCondition",
     "Path into the workload that is true when it has succeeded; follows from its kind unless given."},
    {"TrialTemplate", "trialParameters", "Which parameter goes to which place in the template."},
    {"TrialTemplate", "trialSpec",
     "The workload: any Kubernetes object, with ${trialParameters.NAME} where a parameter's value goes."},

    {"Choices", "choices", "The values to choose from."},
    {"NumberRange", "max", "Largest value, a number as text."},
    {"NumberRange", "min", "Smallest value, a number as text."},
    {"NumberRange", "type", "Int or Float; Float unless given."},
    {"OptimizationJob", "spec", "What to search, how, and with which training job."},
    {"OptimizationJob", "status",
     "How far the search has come and the best that it has found; kept by the controller."},
    {"OptimizationJobSpec", "numTrials", "How many trials there are to be; 1 unless given."},
    {"OptimizationJobSpec", "objectives", "The metric to optimise and its direction: one entry."},
    {"OptimizationJobSpec", "parallelTrials", "How many trials may run at the same time; 1 unless given."},
    {"OptimizationJobSpec", "parameters",
     "The search space: every parameter with the values that it may take."},
    {"OptimizationJobSpec", "searchAlgorithm", "How to search: random, unless given, or grid."},
    {"OptimizationJobSpec", "trainJobTemplate",
     "The training job of a trial, which reads a parameter NAME from the variable "
     "KUBEFLOW_TRAINER_OPT_NAME."},
    {"OptimizationJobStatus", "conditions", "What happened to the job: Created, then Complete or Failed."},
    {"OptimizationJobStatus", "result", "The best trial so far."},
    {"OptimizationJobStatus", "trials", "Every trial, in order of creation."},
    {"OptimizationObjective", "direction", "Minimize, unless given, or Maximize."},
    {"OptimizationObjective", "metric", "Name of the metric."},
    {"OptimizationResult", "parameters", "The values of its parameters."},
    {"OptimizationResult", "trainJobName", "Name of its training job."},
    {"RandomSearch", "seed", "The same seed gives the same search."},
    {"SearchAlgorithm", "grid", "Every combination of the values once."},
    {"SearchAlgorithm", "random", "Values at random."},
    {"SearchSpace", "categorical", "Values without an order."},
    {"SearchSpace", "logUniform", "A range of positive numbers, searched on a logarithmic scale."},
    {"SearchSpace", "uniform", "A range of numbers."},
    {"SearchedParameter", "name", "Name of the parameter: letters, digits and underscores."},
    {"SearchedParameter", "searchSpace",
     "The values that it may take: one of uniform, logUniform and categorical."},
    {"TrainJobTemplate", "metadata", "Labels and annotations of the training jobs."},
    {"TrainJobTemplate", "spec", "A TrainJob's specification: its runtime and its trainer."},
    {"TrialRecord", "completionTime", "When the trial ended."},
    {"TrialRecord", "creationTime", "When the trial was created."},
    {"TrialRecord", "metrics", "The objective's value."},
    {"TrialRecord", "parameters", "The values of its parameters."},
    {"TrialRecord", "reason", "Why it failed, in one word for programs."},
    {"TrialRecord", "state", "Running, Succeeded, Failed or EarlyStopped."},
    {"TrialRecord", "trainJobName", "Name of its training job."},
};

constexpr std::pair<std::string_view, std::string_view> kKinds[] = {
    {"ConfigMap", "Texts that others refer to, such as the templates of trials."},
    {"Event", "Something that happened to an object."},
    {"Experiment", "A search for the parameters with which a workload does best."},
    {"ObjectMeta", "What every object has: its name, its labels, and what the server keeps about it."},
    {"OptimizationJob", "A search for the parameters with which a training job does best."},
    {"Suggestion", "The parameters that an algorithm has proposed for the trials of an experiment."},
    {"Trial", "One run of an experiment's workload with one set of parameters."},
};

}  // namespace

std::string_view FieldDescription(std::string_view owner, std::string_view field) {
  static const auto kByField = [] {
    std::map<std::pair<std::string_view, std::string_view>, std::string_view> map;
    for (const Description& description : kDescriptions) {
      map.emplace(std::pair{description.owner, description.field}, description.text);
    }
    return map;
  }();
  const auto found = kByField.find({owner, field});
  return found == kByField.end() ? std::string_view() : found->second;
}

std::string_view KindDescription(std::string_view kind) {
  for (const auto& [name, text] : kKinds) {
    if (name == kind) return text;
  }
  return {};
}

}  // namespace qalam::api
