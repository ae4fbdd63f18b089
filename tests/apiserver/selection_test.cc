#include "apiserver/selection.h"

#include "api/experiment.h"
#include "apiserver/failure.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace qalam::apiserver {
namespace {

bool Matches(std::string_view selector, const api::StringMap& labels) {
  const auto parsed = LabelSelector::Parse(selector);
  EXPECT_TRUE(parsed.ok()) << selector << ": " << parsed.status().ToString();
  return parsed.ok() && parsed->Matches(labels);
}

TEST(LabelSelector, SelectsAsKubernetesDoes) {
  const api::StringMap labels = {
      {"app", "web"}, {"katib.kubeflow.org/experiment", "x"}, {"n", "7"}, {"empty", ""}};
  for (const char* yes : {"",
                          " ",
                          "app",
                          "app=web",
                          "app==web",
                          " app = web ",
                          "app!=db",
                          "other!=db",
                          "!other",
                          "! other",
                          "app in (db,web)",
                          "app in ( web )",
                          "app notin (db)",
                          "other notin (db)",
                          "n>6",
                          "n<8",

                          "katib.kubeflow.org/experiment=x,app,!other",
                          "empty=",
                          "empty in (,a)",
                          "empty",
                          "other!="}) {
    EXPECT_TRUE(Matches(yes, labels)) << yes;
  }
  for (const char* no : {"other", "app=db", "app!=web", "!app", "app in (db)", "app notin (web,db)", "n>7",
                         "n<7", "app>1", "other<5", "app,other", "app=", "other=", "other in (a)"}) {
    EXPECT_FALSE(Matches(no, labels)) << no;
  }
  EXPECT_TRUE(Matches("in in (in),notin notin (x)", {{"in", "in"}}));
}

TEST(LabelSelector, QuotesWhatItCannotRead) {
  for (const char* wrong :
       {",",  "a,",    "a,,b", "a b",   "a=b c",     "a in", "a in ()", "a in (b", "a in b", "a in (b c)",
        "=b", "a=(b)", "!a=b", "!",     "a>b",       "a>",   "-a",      "a/b/c",   "A/b",    "/b",
        "a/", "a=-b",  "a.=b", "a=b=c", "a in (b),", "a!b",  "a,!",     ")",       "a..b/c", "é"}) {
    const auto parsed = LabelSelector::Parse(wrong);
    EXPECT_EQ(CodeOf(parsed.status()), 400) << wrong;
    EXPECT_THAT(std::string(MessageOf(parsed.status())), testing::HasSubstr(wrong));
  }
  EXPECT_FALSE(LabelSelector::Parse("a=" + std::string(64, 'b')).ok());
  EXPECT_TRUE(LabelSelector::Parse("a=" + std::string(63, 'b')).ok());
}

const ResourceType& Experiments() { return *FindResourceType("kubeflow.org", "v1beta1", "experiments"); }

api::Experiment Named(std::string name_space, std::string name) {
  api::Experiment experiment;
  experiment.metadata.namespace_name = std::move(name_space);
  experiment.metadata.name = std::move(name);
  return experiment;
}

TEST(FieldSelector, SelectsByNameAndNamespace) {
  const api::Experiment experiment = Named("team", "a");
  for (const auto& [text, matches] :
       std::map<std::string, bool>{{"", true},
                                   {"metadata.name=a", true},
                                   {"metadata.name==a", true},
                                   {"metadata.name!=a", false},
                                   {"metadata.name=b", false},
                                   {"metadata.name=", false},
                                   {"metadata.name!=b,metadata.namespace=team", true},
                                   {"metadata.name=a,metadata.namespace=other", false},
                                   {",metadata.name=a,", true}}) {
    const auto selector = FieldSelector::Parse(text);
    ASSERT_TRUE(selector.ok()) << text;
    EXPECT_TRUE(selector->Check(Experiments()).ok()) << text;
    EXPECT_EQ(selector->Matches(AsStored(), experiment), matches) << text;
  }
  EXPECT_EQ(FieldSelector::Parse("metadata.namespace=n,metadata.name=a")->name(), "a");
  EXPECT_FALSE(FieldSelector::Parse("metadata.name!=a")->name());
  EXPECT_EQ(FieldSelector::Parse(R"(metadata.name=a\,b\=\\)")->name(), R"(a,b=\)");
}

TEST(FieldSelector, RefusesOtherPathsAndWhatItCannotRead) {
  const auto other = FieldSelector::Parse("spec.x=1");
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(CodeOf(other->Check(Experiments())), 400);
  EXPECT_EQ(std::string(MessageOf(other->Check(Experiments()))), "field label not supported: spec.x");
  for (const char* wrong : {"a", "=a", "a=b=c", R"(a=b\)", R"(a=\b)", "a<b"}) {
    EXPECT_EQ(CodeOf(FieldSelector::Parse(wrong).status()), 400) << wrong;
  }
}

TEST(Selection, AsksNamespaceLabelsAndFields) {
  api::Experiment experiment = Named("team", "a");
  experiment.metadata.labels = {{"app", "web"}};
  Selection selection{&Experiments(), "", *LabelSelector::Parse("app"),
                      *FieldSelector::Parse("metadata.name=a")};
  EXPECT_TRUE(selection.Shows(experiment));
  selection.namespace_name = "other";
  EXPECT_FALSE(selection.Shows(experiment));
  selection.namespace_name = "team";
  EXPECT_TRUE(selection.Shows(experiment));
  selection.labels = *LabelSelector::Parse("!app");
  EXPECT_FALSE(selection.Shows(experiment));
}

}  // namespace
}  // namespace qalam::apiserver
