#include "api/codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "samples.h"

namespace qalam::api {
namespace {

using testing::HasSubstr;

template <class T>
void ExpectSurvivesJson(const T& resource) {
  for (const std::string& json : {ToJson(resource), ToPrettyJson(resource)}) {
    const auto read = FromJson(json);
    ASSERT_TRUE(read.ok()) << read.status() << json;
    ASSERT_EQ((*read)->kind(), resource.kind());
    EXPECT_TRUE((*read)->Equals(resource)) << json << "\n" << ToJson(**read);
    EXPECT_EQ(ToJson(**read), ToJson(resource));
  }
}

TEST(Codec, EveryFieldOfEveryKindSurvivesJson) {
  ExpectSurvivesJson(FullExperiment());
  ExpectSurvivesJson(FullTrial());
  ExpectSurvivesJson(FullSuggestion());
  ExpectSurvivesJson(FullEvent());
  ExpectSurvivesJson(FullConfigMap());
}

TEST(Codec, EmptyResourcesSurviveJson) {
  ExpectSurvivesJson(Experiment());
  ExpectSurvivesJson(Trial());
  ExpectSurvivesJson(Suggestion());
  ExpectSurvivesJson(Event());
  ExpectSurvivesJson(ConfigMap());
}

TEST(ToJson, HasTheContractsNamesAndOrder) {
  Experiment e;
  e.metadata.name = "x";
  e.metadata.creation_timestamp = absl::FromUnixSeconds(0);
  e.spec.parameters = {FullParameter()};
  e.spec.objective = ObjectiveSpec{ObjectiveType::kMinimize, 0.0, "loss", {}, {}};
  e.spec.parallel_trial_count = 0;
  EXPECT_EQ(
      ToJson(e),
      R"({"apiVersion":"kubeflow.org/v1beta1","kind":"Experiment","metadata":{"name":"x",)"
      R"("creationTimestamp":"1970-01-01T00:00:00Z"},"spec":{"parameters":[{"name":"lr","parameterType":"double",)"
      R"("feasibleSpace":{"max":"0.1","min":"0.01","step":"0.01","distribution":"logUniform"}}],)"
      R"("objective":{"type":"minimize","goal":0,"objectiveMetricName":"loss"},"parallelTrialCount":0}})");
}

TEST(ToJson, CountsTheTrialLists) {
  EXPECT_THAT(
      ToJson(FullExperiment()),
      HasSubstr(R"("trials":10,"trialsPending":1,"trialsRunning":2,"trialsSucceeded":3,"trialsFailed":1,)"
                R"("trialsKilled":1,"trialsEarlyStopped":1,"trialMetricsUnavailable":1}})"));
  EXPECT_THAT(ToJson(FullSuggestion()), HasSubstr(R"("suggestionCount":2)"));
}

TEST(ToJson, AlwaysHasTheOptimalTrialOnceThereIsAStatus) {
  Experiment e;
  e.status.start_time = absl::FromUnixSeconds(1);
  EXPECT_THAT(
      ToJson(e),
      HasSubstr(R"("status":{"startTime":"1970-01-01T00:00:01Z","currentOptimalTrial":{"observation":{}}})"));
}

TEST(ToJson, EscapesAndReplacesWhatIsNotUtf8) {
  ConfigMap c;
  c.spec.data["k"] = std::string("\"\\\n\r\t\b\x1f\x7f/\0", 10) + "\xC3\xA9\xF0\x9F\x98\x80" +
                     "\x80\xC0\xAF\xED\xA0\x80\xF4\x90\x80\x80\xE2\x82";
  const std::string bad(12, '?');
  std::string replaced;
  for (std::size_t i = 0; i < bad.size(); ++i) replaced += "\xEF\xBF\xBD";
  EXPECT_THAT(ToJson(c), HasSubstr("\"\\\"\\\\\\n\\r\\t\\u0008\\u001f\x7f/\\u0000\xC3\xA9\xF0\x9F\x98\x80" +
                                   replaced + "\""));
}

TEST(ToPrettyJson, IndentsByTwo) {
  ConfigMap c;
  c.spec.data["k"] = "{[,:\"";
  EXPECT_EQ(ToPrettyJson(c),
            "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"ConfigMap\",\n  \"metadata\": {},\n  \"data\": {\n"
            "    \"k\": \"{[,:\\\"\"\n  }\n}");
}

TEST(FromJson, DropsUnknownFieldsAndNulls) {
  const auto read = FromJson(R"({"kind":"Experiment","apiVersion":"kubeflow.org/v1beta1","extra":{"a":[1]},)"
                             R"("metadata":{"name":"x","creationTimestamp":null,"clusterName":"c"},)"
                             R"("spec":{"maxTrialCount":null,"parameters":null,"new":1},)"
                             R"("status":{"completionTime":null,"trialsRunning":7}})");
  ASSERT_TRUE(read.ok()) << read.status();
  Experiment expected;
  expected.metadata.name = "x";
  EXPECT_TRUE((*read)->Equals(expected));
}

TEST(FromJson, KeepsNumbersAndKeyOrderOfFreeFormValues) {
  const auto read =
      FromJson(R"({"kind":"Trial","spec":{"runSpec":{"z":9007199254740993,"a":18446744073709551615,)"
               R"("f":0.10,"e":1E5,"n":-0.0,"m":-0,"i":-7}}})");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(static_cast<const Trial&>(**read).spec.run_spec.text,
            R"({"z":9007199254740993,"a":18446744073709551615,"f":0.10,"e":1E5,"n":-0.0,"m":-0,"i":-7})");
}

TEST(FromJson, NamesTheFieldOfEveryWrongType) {
  const auto read =
      FromJson(R"({"kind":"Experiment","spec":{"parameters":[{},{"feasibleSpace":{"min":0.01}}],)"
               R"("maxTrialCount":"3","objective":{"goal":"0.1","type":"up"},"parallelTrialCount":2.5,)"
               R"("maxFailedTrialCount":3000000000}})");
  ASSERT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(
      read.status().message(),
      "[spec.parameters[1].feasibleSpace.min: Invalid value: \"0.01\": must be text, not a number, "
      "spec.objective.type: Invalid value: \"up\": must be one of minimize, maximize, "
      "spec.parallelTrialCount: Invalid value: \"2.5\": must be a whole number, "
      "spec.maxTrialCount: Invalid value: \"3\": must be an integer, not text, "
      "spec.maxFailedTrialCount: Invalid value: \"3000000000\": must be from -2147483648 to 2147483647]");
}

TEST(FromJson, TakesChoicesWhereThePythonSdkPutsThem) {
  const auto read =
      FromJson(R"({"kind":"Experiment","spec":{"parameters":[{"name":"o","parameterType":"categorical",)"
               R"("feasibleSpace":{"distribution":["sgd",32,0.10,true]}}]}})");
  ASSERT_TRUE(read.ok()) << read.status();
  const FeasibleSpace& space = static_cast<const Experiment&>(**read).spec.parameters[0].feasible_space;
  EXPECT_EQ(space.list, (std::vector<std::string>{"sgd", "32", "0.10", "true"}));
  EXPECT_EQ(space.distribution, Distribution::kUnset);
}

TEST(FromJson, ReadsTimesInAnyZoneAndDropsFractions) {
  const auto read =
      FromJson(R"({"kind":"Trial","metadata":{"creationTimestamp":"2026-06-01T11:30:00.75+02:00"}})");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(ToJson(**read), HasSubstr(R"("creationTimestamp":"2026-06-01T09:30:00Z")"));
  EXPECT_THAT(
      FromJson(R"({"kind":"Trial","metadata":{"creationTimestamp":"infinite-future"}})").status().message(),
      HasSubstr("metadata.creationTimestamp"));
}

TEST(FromJson, KeepsWhetherAPortIsANumber) {
  for (const char* port : {"8080", "\"http\"", "\"8080\""}) {
    const std::string field = std::string(R"("port":)") + port;
    const auto read =
        FromJson(R"({"kind":"Trial","spec":{"metricsCollector":{"source":{"httpGet":{)" + field + "}}}}}");
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_THAT(ToJson(**read), HasSubstr(field));
  }
}

TEST(FromJson, KeepsUnknownCollectorKindsAndEmptyFilters) {
  const std::string json = R"({"apiVersion":"kubeflow.org/v1beta1","kind":"Trial","metadata":{},"spec":)"
                           R"({"metricsCollector":{"collector":{"kind":"Magic"},"source":{"filter":{}}}}})";
  const auto read = FromJson(json);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(static_cast<const Trial&>(**read).spec.metrics_collector.kind, CollectorKind::kInvalid);
  const Trial& trial = static_cast<const Trial&>(**read);
  EXPECT_TRUE(trial.spec.metrics_collector.source->metrics_format.has_value());
  EXPECT_EQ(ToJson(**read), json);
}

TEST(FromJson, RefusesWhatIsNoResource) {
  EXPECT_FALSE(FromJson("").ok());
  EXPECT_FALSE(FromJson("{").ok());
  EXPECT_FALSE(FromJson("{} x").ok());
  EXPECT_FALSE(FromJson("\xff\xfe").ok());
  EXPECT_FALSE(FromJson("{\"kind\":\"Trial\",\"metadata\":{\"name\":\"\xff\"}}").ok());
  EXPECT_THAT(FromJson("[]").status().message(), HasSubstr("not a list"));
  EXPECT_THAT(FromJson("{}").status().message(), HasSubstr("kind: Required value"));
  EXPECT_THAT(FromJson(R"({"kind":"Pod"})").status().message(),
              HasSubstr("supported are Experiment, Suggestion, Trial"));
  EXPECT_THAT(FromJson(R"({"kind":"Trial","apiVersion":"kubeflow.org/v1"})").status().message(),
              HasSubstr("must be kubeflow.org/v1beta1"));
  EXPECT_FALSE(FromJson(std::string(100'000, '[')).ok());
}

TEST(FromJson, NamesTheFieldsThatItDrops) {
  std::vector<std::string> unknown;
  const auto read = FromJson(
      R"({"kind":"Trial","mood":1,"metadata":{"name":"a","nick":"b"},"spec":{"runSpec":{"free":1},"objective":{"gaol":2}}})",
      &unknown);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(unknown, testing::UnorderedElementsAre("mood", "metadata.nick", "spec.objective.gaol"));
}

TEST(YamlToJson, TakesOneDocument) {
  EXPECT_EQ(*YamlToJson("# note\n---\nb: 1\na: [x, '2']\n"), R"({"b":1,"a":["x","2"]})");
  EXPECT_EQ(*YamlToJson(R"({"b": true})"), R"({"b":true})");
  EXPECT_THAT(YamlToJson("a: 1\n---\nb: 2\n").status().message(), HasSubstr("several documents"));
  EXPECT_THAT(YamlToJson("a: 1\na: 2\n").status().message(), HasSubstr("2:"));
  for (const char* text : {"", "# nothing", "a: [", "\xff"}) EXPECT_FALSE(YamlToJson(text).ok()) << text;
}

TEST(FromJson, TheLastOfEqualKeysCounts) {
  const auto read =
      FromJson(R"({"kind":"Trial","metadata":{"name":"a","name":"b"},"spec":{"runSpec":{"x":1,"x":2}}})");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ((*read)->metadata.name, "b");
  EXPECT_EQ(static_cast<const Trial&>(**read).spec.run_spec.text, R"({"x":2})");
}

}  // namespace
}  // namespace qalam::api
