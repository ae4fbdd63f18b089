#include "workload/variable_expansion.h"

#include <gtest/gtest.h>

#include <map>

namespace qalam::workload {
namespace {

std::string Expand(std::string_view text) {
  static const std::map<std::string, std::string, std::less<>> kVariables = {
      {"A", "1"}, {"EMPTY", ""}, {"NESTED", "$(A)"}, {"with space", "s"}};
  return ExpandVariables(text, [](std::string_view name) -> std::optional<std::string_view> {
    const auto found = kVariables.find(name);
    if (found == kVariables.end()) return std::nullopt;
    return found->second;
  });
}

// The cases of k8s.io/kubernetes third_party/forked/golang/expansion.
TEST(VariableExpansion, ReplacesKnownNames) {
  EXPECT_EQ(Expand("$(A)"), "1");
  EXPECT_EQ(Expand("x$(A)y$(A)$(EMPTY)z"), "x1y1z");
  EXPECT_EQ(Expand("$(with space)"), "s");
}

TEST(VariableExpansion, LeavesUnknownNamesAndOtherDollarsAlone) {
  EXPECT_EQ(Expand("$(NONE) $A ${A} $ $("), "$(NONE) $A ${A} $ $(");
  EXPECT_EQ(Expand("$(unclosed $(A"), "$(unclosed $(A");
  EXPECT_EQ(Expand("$()"), "$()");
  EXPECT_EQ(Expand("end$"), "end$");
}

TEST(VariableExpansion, HalvesDoubledDollars) {
  EXPECT_EQ(Expand("$$"), "$");
  EXPECT_EQ(Expand("$$$$"), "$$");
  EXPECT_EQ(Expand("$$(A)"), "$(A)");
  EXPECT_EQ(Expand("$$$(A)"), "$1");
  EXPECT_EQ(Expand("$$$$(A)"), "$$(A)");
}

TEST(VariableExpansion, DoesNotExpandValuesAgain) { EXPECT_EQ(Expand("$(NESTED)"), "$(A)"); }

}  // namespace
}  // namespace qalam::workload
