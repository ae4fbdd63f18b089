#include "metrics/event_records.h"

#include <gmock/gmock.h>

#include <vector>

#include "tests/metrics/event_bytes.h"

namespace qalam::metrics {
namespace {

using event_bytes::Checksum;
using event_bytes::Fixed;
using event_bytes::Record;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Read(EventRecords& records, std::string_view bytes, size_t piece = 0) {
  std::vector<std::string> found;
  for (size_t at = 0; at < bytes.size() || at == 0; at += piece == 0 ? bytes.size() + 1 : piece) {
    records.Feed(piece == 0 ? bytes : bytes.substr(at, piece));
    while (const auto record = records.Next()) found.emplace_back(*record);
  }
  return found;
}

TEST(EventRecords, HasTheChecksumOfTheStandard) {
  ASSERT_EQ(event_bytes::Crc32c("123456789"), 0xE3069283u);  // RFC 3720, of the test itself
}

TEST(EventRecords, ReadsRecordsHoweverTheyAreDivided) {
  const std::string bytes = Record("one") + Record("") + Record(std::string(300, 'x'));
  for (const size_t piece : {0u, 1u, 2u, 5u, 17u}) {
    EventRecords records;
    EXPECT_THAT(Read(records, bytes, piece), ElementsAre("one", "", std::string(300, 'x'))) << piece;
    EXPECT_EQ(records.corrupt(), 0);
    EXPECT_FALSE(records.unfinished());
  }
}

TEST(EventRecords, WaitsForTheRestOfTheLastRecord) {
  const std::string bytes = Record("one") + Record("two");
  for (size_t cut = Record("one").size() + 1; cut < bytes.size(); ++cut) {
    EventRecords records;
    EXPECT_THAT(Read(records, bytes.substr(0, cut)), ElementsAre("one"));
    EXPECT_TRUE(records.unfinished());
    EXPECT_THAT(Read(records, bytes.substr(cut)), ElementsAre("two"));
  }
}

TEST(EventRecords, PassesOverDataThatDoNotFitTheirChecksum) {
  std::string bytes = Record("one") + Record("two") + Record("three");
  bytes[Record("one").size() + 12] ^= 1;
  EventRecords records;
  EXPECT_THAT(Read(records, bytes), ElementsAre("one", "three"));
  EXPECT_EQ(records.corrupt(), 1);
  EXPECT_FALSE(records.unreadable());
}

TEST(EventRecords, LeavesTheFileWhereALengthCannotBeTrusted) {
  std::string bytes = Record("one") + Record("two") + Record("three");
  bytes[Record("one").size()] ^= 1;
  EventRecords records;
  EXPECT_THAT(Read(records, bytes, 4), ElementsAre("one"));
  EXPECT_EQ(records.corrupt(), 1);
  EXPECT_TRUE(records.unreadable());
  EXPECT_THAT(Read(records, Record("four")), IsEmpty());
  records.Reset();
  EXPECT_THAT(Read(records, Record("four")), ElementsAre("four"));
}

TEST(EventRecords, PassesOverRecordsThatAreTooLongWithoutKeepingThem) {
  const std::string bytes = Record(std::string(kMaxRecordBytes + 1, 'x')) + Record("after");
  for (const size_t piece : {0u, 65'536u}) {
    EventRecords records;
    EXPECT_THAT(Read(records, bytes, piece), ElementsAre("after"));
    EXPECT_EQ(records.too_long(), 1);
  }
}

TEST(EventRecords, BelievesNoLengthBeyondEveryFile) {
  const std::string length = Fixed(~std::uint64_t{0}, 8);
  EventRecords records;
  EXPECT_THAT(Read(records, length + Checksum(length) + Record("one")), IsEmpty());
  EXPECT_EQ(records.too_long(), 1);
  EXPECT_TRUE(records.unfinished());
}

}  // namespace
}  // namespace qalam::metrics
