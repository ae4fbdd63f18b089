#include "controller/event_recorder.h"

#include <gtest/gtest.h>

#include "tests/controller/world.h"

namespace qalam::controller {
namespace {

class EventRecorderTest : public testing::Test {
 protected:
  void SetUp() override {
    world.Create(MakeExperiment());
    about_ = world.experiment();
  }

  void Record(const std::string& message) { recorder_->Normal(*about_, "test", "Tested", message); }

  // "message xCOUNT", in the order of messages.
  std::vector<std::string> Written() {
    std::vector<std::string> texts;
    const api::ResourceList list = *world.store().List(api::Kind::kEvent, "default");
    for (const api::ResourcePtr& item : list.items) {
      const auto& event = static_cast<const api::Event&>(*item);
      EXPECT_EQ(event.spec.involved_object.uid, about_->metadata.uid);
      texts.push_back(fmt::format("{} x{}", event.spec.message, event.spec.count));
    }
    std::sort(texts.begin(), texts.end());
    return texts;
  }

  World world;
  std::shared_ptr<const api::Experiment> about_;
  std::unique_ptr<EventRecorder> recorder_ = std::make_unique<EventRecorder>(world.loop, world.store());
};

TEST_F(EventRecorderTest, WritesWhatATenthOfASecondBrings) {
  Record("a");
  Record("b");
  Record("a");
  EXPECT_EQ(Written(), std::vector<std::string>());
  world.loop.Advance(absl::Milliseconds(100));
  EXPECT_EQ(Written(), (std::vector<std::string>{"a x2", "b x1"}));
}

TEST_F(EventRecorderTest, ARepetitionRaisesTheCountOfTheEventThatIsThere) {
  for (int i = 0; i < 3; ++i) {
    Record("a");
    Record("a");
    world.loop.Advance(absl::Seconds(1));
  }
  EXPECT_EQ(Written(), (std::vector<std::string>{"a x6"}));
}

TEST_F(EventRecorderTest, LosesNothingAtTheEnd) {
  Record("a");
  recorder_.reset();
  EXPECT_EQ(Written(), (std::vector<std::string>{"a x1"}));
  world.loop.Advance(absl::Seconds(1));
}

}  // namespace
}  // namespace qalam::controller
