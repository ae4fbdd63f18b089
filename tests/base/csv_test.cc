#include "base/csv.h"

#include <gmock/gmock.h>

namespace qalam {
namespace {

using ::testing::ElementsAre;

TEST(CsvField, QuotesWhatRfc4180Wants) {
  EXPECT_EQ(CsvField("plain"), "plain");
  EXPECT_EQ(CsvField(""), "");
  EXPECT_EQ(CsvField("a,b"), "\"a,b\"");
  EXPECT_EQ(CsvField("say \"hi\""), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(CsvField("two\nlines"), "\"two\nlines\"");
  EXPECT_EQ(CsvField("\r"), "\"\r\"");
  EXPECT_EQ(CsvField(" padded"), "\" padded\"");
  EXPECT_EQ(CsvRow({"a", "", "b"}), "a,,b\n");
  EXPECT_EQ(CsvRow({""}), "\"\"\n");
}

TEST(ParseCsv, ReadsQuotesAndBothLineEnds) {
  const absl::StatusOr<std::vector<CsvRecord>> records =
      ParseCsv("a,\"b,c\",\r\n\n\"say \"\"hi\"\"\",\"two\nlines\",\"\"");
  ASSERT_TRUE(records.ok()) << records.status();
  EXPECT_THAT(*records,
              ElementsAre(ElementsAre("a", "b,c", ""), ElementsAre("say \"hi\"", "two\nlines", "")));
}

TEST(ParseCsv, NamesTheLineOfAQuoteThatIsNotClosed) {
  const absl::StatusOr<std::vector<CsvRecord>> records = ParseCsv("a\nb,\"c\nd");
  EXPECT_EQ(records.status().message(), "line 2: a quote is not closed");
}

TEST(ParseCsv, TellsOnWhichLineEachRecordBegins) {
  std::vector<size_t> lines;
  ASSERT_TRUE(ParseCsv("a\n\n\"two\nlines\",b\r\nc", &lines).ok());
  EXPECT_THAT(lines, ElementsAre(1, 3, 5));
}

TEST(ParseCsv, ReadsBackWhatCsvRowWrote) {
  const CsvRecord record = {"plain", "", " padded", "a,b", "say \"hi\"", "two\r\nlines"};
  EXPECT_THAT(ParseCsv(CsvRow(record)).value(), ElementsAre(record));
  EXPECT_THAT(ParseCsv(CsvRow({""})).value(), ElementsAre(ElementsAre("")));
}

}  // namespace
}  // namespace qalam
