#include "metrics/line_splitter.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace qalam::metrics {
namespace {

struct Piece {
  std::string text;
  bool cut;
  bool operator==(const Piece&) const = default;
};

std::vector<Piece> Split(std::string_view bytes, size_t piece) {
  std::vector<Piece> lines;
  LineSplitter splitter;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    splitter.Feed(bytes.substr(at, piece));
    while (const auto line = splitter.Next()) lines.push_back({std::string(line->text), line->cut});
  }
  if (const auto line = splitter.Finish()) lines.push_back({std::string(line->text), line->cut});
  return lines;
}

std::vector<std::string> Texts(std::string_view bytes) {
  std::vector<std::string> texts;
  for (const Piece& piece : Split(bytes, bytes.size() + 1)) texts.push_back(piece.text);
  return texts;
}

using Strings = std::vector<std::string>;

TEST(LineSplitter, EndsLinesAtLfCrLfAndCr) {
  EXPECT_EQ(Texts("a\nb\r\nc\rd\n"), (Strings{"a", "b", "c", "d"}));
  EXPECT_EQ(Texts("a\n\nb\r\n\r\nc"), (Strings{"a", "", "b", "", "c"}));
  EXPECT_EQ(Texts("\r\r\n\n"), (Strings{"", "", ""}));
}

TEST(LineSplitter, TakesEachStateOfAProgressBarForALine) {
  EXPECT_EQ(Texts(" 10%|#  |\r 20%|## |\r100%|###|\n"), (Strings{" 10%|#  |", " 20%|## |", "100%|###|"}));
}

TEST(LineSplitter, HoldsBackAPartialLineUntilFinish) {
  LineSplitter splitter;
  splitter.Feed("loss=0.1");
  EXPECT_FALSE(splitter.Next().has_value());
  splitter.Feed("23\nacc");
  EXPECT_EQ(splitter.Next()->text, "loss=0.123");
  EXPECT_FALSE(splitter.Next().has_value());
  EXPECT_EQ(splitter.Finish()->text, "acc");
  EXPECT_FALSE(splitter.Finish().has_value());
}

TEST(LineSplitter, StartsAfreshAfterFinish) {
  LineSplitter splitter;
  splitter.Feed("old\r");
  while (splitter.Next()) {
  }
  EXPECT_FALSE(splitter.Finish().has_value());
  splitter.Feed("\nnew\n");  // this LF does not belong to the CR of the old output
  EXPECT_EQ(splitter.Next()->text, "");
  EXPECT_EQ(splitter.Next()->text, "new");
}

TEST(LineSplitter, KeepsNulBytes) {
  const std::string bytes("a\0b\n\0\n", 6);
  EXPECT_EQ(Texts(bytes), (Strings{std::string("a\0b", 3), std::string("\0", 1)}));
}

TEST(LineSplitter, CutsALineAboveOneMebibyteOnly) {
  const std::string longest(kMaxLineBytes, 'x');
  EXPECT_EQ(Split(longest + "\nend", 4096), (std::vector<Piece>{{longest, false}, {"end", false}}));
  EXPECT_EQ(Split(longest + "y\nend", 4096), (std::vector<Piece>{{longest, true}, {"end", false}}));
  EXPECT_EQ(Split(std::string(10 << 20, 'x') + "\nend", 256 << 10),
            (std::vector<Piece>{{longest, true}, {"end", false}}));
  EXPECT_EQ(Split(std::string(10 << 20, 'x'), 11 << 20), (std::vector<Piece>{{longest, true}}));
}

TEST(LineSplitter, GivesTheSameLinesHoweverTheBytesAreDivided) {
  std::mt19937 random(7);
  constexpr std::string_view kAlphabet("ab\r\n\0", 5);
  for (int round = 0; round < 300; ++round) {
    std::string bytes(random() % 40, ' ');
    for (char& c : bytes) c = kAlphabet[random() % kAlphabet.size()];
    const std::vector<Piece> whole = Split(bytes, 100);
    for (size_t piece = 1; piece < 6; ++piece)
      ASSERT_EQ(Split(bytes, piece), whole) << testing::PrintToString(bytes);
  }
}

}  // namespace
}  // namespace qalam::metrics
