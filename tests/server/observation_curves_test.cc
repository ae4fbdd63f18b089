#include "server/observation_curves.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <sys/socket.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include <netinet/in.h>
#include <unistd.h>

#include "absl/time/clock.h"
#include "db/db_manager_service.h"
#include "proto/api.grpc.pb.h"
#include "tests/db/temp_dir.h"

namespace qalam::server {
namespace {

namespace wire = ::api::v1::beta1;
using suggestion::Curve;
using suggestion::CurveQuery;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsNan;

CurveQuery QueryOf(const std::string& address, std::vector<std::string> trials, int length = 4,
                   absl::Duration timeout = absl::Minutes(1)) {
  return {.address = address,
          .metric = "loss",
          .trials = std::move(trials),
          .length = length,
          .deadline = absl::Now() + timeout};
}

// A DBManager on a port.
class Served {
 public:
  explicit Served(grpc::Service& service) {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service);
    server_ = builder.BuildAndStart();
    address_ = "127.0.0.1:" + std::to_string(port);
  }
  ~Served() { server_->Shutdown(std::chrono::system_clock::now()); }
  const std::string& address() const { return address_; }

 private:
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

class ObservationCurvesTest : public ::testing::Test {
 protected:
  ObservationCurvesTest() {
    const std::vector<db::LogEntry> entries = {{"2024-03-04T17:55:09Z", "loss", "0.25"},
                                               {"2024-03-04T17:55:08Z", "loss", "0.5"},
                                               {"2024-03-04T17:55:08Z", "accuracy", "7"},
                                               {"2024-03-04T17:55:10Z", "loss", "unavailable"},
                                               {"2024-03-04T17:55:11Z", "loss", "0.125"}};
    EXPECT_TRUE(log_.Append("a", entries).ok());
    const std::vector<db::LogEntry> one = {{"2024-03-04T17:55:08Z", "loss", "1e-3"}};
    EXPECT_TRUE(log_.Append("b", one).ok());
  }

  void ExpectBoth(const absl::StatusOr<std::vector<Curve>>& curves) {
    ASSERT_TRUE(curves.ok()) << curves.status();
    EXPECT_THAT(*curves, ElementsAre(ElementsAre(0.5, 0.25, IsNan()), IsEmpty(), ElementsAre(0.001)));
  }

  db::TempDir directory_;
  std::unique_ptr<db::Database> database_ = *db::Database::Open(directory_.File("qalam.db"));
  db::ObservationLog log_{*database_};
};

TEST_F(ObservationCurvesTest, ReadsTheFirstValuesInTheOrderOfTimeFromItsOwnLog) {
  const auto read =
      NewObservationCurves({.own_log = &log_, .own_addresses = {"katib-db-manager.kubeflow:6789"}});
  ExpectBoth(read(QueryOf("", {"a", "unknown", "b"}, 3)));
  ExpectBoth(read(QueryOf("katib-db-manager.kubeflow:6789", {"a", "unknown", "b"}, 3)));
}

TEST_F(ObservationCurvesTest, ReadsTheSameOverTheWire) {
  const auto service = db::NewDbManagerService(log_);
  const Served served(*service);
  const auto read = NewObservationCurves({});
  ExpectBoth(read(QueryOf(served.address(), {"a", "unknown", "b"}, 3)));
}

TEST_F(ObservationCurvesTest, RefusesWhatIsNoAddress) {
  const auto read = NewObservationCurves({});
  for (const char* address : {"", "host", "host:", ":6789", "host:0", "host:65536", "unix:/tmp/x", "a:b:1",
                              "dns:///host:1", "host:+1", "ho st:1", "[::1:1", "user@host:1"}) {
    const absl::Status status = read(QueryOf(address, {"a"})).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << address;
    EXPECT_EQ(status.message(), std::string("db_manager_address must be HOST:PORT, got '") + address + "'");
  }
}

// A socket that listens, or is bound only, and never answers.
class MuteSocket {
 public:
  explicit MuteSocket(bool listening) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_TRUE(!listening || listen(socket_, 8) == 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~MuteSocket() { close(socket_); }
  const std::string& address() const { return address_; }

 private:
  int socket_;
  std::string address_;
};

TEST_F(ObservationCurvesTest, SaysAtOnceThatNobodyAnswers) {
  const MuteSocket closed(false);
  const absl::Status status = NewObservationCurves({})(QueryOf(closed.address(), {"a", "b"})).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("DBManager at " + closed.address()));
}

TEST_F(ObservationCurvesTest, KeepsTheDeadlineWhereNobodySpeaks) {
  const MuteSocket mute(true);
  const absl::Time start = absl::Now();
  const absl::Status status =
      NewObservationCurves({})(QueryOf(mute.address(), {"a"}, 4, absl::Milliseconds(200))).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
}

TEST_F(ObservationCurvesTest, EndsWhenTheCallerHasGone) {
  const MuteSocket mute(true);
  CurveQuery query = QueryOf(mute.address(), {"a"});
  std::atomic<int> asked = 0;
  query.stop_requested = [&] { return ++asked > 1; };
  EXPECT_EQ(NewObservationCurves({})(query).status().code(), absl::StatusCode::kCancelled);
  query.address.clear();
  EXPECT_EQ(NewObservationCurves({.own_log = &log_, .own_addresses = {}})(query).status().code(),
            absl::StatusCode::kCancelled);
}

// Answers no call before so many are there.
class Together final : public wire::DBManager::Service {
 public:
  explicit Together(int count) : count_(count) {}
  grpc::Status GetObservationLog(grpc::ServerContext*, const wire::GetObservationLogRequest* request,
                                 wire::GetObservationLogReply* reply) override {
    if (request->trial_name() == "broken") return {grpc::StatusCode::INTERNAL, "disk is on fire"};
    std::unique_lock lock(mutex_);
    ++waiting_;
    arrived_.notify_all();
    if (!arrived_.wait_for(lock, std::chrono::seconds(30), [&] { return waiting_ >= count_; })) {
      return {grpc::StatusCode::ABORTED, "came alone"};
    }
    wire::Metric& metric = *reply->mutable_observation_log()->add_metric_logs()->mutable_metric();
    metric.set_name("loss");
    metric.set_value(request->trial_name());
    return grpc::Status::OK;
  }

 private:
  const int count_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  int waiting_ = 0;
};

TEST_F(ObservationCurvesTest, AsksForSeveralTrialsAtOnceAndKeepsTheirOrder) {
  Together service(8);
  const Served served(service);
  std::vector<std::string> trials;
  for (int i = 0; i < 40; ++i) trials.push_back(std::to_string(i));
  const auto curves = NewObservationCurves({})(QueryOf(served.address(), trials));
  ASSERT_TRUE(curves.ok()) << curves.status();
  for (int i = 0; i < 40; ++i) EXPECT_THAT(curves->at(i), ElementsAre(i));
}

TEST_F(ObservationCurvesTest, NamesTheTrialThatCannotBeRead) {
  Together service(1);
  const Served served(service);
  const absl::Status status =
      NewObservationCurves({})(QueryOf(served.address(), {"1", "broken", "3"})).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(status.message(),
            "DBManager at " + served.address() + ", observations of trial broken: disk is on fire");
}

}  // namespace
}  // namespace qalam::server
