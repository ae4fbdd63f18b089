#include "http/message.h"

#include <gmock/gmock.h>

namespace qalam::http {
namespace {

using testing::Optional;

TEST(HttpHeaders, AreFoundWithoutRegardToCase) {
  const Headers headers{{"Content-Type", "a"}, {"Accept", "b"}, {"accept", "c"}};
  EXPECT_THAT(headers.Find("content-TYPE"), Optional(std::string_view("a")));
  EXPECT_THAT(headers.Find("ACCEPT"), Optional(std::string_view("b")));
  EXPECT_EQ(headers.Joined("Accept"), "b, c");
  EXPECT_EQ(headers.Find("Accep"), std::nullopt);
  EXPECT_EQ(headers.Joined("Host"), "");
}

TEST(HttpQuery, DecodesNamesAndValues) {
  const Query query("labelSelector=a%3Db%2Cc+in+(d)&limit=5&na%6De=%C3%A9");
  EXPECT_THAT(query.Find("labelSelector"), Optional(std::string_view("a=b,c in (d)")));
  EXPECT_THAT(query.Find("limit"), Optional(std::string_view("5")));
  EXPECT_THAT(query.Find("name"), Optional(std::string_view("\xC3\xA9")));
  EXPECT_EQ(query.Find("Limit"), std::nullopt);
}

TEST(HttpQuery, TellsAbsentFromEmpty) {
  const Query query("a&b=&&=c&d=e=f");
  EXPECT_THAT(query.Find("a"), Optional(std::string_view("")));
  EXPECT_THAT(query.Find("b"), Optional(std::string_view("")));
  EXPECT_THAT(query.Find(""), Optional(std::string_view("c")));
  EXPECT_THAT(query.Find("d"), Optional(std::string_view("e=f")));
  EXPECT_EQ(query.parameters().size(), 4u);
  EXPECT_EQ(Query("").parameters().size(), 0u);
}

TEST(HttpQuery, KeepsWhatIsNoEscape) {
  const Query query("a=%&b=%zz&c=100%25&d=%4");
  EXPECT_THAT(query.Find("a"), Optional(std::string_view("%")));
  EXPECT_THAT(query.Find("b"), Optional(std::string_view("%zz")));
  EXPECT_THAT(query.Find("c"), Optional(std::string_view("100%")));
  EXPECT_THAT(query.Find("d"), Optional(std::string_view("%4")));
}

TEST(HttpQuery, GivesTheFirstOfSeveralValues) {
  const Query query("x=1&x=2&x=0");
  EXPECT_THAT(query.Find("x"), Optional(std::string_view("1")));
  EXPECT_EQ(query.parameters().count("x"), 3u);
}

TEST(HttpQuery, FlagsAreTrueWhenNamedOrTrue) {
  const Query query("a&b=true&c=1&d=True&e=false&f=0&g=yes");
  for (const char* name : {"a", "b", "c", "d"}) EXPECT_TRUE(query.Flag(name)) << name;
  for (const char* name : {"e", "f", "g", "absent"}) EXPECT_FALSE(query.Flag(name)) << name;
}

TEST(HttpPercentCoding, BringsBackEveryByte) {
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
  const std::string encoded = PercentEncode(every);
  EXPECT_EQ(encoded.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%"),
            std::string::npos);
  EXPECT_THAT(PercentDecode(encoded), Optional(every));
  EXPECT_EQ(PercentEncode("a/b c"), "a%2Fb%20c");
  EXPECT_THAT(PercentDecode("a+b"), Optional(std::string("a+b")));
}

TEST(HttpPercentCoding, RefusesWhatIsNoEscape) {
  for (const char* text : {"%", "%4", "%zz", "%4g", "a%", "%%20"})
    EXPECT_EQ(PercentDecode(text), std::nullopt) << text;
}

}  // namespace
}  // namespace qalam::http
