#include "cli/ask_tell_protocol.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "study_fixture.h"

namespace qalam::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class AskTellProtocol : public testing::Test {
 protected:
  json Answer(std::string_view line) { return json::parse(AnswerLine(study_, line)); }
  std::string ErrorOf(std::string_view line) {
    const json answer = Answer(line);
    return answer.contains("error") ? answer["error"]["message"].get<std::string>()
                                    : "no error: " + answer.dump();
  }

  FakeService service_;
  Study study_ = MakeStudy(service_);
};

TEST_F(AskTellProtocol, AnswersWithTypedValuesAndTheCallersId) {
  EXPECT_EQ(
      Answer(R"({"ask": 1, "id": "q1"})"),
      json::parse(
          R"({"suggestions": [{"trial": "tune-1", "parameters": {"lr": 0.001, "layers": 1, "opt": "adam",
                             "batch": 16}}], "id": "q1"})"));
  EXPECT_EQ(Answer(R"({"tell": {"trial": "tune-1", "metrics": {"loss": 0.25, "accuracy": "nan"}}, "id": 2})"),
            json::parse(R"({"told": {"trial": "tune-1", "status": "Succeeded"}, "id": 2})"));
  const json state = Answer(R"({"state": true})")["state"];
  EXPECT_EQ(state["trials"], 1);
  EXPECT_EQ(state["succeeded"], 1);
  EXPECT_EQ(state["best"]["metrics"], json::parse(R"({"loss": 0.25, "accuracy": "nan"})"));
}

TEST_F(AskTellProtocol, TrialsComeInTheFormThatTellTakes) {
  Answer(R"({"ask": 2})");
  Answer(R"({"tell": {"trial": "tune-1", "status": "early-stopped", "metrics": {"loss": 1e30},
             "start": "2026-05-01T12:00:00Z", "end": "2026-05-01T12:00:07Z"}})");
  const json trials = Answer(R"({"trials": true})")["trials"];
  ASSERT_EQ(trials.size(), 2u);
  FakeService service;
  Study copy = MakeStudy(service);
  for (const json& trial : trials) {
    EXPECT_THAT(AnswerLine(copy, json{{"tell", trial}}.dump()), HasSubstr("told"));
  }
  EXPECT_EQ(json::parse(AnswerLine(copy, R"({"trials": true})"))["trials"], trials);
}

TEST_F(AskTellProtocol, LabelsOfTheAlgorithmTravelWithTheTrial) {
  service_.labels = {{"generation", "2"}};
  EXPECT_EQ(Answer(R"({"ask": 1})")["suggestions"][0]["labels"], (json{{"generation", "2"}}));
  const json trial = Answer(R"({"trials": true})")["trials"][0];
  FakeService service;
  Study copy = MakeStudy(service);
  AnswerLine(copy, json{{"tell", trial}}.dump());
  EXPECT_EQ(json::parse(AnswerLine(copy, R"({"trials": true})"))["trials"][0], trial);
}

TEST_F(AskTellProtocol, SaysWhatIsWrongAndChangesNothing) {
  EXPECT_THAT(ErrorOf("nonsense"), HasSubstr("must be one JSON object"));
  EXPECT_THAT(ErrorOf("[1]"), HasSubstr("must be one JSON object"));
  EXPECT_THAT(ErrorOf("\xff\xfe{"), HasSubstr("must be one JSON object"));
  EXPECT_EQ(ErrorOf("{}"), "a request has one of ask, tell, state or trials, got none");
  EXPECT_EQ(ErrorOf(R"({"ask": 1, "tell": {}})"),
            "a request has one of ask, tell, state or trials, got ask, tell");
  EXPECT_EQ(ErrorOf(R"({"aks": 1})"), "aks: unknown request; there are ask, tell, state or trials");
  for (const char* count : {"0", "-1", "1.5", "\"2\"", "99999999999", "null", "{}"}) {
    EXPECT_THAT(ErrorOf(fmt::format("{{\"ask\": {}}}", count)), HasSubstr("1 or more")) << count;
  }
  EXPECT_THAT(ErrorOf(R"({"tell": 3})"), HasSubstr("must be an object"));
  EXPECT_EQ(ErrorOf(R"({"tell": {"trail": "a"}})"),
            "tell.trail: Unknown field: there are trial, status, parameters, metrics, start, end and labels");
  EXPECT_EQ(ErrorOf(R"({"tell": {"trial": "a", "metrics": {"los": 1}}})"),
            "tell.metrics.los: Unknown field: the experiment has loss, accuracy");
  EXPECT_THAT(
      ErrorOf(
          R"({"tell": {"trial": ["a"], "status": "x", "start": 3, "parameters": [], "metrics": {"loss": []}}})"),
      testing::AllOf(HasSubstr("tell.trial: Invalid value: \"array\""), HasSubstr("tell.status"),
                     HasSubstr("tell.start"), HasSubstr("tell.parameters"), HasSubstr("tell.metrics.loss")));
  EXPECT_THAT(ErrorOf(R"({"state": false})"), HasSubstr("must be true"));
  EXPECT_EQ(ErrorOf(R"({"ask": 1, "id": {}})"), "id: must be a text or a number");
  EXPECT_TRUE(study_.trials().empty());
}

TEST_F(AskTellProtocol, GivesTheServicesCode) {
  Answer(R"({"ask": 4})");
  EXPECT_EQ(Answer(R"({"ask": 1})")["error"]["code"], "OUT_OF_RANGE");
}

TEST_F(AskTellProtocol, SurvivesDeepNestingAndLongLines) {
  const std::string deep(1'000'000, '[');
  EXPECT_THAT(ErrorOf(deep), HasSubstr("must be one JSON object"));
  const std::string closed = deep + std::string(deep.size(), ']');
  EXPECT_THAT(ErrorOf("{\"tell\": {\"trial\": " + closed + "}}"), HasSubstr("array"));
  EXPECT_THAT(ErrorOf("{\"ask\": 1, \"id\": " + closed + "}"), HasSubstr("id"));

  std::istringstream in(std::string(kLongestLine + 100, ' ') + "x\n\n{\"ask\": 1}");
  std::ostringstream out;
  ServeLines(study_, in, out);
  std::istringstream answers(out.str());
  std::string first, second, third;
  std::getline(answers, first);
  std::getline(answers, second);
  EXPECT_THAT(first, HasSubstr("bytes at most"));
  EXPECT_THAT(second, HasSubstr("tune-1"));
  EXPECT_FALSE(std::getline(answers, third));
}

}  // namespace
}  // namespace qalam::cli
