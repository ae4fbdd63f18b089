#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include <cmath>
#include <map>
#include <vector>

#include "absl/time/clock.h"
#include "proto/api.grpc.pb.h"
#include "suggestion/labels.h"
#include "suggestion/services.h"

namespace qalam::suggestion {
namespace {

namespace wire = ::api::v1::beta1;

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EarlyStoppingServiceTest : public ::testing::Test {
 protected:
  EarlyStoppingServiceTest()
      : service_(NewEarlyStoppingService(
            [this](const std::string& name) {
              stopped_.push_back(name);
              return name == "t1" ? absl::OkStatus() : absl::NotFoundError("trial " + name + " is not known");
            },
            [this](const CurveQuery& query) { return Read(query); })) {
    grpc::ServerBuilder builder;
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    stub_ = wire::EarlyStopping::NewStub(server_->InProcessChannel({}));
  }
  ~EarlyStoppingServiceTest() override { server_->Shutdown(); }

  absl::StatusOr<std::vector<Curve>> Read(const CurveQuery& query) {
    queries_.push_back(query);
    if (!read_error_.ok()) return read_error_;
    std::vector<Curve> curves;
    for (const std::string& trial : query.trials) {
      curves.push_back(curves_[trial]);
      if (curves.back().size() > static_cast<size_t>(query.length)) curves.back().resize(query.length);
    }
    return curves;
  }

  grpc::Status SetTrialStatus(const std::string& name) {
    wire::SetTrialStatusRequest request;
    request.set_trial_name(name);
    wire::SetTrialStatusReply reply;
    grpc::ClientContext context;
    return stub_->SetTrialStatus(&context, request, &reply);
  }

  using Settings = std::vector<std::pair<std::string, std::string>>;
  static void Fill(const std::string& algorithm, const Settings& settings, wire::EarlyStoppingSpec& spec) {
    spec.set_algorithm_name(algorithm);
    for (const auto& [name, value] : settings) {
      wire::EarlyStoppingSetting& setting = *spec.add_algorithm_settings();
      setting.set_name(name);
      setting.set_value(value);
    }
  }

  grpc::Status Validate(const std::string& algorithm, const Settings& settings = {}) {
    wire::ValidateEarlyStoppingSettingsRequest request;
    Fill(algorithm, settings, *request.mutable_early_stopping());
    wire::ValidateEarlyStoppingSettingsReply reply;
    grpc::ClientContext context;
    return stub_->ValidateEarlyStoppingSettings(&context, request, &reply);
  }

  // Three that succeeded and one that runs, of an experiment that maximises.
  wire::GetEarlyStoppingRulesRequest ThreeDone(const Settings& settings = {}) {
    curves_ = {{"a", {0.1, 0.2, 0.3, 0.4, 9}}, {"b", {0.9, 0.9, 0.9, 0.9}}, {"c", {0.5, 0.5, 0.5, 0.5}}};
    wire::GetEarlyStoppingRulesRequest request;
    wire::ExperimentSpec& spec = *request.mutable_experiment()->mutable_spec();
    spec.mutable_objective()->set_type(wire::MAXIMIZE);
    spec.mutable_objective()->set_objective_metric_name("accuracy");
    Fill("medianstop", settings, *spec.mutable_early_stopping());
    for (const char* name : {"a", "b", "c", "d"}) {
      wire::Trial& trial = *request.add_trials();
      trial.set_name(name);
      trial.mutable_status()->set_condition(*name == 'd' ? wire::TrialStatus::RUNNING
                                                         : wire::TrialStatus::SUCCEEDED);
      trial.mutable_status()->set_start_time("2026-01-01T10:00:00Z");
      if (*name != 'd') trial.mutable_status()->set_completion_time("2026-01-01T10:05:00Z");
    }
    request.set_db_manager_address("db:6789");
    return request;
  }

  grpc::Status Ask(const wire::GetEarlyStoppingRulesRequest& request,
                   wire::GetEarlyStoppingRulesReply& reply) {
    grpc::ClientContext context;
    return stub_->GetEarlyStoppingRules(&context, request, &reply);
  }

  // The rules as "name value comparison start_step".
  std::vector<std::string> Rules(const wire::GetEarlyStoppingRulesRequest& request) {
    wire::GetEarlyStoppingRulesReply reply;
    const grpc::Status status = Ask(request, reply);
    EXPECT_TRUE(status.ok()) << status.error_message();
    std::vector<std::string> rules;
    for (const wire::EarlyStoppingRule& rule : reply.early_stopping_rules()) {
      rules.push_back(rule.name() + " " + rule.value() + " " + wire::ComparisonType_Name(rule.comparison()) +
                      " " + std::to_string(rule.start_step()));
    }
    return rules;
  }

  std::string Refusal(const wire::GetEarlyStoppingRulesRequest& request,
                      grpc::StatusCode code = grpc::StatusCode::INVALID_ARGUMENT) {
    wire::GetEarlyStoppingRulesReply reply;
    const grpc::Status status = Ask(request, reply);
    EXPECT_EQ(status.error_code(), code);
    return status.error_message();
  }

  std::vector<std::string> stopped_;
  std::map<std::string, Curve> curves_;
  std::vector<CurveQuery> queries_;
  absl::Status read_error_;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<wire::EarlyStopping::Stub> stub_;
};

TEST_F(EarlyStoppingServiceTest, PassesStoppedTrialsOn) {
  EXPECT_TRUE(SetTrialStatus("t1").ok());
  EXPECT_EQ(stopped_, std::vector<std::string>{"t1"});
}

TEST_F(EarlyStoppingServiceTest, RepliesWithTheErrorOfTheCallback) {
  const grpc::Status status = SetTrialStatus("t2");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "trial t2 is not known");
}

TEST_F(EarlyStoppingServiceTest, RefusesATrialWithoutName) {
  EXPECT_EQ(SetTrialStatus("").error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(stopped_.empty());
}

TEST_F(EarlyStoppingServiceTest, ValidatesSettings) {
  EXPECT_TRUE(Validate("medianstop", {{"min_trials_required", "2"}, {"start_step", "5"}}).ok());
  const grpc::Status unknown = Validate("unknown");
  EXPECT_EQ(unknown.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(unknown.error_message(), "unknown algorithm name unknown");
  const grpc::Status bad = Validate("medianstop", {{"start_step", "0"}});
  EXPECT_EQ(bad.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(bad.error_message(), "start_step must be greater or equal than one (>=1)");
}

// Katib's test: names only, and an address where nobody listens.
TEST_F(EarlyStoppingServiceTest, AsksNobodyForTrialsWithoutResults) {
  wire::GetEarlyStoppingRulesRequest request;
  request.mutable_experiment()->set_name("test");
  request.add_trials()->set_name("test-asfjh");
  request.add_trials()->set_name("test-234hs");
  request.set_db_manager_address("katib-db-manager.kubeflow:6789");
  EXPECT_THAT(Rules(request), IsEmpty());
  EXPECT_TRUE(queries_.empty());
}

TEST_F(EarlyStoppingServiceTest, DerivesOneRuleFromTheCurvesOfTrialsThatSucceeded) {
  EXPECT_THAT(Rules(ThreeDone()), ElementsAre("accuracy 0.5 LESS 4"));
  ASSERT_EQ(queries_.size(), 1u);
  EXPECT_EQ(queries_[0].address, "db:6789");
  EXPECT_EQ(queries_[0].metric, "accuracy");
  EXPECT_THAT(queries_[0].trials, ElementsAre("a", "b", "c"));
  EXPECT_EQ(queries_[0].length, 4);
  EXPECT_LT(queries_[0].deadline, absl::Now() + absl::Minutes(2));
}

TEST_F(EarlyStoppingServiceTest, StopsGreaterValuesUnlessMaximising) {
  wire::GetEarlyStoppingRulesRequest request = ThreeDone();
  request.mutable_experiment()->mutable_spec()->mutable_objective()->set_type(wire::UNKNOWN);
  EXPECT_THAT(Rules(request), ElementsAre("accuracy 0.5 GREATER 4"));
}

TEST_F(EarlyStoppingServiceTest, WritesTheShortestTextThatReadsBack) {
  wire::GetEarlyStoppingRulesRequest request = ThreeDone({{"statistic", "mean"}, {"start_step", "1"}});
  curves_ = {{"a", {0.5}}, {"b", {0.5}}, {"c", {0.75}}};
  EXPECT_THAT(Rules(request), ElementsAre("accuracy 0.5833333333333334 LESS 1"));
}

TEST_F(EarlyStoppingServiceTest, LeavesOutTrialsWithoutUsableReports) {
  wire::GetEarlyStoppingRulesRequest request = ThreeDone({{"min_trials_required", "2"}});
  curves_["a"] = {};
  curves_["b"] = {0.5, std::nan("")};
  EXPECT_THAT(Rules(request), IsEmpty());
  curves_["a"] = {0.3, 0.3, 0.3, 0.3};
  EXPECT_THAT(Rules(request), ElementsAre("accuracy 0.4 LESS 4"));
}

TEST_F(EarlyStoppingServiceTest, TakesARequestThatNamesNoRuleForMedianstop) {
  wire::GetEarlyStoppingRulesRequest request = ThreeDone();
  request.mutable_experiment()->mutable_spec()->clear_early_stopping();
  EXPECT_THAT(Rules(request), ElementsAre("accuracy 0.5 LESS 4"));
}

TEST_F(EarlyStoppingServiceTest, RefusesWhatItCannotAnswer) {
  wire::GetEarlyStoppingRulesRequest request = ThreeDone({{"start_step", "0"}});
  EXPECT_EQ(Refusal(request), "start_step must be greater or equal than one (>=1)");
  request = ThreeDone();
  request.mutable_experiment()->mutable_spec()->mutable_early_stopping()->set_algorithm_name("unknown");
  EXPECT_EQ(Refusal(request), "unknown algorithm name unknown");
  request = ThreeDone();
  request.mutable_experiment()->mutable_spec()->clear_objective();
  EXPECT_EQ(Refusal(request), "objective_metric_name must name the metric to compare, got ''");
  EXPECT_TRUE(queries_.empty());
}

TEST_F(EarlyStoppingServiceTest, RepliesWithTheErrorOfTheSourceAndRecovers) {
  read_error_ = absl::UnavailableError("DBManager at db:6789: no answer");
  EXPECT_EQ(Refusal(ThreeDone(), grpc::StatusCode::UNAVAILABLE), "DBManager at db:6789: no answer");
  read_error_ = absl::OkStatus();
  EXPECT_THAT(Rules(ThreeDone()), ElementsAre("accuracy 0.5 LESS 4"));
}

TEST_F(EarlyStoppingServiceTest, AsksOnceForCurvesThatCannotChange) {
  wire::GetEarlyStoppingRulesRequest request = ThreeDone();
  curves_["b"] = {0.9};  // may still grow
  request.mutable_trials(2)->mutable_status()->clear_completion_time();
  Rules(request);
  curves_["b"] = {0.9, 0.1};
  EXPECT_THAT(Rules(request), ElementsAre("accuracy 0.5 LESS 4"));
  ASSERT_EQ(queries_.size(), 2u);
  EXPECT_THAT(queries_[1].trials, ElementsAre("b", "c"));
}

TEST_F(EarlyStoppingServiceTest, AShortCurveIsCompleteWhenItsTrialEndedAMinuteBeforeTheLatestThing) {
  wire::GetEarlyStoppingRulesRequest request = ThreeDone();
  for (const char* name : {"a", "b", "c"}) curves_[name] = {0.5};
  request.mutable_trials(1)->mutable_status()->set_completion_time("2026-01-01T10:03:59Z");
  Rules(request);
  Rules(request);
  ASSERT_EQ(queries_.size(), 2u);
  EXPECT_THAT(queries_[1].trials, ElementsAre("a", "c"));
  request.mutable_trials(3)->mutable_status()->set_start_time("2026-01-01T10:06:00Z");
  Rules(request);
  Rules(request);
  EXPECT_EQ(queries_.size(), 3u);
}

TEST_F(EarlyStoppingServiceTest, BoundsFollowRunningTrialsToo) {
  wire::GetEarlyStoppingRulesRequest request = ThreeDone({{"eta", "2"}});
  request.mutable_experiment()->mutable_spec()->mutable_early_stopping()->set_algorithm_name("asha");
  curves_["d"] = {0.95, 0.95};
  EXPECT_THAT(Rules(request), ElementsAre("beyond_schedule(accuracy, 1:0.9, 2:0.9, 4:0.5) 0 GREATER 0"));
  EXPECT_THAT(queries_[0].trials, ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(queries_[0].length, 4096);
}

TEST_F(EarlyStoppingServiceTest, KeepsCurvesOfDifferentQuestionsApart) {
  Rules(ThreeDone());
  wire::GetEarlyStoppingRulesRequest other = ThreeDone();
  other.set_db_manager_address("elsewhere:6789");
  curves_["a"] = curves_["b"] = curves_["c"] = {7, 7, 7, 7};
  EXPECT_THAT(Rules(other), ElementsAre("accuracy 7 LESS 4"));
  other = ThreeDone();
  other.mutable_experiment()->mutable_spec()->mutable_objective()->set_objective_metric_name("loss");
  curves_["a"] = curves_["b"] = curves_["c"] = {8, 8, 8, 8};
  EXPECT_THAT(Rules(other), ElementsAre("loss 8 LESS 4"));
  other = ThreeDone();  // others of the same names, later
  for (wire::Trial& trial : *other.mutable_trials()) {
    trial.mutable_status()->set_start_time("2026-01-02T10:00:00Z");
  }
  curves_["a"] = curves_["b"] = curves_["c"] = {9, 9, 9, 9};
  EXPECT_THAT(Rules(other), ElementsAre("accuracy 9 LESS 4"));
  EXPECT_THAT(Rules(ThreeDone()), ElementsAre("accuracy 0.5 LESS 4"));
}

TEST_F(EarlyStoppingServiceTest, LooksForCurvesUnderTheKeyThatTheLabelGives) {
  wire::GetEarlyStoppingRulesRequest request = ThreeDone();
  (*request.mutable_trials(0)->mutable_spec()->mutable_labels())[std::string(kObservationKeyLabel)] = "uid-a";
  Rules(request);
  EXPECT_THAT(queries_.at(0).trials, ElementsAre("uid-a", "b", "c"));
}

}  // namespace
}  // namespace qalam::suggestion
