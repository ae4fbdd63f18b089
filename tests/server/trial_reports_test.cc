// Calls of real clients, with an observation log that answers when the test wants it to.
#include "server/trial_reports.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "base/asio_event_loop.h"
#include "proto/api.grpc.pb.h"

namespace qalam::server {
namespace {

namespace wire = ::api::v1::beta1;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

class FakeLog final : public controller::ObservationClient {
 public:
  void Report(const wire::ReportObservationLogRequest& request, const std::string& report_id,
              controller::ReplyHandler<wire::ReportObservationLogReply> done) override {
    keys.emplace_back(request.trial_name(), report_id);
    if (hold) {
      held.push_back(std::move(done));
      asked.set_value();
    } else if (status.ok()) {
      done(wire::ReportObservationLogReply());
    } else {
      done(status);
    }
  }
  void Get(const wire::GetObservationLogRequest& request,
           controller::ReplyHandler<wire::GetObservationLogReply> done) override {
    wire::GetObservationLogReply reply;
    reply.mutable_observation_log()->add_metric_logs()->set_time_stamp("log of " + request.trial_name());
    done(reply);
  }
  void Delete(const wire::DeleteObservationLogRequest&,
              controller::ReplyHandler<wire::DeleteObservationLogReply>) override {
    FAIL();
  }

  std::vector<std::pair<std::string, std::string>> keys;  // of reports: trial, id
  absl::Status status;
  bool hold = false;
  std::vector<controller::ReplyHandler<wire::ReportObservationLogReply>> held;
  std::promise<void> asked;  // of the first that is held
};

class FakeDirectory final : public controller::ServiceDirectory {
 public:
  std::shared_ptr<controller::SuggestionClient> Suggestion(const std::string&) override { return nullptr; }
  std::shared_ptr<controller::EarlyStoppingClient> EarlyStopping(const std::string&) override {
    return nullptr;
  }
  std::shared_ptr<controller::ObservationClient> Observations() override { return log; }
  std::string ObservationsAddress(const std::string&) const override { return ""; }

  const std::shared_ptr<FakeLog> log = std::make_shared<FakeLog>();
};

class FakeCollection final : public metrics::MetricsCollection {
 public:
  absl::Status Start(const metrics::CollectionRequest&) override { return absl::OkStatus(); }
  void Finish(const std::string&, std::function<void(absl::StatusOr<metrics::CollectionSummary>)>) override {}
  void Add(const std::string& key, const std::vector<metrics::MetricPoint>& points) override {
    for (const metrics::MetricPoint& point : points)
      added.push_back(key + " " + point.name + "=" + point.value);
  }
  void Cancel(const std::string&) override {}
  void SetPointHandler(PointHandler) override {}

  std::vector<std::string> added;
};

class TrialReportsTest : public testing::Test {
 protected:
  TrialReportsTest() {
    reports_.emplace(TrialReports::Dependencies{
        .loop = loop_, .services = directory_, .collection = collection_, .new_token = [this] {
          return fmt::format("{:016}{:032}", ++granted_, 7);
        }});
    thread_ = std::thread([this] { loop_.Run(); });
  }
  ~TrialReportsTest() override {
    loop_.Stop();
    thread_.join();
  }

  template <class Function>
  auto OnLoop(Function function) {
    std::packaged_task<decltype(function())()> task(function);
    auto result = task.get_future();
    loop_.Post([&task] { task(); });
    return result.get();
  }

  // Its token.
  std::string Grant(const std::string& name, bool open = true) {
    const auto variables = OnLoop([&] {
      api::Trial trial;
      trial.metadata.name = name;
      trial.metadata.namespace_name = "default";
      trial.metadata.uid = "uid-" + name;
      auto granted = reports_->Grant(trial);
      if (open) reports_->Open(trial.metadata.uid);
      return *granted;
    });
    EXPECT_EQ(variables[0].first, "QALAM_ADDR");
    EXPECT_EQ(variables[1].first, "QALAM_TOKEN");
    if (stub_ == nullptr) {
      stub_ = wire::DBManager::NewStub(
          grpc::CreateChannel(variables[0].second, grpc::InsecureChannelCredentials()));
    }
    return variables[1].second;
  }

  static wire::ReportObservationLogRequest Loss(const std::string& trial, const std::string& value) {
    wire::ReportObservationLogRequest request;
    request.set_trial_name(trial);
    wire::MetricLog& row = *request.mutable_observation_log()->add_metric_logs();
    row.set_time_stamp("2026-01-02T03:04:05Z");
    row.mutable_metric()->set_name("loss");
    row.mutable_metric()->set_value(value);
    return request;
  }

  static void Authorize(grpc::ClientContext& context, const std::string& token, const std::string& id = "") {
    if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
    if (!id.empty()) context.AddMetadata("idempotency-key", id);
  }

  grpc::Status Report(const std::string& trial, const std::string& value, const std::string& token = "",
                      const std::string& id = "") {
    grpc::ClientContext context;
    Authorize(context, token, id);
    wire::ReportObservationLogReply reply;
    return stub_->ReportObservationLog(&context, Loss(trial, value), &reply);
  }

  std::future<grpc::Status> ReportAside(const std::string& trial, const std::string& token) {
    return std::async(std::launch::async, [=, this] { return Report(trial, "1", token); });
  }

  grpc::Status Get(const std::string& trial, const std::string& token, std::string* text = nullptr) {
    grpc::ClientContext context;
    Authorize(context, token);
    wire::GetObservationLogRequest request;
    request.set_trial_name(trial);
    wire::GetObservationLogReply reply;
    const grpc::Status status = stub_->GetObservationLog(&context, request, &reply);
    if (text != nullptr && status.ok()) *text = reply.observation_log().metric_logs(0).time_stamp();
    return status;
  }

  FakeLog& log() { return *directory_.log; }

  AsioEventLoop loop_;
  FakeDirectory directory_;
  FakeCollection collection_;
  int granted_ = 0;
  std::optional<TrialReports> reports_;
  std::unique_ptr<wire::DBManager::Stub> stub_;
  std::thread thread_;
};

TEST_F(TrialReportsTest, ATokenSendsReportsToItsTrialWhateverNameTheyCarry) {
  const std::string token = Grant("one");
  Grant("two");
  for (const char* name : {"one", "two", "", "nobody"}) EXPECT_TRUE(Report(name, "1", token).ok()) << name;
  EXPECT_THAT(log().keys, ElementsAre(Pair("uid-one", ""), Pair("uid-one", ""), Pair("uid-one", ""),
                                      Pair("uid-one", "")));
  EXPECT_THAT(collection_.added,
              ElementsAre("uid-one loss=1", "uid-one loss=1", "uid-one loss=1", "uid-one loss=1"));
}

TEST_F(TrialReportsTest, WithoutATokenTheNameOfARunningTrialCounts) {
  Grant("one");
  EXPECT_TRUE(Report("one", "1").ok());
  EXPECT_THAT(log().keys, ElementsAre(Pair("uid-one", "")));
  const grpc::Status unknown = Report("two", "1");
  EXPECT_EQ(unknown.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(unknown.error_message(), HasSubstr("QALAM_TRIAL_NAME"));
  OnLoop([&] { reports_->Close("uid-one", [] {}); });
  EXPECT_EQ(Report("one", "1").error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(TrialReportsTest, RefusesTokensOfNobodyAndOfTrialsThatHaveEnded) {
  const std::string token = Grant("one");
  EXPECT_EQ(Report("one", "1", "nonsense").error_code(), grpc::StatusCode::UNAUTHENTICATED);
  OnLoop([&] { reports_->Close("uid-one", [] {}); });
  const grpc::Status ended = Report("one", "1", token);
  EXPECT_EQ(ended.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(ended.error_message(), HasSubstr("trial one has ended"));
  EXPECT_THAT(log().keys, IsEmpty());
}

TEST_F(TrialReportsTest, ReadsOfATrialItsOwnLogAlone) {
  const std::string token = Grant("one");
  Grant("two");
  std::string text;
  EXPECT_TRUE(Get("", token, &text).ok());
  EXPECT_EQ(text, "log of uid-one");
  EXPECT_TRUE(Get("one", token).ok());
  EXPECT_EQ(Get("two", token).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Get("one", "").error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(TrialReportsTest, DeletesNothing) {
  const std::string token = Grant("one");
  grpc::ClientContext context;
  Authorize(context, token);
  wire::DeleteObservationLogRequest request;
  wire::DeleteObservationLogReply reply;
  EXPECT_EQ(stub_->DeleteObservationLog(&context, request, &reply).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(TrialReportsTest, PassesTheLogsRefusalOnAndCountsNothing) {
  const std::string token = Grant("one");
  OnLoop([&] { log().status = absl::InvalidArgumentError("entry 0 has no metric"); });
  const grpc::Status status = Report("one", "1", token);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "entry 0 has no metric");
  EXPECT_THAT(collection_.added, IsEmpty());
}

TEST_F(TrialReportsTest, ARepeatedReportIsStoredAgainButGivenOnce) {
  const std::string token = Grant("one");
  for (const char* id : {"first", "first", "second"}) EXPECT_TRUE(Report("one", id, token, id).ok());
  EXPECT_THAT(log().keys,
              ElementsAre(Pair("uid-one", "first"), Pair("uid-one", "first"), Pair("uid-one", "second")));
  EXPECT_THAT(collection_.added, ElementsAre("uid-one loss=first", "uid-one loss=second"));
}

TEST_F(TrialReportsTest, HoldsReportsUntilTheTrialIsFollowed) {
  const std::string token = Grant("one", /*open=*/false);
  auto waiting = ReportAside("one", token);
  // A second caller is answered meanwhile, so the first had every chance.
  const std::string other = Grant("two");
  EXPECT_TRUE(Report("two", "2", other).ok());
  EXPECT_NE(waiting.wait_for(std::chrono::milliseconds(20)), std::future_status::ready);
  OnLoop([&] { reports_->Open("uid-one"); });
  EXPECT_TRUE(waiting.get().ok());
}

TEST_F(TrialReportsTest, ClosingWaitsForReportsThatAreBeingStored) {
  const std::string token = Grant("one");
  OnLoop([&] { log().hold = true; });
  auto waiting = ReportAside("one", token);
  log().asked.get_future().wait();
  bool closed = false;
  OnLoop([&] { reports_->Close("uid-one", [&] { closed = true; }); });
  EXPECT_FALSE(OnLoop([&] { return closed; }));
  EXPECT_EQ(Report("one", "2", token).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  OnLoop([&] { log().held.front()(wire::ReportObservationLogReply()); });
  EXPECT_TRUE(waiting.get().ok());
  EXPECT_TRUE(OnLoop([&] { return closed; }));
  EXPECT_THAT(collection_.added, ElementsAre("uid-one loss=1"));
}

TEST_F(TrialReportsTest, ClosingWithNothingUnderWayIsDoneAtOnce) {
  Grant("one");
  EXPECT_TRUE(OnLoop([&] {
    bool closed = false, unknown = false;
    reports_->Close("uid-one", [&] { closed = true; });
    reports_->Close("uid-two", [&] { unknown = true; });
    return closed && unknown;
  }));
}

TEST_F(TrialReportsTest, TheEndAnswersWhatIsUnderWay) {
  const std::string token = Grant("one");
  OnLoop([&] { log().hold = true; });
  auto waiting = ReportAside("one", token);
  log().asked.get_future().wait();
  OnLoop([&] { reports_.reset(); });
  EXPECT_EQ(waiting.get().error_code(), grpc::StatusCode::UNAVAILABLE);
  OnLoop([&] { log().held.front()(wire::ReportObservationLogReply()); });
  EXPECT_THAT(collection_.added, IsEmpty());
}

}  // namespace
}  // namespace qalam::server
