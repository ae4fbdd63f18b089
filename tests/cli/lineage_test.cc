#include "cli/lineage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/read_commands.h"
#include "fixtures.h"

namespace qalam::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

api::Trial Labelled(api::Trial trial, const api::StringMap& labels) {
  trial.metadata.labels = labels;
  return trial;
}

// Two brackets of successive halving, the first with a promotion.
FakeReadStore Halving() {
  FakeReadStore store = FinishedStore();
  store.trials = {
      Labelled(Succeeded(Started(MakeTrial("quick-a"), 1), 2, "0.8"),
               {{"qalam.dev/bracket", "0"}, {"qalam.dev/rung", "0"}}),
      Labelled(Succeeded(Started(MakeTrial("quick-b"), 1), 2, "0.7"),
               {{"qalam.dev/bracket", "0"}, {"qalam.dev/rung", "0"}}),
      Labelled(Failed(Started(MakeTrial("quick-c"), 1), 2, "exit code 1"),
               {{"qalam.dev/bracket", "1"}, {"qalam.dev/rung", "0"}}),
      Labelled(Started(MakeTrial("quick-d", "0.02"), 3),
               {{"qalam.dev/bracket", "0"}, {"qalam.dev/rung", "1"}, {"qalam.dev/parent", "quick-a"}})};
  return store;
}

FakeReadStore Generations() {
  FakeReadStore store = FinishedStore();
  const std::string generation = "pbt.suggestion.katib.kubeflow.org/generation",
                    parent = "pbt.suggestion.katib.kubeflow.org/parent";
  store.trials = {Labelled(Succeeded(Started(MakeTrial("quick-g0-n0"), 1), 2, "0.5"), {{generation, "0"}}),
                  Labelled(Succeeded(Started(MakeTrial("quick-g1-n1-p0", "0.02"), 3), 4, "0.75"),
                           {{generation, "1"}, {parent, "quick-g0-n0"}}),
                  Labelled(Started(MakeTrial("quick-g2-n2-p1", "0.03"), 5),
                           {{generation, "2"}, {parent, "quick-g1-n1-p0"}}),
                  Labelled(MakeTrial("quick-lost"), {{generation, "10"}, {parent, "quick-gone"}})};
  return store;
}

std::string Shown(const FakeReadStore& store, const ShowOptions& options) {
  TestStreams test;
  EXPECT_EQ(RunShow(options, store, test.streams), 0) << test.err.str();
  return test.out.str();
}

json Annotation(const FakeReadStore& store, const ShowOptions& options, const char* name) {
  const json resource = json::parse(Shown(store, options));
  return json::parse(resource.at("metadata").at("annotations").at(name).get<std::string>());
}

TEST(ShowStages, OfSuccessiveHalving) {
  EXPECT_THAT(Shown(Halving(), {.name = "quick"}),
              HasSubstr("BRACKET  RUNG  TRIALS  FINISHED  PROMOTED  best accuracy  TRIAL\n"
                        "      0     0       2         2         1            0.8  quick-a\n"
                        "      0     1       1         0         0\n"
                        "      1     0       1         1         0\n"));
}

TEST(ShowStages, OfAPopulationInTheOrderOfItsGenerations) {
  EXPECT_THAT(Shown(Generations(), {.name = "quick"}),
              HasSubstr("GENERATION  TRIALS  FINISHED  PARENTS  best accuracy  TRIAL\n"
                        "         0       1         1        1            0.5  quick-g0-n0\n"
                        "         1       1         1        1           0.75  quick-g1-n1-p0\n"
                        "         2       1         0        0\n"
                        "        10       1         0        0\n"));
}

TEST(ShowStages, AreThereForPrograms) {
  const ShowOptions options{.name = "quick", .output = {.format = OutputFormat::kJson}};
  EXPECT_EQ(
      Annotation(Halving(), options, "qalam.dev/stages-report").dump(),
      R"([{"best":0.8,"bestTrial":"quick-a","bracket":0,"finished":2,"promoted":1,"rung":0,"trials":2},)"
      R"({"best":null,"bestTrial":null,"bracket":0,"finished":0,"promoted":0,"rung":1,"trials":1},)"
      R"({"best":null,"bestTrial":null,"bracket":1,"finished":1,"promoted":0,"rung":0,"trials":1}])");
  EXPECT_EQ(Annotation(Generations(), options, "qalam.dev/stages-report").at(3).at("generation"), 10);
}

TEST(ShowStages, AreNotShownWhereThereAreNone) {
  EXPECT_THAT(Shown(FinishedStore(), {.name = "quick"}), Not(HasSubstr("TRIALS  FINISHED")));
  EXPECT_THAT(Shown(FinishedStore(), {.name = "quick", .output = {.format = OutputFormat::kJson}}),
              Not(HasSubstr("qalam.dev/stages-report")));
}

TEST(ShowLineage, ListsTheParentsOfATrial) {
  EXPECT_THAT(Shown(Generations(), {.name = "quick/g2-n2-p1"}),
              HasSubstr("GOES ON FROM    STATUS     accuracy  PARAMETERS\n"
                        "quick-g0-n0     Succeeded       0.5  lr=0.01 layers=2 opt=adam\n"
                        "quick-g1-n1-p0  Succeeded      0.75  lr=0.02 layers=2 opt=adam\n"
                        "quick-g2-n2-p1  Running              lr=0.03 layers=2 opt=adam\n"));
  EXPECT_THAT(Shown(Generations(), {.name = "quick/g0-n0"}), Not(HasSubstr("GOES ON FROM")));
  EXPECT_EQ(Annotation(Generations(), {.name = "quick/g2-n2-p1", .output = {.format = OutputFormat::kJson}},
                       "qalam.dev/lineage-report")
                .dump(),
            R"(["quick-g0-n0","quick-g1-n1-p0","quick-g2-n2-p1"])");
}

TEST(ShowLineage, SaysWhereAParentIsNotThere) {
  EXPECT_THAT(Shown(Generations(), {.name = "quick/lost"}), HasSubstr("quick-gone    not there\n"));
}

TEST(ShowLineage, EndsWhereParentsGoInACircle) {
  FakeReadStore store = FinishedStore();
  store.trials = {Labelled(MakeTrial("quick-a"), {{"qalam.dev/parent", "quick-b"}}),
                  Labelled(MakeTrial("quick-b"), {{"qalam.dev/parent", "quick-a"}})};
  EXPECT_EQ(Annotation(store, {.name = "quick/a", .output = {.format = OutputFormat::kJson}},
                       "qalam.dev/lineage-report")
                .dump(),
            R"(["quick-b","quick-a"])");
}

}  // namespace
}  // namespace qalam::cli
