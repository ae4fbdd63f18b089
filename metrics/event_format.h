// Points in TensorFlow event files.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/point_format.h"

namespace qalam::metrics {

/// A metric is looked for by name among the tags. Of a name with slashes, the part after the last one is the tag
/// and what comes before it must be the end of the path of the file's directory: `train/loss` is the tag `loss` in
/// `.../train`. A name without slashes counts in every directory. From the best fit to the worst:
///   1. the tag is the whole name, slashes included, in whatever directory;
///   2. the directory fits, and the tag is the name, or the name with a number as TensorFlow 1 adds it (`loss_1`);
///   3. the directory fits, and the tag begins with the name (`loss_total`). Katib takes these as well. They wait for
///      the end of the program, and count only if the metric has no point by 1 or 2.
///
/// The time of a point is the event's; its value is text as EventScalar has it.
///
/// Memory: kMaxHeldPoints points that wait; more are dropped, the later ones.
class EventFormat final : public PointFormat {
 public:
  static constexpr size_t kMaxHeldPoints = 10'000;

  explicit EventFormat(const std::vector<std::string>& wanted);

  std::unique_ptr<PointStream> Open(std::string_view file) override;
  void Finish(PointReceiver& receiver) override;
  void Describe(CollectionSummary& summary) const override;

 private:
  class Stream;
  struct Wanted {
    std::string name;
    std::string_view directory, tag;  // parts of `name`
    bool found = false;
  };

  bool OnRecord(std::string_view record, std::string_view directory, PointReceiver& receiver);

  std::vector<Wanted> wanted_;
  std::vector<std::pair<size_t, MetricPoint>> held_;  // index into wanted_
  std::set<std::string> tags_;                        // those seen, not all if there are many
  std::int64_t bytes_ = 0, records_ = 0, invalid_records_ = 0, scalars_ = 0;
};

}  // namespace qalam::metrics
