#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "valid_experiment.h"

namespace qalam::api {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr std::string_view kArgs = "${trialParameters.learningRate} ${trialParameters.optimizer}";

template <class F>
std::vector<std::string> ErrorsOf(F break_it) {
  Experiment e = ValidExperiment();
  break_it(*e.spec.trial_template);
  return Texts(Validate(e, TestContext()));
}

// Errors of a trialSpec that gets the placeholders as an annotation.
std::vector<std::string> ErrorsOfSpec(std::string_view head, std::string_view rest) {
  return ErrorsOf([&](TrialTemplate& t) {
    t.trial_spec.text = std::string("{") + std::string(head) + R"("metadata":{"annotations":{"a":")" +
                        std::string(kArgs) + "\"}}" + std::string(rest) + "}";
  });
}
std::vector<std::string> ErrorsOfJob(std::string_view spec) {
  return ErrorsOfSpec(R"("apiVersion":"batch/v1","kind":"Job",)", ",\"spec\":" + std::string(spec));
}
std::vector<std::string> ErrorsOfContainer(std::string_view fields) {
  return ErrorsOfJob(R"({"template":{"spec":{"containers":[{"name":"main",)" + std::string(fields) + "}]}}}");
}
std::vector<std::string> ErrorsOfProcess(std::string_view spec) {
  return ErrorsOfSpec(R"("apiVersion":"qalam.dev/v1","kind":"Process",)", ",\"spec\":" + std::string(spec));
}

TEST(ValidateTemplate, MustBeThere) {
  Experiment e = ValidExperiment();
  e.spec.trial_template.reset();
  EXPECT_THAT(Texts(Validate(e, TestContext())),
              ElementsAre(StartsWith("spec.trialTemplate: Required value: ")));
}

TEST(ValidateTemplate, NeedsContainerConditionsAndParametersTogether) {
  EXPECT_THAT(
      ErrorsOf([](TrialTemplate& t) {
        t.primary_container_name = "";
        t.failure_condition = "";
        t.trial_parameters = {};
        t.trial_spec.text = "";  // not reached
      }),
      ElementsAre(
          StartsWith("spec.trialTemplate.primaryContainerName: Required value: must be specified"),
          StartsWith("spec.trialTemplate: Required value: successCondition and failureCondition must be "
                     "specified"),
          StartsWith("spec.trialTemplate.trialParameters: Required value: must be specified")));
}

TEST(ValidateTemplate, NeedsExactlyOneSource) {
  EXPECT_THAT(ErrorsOf([](TrialTemplate& t) { t.trial_spec.text = ""; }),
              ElementsAre(StartsWith("spec.trialTemplate.TrialSource: Required value: ")));
  EXPECT_THAT(ErrorsOf([](TrialTemplate& t) { t.config_map.emplace(); }),
              ElementsAre(StartsWith("spec.trialTemplate: Required value: only one of")));
}

TEST(ValidateTemplate, ReadsConfigMaps) {
  const auto errors = [](ConfigMapSource source) {
    return ErrorsOf([&](TrialTemplate& t) {
      t.trial_spec.text = "";
      t.config_map = source;
    });
  };
  EXPECT_THAT(errors({"templates", "ns", "key"}), IsEmpty());
  EXPECT_THAT(errors({"templates", "", "key"}),
              ElementsAre(StartsWith("spec.trialTemplate.configMap: Required value: ")));
  EXPECT_THAT(errors({"other", "ns", "key"}),
              ElementsAre(AllOf(StartsWith("spec.trialTemplate: Invalid value: \"\": "),
                                HasSubstr("no ConfigMap \"other\""))));
}

TEST(ValidateTemplate, ChecksTrialParameters) {
  const auto errors = [](std::vector<TrialParameterSpec> more) {
    return ErrorsOf([&](TrialTemplate& t) {
      t.trial_parameters.insert(t.trial_parameters.end(), more.begin(), more.end());
    });
  };
  const std::string field = "spec.trialTemplate.trialParameters[2]";
  EXPECT_THAT(errors({{"", "", "lr"}}), ElementsAre(StartsWith(field + ": Invalid value: ")));
  EXPECT_THAT(errors({{"x", "", ""}}), ElementsAre(StartsWith(field + ": Invalid value: ")));
  EXPECT_THAT(errors({{"x}", "", "x"}}), ElementsAre(HasSubstr("must not contain { or }")));
  EXPECT_THAT(errors({{"optimizer", "", "x"}}),
              ElementsAre(StartsWith(field + ".name: Invalid value: \"optimizer\"")));
  EXPECT_THAT(errors({{"x", "", "opt"}}),
              ElementsAre(StartsWith(field + ".reference: Invalid value: \"opt\"")));
  EXPECT_THAT(errors({{"x", "", "${trialSpec.Name}"}}),
              ElementsAre(AllOf(StartsWith(field + ".name: Invalid value: \"x\""),
                                HasSubstr("${trialParameters.x} does not stand in the template"))));
}

TEST(ValidateTemplate, AMissingPlaceholderStopsTheTemplatesChecks) {
  EXPECT_THAT(ErrorsOf([](TrialTemplate& t) {
                t.trial_parameters = {{"a", "", "lr"}, {"b", "", "nowhere"}};
                t.trial_spec.text = R"({"kind":"Job"})";
              }),
              ElementsAre(StartsWith("spec.trialTemplate.trialParameters[0].name")));
}

TEST(ValidateTemplate, ReferencesNameParametersOrMetadata) {
  const auto errors = [](const char* reference) {
    return ErrorsOf([&](TrialTemplate& t) {
      t.trial_parameters.push_back({"x", "", reference});
      t.trial_spec.text.insert(
          1, R"("metadata":{"labels":{"team":"a"},"annotations":{"k.io/x":"${trialParameters.x}"}},)");
    });
  };
  for (const char* good :
       {"${trialSpec.Name}", "${trialSpec.Namespace}", "${trialSpec.Kind}", "${trialSpec.APIVersion}",
        "${trialSpec.Labels[team]}", "${trialSpec.Annotations[k.io/x]}"}) {
    EXPECT_THAT(errors(good), IsEmpty()) << good;
  }
  EXPECT_THAT(errors("lrr"),
              ElementsAre(HasSubstr("trialParameters[2].reference: Invalid value: \"lrr\": is neither")));
  EXPECT_THAT(errors("${trialSpec.Nmae}"), ElementsAre(HasSubstr("did you mean \"${trialSpec.Name}\"?")));
  EXPECT_THAT(errors("${trialSpec.Labels[tean]}"), ElementsAre(HasSubstr("metadata.labels has no \"tean\"")));
}

TEST(ValidateTemplate, NamesPlaceholdersWithoutAnEntry) {
  EXPECT_THAT(
      ErrorsOfSpec(
          R"("apiVersion":"a/v1","kind":"B",)",
          R"(,"spec":["${trialParameters.optimiser}","${trialParameters.z}","${trialParameters.z}"])"),
      ElementsAre(
          "spec.trialTemplate: Invalid value: \"\": the template has placeholders without an entry in "
          "trialParameters: ${trialParameters.optimiser} (did you mean \"optimizer\"?) "
          "${trialParameters.z}"));
}

TEST(ValidateTemplate, EveryParameterMustBeUsed) {
  Experiment e = ValidExperiment();
  e.spec.parameters.push_back({"unused", ParameterType::kInt, {"2", "1", {}, "", Distribution::kUniform}});
  EXPECT_THAT(Texts(Validate(e, TestContext())),
              ElementsAre(AllOf(StartsWith("spec.trialTemplate.trialParameters: Invalid value: \"unused\""),
                                HasSubstr("add {name: unused, reference: unused}"))));
}

TEST(ValidateTemplate, MustBeOneReadableObject) {
  const auto errors = [](const char* text) {
    Experiment e = ValidExperiment();
    e.spec.trial_template->trial_spec.text = "";
    e.spec.trial_template->config_map = ConfigMapSource{"a", "b", "c"};
    ValidationContext context = TestContext();
    context.config_map = [&](const ConfigMapSource&) {
      return std::string(text) + "# " + std::string(kArgs) + "\n";
    };
    return Texts(Validate(e, context));
  };
  EXPECT_THAT(errors("apiVersion: a\nkind: B\n"), IsEmpty());
  EXPECT_THAT(errors("a: [\n"),
              ElementsAre(HasSubstr("spec.trialTemplate: Invalid value: \"\": the template cannot be read")));
  EXPECT_THAT(errors("- a\n"), ElementsAre(HasSubstr("must be one object")));
  EXPECT_THAT(errors("a: b\n---\nc: d\n"), ElementsAre(HasSubstr("must be one object")));
  EXPECT_THAT(errors(""), ElementsAre(HasSubstr("must be one object")));
}

TEST(ValidateTemplate, RefusesNameAndNamespace) {
  EXPECT_THAT(
      ErrorsOf([](TrialTemplate& t) {
        t.trial_spec.text.insert(1, R"("metadata":{"name":"x","namespace":"${trialParameters.optimizer}"},)");
      }),
      ElementsAre(
          HasSubstr("spec.trialTemplate: Invalid value: \"\": trialSpec.metadata.name: must be left out"),
          HasSubstr("trialSpec.metadata.namespace: must be left out")));
}

TEST(ValidateTemplate, NeedsApiVersionAndKind) {
  EXPECT_THAT(
      ErrorsOfSpec(R"("kind":"B",)", ""),
      ElementsAre(
          "spec.trialTemplate: Required value: APIVersion and Kind of the template must be specified"));
  EXPECT_THAT(ErrorsOfSpec(R"("apiVersion":"a/v1",)", ""), ElementsAre(HasSubstr("APIVersion and Kind")));
}

TEST(ValidateTemplate, LeavesOtherKindsAlone) {
  EXPECT_THAT(
      ErrorsOfSpec(R"("apiVersion":"argoproj.io/v1alpha1","kind":"Workflow",)", R"(,"spec":{"any":1})"),
      IsEmpty());
  EXPECT_THAT(ErrorsOfSpec(R"("apiVersion":"batch/v2","kind":"Job",)", R"(,"spec":{"any":1})"), IsEmpty());
}

TEST(ValidateJob, AcceptsAFullJob) {
  EXPECT_THAT(ErrorsOfJob(R"({"parallelism":1,"backoffLimit":0,"activeDeadlineSeconds":60,"suspend":false,
    "template":{"metadata":{"labels":{"a":"b"},"annotations":{"sidecar.istio.io/inject":"false"}},"spec":{
      "restartPolicy":"Never","nodeSelector":{"gpu":"yes"},"serviceAccountName":"x","affinity":{"any":{"thing":1}},
      "tolerations":[{"key":"k","operator":"Exists","effect":"NoSchedule","tolerationSeconds":3}],
      "volumes":[{"name":"v","emptyDir":{"medium":"Memory"}},{"name":"w","persistentVolumeClaim":{"claimName":"c"}}],
      "initContainers":[{"name":"i","image":"x","command":["true"]}],
      "containers":[{"name":"main","image":"x","command":["a"],"args":["b"],"workingDir":"/w","tty":null,
        "env":[{"name":"A","value":"1"},{"name":"B","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}},
               {"name":"C","valueFrom":{"secretKeyRef":{"name":"s","key":"k","optional":true}}},
               {"name":"D","valueFrom":{"resourceFieldRef":{"resource":"limits.cpu","divisor":1}}}],
        "envFrom":[{"prefix":"P","configMapRef":{"name":"c"}}],
        "resources":{"limits":{"cpu":2,"memory":"1Gi","nvidia.com/gpu":1},"requests":{"cpu":"500m"}},
        "volumeMounts":[{"name":"v","mountPath":"/v","readOnly":true}],"ports":[{"containerPort":80}],
        "livenessProbe":{"exec":{"command":["x"]}},"securityContext":{"runAsUser":0},"imagePullPolicy":"Always"}]}}})"),
              IsEmpty());
}

TEST(ValidateJob, FindsMisspeltFields) {
  EXPECT_THAT(
      ErrorsOfContainer(R"("comand":["x"])"),
      ElementsAre(
          "spec.trialTemplate: Invalid value: \"[x]\": trialSpec.spec.template.spec.containers[0].comand: "
          "no such field; did you mean \"command\"? (batch/v1 Job)"));
  EXPECT_THAT(ErrorsOfJob(R"({"backofLimit":1})"),
              ElementsAre(HasSubstr("trialSpec.spec.backofLimit: no such field; did "
                                    "you mean \"backoffLimit\"?")));
  EXPECT_THAT(ErrorsOfSpec(R"("apiVersion":"batch/v1","kind":"Job",)", R"(,"sepc":{})"),
              ElementsAre(HasSubstr("trialSpec.sepc: no such field; did you mean \"spec\"?")));
  EXPECT_THAT(ErrorsOfContainer(R"("env":[{"name":"A","vaule":"1"}])"),
              ElementsAre(HasSubstr("containers[0].env[0].vaule")));
  EXPECT_THAT(ErrorsOfContainer(R"("resources":{"limit":{"cpu":1}})"),
              ElementsAre(HasSubstr("did you mean \"limits\"?")));
}

TEST(ValidateJob, FindsWrongTypes) {
  EXPECT_THAT(ErrorsOfContainer(R"("args":["--epochs",10])"),
              ElementsAre(HasSubstr("containers[0].args[1]: must be text: put it in quotes")));
  EXPECT_THAT(ErrorsOfContainer(R"("command":"train")"),
              ElementsAre(HasSubstr("command: must be a list, not text")));
  EXPECT_THAT(ErrorsOfContainer(R"("tty":"yes")"),
              ElementsAre(HasSubstr("tty: must be true or false, not text")));
  EXPECT_THAT(ErrorsOfContainer(R"("env":{"A":"1"})"),
              ElementsAre(HasSubstr("env: must be a list, not a map")));
  EXPECT_THAT(ErrorsOfContainer(R"("env":["A"])"), ElementsAre(HasSubstr("env[0]: must be a map, not text")));
  EXPECT_THAT(ErrorsOfContainer(R"("resources":{"limits":{"cpu":[1]}})"),
              ElementsAre(HasSubstr("limits.cpu: must be a quantity")));
  // A placeholder is text, so it cannot stand for a number.
  EXPECT_THAT(ErrorsOfJob(R"({"parallelism":"${trialParameters.optimizer}"})"),
              ElementsAre(HasSubstr("trialSpec.spec.parallelism: must be an integer, not text")));
}

TEST(ValidateJob, ThePrimaryContainerMustExist) {
  EXPECT_THAT(
      ErrorsOf([](TrialTemplate& t) { t.primary_container_name = "mian"; }),
      ElementsAre(
          "spec.trialTemplate.primaryContainerName: Invalid value: \"mian\": no container of the template "
          "has this name; did you mean \"main\"?"));
}

TEST(ValidateProcess, AcceptsAFullProcess) {
  EXPECT_THAT(
      ErrorsOfProcess(R"({"command":["python","t.py"],"env":{"A":"1"},"workingDir":"/w","timeoutSeconds":1,
    "retries":0,"requeues":0,"resources":{"cpu":2,"memory":"1.5Gi"}})"),
      IsEmpty());
}

TEST(ValidateProcess, ChecksEveryField) {
  const struct {
    const char* spec;
    const char* error;
  } kCases[] = {
      {R"({})", "trialSpec.spec.command: must be given"},
      {R"({"command":[]})", "trialSpec.spec.command: must be given"},
      {R"({"command":[""]})", "trialSpec.spec.command[0]: must be the name of a program"},
      {R"({"command":"python t.py"})", "trialSpec.spec.command: must be a list, not text"},
      {R"({"command":["a",1]})", "trialSpec.spec.command[1]: must be text: put it in quotes"},
      {R"({"comand":["a"],"command":["a"]})",
       "trialSpec.spec.comand: no such field; did you mean \"command\"?"},
      {R"({"command":["a"],"env":{"A":1}})", "trialSpec.spec.env.A: must be text: put it in quotes"},
      {R"({"command":["a"],"env":["A"]})", "trialSpec.spec.env: must be a map, not a list"},
      {R"({"command":["a"],"env":{"A=":"1"}})",
       "trialSpec.spec.env: a variable's name must not be empty or hold"},
      {R"({"command":["a"],"workingDir":1})", "trialSpec.spec.workingDir: must be text"},
      {R"({"command":["a"],"timeoutSeconds":0})", "trialSpec.spec.timeoutSeconds: must be from 1"},
      {R"({"command":["a"],"timeoutSeconds":"5"})", "trialSpec.spec.timeoutSeconds: must be an integer"},
      {R"({"command":["a"],"retries":-1})", "trialSpec.spec.retries: must be from 0"},
      {R"({"command":["a"],"retries":99999999999})", "trialSpec.spec.retries: must be from 0 to 2147483647"},
      {R"({"command":["a"],"requeues":-1})", "trialSpec.spec.requeues: must be from 0"},
      {R"({"command":["a"],"resources":{"cpu":"many"}})",
       "trialSpec.spec.resources.cpu: must be a positive quantity"},
      {R"({"command":["a"],"resources":{"memory":"-1Gi"}})", "resources.memory: must be a positive quantity"},
      {R"({"command":["a"],"resources":{"memory":"1GB"}})", "resources.memory: must be a positive quantity"},
      {R"({"command":["a"],"resources":{"gpu":1}})", "trialSpec.spec.resources.gpu: no such field"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(ErrorsOfProcess(c.spec),
                ElementsAre(AllOf(StartsWith("spec.trialTemplate: Invalid value: "), HasSubstr(c.error))))
        << c.spec;
  }
  EXPECT_THAT(ErrorsOfSpec(R"("apiVersion":"v1","kind":"Process",)", R"(,"spec":{"command":["a"]})"),
              ElementsAre(HasSubstr("trialSpec.apiVersion: must be qalam.dev/v1 for kind Process")));
  EXPECT_THAT(ErrorsOfSpec(R"("apiVersion":"qalam.dev/v1","kind":"Process",)", ""),
              ElementsAre(HasSubstr("trialSpec.spec.command: must be given")));
}

}  // namespace
}  // namespace qalam::api
