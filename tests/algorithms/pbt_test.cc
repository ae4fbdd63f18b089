#include "algorithms/pbt.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "algorithms/pbt_population.h"
#include "algorithms/perturbation.h"
#include "algorithms/trial_labels.h"
#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Must;
using testing::OneOf;
using testing::ProblemOf;
using testing::Real;
using ::testing::SizeIs;
using testing::Whole;

Problem PbtProblem(std::vector<Parameter> parameters, Settings more = {}) {
  Settings settings = {{"suggestion_trial_dir", "/opt/katib/data"},
                       {"n_population", "5"},
                       {"truncation_threshold", "0.4"},
                       {"seed", "1"}};
  settings.insert(settings.end(), more.begin(), more.end());
  return ProblemOf(std::move(parameters), std::move(settings));
}

// A controller of stock Katib: it knows names and points, but sends no labels back.
class Population : public ::testing::Test {
 protected:
  void Use(Problem problem) {
    problem_ = std::move(problem);
    algorithm_ = testing::Create("pbt", problem_);
  }

  std::vector<Proposal> Ask(int count) {
    // A service that was restarted answers alike.
    const auto suggested = Must(algorithm_->Suggest(history_, {handed_out_, count, {}}));
    const auto again = Must(testing::Create("pbt", problem_)->Suggest(history_, {handed_out_, count, {}}));
    EXPECT_EQ(suggested.proposals.size(), static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) {
      EXPECT_EQ(suggested.proposals[i].trial_name, again.proposals[i].trial_name);
      EXPECT_EQ(suggested.proposals[i].point, again.proposals[i].point);
    }
    return suggested.proposals;
  }

  std::vector<Proposal> Start(int count) {
    std::vector<Proposal> proposals = Ask(count);
    for (const Proposal& proposal : proposals) {
      Trial trial;
      trial.name = proposal.trial_name;
      trial.point = proposal.point;
      if (with_labels_) trial.labels = proposal.labels;
      history_.trials.push_back(trial);
      started_[proposal.trial_name] = proposal;
      ++handed_out_;
    }
    return proposals;
  }

  Trial& Of(const Proposal& proposal) {
    return *std::find_if(history_.trials.begin(), history_.trials.end(),
                         [&](const Trial& trial) { return trial.name == proposal.trial_name; });
  }
  void End(const Proposal& proposal, double value, TrialStatus status = TrialStatus::kSucceeded) {
    Of(proposal).status = status;
    Of(proposal).objectives = {value};
  }
  // A whole generation with values 1, 2, ... in order.
  std::vector<Proposal> Generation() {
    std::vector<Proposal> members = Start(5);
    double value = 0;
    for (const Proposal& member : members) End(member, ++value);
    return members;
  }

  static std::string Label(const Proposal& proposal, std::string_view name) {
    const auto found = proposal.labels.find(std::string(name));
    return found == proposal.labels.end() ? "" : found->second;
  }
  static std::string GenerationOf(const Proposal& proposal) { return Label(proposal, kGenerationLabel); }
  static std::string ParentOf(const Proposal& proposal) { return Label(proposal, kPbtParentLabel); }

  static std::vector<std::string> Names(const std::vector<Proposal>& proposals) {
    std::vector<std::string> names;
    for (const Proposal& proposal : proposals) names.push_back(proposal.trial_name);
    return names;
  }

  Problem problem_ = PbtProblem({Real("lr", 0.001, 1)});
  std::unique_ptr<Algorithm> algorithm_ = testing::Create("pbt", problem_);
  History history_;
  std::map<std::string, Proposal> started_;
  std::int64_t handed_out_ = 0;
  bool with_labels_ = false;
};

TEST_F(Population, BeginsWithMembersOfNoParents) {
  const std::vector<Proposal> members = Start(5);
  EXPECT_THAT(Names(members), ElementsAre("e1-g0-n0", "e1-g0-n1", "e1-g0-n2", "e1-g0-n3", "e1-g0-n4"));
  for (const Proposal& member : members) {
    EXPECT_EQ(GenerationOf(member), "0");
    EXPECT_THAT(member.labels, SizeIs(1));
  }
}

// Of five, at a threshold of 0.4, three explore and two exploit one of the best two.
TEST_F(Population, TheBestExploreAndTheWorstGoOnFromTheBest) {
  for (const bool labels : {false, true}) {
    history_ = {};
    handed_out_ = 0;
    with_labels_ = labels;
    const std::vector<Proposal> first = Generation(), second = Start(5);
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(GenerationOf(second[i]), "1");
      EXPECT_EQ(ParentOf(second[i]), first[i].trial_name);
      const double ratio = std::get<double>(second[i].point[0]) / std::get<double>(first[i].point[0]);
      EXPECT_TRUE(std::abs(ratio - 0.8) < 1e-12 || std::abs(ratio - 1.2) < 1e-12 ||
                  std::get<double>(second[i].point[0]) == 1)
          << ratio;
    }
    for (int i = 3; i < 5; ++i) {
      EXPECT_THAT(ParentOf(second[i]), AnyOf(first[0].trial_name, first[1].trial_name));
      EXPECT_EQ(second[i].point, started_[ParentOf(second[i])].point);  // the winner's parameters
    }
  }
}

TEST_F(Population, GoesOnFromGenerationToGeneration) {
  for (int generation = 0; generation < 6; ++generation) {
    for (const Proposal& member : Generation()) {
      EXPECT_EQ(GenerationOf(member), std::to_string(generation));
      if (generation == 0) continue;
      EXPECT_EQ(GenerationOf(started_[ParentOf(member)]), std::to_string(generation - 1));
    }
  }
}

TEST_F(Population, OneByOneOrAtOnceGivesTheSameMembers) {
  Generation();
  const std::vector<Proposal> at_once = Ask(9);
  for (const Proposal& expected : at_once) {
    const Proposal one = Start(1).at(0);
    EXPECT_EQ(one.trial_name, expected.trial_name);
    EXPECT_EQ(one.point, expected.point);
  }
}

TEST_F(Population, AddsMembersWhileOthersRun) {
  const std::vector<Proposal> first = Start(8);  // three more than a generation has
  for (int i = 0; i < 4; ++i) End(first[i], i);
  EXPECT_EQ(GenerationOf(Start(1).at(0)), "0");
  End(first[7], -1);
  const std::vector<Proposal> second = Start(7);
  EXPECT_EQ(ParentOf(second[0]), first[7].trial_name);  // what was added competes
  for (const Proposal& member : second) EXPECT_EQ(GenerationOf(member), "1");
  for (int i = 5; i < 7; ++i) {
    EXPECT_THAT(ParentOf(second[i]), AnyOf(first[7].trial_name, first[0].trial_name));
    EXPECT_NE(second[i].point, started_[ParentOf(second[i])].point);
  }
}

TEST_F(Population, ARepeatedCallAndALostReplyChangeNothing) {
  Generation();
  const std::vector<std::string> lost = Names(Ask(3));
  EXPECT_EQ(Names(Ask(3)), lost);
  EXPECT_EQ(Names(Start(3)), lost);
}

TEST_F(Population, RunsMembersThatFailAgain) {
  Generation();
  std::vector<Proposal> second = Start(5);
  for (int i = 1; i < 5; ++i) End(second[i], i);
  using enum TrialStatus;
  Proposal member = second[0];
  for (const TrialStatus status : {kFailed, kKilled}) {
    End(member, 0, status);
    const Proposal again = Start(1).at(0);
    EXPECT_EQ(again.point, member.point);
    EXPECT_EQ(again.labels, member.labels);
    EXPECT_NE(again.trial_name, member.trial_name);
    member = again;
  }
  End(member, std::nan(""));  // a third time in vain: its parent goes on another way
  const Proposal other = Start(1).at(0);
  EXPECT_EQ(ParentOf(other), ParentOf(member));
  EXPECT_NE(other.point, member.point);
  End(other, 0);
  EXPECT_EQ(GenerationOf(Start(1).at(0)), "2");
}

TEST_F(Population, NeverRunsInfeasibleMembersAgain) {
  const std::vector<Proposal> first = Start(5);
  End(first[2], 0, TrialStatus::kInfeasible);
  EXPECT_NE(Start(1).at(0).point, first[2].point);
}

// MetricsUnavailable trials vanish from what a stock controller sends.
TEST_F(Population, GivesNoNameTwiceWhenTrialsVanish) {
  std::set<std::string> names;
  for (int i = 0; i < 40; ++i) {
    const Proposal member = Start(1).at(0);
    EXPECT_TRUE(names.insert(member.trial_name).second) << member.trial_name;
    if (i % 3 == 1) {
      history_.trials.pop_back();
    } else {
      End(member, i % 5);
    }
  }
}

TEST_F(Population, IgnoresTrialsOfOthers) {
  Generation();
  const std::vector<std::string> expected = Names(Ask(4));
  for (const char* name : {"e1-x7k2", "e2-g0-n77", "e1-g1-n7-", "e1-g01-n7", "e1-g1-n7-p", "e1-g1", ""}) {
    Trial trial;
    trial.name = name;
    trial.status = TrialStatus::kSucceeded;
    trial.point = history_.trials[0].point;
    trial.objectives = {-100};
    history_.trials.push_back(trial);
  }
  EXPECT_EQ(Names(Ask(4)), expected);
}

TEST_F(Population, KnowsByTheirLabelsMembersThatTheCallerHasNamed) {
  with_labels_ = true;
  for (int i = 0; i < 5; ++i) {
    const Proposal member = Start(1).at(0);
    End(member, i);
    history_.trials.back().name = "mine-" + std::to_string(i);
  }
  const std::vector<Proposal> second = Start(5);
  EXPECT_EQ(ParentOf(second[0]), "mine-0");
  EXPECT_EQ(second[0].trial_name, "e1-g1-n5");
  End(second[0], 0, TrialStatus::kFailed);
  EXPECT_EQ(ParentOf(Start(1).at(0)), "mine-0");
}

TEST_F(Population, ResamplesWhereItIsTold) {
  std::vector<Parameter> parameters;
  for (int i = 0; i < 100; ++i) parameters.push_back(Real("x" + std::to_string(i), 0, 1));
  for (const auto& [share, low, high] :
       {std::tuple("0", 0, 0), std::tuple("0.3", 60, 120), std::tuple("1", 300, 300)}) {
    history_ = {};
    handed_out_ = 0;
    Use(PbtProblem(parameters, {{"resample_probability", share}}));
    Generation();
    int changed = 0;
    const std::vector<Proposal> second = Start(5);
    for (int i = 0; i < 3; ++i) {
      const Point& old = started_[ParentOf(second[i])].point;
      for (int j = 0; j < 100; ++j) changed += second[i].point[j] != old[j];
    }
    EXPECT_GE(changed, low) << share;
    EXPECT_LE(changed, high) << share;
  }
}

TEST_F(Population, TakesEveryThreshold) {
  for (const auto& [threshold, exploits] : {std::pair("0", 0), std::pair("1", 5), std::pair("0.19", 0)}) {
    history_ = {};
    handed_out_ = 0;
    Use(PbtProblem({Real("lr", 0.001, 1)}, {{"truncation_threshold", threshold}}));
    Generation();
    int same = 0;
    for (const Proposal& member : Start(5)) same += member.point == started_[ParentOf(member)].point;
    EXPECT_EQ(same, exploits) << threshold;
  }
}

// The parameter should follow 1.5 * 0.85^generation; each trial adds its distance to what its parent has gathered. Over 15
// generations the best constant, the middle one, gathers 4.9.
TEST_F(Population, LearnsASchedule) {
  constexpr int kGenerations = 15;
  std::vector<double> reached;
  for (const char* seed : {"1", "2", "3", "4", "5", "6", "7", "8", "9"}) {
    history_ = {};
    handed_out_ = 0;
    Use(PbtProblem({Real("step", 0.1, 2)},
                   {{"n_population", "10"}, {"truncation_threshold", "0.2"}, {"seed", seed}}));
    std::map<std::string, double> gathered = {{"", 0}};
    double best = 1e9;
    for (int i = 0; i < 10 * kGenerations; ++i) {
      const Proposal member = Start(1).at(0);
      const int generation = std::stoi(GenerationOf(member));
      const double value = gathered.at(ParentOf(member)) +
                           std::abs(std::get<double>(member.point[0]) - 1.5 * std::pow(0.85, generation));
      gathered[member.trial_name] = value;
      End(member, value);
      if (generation == kGenerations - 1) best = std::min(best, value);
    }
    reached.push_back(best);
  }
  std::sort(reached.begin(), reached.end());
  EXPECT_LT(reached[4], 2.5);
}

TEST(PbtNames, FitKubernetes) {
  const std::string experiment = std::string(38, 'e') + ".-" + std::string(30, 'f');
  for (const pbt::MemberName& name : {pbt::MemberName{0, 0, {}}, pbt::MemberName{12, 345, 301},
                                      pbt::MemberName{999, Ask::kMaxHandedOut, 999'999'999}}) {
    const std::string text = pbt::TrialName(experiment, name);
    EXPECT_LE(text.size(), 63u);
    const auto read = pbt::ParseTrialName(experiment, text);
    ASSERT_TRUE(read.has_value()) << text;
    EXPECT_EQ(read->generation, name.generation);
    EXPECT_EQ(read->number, name.number);
    EXPECT_EQ(read->parent, name.parent);
  }
  EXPECT_EQ(pbt::TrialName("tune-g1", {2, 3, 1}), "tune-g1-g2-n3-p1");
  EXPECT_EQ(pbt::ParseTrialName("tune-g1", "tune-g1-g2-n3-p1")->generation, 2);
  EXPECT_FALSE(pbt::ParseTrialName("tune", "tune-g1-g2-n3-p1").has_value());
}

TEST(PbtSettings, AreThoseOfKatib) {
  const auto message = [](Settings settings) {
    const absl::Status status = pbt::Validate(ProblemOf({Whole("n", 1, 5)}, std::move(settings)));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  };
  EXPECT_EQ(message({}), "Required params missing: suggestion_trial_dir, n_population, truncation_threshold");
  EXPECT_EQ(message({{"n_population", "5"}}),
            "Required params missing: suggestion_trial_dir, truncation_threshold");
  EXPECT_EQ(message({{"suggestion_trial_dir", ""}, {"n_population", "4"}, {"truncation_threshold", "0"}}),
            "Param(n_population) should be >= 5");
}

TEST(Perturbed, ChangesEveryParameterAsItsTypeDemands) {
  const SearchSpace space = Must(SearchSpace::Make(
      {Real("x", 0, 10), Real("z", 0, 10), Whole("n", 1, 100), Whole("small", 1, 5), Real("g", 0, 1, 0.1),
       OneOf("c", {"a", "b", "c"}), OneOf("one", {"a"}), Whole("minus", -100, -1)}));
  const Point point = {5.0, 0.0,       std::int64_t{33}, std::int64_t{2},
                       0.2, Choice{2}, Choice{0},        std::int64_t{-10}};
  std::vector<std::set<std::string>> seen(space.size());
  for (std::uint64_t i = 0; i < 64; ++i) {
    Rng rng({i});
    const Point changed = Perturbed(space, point, rng);
    for (size_t j = 0; j < space.size(); ++j) seen[j].insert(space.parameters()[j].Text(changed[j]));
  }
  EXPECT_THAT(seen, ElementsAre(ElementsAre("4", "6"), ElementsAre("0", "0.5"), ElementsAre("26", "39"),
                                ElementsAre("1", "3"), ElementsAre("0.1", "0.3"), ElementsAre("a", "b"),
                                ElementsAre("a"), ElementsAre("-12", "-8")));
}

TEST(Perturbed, StaysWithinTheBounds) {
  const SearchSpace space =
      Must(SearchSpace::Make({Real("x", 1, 2), Whole("n", 1, 2), Real("g", 0.5, 1, 0.25)}));
  Point point = {2.0, std::int64_t{2}, 1.0};
  for (std::uint64_t i = 0; i < 1000; ++i) {
    Rng rng({i});
    point = Perturbed(space, point, rng);
    for (size_t j = 0; j < space.size(); ++j) {
      const Parameter& parameter = space.parameters()[j];
      ASSERT_EQ(parameter.Parse(parameter.Text(point[j])), point[j]);
    }
  }
}

}  // namespace
}  // namespace qalam::algorithms
