#include "http/gzip.h"

#include <gmock/gmock.h>

#include <random>

namespace qalam::http {
namespace {

constexpr std::size_t kAny = 100 << 20;

std::string Text(std::size_t size) {
  std::mt19937 random(7);
  std::string text;
  while (text.size() < size) text += fmt::format("{{\"name\":\"trial-{}\",", random() % 1000);
  text.resize(size);
  return text;
}

TEST(HttpGzip, TextsComeBack) {
  for (const std::size_t size : {0, 1, 8191, 8192, 65536, 3'000'000}) {
    const std::string text = Text(size);
    const std::string compressed = Gzip(text);
    EXPECT_EQ(Gunzip(compressed, kAny).value(), text) << size;
    if (size > 8192) {
      EXPECT_LT(compressed.size(), size / 2);
    }
  }
}

TEST(HttpGzip, ACompressorOfAThreadRemembersNothing) {
  const std::string secret = Gzip(Text(20'000));
  EXPECT_EQ(Gzip(Text(20'000)), secret);
}

TEST(HttpGzip, StreamsCanBeReadUpToEachPiece) {
  GzipStream stream;
  std::string sent;
  std::string whole;
  for (const std::size_t size : {10, 20'000, 3, 65'535, 0, 8'191, 100'000}) {
    const std::string piece = Text(size);
    sent += stream.Add(piece);
    whole += piece;
    // An empty last block and a checksum make a whole text of what has been sent so far.
    GzipStream copy = stream;
    EXPECT_EQ(Gunzip(sent + copy.Finish(), kAny).value(), whole);
  }
  EXPECT_EQ(Gunzip(sent + stream.Finish(), kAny).value(), whole);
  GzipStream empty;
  EXPECT_EQ(Gunzip(empty.Finish(), kAny).value(), "");
}

TEST(HttpGzip, EachPieceOfAStreamEndsWithAnEmptyBlock) {
  // Without it Go's reader keeps a stored block to itself until the next one comes.
  GzipStream stream;
  const std::string_view empty("\x00\x00\x00\xff\xff", 5);
  for (const std::size_t size : {10, 20'000, 3}) {
    const std::string sent = stream.Add(Text(size));
    EXPECT_EQ(std::string_view(sent).substr(sent.size() - 4), empty.substr(1));
    if (size < 1'000) {
      EXPECT_EQ(std::string_view(sent).substr(sent.size() - 5), empty);
    }
  }
}

TEST(HttpGunzip, RefusesTextsAboveTheLimit) {
  const std::string bomb = Gzip(std::string(10'000'000, ' '));
  EXPECT_LT(bomb.size(), 100'000u);
  EXPECT_EQ(Gunzip(bomb, 10'000'000).value().size(), 10'000'000u);
  EXPECT_EQ(Gunzip(bomb, 9'999'999).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Gunzip(bomb, 0).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(HttpGunzip, RefusesWhatIsDamaged) {
  const std::string good = Gzip(Text(20'000));
  std::string flipped = good;
  flipped[flipped.size() - 6] ^= 1;  // the checksum
  for (const std::string& bad :
       {std::string(), std::string("{}"), good.substr(0, good.size() - 1), good + "x", flipped}) {
    EXPECT_EQ(Gunzip(bad, kAny).status().code(), absl::StatusCode::kInvalidArgument) << bad.size();
  }
}

TEST(HttpAcceptsGzip, ReadsTheHeader) {
  for (const char* header :
       {"gzip", "deflate, GZIP", "gzip;q=0.1", "br;q=1.0, gzip ; q=0.5", "identity,gzip"}) {
    EXPECT_TRUE(AcceptsGzip(header)) << header;
  }
  for (const char* header : {"", "identity", "gzip;q=0", "gzip; q=0.000", "gzipped", "x-gzip", "*"}) {
    EXPECT_FALSE(AcceptsGzip(header)) << header;
  }
}

}  // namespace
}  // namespace qalam::http
