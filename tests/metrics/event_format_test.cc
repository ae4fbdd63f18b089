#include "metrics/event_format.h"

#include <gmock/gmock.h>

#include "tests/metrics/event_bytes.h"
#include "tests/metrics/point_list.h"

namespace qalam::metrics {
namespace {

using event_bytes::Bytes;
using event_bytes::Double;
using event_bytes::Event;
using event_bytes::Fixed;
using event_bytes::Float;
using event_bytes::Int;
using event_bytes::Record;
using event_bytes::Scalar;
using event_bytes::Simple;
using event_bytes::Tensor;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Read {
  std::vector<MetricPoint> points;
  CollectionSummary summary;
};

struct FileBytes {
  std::string path, bytes;
};

Read ReadAll(const std::vector<std::string>& wanted, const std::vector<FileBytes>& files) {
  EventFormat format(wanted);
  PointList list;
  for (const FileBytes& file : files) {
    const auto stream = format.Open(file.path);
    stream->Feed(file.bytes, list);
    stream->End(list);
  }
  format.Finish(list);
  Read result{list.points, {}};
  format.Describe(result.summary);
  return result;
}

std::vector<std::string> Values(const std::string& bytes) {
  std::vector<std::string> values;
  for (const MetricPoint& point : ReadAll({"loss"}, {{"/d/events", bytes}}).points)
    values.push_back(point.value);
  return values;
}

std::string OfType(int type, std::string_view element) {
  return Record(Event(1, Tensor("loss", Int(1, static_cast<std::uint64_t>(type)) + std::string(element))));
}

TEST(EventFormat, ReadsValuesOfTensorFlow1WithTheirTimes) {
  const auto read =
      ReadAll({"loss", "acc"},
              {{"/d/events", Record(Bytes(3, "brain.Event:2")) + Scalar(1638422847.28721, "loss", 0.1f) +
                                 Record(Event(5, Simple("loss", 2) + Simple("acc", 1e-9f)))}});
  EXPECT_THAT(read.points, ElementsAre(MetricPoint{"2021-12-02T05:27:27.28721Z", "loss", "0.1"},
                                       MetricPoint{"1970-01-01T00:00:05Z", "loss", "2"},
                                       MetricPoint{"1970-01-01T00:00:05Z", "acc", "1e-09"}));
  EXPECT_EQ(read.summary.lines, 3);
  EXPECT_EQ(read.summary.invalid_lines, 0);
}

TEST(EventFormat, ReadsValuesOfTensorFlow2OfEveryWidth) {
  EXPECT_THAT(
      Values(OfType(1, Bytes(4, Fixed(std::bit_cast<std::uint32_t>(0.25f), 4))) +  // float, content
             OfType(1, Float(5, 0.3f)) +                                           // float_val
             OfType(1, Bytes(5, Fixed(std::bit_cast<std::uint32_t>(0.7f), 4))) +   // packed
             OfType(2, Double(6, 0.1)) + OfType(2, Bytes(4, Fixed(std::bit_cast<std::uint64_t>(1e300), 8)))),
      ElementsAre("0.25", "0.3", "0.7", "0.1", "1e+300"));
  EXPECT_THAT(Values(OfType(3, Int(7, static_cast<std::uint64_t>(-5))) + OfType(9, Int(10, 1ull << 53)) +
                     OfType(4, Int(7, 200)) + OfType(6, Int(7, static_cast<std::uint64_t>(-3))) +
                     OfType(22, Int(16, 4'000'000'000)) + OfType(23, Int(17, ~0ull)) +
                     OfType(9, Bytes(4, Fixed(static_cast<std::uint64_t>(-9), 8)))),
              ElementsAre("-5", "9007199254740992", "200", "-3", "4000000000", "18446744073709551615", "-9"));
  EXPECT_THAT(Values(OfType(19, Int(13, 0x3C00)) + OfType(19, Int(13, 0xC000)) + OfType(19, Int(13, 0x0001)) +
                     OfType(19, Int(13, 0x7C00)) + OfType(14, Int(13, 0x3F80)) +
                     OfType(14, Bytes(4, Fixed(0xC040, 2)))),
              ElementsAre("1", "-2", "5.9604645e-08", "inf", "1", "-3"));
}

TEST(EventFormat, TakesALeftOutElementAsZero) {
  EXPECT_THAT(Values(OfType(1, "") + OfType(9, "")), ElementsAre("0", "0"));
}

TEST(EventFormat, PassesOverWhatIsNoScalar) {
  const std::string two = Int(1, 1) + Bytes(2, Bytes(2, Int(1, 2))) + Float(5, 1) + Float(5, 2);
  EXPECT_THAT(Values(OfType(7, Bytes(8, "text")) + Record(Event(1, Tensor("loss", two))) +
                     Record(Event(1, Bytes(1, Bytes(1, "loss") + Bytes(4, "an image")))) +
                     OfType(1, Bytes(4, "abc")) + OfType(1, Float(5, 1) + Float(5, 2))),
              IsEmpty());
}

TEST(EventFormat, PrefersTheWholeNameAndKnowsDirectories) {
  const std::string loss = Scalar(1, "loss", 1), named = Scalar(2, "train/loss", 2);
  const auto values = [](const Read& read) {
    std::string text;
    for (const MetricPoint& point : read.points) text += point.name + "=" + point.value + " ";
    return text;
  };
  EXPECT_EQ(values(ReadAll({"train/loss"}, {{"/logs/events", loss + named}})), "train/loss=2 ");
  EXPECT_EQ(values(ReadAll({"train/loss"}, {{"/logs/train/events", loss}, {"/logs/test/events", loss}})),
            "train/loss=1 ");
  EXPECT_EQ(values(ReadAll({"train/loss"}, {{"/logs/pretrain/events", loss}})), "");
  EXPECT_EQ(values(ReadAll({"loss"}, {{"/a/events", loss}, {"/b/c/events", Scalar(3, "loss", 3)}})),
            "loss=1 loss=3 ");
}

TEST(EventFormat, TakesTagsThatOnlyBeginWithTheNameWhenNoneFits) {
  const std::string total = Scalar(1, "loss_total", 7), numbered = Scalar(2, "loss_1", 8);
  const auto only = ReadAll({"loss"}, {{"/d/events", total}});
  EXPECT_THAT(only.points, ElementsAre(MetricPoint{"1970-01-01T00:00:01Z", "loss", "7"}));
  const auto both = ReadAll({"loss"}, {{"/d/events", total + numbered + total}});
  EXPECT_THAT(both.points, ElementsAre(MetricPoint{"1970-01-01T00:00:02Z", "loss", "8"}));
}

TEST(EventFormat, SaysWhichTagsWereThere) {
  const auto read = ReadAll({"loss"}, {{"/d/events", Scalar(1, "accuracy", 1) + Scalar(1, "Loss", 1)}});
  EXPECT_EQ(read.summary.evidence, "the event files held 2 scalars, with the tags Loss, accuracy");
  std::string many;
  for (int i = 100; i < 200; ++i) many += Scalar(1, std::to_string(i), 1);
  EXPECT_THAT(ReadAll({"loss"}, {{"/d/events", many}}).summary.evidence, HasSubstr("118, 119, ..."));
  EXPECT_EQ(ReadAll({"loss"}, {{"/d/events", ""}}).summary.evidence,
            "the event files held 0 records and no scalar");
}

TEST(EventFormat, CountsWhatIsCorruptAndReadsOn) {
  std::string flipped = Scalar(1, "loss", 2);
  flipped[14] ^= 1;
  const auto read =
      ReadAll({"loss"}, {{"/d/events", Scalar(1, "loss", 1) + flipped + Record("\xFF no event") +
                                           Scalar(1, "loss", 3) + "torn"}});
  EXPECT_EQ(read.points.size(), 2u);
  EXPECT_EQ(read.summary.invalid_lines, 3);
  EXPECT_THAT(read.summary.evidence, HasSubstr("; 3 records were corrupt, unfinished or too long"));
}

TEST(EventFormat, GivesTagsAndTimesThatTheLogCanHold) {
  const auto read = ReadAll({"loss"}, {{"/d/events", Scalar(std::bit_cast<double>(~0ull), "loss", 1) +
                                                         Scalar(1, "\xFF", 1) + Scalar(1e300, "loss", 2)}});
  EXPECT_THAT(read.points, ElementsAre(MetricPoint{"0001-01-01T00:00:00Z", "loss", "1"},
                                       MetricPoint{"0001-01-01T00:00:00Z", "loss", "2"}));
  EXPECT_THAT(read.summary.evidence, HasSubstr("\xEF\xBF\xBD"));
}

TEST(EventFormat, StopsWhenNothingMoreIsWanted) {
  EventFormat format({"loss"});
  PointList list;
  list.limit = 1;
  format.Open("/d/events")->Feed(Scalar(1, "loss", 1) + Scalar(1, "loss", 2), list);
  EXPECT_EQ(list.points.size(), 1u);
}

}  // namespace
}  // namespace qalam::metrics
