#include "cli/table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace qalam::cli {
namespace {

std::string Printed(const Table& table, int width, bool utf8 = true, bool wide = false, bool headers = true) {
  std::ostringstream out;
  table.Print(out, Terminal{.width = width, .utf8 = utf8}, wide, headers);
  return out.str();
}

Table Sample() {
  Table table({{.title = "name"},
               {.title = "best trial", .use = ColumnUse::kWide},
               {.title = "message", .min_width = 8},
               {.title = "age", .use = ColumnUse::kTextOnly, .right_aligned = true},
               {.title = "created", .use = ColumnUse::kCsvOnly}});
  table.AddRow({"digits", "digits-x", "a rather long message", "5m", "2026"});
  table.AddRow({"日本", "", "short", "12m", "2027"});
  return table;
}

TEST(Table, AlignsByDisplayColumnsWithoutTrailingBlanks) {
  EXPECT_EQ(Printed(Sample(), 0),
            "NAME    MESSAGE                AGE\n"
            "digits  a rather long message   5m\n"
            "日本    short                  12m\n");
}

TEST(Table, CutsOnlyColumnsThatMayBeCut) {
  EXPECT_EQ(Printed(Sample(), 24),
            "NAME    MESSAGE      AGE\n"
            "digits  a rather l…   5m\n"
            "日本    short        12m\n");
  EXPECT_EQ(Printed(Sample(), 5, false),  // still readable: never below the columns' minimum
            "NAME    MESSAGE   AGE\n"
            "digits  a rathe~   5m\n"
            "??      short     12m\n");
}

TEST(Table, WideShowsMoreAndHeadersCanBeLeftOut) {
  EXPECT_EQ(Printed(Sample(), 0, true, true, false),
            "digits  digits-x  a rather long message   5m\n"
            "日本              short                  12m\n");
}

TEST(Table, CsvHasExactColumnsAndLowerCaseTitles) {
  std::ostringstream out;
  Sample().PrintCsv(out);
  EXPECT_EQ(
      out.str(),
      "name,best_trial,message,created\ndigits,digits-x,a rather long message,2026\n日本,,short,2027\n");
}

TEST(Table, CellsCannotSendEscapeSequences) {
  Table table({{.title = "x"}});
  table.AddRow({"a\033[2J\nb"});
  EXPECT_EQ(Printed(table, 0), "X\na?[2J b\n");
}

}  // namespace
}  // namespace qalam::cli
