#include "apiserver/json_path.h"

#include <gtest/gtest.h>

namespace qalam::apiserver {
namespace {

constexpr std::string_view kObject =
    R"({"a":{"b":"x,\"}]","c":[{"t":1},{"t":-2.5e3}],"e":[]},"k.8/s":{"z":null},"n":{"a":7}})";

std::string_view Find(std::string_view path) { return JsonPath(path).Find(kObject); }

TEST(JsonPath, FindsMembersAndElements) {
  EXPECT_EQ(Find(".a.b"), R"("x,\"}]")");
  EXPECT_EQ(Find(".a.c[0].t"), "1");
  EXPECT_EQ(Find(".a.c[-1:].t"), "-2.5e3");
  EXPECT_EQ(Find(".a.c[-2].t"), "1");
  EXPECT_EQ(Find(".a.c[1]"), R"({"t":-2.5e3})");
  EXPECT_EQ(Find(".n"), R"({"a":7})");
  EXPECT_EQ(Find("['k.8/s'].z"), "null");
  EXPECT_EQ(Find(R"(["k.8/s"]["z"])"), "null");
  EXPECT_EQ(Find(""), kObject);
}

TEST(JsonPath, IsEmptyWhereNothingIs) {
  for (const std::string_view path :
       {".b", ".a.x", ".a.c[2]", ".a.c[-3]", ".a.e[-1:].t", ".a.b.c", ".n[0]", ".a.c.t"}) {
    EXPECT_EQ(Find(path), "") << path;
  }
}

TEST(JsonPath, LeadsNowhereWhenItCannotBeRead) {
  for (const std::string_view path :
       {"a", ".", "..a", ".a[", ".a[x]", "['a'", "['a", ".a[99999999999]", ".a]"}) {
    EXPECT_EQ(Find(path), "") << path;
  }
}

TEST(JsonPath, StaysWithinTextsThatEndTooEarly) {
  for (std::size_t length = 0; length < kObject.size(); ++length) {
    const std::string cut(kObject.substr(0, length));
    for (const std::string_view path : {".n.a", ".a.c[-1:].t", "['k.8/s'].z"}) {
      const std::string_view found = JsonPath(path).Find(cut);
      EXPECT_TRUE(found.empty() ||
                  (found.data() >= cut.data() && found.data() + found.size() <= cut.data() + cut.size()));
    }
  }
}

}  // namespace
}  // namespace qalam::apiserver
