// The Suggestion service as its clients see it: over a real server and channel.

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <set>

#include "proto/api.grpc.pb.h"
#include "suggestion/services.h"
#include "tests/suggestion/requests.h"

namespace qalam::suggestion {
namespace {

namespace wire = ::api::v1::beta1;

using testing::AddList;
using testing::AddNumber;
using testing::ExperimentOf;
using ::testing::HasSubstr;
using testing::KatibExperiment;
using testing::RequestOf;
using testing::SettingTexts;
using ::testing::StartsWith;
using testing::TrialOf;

class SuggestionServiceTest : public ::testing::Test {
 protected:
  SuggestionServiceTest() : service_(NewSuggestionService()) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    stub_ = wire::Suggestion::NewStub(server_->InProcessChannel({}));
  }
  ~SuggestionServiceTest() override { server_->Shutdown(); }

  grpc::Status Ask(const wire::GetSuggestionsRequest& request, wire::GetSuggestionsReply* reply) {
    grpc::ClientContext context;
    return stub_->GetSuggestions(&context, request, reply);
  }

  wire::GetSuggestionsReply Answer(const wire::GetSuggestionsRequest& request) {
    wire::GetSuggestionsReply reply;
    const grpc::Status status = Ask(request, &reply);
    EXPECT_TRUE(status.ok()) << status.error_code() << " " << status.error_message();
    return reply;
  }

  std::string Error(const wire::GetSuggestionsRequest& request,
                    grpc::StatusCode code = grpc::StatusCode::INVALID_ARGUMENT) {
    wire::GetSuggestionsReply reply;
    const grpc::Status status = Ask(request, &reply);
    EXPECT_EQ(status.error_code(), code);
    return status.error_message();
  }

  grpc::Status Validate(const wire::Experiment& experiment) {
    grpc::ClientContext context;
    wire::ValidateAlgorithmSettingsRequest request;
    *request.mutable_experiment() = experiment;
    wire::ValidateAlgorithmSettingsReply reply;
    return stub_->ValidateAlgorithmSettings(&context, request, &reply);
  }

  std::string Refusal(const wire::Experiment& experiment) {
    const grpc::Status status = Validate(experiment);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    return status.error_message();
  }

  int port_ = 0;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<wire::Suggestion::Stub> stub_;
};

std::set<std::string> Distinct(const wire::GetSuggestionsReply& reply) {
  std::set<std::string> points;
  for (const auto& point : reply.parameter_assignments()) points.insert(point.SerializeAsString());
  return points;
}

class EveryAlgorithm : public SuggestionServiceTest, public ::testing::WithParamInterface<const char*> {};

// Katib's test of its services: the points of the first call come back as trials, the counts are not filled.
TEST_P(EveryAlgorithm, AnswersKatibsTwoCalls) {
  wire::GetSuggestionsRequest request =
      RequestOf(KatibExperiment(GetParam(), {{"random_state", "71"}}), 2, 0);
  const wire::GetSuggestionsReply first = Answer(request);
  ASSERT_EQ(first.parameter_assignments_size(), 2);
  const char* names[] = {"param-1", "param-2", "param-3", "param-4"};
  for (int i = 0; i < 2; ++i) {
    wire::Trial& trial = *request.add_trials() =
        TrialOf(i == 0 ? "test-asfjh" : "test-234hs", {}, wire::TrialStatus::SUCCEEDED,
                {{"metric-1", "435"}, {"metric-2", i == 0 ? "5643" : "3028"}});
    *trial.mutable_spec()->mutable_parameter_assignments()->mutable_assignments() =
        first.parameter_assignments(i).assignments();
    ASSERT_EQ(first.parameter_assignments(i).assignments_size(), 4);
    for (int j = 0; j < 4; ++j) EXPECT_EQ(first.parameter_assignments(i).assignments(j).name(), names[j]);
  }
  const wire::GetSuggestionsReply second = Answer(request);
  EXPECT_EQ(second.parameter_assignments_size(), 2);
  for (const std::string& point : Distinct(second)) EXPECT_EQ(Distinct(first).count(point), 0u);
}

TEST_P(EveryAlgorithm, AcceptsTrialsOfEveryConditionAndMetric) {
  wire::GetSuggestionsRequest request = RequestOf(KatibExperiment(GetParam()), 2, 30);
  int number = 0;
  for (const int condition : {0, 1, 2, 3, 4, 5, 6, 7, 42}) {
    for (const char* metric : {"unavailable", "nan", "inf", "", "5643"}) {
      *request.add_trials() =
          TrialOf("t" + std::to_string(number++ / 2), {{"param-1", "99"}, {"elsewhere", "x"}},
                  static_cast<wire::TrialStatus::TrialConditionType>(condition),
                  {{"metric=2", "1"}, {"metric-2", metric}});
    }
  }
  request.add_trials();
  EXPECT_EQ(Answer(request).parameter_assignments_size(), 2);
}

TEST_P(EveryAlgorithm, AnswersTheSameToALostReplyAndInSmallerCalls) {
  const wire::Experiment experiment = KatibExperiment(GetParam(), {{"random_state", "71"}});
  const wire::GetSuggestionsReply at_once = Answer(RequestOf(experiment, 3, 13));
  EXPECT_EQ(Answer(RequestOf(experiment, 3, 13)).SerializeAsString(), at_once.SerializeAsString());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Answer(RequestOf(experiment, 1, 11 + i)).parameter_assignments(0).SerializeAsString(),
              at_once.parameter_assignments(i).SerializeAsString());
  }
}

TEST_P(EveryAlgorithm, AnswersNothingToNothing) {
  EXPECT_EQ(Answer(RequestOf(KatibExperiment(GetParam()), 0, 5)).parameter_assignments_size(), 0);
  EXPECT_EQ(Answer(RequestOf(KatibExperiment(GetParam()), -4, 5)).parameter_assignments_size(), 0);
}

TEST_P(EveryAlgorithm, RefusesBadSpacesNamingTheParameter) {
  wire::Experiment bad = KatibExperiment(GetParam());
  bad.mutable_spec()->mutable_parameter_specs()->mutable_parameters(3)->mutable_feasible_space()->set_min(
      "six");
  EXPECT_THAT(Error(RequestOf(bad, 1, 1)), HasSubstr("parameter param-4: min must be a number, got 'six'"));
  EXPECT_THAT(Refusal(bad), HasSubstr("parameter param-4: min must be a number, got 'six'"));
  EXPECT_THAT(Error(RequestOf(ExperimentOf(GetParam()), 1, 1)), HasSubstr("at least one parameter"));
}

TEST_P(EveryAlgorithm, RefusesTooManyPointsAtOnce) {
  EXPECT_THAT(Error(RequestOf(KatibExperiment(GetParam()), 2'000'000'000, 2'000'000'000)),
              HasSubstr("current_request_number must be at most 250000 for 4 parameters"));
}

TEST_P(EveryAlgorithm, ValidatesSettings) {
  EXPECT_TRUE(Validate(ExperimentOf(GetParam(), {{"random_state", "10"}})).ok());
  EXPECT_EQ(Refusal(ExperimentOf(GetParam(), {{"random_state", "-1"}})),
            "random_state should be great or equal than zero");
  EXPECT_THAT(Refusal(ExperimentOf(GetParam(), {{"random_state", "aaa"}})),
              StartsWith("failed to validate random_state(aaa)"));
}

INSTANTIATE_TEST_SUITE_P(All, EveryAlgorithm, ::testing::Values("random", "grid", "sobol"),
                         [](const auto& test) { return std::string(test.param); });

// Katib's Hyperopt test, with its steps and distributions and with trials that have no condition.
TEST_F(SuggestionServiceTest, HonoursEveryDistributionAndStep) {
  wire::Experiment experiment = ExperimentOf("random", {{"random_state", "10"}});
  for (const int distribution : {0, 1, 2, 3, 4}) {
    for (const char* step : {"", "0.5", "0.8", "0.01"}) {
      const testing::Bounds bounds = {"1", "5", step, static_cast<wire::Distribution>(distribution)};
      const std::string suffix = std::to_string(distribution) + "-" + step;
      AddNumber(experiment, "int-" + suffix, wire::INT, bounds);
      AddNumber(experiment, "double-" + suffix, wire::DOUBLE, bounds);
    }
  }
  wire::GetSuggestionsRequest request = RequestOf(experiment, 2, 0);
  *request.add_trials() = TrialOf("a", {}, wire::TrialStatus::CREATED, {{"metric=2", "5643"}});
  const wire::GetSuggestionsReply reply = Answer(request);
  ASSERT_EQ(reply.parameter_assignments_size(), 2);
  for (const auto& assignment : reply.parameter_assignments(0).assignments()) {
    EXPECT_GE(std::stod(assignment.value()), 1) << assignment.name();
    EXPECT_LE(std::stod(assignment.value()), 5) << assignment.name();
    if (assignment.name()[0] == 'i') {
      EXPECT_EQ(assignment.value().size(), 1u) << assignment.value();
    }
  }
}

TEST_F(SuggestionServiceTest, RefusesWhatKatibsTestsRefuse) {
  EXPECT_EQ(Refusal(ExperimentOf("unknown")), "unknown algorithm name unknown");
  EXPECT_EQ(Refusal(ExperimentOf("")), "unknown algorithm name ");
  EXPECT_EQ(Error(RequestOf(ExperimentOf("unknown"), 1, 1)), "unknown algorithm name unknown");
  EXPECT_EQ(Refusal(ExperimentOf("random", {{"unknown_conf", "1111"}})),
            "unknown setting unknown_conf for algorithm random");
  EXPECT_EQ(Refusal(ExperimentOf("grid", {{"invalid", "invalid"}})),
            "unknown setting invalid for algorithm grid");
}

TEST_F(SuggestionServiceTest, ValidatesGridsAsKatibDoes) {
  wire::Experiment five = ExperimentOf("grid", {{"random_state", "10"}});
  AddNumber(five, "param-1", wire::INT, {"1", "5"});
  five.mutable_spec()->set_max_trial_count(5);
  EXPECT_TRUE(Validate(five).ok());
  wire::Experiment continuous = ExperimentOf("grid");
  AddNumber(continuous, "param-1", wire::DOUBLE, {"1", "5"});
  EXPECT_THAT(Refusal(continuous),
              StartsWith("failed to validate parameters(param-1): Param param-1 step is nil"));
  AddNumber(five, "param-2", wire::DOUBLE, {"1", "5", "1"});
  five.mutable_spec()->set_max_trial_count(26);
  EXPECT_EQ(Refusal(five), "max_trial_count 26 is greater than the number of combinations 25");
}

TEST_F(SuggestionServiceTest, GivesTheWholeGridAndThenSaysSo) {
  const wire::Experiment experiment = KatibExperiment("grid");
  std::set<std::string> points;
  for (int handed_out = 0; handed_out < 225; handed_out += 15) {
    const auto reply = Answer(RequestOf(experiment, 15, handed_out + 15));
    for (const std::string& point : Distinct(reply)) points.insert(point);
  }
  EXPECT_EQ(points.size(), 225u);
  EXPECT_THAT(Error(RequestOf(experiment, 1, 226), grpc::StatusCode::OUT_OF_RANGE),
              StartsWith("SpaceExhausted: "));
}

TEST_F(SuggestionServiceTest, CutsVeryLongMessages) {
  const std::string message = Refusal(ExperimentOf(std::string(100'000, 'x')));
  EXPECT_THAT(message, StartsWith("unknown algorithm name xxx"));
  EXPECT_EQ(message.size(), 2003u);
}

TEST_F(SuggestionServiceTest, RefusesBytesThatAreNoRequest) {
  grpc::GenericStub stub(server_->InProcessChannel({}));
  const grpc::Slice slice("\x0A\x7F");
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  auto call = stub.PrepareUnaryCall(&context, "/api.v1.beta1.Suggestion/GetSuggestions", request, &queue);
  call->StartCall();
  grpc::ByteBuffer reply;
  grpc::Status status;
  call->Finish(&reply, &status, nullptr);
  void* tag;
  bool ok;
  ASSERT_TRUE(queue.Next(&tag, &ok));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(SuggestionServiceTest, AnswersOverTcpWithALongHistory) {
  grpc::ClientContext context;
  const auto channel =
      grpc::CreateChannel("127.0.0.1:" + std::to_string(port_), grpc::InsecureChannelCredentials());
  wire::GetSuggestionsRequest request = RequestOf(KatibExperiment("random"), 3, 10'003);
  for (int i = 0; i < 10'000; ++i) {  // 1.6 MB: many slices
    *request.add_trials() = TrialOf("test-" + std::to_string(i), {{"param-1", "1"}, {"param-2", "cat1"}},
                                    wire::TrialStatus::SUCCEEDED, {{"metric-2", "0.5"}});
  }
  wire::GetSuggestionsReply over_tcp;
  const grpc::Status status =
      wire::Suggestion::NewStub(channel)->GetSuggestions(&context, request, &over_tcp);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(over_tcp.parameter_assignments_size(), 3);
  EXPECT_EQ(over_tcp.SerializeAsString(), Answer(request).SerializeAsString());
}

}  // namespace
}  // namespace qalam::suggestion
