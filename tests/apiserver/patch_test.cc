#include "apiserver/patch.h"

#include <nlohmann/json.hpp>

#include "apiserver/failure.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace qalam::apiserver {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json Patched(const char* document, const char* patch) {
  const auto result = JsonPatch(json::parse(document), patch);
  EXPECT_TRUE(result.ok()) << result.status().ToString();
  return result.value_or(json());
}

std::string Refused(const char* document, std::string_view patch, int code = 422) {
  const auto result = JsonPatch(json::parse(document), patch);
  EXPECT_EQ(CodeOf(result.status()), code) << patch;
  return std::string(MessageOf(result.status()));
}

TEST(PatchType, IsReadFromTheMediaTypeWithoutItsParameters) {
  EXPECT_EQ(*ReadPatchType("application/json-patch+json"), PatchType::kJson);
  EXPECT_EQ(*ReadPatchType("application/merge-patch+json; charset=utf-8"), PatchType::kMerge);
  EXPECT_EQ(*ReadPatchType("application/strategic-merge-patch+json"), PatchType::kStrategicMerge);
  EXPECT_EQ(*ReadPatchType("application/apply-patch+yaml ;x"), PatchType::kApply);
  for (const char* other : {"", "application/json", "application/merge-patch+jsonx"}) {
    const auto type = ReadPatchType(other);
    EXPECT_EQ(CodeOf(type.status()), 415);
    EXPECT_THAT(std::string(MessageOf(type.status())), HasSubstr("application/merge-patch+json"));
  }
}

// RFC 6902, appendix A.
TEST(JsonPatchRfc, Examples) {
  EXPECT_EQ(Patched(R"({"foo":"bar"})", R"([{"op":"add","path":"/baz","value":"qux"}])"),
            json::parse(R"({"baz":"qux","foo":"bar"})"));
  EXPECT_EQ(Patched(R"({"foo":["bar","baz"]})", R"([{"op":"add","path":"/foo/1","value":"qux"}])"),
            json::parse(R"({"foo":["bar","qux","baz"]})"));
  EXPECT_EQ(Patched(R"({"baz":"qux","foo":"bar"})", R"([{"op":"remove","path":"/baz"}])"),
            json::parse(R"({"foo":"bar"})"));
  EXPECT_EQ(Patched(R"({"foo":["bar","qux","baz"]})", R"([{"op":"remove","path":"/foo/1"}])"),
            json::parse(R"({"foo":["bar","baz"]})"));
  EXPECT_EQ(Patched(R"({"baz":"qux","foo":"bar"})", R"([{"op":"replace","path":"/baz","value":"boo"}])"),
            json::parse(R"({"baz":"boo","foo":"bar"})"));
  EXPECT_EQ(Patched(R"({"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}})",
                    R"([{"op":"move","from":"/foo/waldo","path":"/qux/thud"}])"),
            json::parse(R"({"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}})"));
  EXPECT_EQ(Patched(R"({"foo":["all","grass","cows","eat"]})",
                    R"([{"op":"move","from":"/foo/1","path":"/foo/3"}])"),
            json::parse(R"({"foo":["all","cows","eat","grass"]})"));
  EXPECT_EQ(Patched(R"({"foo":"bar"})", R"([{"op":"add","path":"/child","value":{"grandchild":{}}}])"),
            json::parse(R"({"foo":"bar","child":{"grandchild":{}}})"));
  EXPECT_EQ(Patched(R"({"foo":"bar"})", R"([{"op":"add","path":"/baz","value":"qux","xyz":123}])"),
            json::parse(R"({"foo":"bar","baz":"qux"})"));
  EXPECT_EQ(Patched(R"({"/":9,"~1":10})", R"([{"op":"test","path":"/~01","value":10}])"),
            json::parse(R"({"/":9,"~1":10})"));
  EXPECT_EQ(Patched(R"({"foo":["bar"]})", R"([{"op":"add","path":"/foo/-","value":["abc","def"]}])"),
            json::parse(R"({"foo":["bar",["abc","def"]]})"));
  EXPECT_EQ(Patched(R"({"a":1})",
                    R"([{"op":"copy","from":"/a","path":"/b"},{"op":"replace","path":"","value":[1]}])"),
            json::parse("[1]"));
}

TEST(JsonPatchErrors, NameTheOperationAndWhatIsWrong) {
  EXPECT_THAT(
      Refused(R"({"a":1})", R"([{"op":"test","path":"/a","value":1},{"op":"test","path":"/a","value":"1"}])"),
      testing::StrEq(R"(patch[1]: test failed: /a is 1, not "1")"));
  EXPECT_THAT(Refused(R"({"a":1})", R"([{"op":"add","path":"/b/c","value":1}])"),
              HasSubstr(R"(there is no "/b/c")"));
  EXPECT_THAT(Refused(R"({"a":1})", R"([{"op":"add","path":"/a/c","value":1}])"),
              HasSubstr(R"(there is no "/a/c")"));
  EXPECT_THAT(Refused(R"({"a":[1]})", R"([{"op":"add","path":"/a/2","value":1}])"), HasSubstr("there is no"));
  EXPECT_THAT(Refused(R"({"a":[1]})", R"([{"op":"remove","path":"/a/-"}])"), HasSubstr("there is no"));
  EXPECT_THAT(Refused(R"({"a":[1,2]})", R"([{"op":"replace","path":"/a/01","value":1}])"),
              HasSubstr("there is no"));
  EXPECT_THAT(Refused("{}", R"([{"op":"replace","path":"/a","value":1}])"), HasSubstr("there is no"));
  EXPECT_THAT(Refused("{}", R"([{"op":"remove","path":""}])"), HasSubstr("whole document"));
  EXPECT_THAT(Refused("{}", R"([{"op":"add","path":"a","value":1}])"), HasSubstr("JSON pointer"));
  EXPECT_THAT(Refused("{}", R"([{"op":"add","path":"/a~2","value":1}])"), HasSubstr("JSON pointer"));
  EXPECT_THAT(Refused("{}", R"([{"op":"add","path":"/a"}])"), HasSubstr("value"));
  EXPECT_THAT(Refused("{}", R"([{"op":"change","path":"/a"}])"), HasSubstr("\"change\""));
  EXPECT_THAT(Refused("{}", "[1]"), HasSubstr("expected an object"));
  EXPECT_THAT(Refused(R"({"a":{"b":1}})", R"([{"op":"move","from":"/a","path":"/a/b"}])"),
              HasSubstr("into itself"));
  EXPECT_THAT(Refused("{}", "{}", 400), HasSubstr("expected array, got object"));
  EXPECT_THAT(Refused("{}", "[", 400), HasSubstr("error decoding patch"));
}

TEST(JsonPatchLimits, HoldWhatGrowsWithEveryOperation) {
  std::string many = "[";
  for (int i = 0; i <= 10'000; ++i) many += R"({"op":"test","path":"","value":{}},)";
  many.back() = ']';
  Refused("{}", many, 413);
  std::string doubling = "[";
  for (int i = 0; i < 64; ++i) doubling += R"({"op":"copy","from":"","path":"/-"},)";
  doubling.back() = ']';
  EXPECT_THAT(Refused(R"(["0123456789"])", doubling), HasSubstr("copies more than"));
  Refused("{}", std::string(1'000, '[') + std::string(1'000, ']'), 400);
}

TEST(JsonPatchLimits, HoldDepthOverSeveralOperations) {
  std::string nested = "1", path;
  for (int i = 0; i < 300; ++i) {
    nested = R"({"x":)" + nested + "}";
    path += "/x";
  }
  const std::string add = R"({"op":"add","path":"/x","value":)" + nested + "}";
  for (const std::string& second : {R"({"op":"add","path":")" + path + R"(","value":)" + nested + "}",
                                    R"({"op":"replace","path":")" + path + R"(","value":)" + nested + "}",
                                    R"({"op":"copy","from":"/x","path":")" + path + R"("})",
                                    R"({"op":"add","path":"/y","value":)" + nested +
                                        R"(},{"op":"move","from":"/y","path":")" + path + R"("})"}) {
    EXPECT_THAT(Refused("{}", "[" + add + "," + second + "]"), HasSubstr("more than 500 levels"));
  }
}

TEST(JsonPatchLimits, HoldTheBytesThatAreMoved) {
  const std::string document = R"({"a":")" + std::string(1 << 20, 'x') + R"("})";
  std::string moves = "[";
  for (int i = 0; i < 4; ++i) {
    moves += i % 2 == 0 ? R"({"op":"move","from":"/a","path":"/b"},)"
                        : R"({"op":"move","from":"/b","path":"/a"},)";
  }
  moves.back() = ']';
  EXPECT_THAT(Refused(document.c_str(), moves), HasSubstr("in all"));
}

// RFC 7386, appendix A, where patch and target are objects.
TEST(MergePatchRfc, Examples) {
  const char* cases[][3] = {{R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
                            {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
                            {R"({"a":"b"})", R"({"a":null})", R"({})"},
                            {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
                            {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
                            {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
                            {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
                            {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
                            {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
                            {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"}};
  for (const auto& [document, patch, expected] : cases) {
    EXPECT_EQ(*MergePatch(json::parse(document), patch), json::parse(expected)) << patch;
  }
  for (const char* wrong : {"[]", "null", "", "{\"a\":", "1"}) {
    EXPECT_EQ(CodeOf(MergePatch(json::object(), wrong).status()), 400) << wrong;
  }
}

}  // namespace
}  // namespace qalam::apiserver
