#include "server/remote_algorithm.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/service_type.h>

#include "algorithms/registry.h"
#include "suggestion/services.h"

namespace qalam::server {
namespace {

using algorithms::Parameter;

class RemoteAlgorithmTest : public testing::Test {
 protected:
  RemoteAlgorithmTest() : service_(suggestion::NewSuggestionService()) {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    address_ = "127.0.0.1:" + std::to_string(port);

    problem_.experiment_name = "remote";
    problem_.space =
        algorithms::SearchSpace::Make(
            {Parameter::Double("lr", {1e-5, 1e-1, {}, algorithms::Distribution::kLogUniform}).value(),
             Parameter::Double("drop", {0, 0.5, 0.1, {}}).value(),
             Parameter::Int("n", {1, 9, 2, algorithms::Distribution::kNormal}).value(),
             Parameter::Discrete("batch", {"16", "32", "64"}).value(),
             Parameter::Categorical("opt", {"adam", "sgd"}).value()})
            .value();
    problem_.objectives = {{"loss", algorithms::Direction::kMinimize}};
    problem_.settings = {{"seed", "12"}};
  }

  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
  algorithms::Problem problem_;
};

// Space, seed, counts and history cross the wire and come back as points.
TEST_F(RemoteAlgorithmTest, GivesThePointsThatTheServiceGives) {
  for (const char* name : {"random", "sobol"}) {
    const auto local = algorithms::FindAlgorithm(name).value()->create(problem_).value();
    const auto remote = RemoteAlgorithm(address_, name, problem_);
    algorithms::History history;
    for (int i = 0; i < 6; ++i) {
      algorithms::Ask ask;
      ask.handed_out = static_cast<std::int64_t>(history.trials.size());
      ask.count = 1 + i % 3;
      const algorithms::Suggestions expected = local->Suggest(history, ask).value();
      const absl::StatusOr<algorithms::Suggestions> found = remote->Suggest(history, ask);
      ASSERT_TRUE(found.ok()) << found.status();
      ASSERT_EQ(found->proposals.size(), expected.proposals.size());
      for (size_t k = 0; k < expected.proposals.size(); ++k) {
        EXPECT_EQ(found->proposals[k].point, expected.proposals[k].point) << name;
        algorithms::Trial trial;
        trial.name = "t" + std::to_string(history.trials.size());
        trial.point = expected.proposals[k].point;
        trial.status = algorithms::TrialStatus::kSucceeded;
        trial.objectives = {0.25};
        history.trials.push_back(trial);
      }
    }
  }
}

TEST_F(RemoteAlgorithmTest, PassesErrorsOn) {
  const absl::StatusOr<algorithms::Suggestions> unknown =
      RemoteAlgorithm(address_, "nonsense", problem_)->Suggest({}, {});
  EXPECT_EQ(unknown.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(unknown.status().message()), testing::HasSubstr("nonsense"));
  server_->Shutdown();
  EXPECT_EQ(RemoteAlgorithm(address_, "random", problem_)->Suggest({}, {}).status().code(),
            absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace qalam::server
