// What the controller tells an algorithm of earlier experiments.
#include <gmock/gmock.h>

#include "api/core.h"
#include "controller/earlier_experiments.h"
#include "tests/controller/world.h"

namespace qalam::controller {
namespace {

using ::testing::HasSubstr;

class WarmStart : public ::testing::Test {
 protected:
  static api::Experiment Named(const std::string& name, const std::string& warm_start = "") {
    api::Experiment experiment = MakeExperiment();
    experiment.metadata.name = name;
    if (!warm_start.empty()) experiment.metadata.annotations["qalam.dev/warm-start"] = warm_start;
    return experiment;
  }

  // A trial of experiment `of` that has ended.
  void AddTrial(const std::string& of, int number, const std::string& x, const std::string& loss,
                std::string_view condition = kSucceeded) {
    api::Trial trial;
    trial.metadata.name = of + "-" + std::to_string(number);
    trial.metadata.namespace_name = "default";
    trial.metadata.labels.emplace(kExperimentLabel, of);
    trial.metadata.annotations.emplace(kTrialIndexAnnotation, std::to_string(number));
    trial.spec.objective = *MakeExperiment().spec.objective;
    trial.spec.parameter_assignments = {{"x", x}};
    auto created = world.store().Create(trial);
    ASSERT_TRUE(created.ok()) << created.status();
    api::Trial ended = static_cast<const api::Trial&>(**created);
    SetCondition(ended.status.conditions, condition, true, "r", "m", world.loop.Now());
    ended.status.observation = api::Observation{{{.name = "loss", .min = loss, .max = loss, .latest = loss}}};
    ASSERT_TRUE(world.store().UpdateStatus(ended).ok());
  }

  World world;
};

TEST_F(WarmStart, SendsFinishedTrialsLabelledWithTheirExperimentAndSaysWhatItLeftOut) {
  world.Create(Named("earlier"));
  AddTrial("earlier", 0, "7", "0.5");
  AddTrial("earlier", 1, "900", "0.1");
  AddTrial("earlier", 2, "9", "0.2", kRunning);
  world.Create(Named("tune", "earlier"));
  world.StartController();
  ASSERT_TRUE(world.RunToCompletion());
  const auto& request = world.services.suggestions->requests.front();
  ASSERT_GE(request.trials_size(), 2);
  EXPECT_EQ(request.trials(0).name(), "earlier-0");
  EXPECT_EQ(request.trials(0).spec().labels().at("qalam.dev/experiment"), "earlier");
  EXPECT_EQ(request.total_request_number(), 2);

  const std::string said = "earlier: 1 of 2 finished trials (1 left out as x is out of range)";
  EXPECT_EQ(FindCondition(world.suggestion()->status.conditions, kWarmStarted)->message, said);
  std::string events;
  const api::ResourceList list = *world.store().List(api::Kind::kEvent, "default");
  for (const api::ResourcePtr& item : list.items) {
    const api::EventData& event = static_cast<const api::Event&>(*item).spec;
    events += event.involved_object.name + ": " + event.message + "\n";
  }
  EXPECT_THAT(events, HasSubstr("tune: Learning from " + said));
}

TEST_F(WarmStart, AnExperimentThatIsNotThereFailsBeforeAnyTrial) {
  world.Create(Named("tune", "missing"));
  world.StartController();
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_THAT(world.suggestion()->status.conditions.back().message,
              HasSubstr("qalam.dev/warm-start: there is no experiment missing in namespace default"));
  EXPECT_TRUE(world.trials().empty());
}

std::string Refusal(const api::ResourceStore& store, const api::Experiment& experiment) {
  return std::string(EarlierExperiments(store).Of(experiment).status().message());
}

TEST_F(WarmStart, RefusesItselfAndAnotherObjective) {
  EXPECT_THAT(Refusal(world.store(), Named("tune", "tune")), HasSubstr("tune is this experiment itself"));
  api::Experiment other = Named("other");
  other.spec.objective->type = api::ObjectiveType::kMaximize;
  world.Create(other);
  EXPECT_THAT(Refusal(world.store(), Named("tune", "other")),
              HasSubstr("other maximizes loss, but this experiment minimizes loss"));
}

TEST_F(WarmStart, SendsTheBestAndTheNewestOfManyAndDoesNotChangeItsMind) {
  world.Create(Named("earlier"));
  for (int i = 0; i < 205; ++i) AddTrial("earlier", i, std::to_string(1 + i % 100), i < 100 ? "0" : "1");
  EarlierExperiments earlier(world.store());
  const api::Experiment experiment = Named("tune", "default/earlier");
  const auto trials = *earlier.Of(experiment);
  EXPECT_EQ(trials->summary, "default/earlier: 200 of 205 finished trials (5 left out as there are many)");
  wire::GetSuggestionsRequest request;
  ASSERT_TRUE(request.ParseFromString(trials->wire));
  ASSERT_EQ(request.trials_size(), 200);
  EXPECT_EQ(request.trials(0).name(), "earlier-0");
  EXPECT_EQ(request.trials(100).name(), "earlier-105");
  EXPECT_LT(trials->wire.size(), 3u << 20);

  AddTrial("earlier", 300, "5", "0");
  EXPECT_EQ(*earlier.Of(experiment), trials);
}

}  // namespace
}  // namespace qalam::controller
