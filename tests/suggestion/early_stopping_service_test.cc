#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <vector>

#include "proto/api.grpc.pb.h"
#include "suggestion/services.h"

namespace qalam::suggestion {
namespace {

namespace wire = ::api::v1::beta1;

class EarlyStoppingServiceTest : public ::testing::Test {
 protected:
  EarlyStoppingServiceTest()
      : service_(NewEarlyStoppingService([this](const std::string& name) {
          stopped_.push_back(name);
          return name == "t1" ? absl::OkStatus() : absl::NotFoundError("trial " + name + " is not known");
        })) {
    grpc::ServerBuilder builder;
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    stub_ = wire::EarlyStopping::NewStub(server_->InProcessChannel({}));
  }
  ~EarlyStoppingServiceTest() override { server_->Shutdown(); }

  grpc::Status SetTrialStatus(const std::string& name) {
    wire::SetTrialStatusRequest request;
    request.set_trial_name(name);
    wire::SetTrialStatusReply reply;
    return stub_->SetTrialStatus(&context_, request, &reply);
  }

  grpc::Status Validate(const std::string& algorithm) {
    wire::ValidateEarlyStoppingSettingsRequest request;
    request.mutable_early_stopping()->set_algorithm_name(algorithm);
    wire::ValidateEarlyStoppingSettingsReply reply;
    return stub_->ValidateEarlyStoppingSettings(&context_, request, &reply);
  }

  std::vector<std::string> stopped_;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<wire::EarlyStopping::Stub> stub_;
  grpc::ClientContext context_;
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

TEST_F(EarlyStoppingServiceTest, RefusesUnknownRules) {
  const grpc::Status status = Validate("unknown");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "unknown algorithm name unknown");
}

// Katib's test: names only, and an address where nobody listens.
TEST_F(EarlyStoppingServiceTest, AnswersNoRulesToTrialsWithoutResults) {
  wire::GetEarlyStoppingRulesRequest request;
  request.mutable_experiment()->set_name("test");
  request.add_trials()->set_name("test-asfjh");
  request.add_trials()->set_name("test-234hs");
  request.set_db_manager_address("katib-db-manager.kubeflow:6789");
  wire::GetEarlyStoppingRulesReply reply;
  EXPECT_TRUE(stub_->GetEarlyStoppingRules(&context_, request, &reply).ok());
  EXPECT_EQ(reply.early_stopping_rules_size(), 0);
}

}  // namespace
}  // namespace qalam::suggestion
