#include "server/report_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace qalam::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace wire = ::api::v1::beta1;

struct Sent {
  wire::ReportObservationLogRequest request;
  std::string id;
  controller::ReplyHandler<wire::ReportObservationLogReply> done;
};

// A DBManager that answers when the test says so.
class Services final : public controller::ServiceDirectory, public controller::ObservationClient {
 public:
  std::shared_ptr<controller::SuggestionClient> Suggestion(const std::string&) override { return nullptr; }
  std::shared_ptr<controller::EarlyStoppingClient> EarlyStopping(const std::string&) override {
    return nullptr;
  }
  std::shared_ptr<controller::ObservationClient> Observations() override {
    return {std::shared_ptr<void>(), this};
  }
  std::string ObservationsAddress(const std::string&) const override { return ""; }

  void Report(const wire::ReportObservationLogRequest& request, const std::string& id,
              controller::ReplyHandler<wire::ReportObservationLogReply> done) override {
    sent.push_back({request, id, std::move(done)});
  }
  void Get(const wire::GetObservationLogRequest&,
           controller::ReplyHandler<wire::GetObservationLogReply>) override {}
  void Delete(const wire::DeleteObservationLogRequest&,
              controller::ReplyHandler<wire::DeleteObservationLogReply>) override {}

  std::vector<Sent> sent;
};

class ReportSinkTest : public ::testing::Test {
 protected:
  void Report(std::uint64_t batch) {
    sink_("trial", batch, {{"2024-01-01T00:00:00Z", "loss", "0.5"}},
          [this](const absl::Status& status) { answers_.push_back(status.code()); });
  }
  void Answer(size_t report, const absl::Status& status) {
    if (status.ok()) return services_.sent[report].done(wire::ReportObservationLogReply());
    services_.sent[report].done(status);
  }

  Services services_;
  std::vector<std::string> notices_;
  std::vector<absl::StatusCode> answers_;
  metrics::ReportSink sink_ =
      NewReportSink(services_, 0x2a, [this](const std::string& text) { notices_.push_back(text); });
};

TEST_F(ReportSinkTest, SendsABatchAgainUnderItsId) {
  Report(7);
  Report(7);
  Report(8);
  ASSERT_EQ(services_.sent.size(), 3u);
  EXPECT_EQ(services_.sent[0].id, services_.sent[1].id);
  EXPECT_NE(services_.sent[0].id, services_.sent[2].id);
  EXPECT_EQ(services_.sent[0].request.trial_name(), "trial");
  ASSERT_EQ(services_.sent[0].request.observation_log().metric_logs_size(), 1);
  EXPECT_EQ(services_.sent[0].request.observation_log().metric_logs(0).metric().value(), "0.5");
}

TEST_F(ReportSinkTest, TellsOnceThatReportsFailAndOnceThatTheySucceedAgain) {
  const absl::Status full = absl::ResourceExhaustedError("database or disk is full");
  for (const std::uint64_t batch : {1, 2, 1}) Report(batch);
  Answer(0, full);
  Answer(1, full);
  Answer(2, full);
  EXPECT_THAT(notices_, ElementsAre(HasSubstr("database or disk is full")));
  Report(1);
  Report(2);
  EXPECT_EQ(notices_.size(), 1u);
  Answer(3, absl::OkStatus());
  Answer(4, absl::OkStatus());
  EXPECT_THAT(notices_, ElementsAre(HasSubstr("full"), HasSubstr("stored again")));
  EXPECT_THAT(answers_, ElementsAre(full.code(), full.code(), full.code(), absl::StatusCode::kOk,
                                    absl::StatusCode::kOk));
}

TEST_F(ReportSinkTest, ARefusedBatchIsNoTroubleOfTheStore) {
  Report(1);
  Answer(0, absl::InvalidArgumentError("a time stamp that is none"));
  EXPECT_THAT(notices_, IsEmpty());
  EXPECT_THAT(answers_, ElementsAre(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace qalam::server
