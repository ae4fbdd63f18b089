#include "bench/table_problem.h"

#include <gmock/gmock.h>

#include "bench/space_parts.h"

namespace qalam::bench {
namespace {

using algorithms::Choice;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Rows in no order; numbers are ordered by value, names by appearance.
constexpr std::string_view kCsv =
    "lr,opt,loss\n0.1,sgd,3\n0.01,adam,1\n1,\"a,b\",5\n0.01,sgd,4\n1.0,sgd,6\n0.1,adam,2\n"
    "0.010,\"a,b\",7\n1,adam,8\n0.1,\"a,b\",9\n";

TEST(TableProblem, GuessesColumns) {
  const Problem problem = Must(TableProblem("t", kCsv, ""));
  ASSERT_EQ(problem.space.size(), 2);
  EXPECT_EQ(problem.space.parameters()[0].type(), algorithms::ParameterType::kInt);
  EXPECT_EQ(problem.space.parameters()[0].cardinality(), 3);
  EXPECT_THAT(problem.space.parameters()[1].list(), ElementsAre("sgd", "adam", "a,b"));
  EXPECT_EQ(problem.best, 1);
  EXPECT_EQ(problem.group, "table");
  EXPECT_THAT(*problem.optimum,
              ElementsAre(algorithms::Value(std::int64_t{0}), algorithms::Value(Choice{1})));
  EXPECT_EQ(Must(problem.evaluate({std::int64_t{2}, Choice{2}})), 5);
  EXPECT_EQ(Must(problem.evaluate({std::int64_t{2}, Choice{0}})), 6);
}

TEST(TableProblem, TakesColumnsAndLossFromTheDescription) {
  const Problem problem = Must(TableProblem(
      "t", "note,x,err,y\nn,1,5,a\nn,2,4,a\nn,1,3,b\nn,2,9,b\n",
      R"({"objective": "err", "params": [{"name": "y", "kind": "categorical", "levels": ["b", "a"]},
                                                      {"name": "x", "levels": [2, 1]}]})"));
  EXPECT_THAT(problem.space.parameters()[0].list(), ElementsAre("b", "a"));
  EXPECT_EQ(Must(problem.evaluate({Choice{0}, std::int64_t{0}})), 9);
  EXPECT_EQ(problem.best, 3);
}

TEST(TableProblem, TakesTheLossesOnTheWayFromTheDescription) {
  const Problem problem =
      Must(TableProblem("t", "x,loss,e1,e2,e3\n1,3,5,2,3\n2,4,9,5,4\n",
                        R"({"params": [{"name": "x", "levels": [1, 2]}], "curve": ["e1", "e2", "e3"]})"));
  ASSERT_TRUE(problem.fidelity);
  EXPECT_EQ(problem.fidelity->epochs, 3);
  EXPECT_EQ(Must(problem.fidelity->loss({std::int64_t{1}}, 2)), 5);
  EXPECT_EQ(Must(problem.fidelity->loss({std::int64_t{0}}, 3)), 3);
  EXPECT_EQ(problem.fidelity->best, 2);
  EXPECT_EQ(problem.best, 3);
  EXPECT_FALSE(Must(TableProblem("t", "x,e1,loss\n1,3,5\n", R"({"params": [{"name": "x", "levels": [1]}]})"))
                   .fidelity);
}

TEST(TableProblem, SaysWhatIsWrong) {
  const auto message = [](std::string_view csv, std::string_view json = "") {
    const absl::StatusOr<Problem> problem = TableProblem("t", csv, json);
    EXPECT_EQ(problem.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(MessageOf(problem.status()));
  };
  EXPECT_THAT(message(""), HasSubstr("a header and at least one row"));
  EXPECT_THAT(message("loss\n1\n"), HasSubstr("two columns"));
  EXPECT_THAT(message("x,loss\n1\n"), HasSubstr("row 1 has 1 fields"));
  EXPECT_THAT(message("x,loss\n1,low\n"), HasSubstr("\"low\" of loss should be a number"));
  EXPECT_THAT(message("x,loss\n1,nan\n"), HasSubstr("should be a number"));
  EXPECT_THAT(message("x,loss\n1,1\n1.0,2\n"), HasSubstr("row 2: these values have a result already"));
  EXPECT_THAT(message("x,y,loss\n1,1,1\n2,2,2\n"), HasSubstr("2 rows for 4 combinations"));
  EXPECT_THAT(message("x,\"loss\n1,1\n"), HasSubstr("a quote is not closed"));
  EXPECT_THAT(message("x,loss\n1,1\n", "[1]"), HasSubstr("list \"params\""));
  EXPECT_THAT(message("x,loss\n1,1\n", R"({"params": [{"name": "x"}]})"), HasSubstr("params[0]"));
  EXPECT_THAT(message("x,loss\n1,1\n", R"({"params": [{"name": "z", "levels": [1]}]})"),
              HasSubstr("no column z"));
  EXPECT_THAT(message("x,loss\n1,1\n", R"({"params": [{"name": "x", "levels": [2]}]})"),
              HasSubstr("\"1\" is not one of the values of x"));
  EXPECT_THAT(message("x,loss\n1,1\n", R"({"params": [{"name": "x", "kind": "odd", "levels": [1]}]})"),
              HasSubstr("\"odd\"; should be"));
  EXPECT_THAT(message("x,loss\n1,1\n", R"({"params": [{"name": "x", "levels": [1]}], "curve": "e1"})"),
              HasSubstr("\"curve\" should be a list of columns"));
  EXPECT_THAT(message("x,loss\n1,1\n", R"({"params": [{"name": "x", "levels": [1]}], "curve": ["e1"]})"),
              HasSubstr("no column e1"));
  EXPECT_THAT(message("x,loss,e1\n1,1,2\n", R"({"params": [{"name": "x", "levels": [1]}], "curve": ["e1"]})"),
              HasSubstr("row 1: loss and e1, the last of the curve, should be equal"));
  EXPECT_THAT(message("x,loss,e1\n1,1,-\n", R"({"params": [{"name": "x", "levels": [1]}], "curve": ["e1"]})"),
              HasSubstr("\"-\" of e1 should be a number"));
}

}  // namespace
}  // namespace qalam::bench
