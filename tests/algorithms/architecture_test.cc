#include "algorithms/architecture.h"

#include <gtest/gtest.h>

#include "algorithms/quoted_json.h"

namespace qalam::algorithms {
namespace {

using Texts = std::vector<OperationValue>;

OperationValue Word(const char* text) { return std::string(text); }
OperationValue Whole(std::int64_t value) { return value; }

// 2 * 2 choices of a convolution, then 1 * 2 of a reduction.
ArchitectureSpace Example() {
  return {1,
          {32, 32, 3},
          {10},
          {{"convolution",
            {{"filter_size", Texts{Word("3"), Word("5")}},
             {"dropout", Texts{OperationValue(0.1), OperationValue(1.0)}}}},
           {"reduction",
            {{"reduction_type", Texts{Word("max_pooling")}}, {"pool_size", Texts{Whole(2), Whole(3)}}}}}};
}

TEST(ChoiceAt, CountsTheLastParameterFastest) {
  const ArchitectureSpace space = Example();
  ASSERT_EQ(ChoiceCount(space, 1000), 6u);
  EXPECT_EQ(ChoiceCount(space, 5), 5u);
  const OperationChoice third = ChoiceAt(space, 2), last = ChoiceAt(space, 5);
  EXPECT_EQ(third.operation->type, "convolution");
  EXPECT_EQ(*third.values[0], Word("5"));
  EXPECT_EQ(*third.values[1], OperationValue(0.1));
  EXPECT_EQ(*ChoiceAt(space, 1).values[1], OperationValue(1.0));
  EXPECT_EQ(last.operation->type, "reduction");
  EXPECT_EQ(*last.values[1], Whole(3));
}

TEST(ChoiceAt, PassesOverOperationsWithoutValues) {
  ArchitectureSpace space = Example();
  space.operations[0].parameters[0].values.clear();
  ASSERT_EQ(ChoiceCount(space, 1000), 2u);
  EXPECT_EQ(ChoiceAt(space, 0).operation->type, "reduction");
}

TEST(ChoiceCount, DoesNotOverflow) {
  Operation huge{"huge", {}};
  for (int i = 0; i < 40; ++i) huge.parameters.push_back({"p", Texts(1'000, Whole(1))});
  EXPECT_EQ(ChoiceCount({1, {}, {}, {huge, huge}}, 4097), 4097u);
}

// Both are printed in the contract.
TEST(ArchitectureText, IsThatOfTheContract) {
  EXPECT_EQ(ArchitectureText({{5, {}}, {5, {false}}, {3, {false, true}}, {5, {true, false, false}}}),
            "[[5], [5, 0], [3, 0, 1], [5, 1, 0, 0]]");
}

TEST(NetworkConfigText, IsThatOfTheContract) {
  EXPECT_EQ(
      NetworkConfigText(Example(), {{4, {}}}),
      "{'num_layers': 1, 'input_sizes': [32, 32, 3], 'output_sizes': [10], 'embedding': {'4': {'opt_id': 4, "
      "'opt_type': 'reduction', 'opt_params': {'reduction_type': 'max_pooling', 'pool_size': 2}}}}");
}

TEST(NetworkConfigText, DescribesEachOperationOnceInOrderOfFirstUse) {
  EXPECT_EQ(
      NetworkConfigText(Example(), {{5, {}}, {1, {false}}, {5, {true, true}}}),
      "{'num_layers': 3, 'input_sizes': [32, 32, 3], 'output_sizes': [10], 'embedding': {'5': {'opt_id': 5, "
      "'opt_type': 'reduction', 'opt_params': {'reduction_type': 'max_pooling', 'pool_size': 3}}, '1': "
      "{'opt_id': "
      "1, 'opt_type': 'convolution', 'opt_params': {'filter_size': '3', 'dropout': 1.0}}}}");
}

TEST(ParseArchitecture, ReadsWhatWasWritten) {
  const Architecture architecture = {{5, {}}, {0, {true}}, {3, {false, true}}};
  EXPECT_EQ(ParseArchitecture(ArchitectureText(architecture), 3, 6), architecture);
  EXPECT_EQ(ParseArchitecture(" [ [5],[0,1] ,\n[3,0,1]]\n", 3, 6), architecture);
}

TEST(ParseArchitecture, ReadsNothingElse) {
  for (const char* text :
       {"", "[]", "[[5]]", "[[5], [0, 1], [3, 0]]", "[[5], [0, 1], [3, 0, 1, 1]]", "[[6], [0, 1], [3, 0, 1]]",
        "[[-1], [0, 1], [3, 0, 1]]", "[[5], [0, 2], [3, 0, 1]]", "[[5], [0, 1], [3, 0, 1]",
        "[[5], [0, 1], [3, 0, 1]] x", "[[5], [0, 1], [3, 0, 1], [1]]", "[[5.0], [0, 1], [3, 0, 1]]",
        "[[99999999999999999999], [0, 1], [3, 0, 1]]", "null"}) {
    EXPECT_FALSE(ParseArchitecture(text, 3, 6)) << text;
  }
}

TEST(QuotedJson, SurvivesTheTurningOfItsQuotes) {
  EXPECT_EQ(QuotedJson("max_pooling"), "'max_pooling'");
  EXPECT_EQ(QuotedJson("a\"b'c\\d\n"), "'a\\'b\\u0027c\\\\d\\n'");
  EXPECT_EQ(QuotedJson("\xC3\xA9 \xF0\x9F\x98\x80"), "'\\u00e9 \\ud83d\\ude00'");
  EXPECT_EQ(QuotedJson("\xC3 \xED\xA0\x80 \xF5"), "'\\ufffd \\ufffd\\ufffd\\ufffd \\ufffd'");
}

// As Python writes them.
TEST(RealJson, StaysAReal) {
  EXPECT_EQ(RealJson(1), "1.0");
  EXPECT_EQ(RealJson(0.30000000000000004), "0.30000000000000004");
  EXPECT_EQ(RealJson(1e-5), "1e-05");
  EXPECT_EQ(RealJson(-0.0003), "-0.0003");
}

}  // namespace
}  // namespace qalam::algorithms
