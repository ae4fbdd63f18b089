#include "metrics/event_format.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "metrics/event_records.h"
#include "metrics/event_scalars.h"
#include "metrics/timestamps.h"

namespace qalam::metrics {
namespace {

constexpr size_t kMaxNamedTags = 20;

enum class Fit { kNone, kBeginning, kWhole };

std::string_view DirectoryOf(std::string_view file) {
  const size_t slash = file.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : file.substr(0, slash);
}

bool EndsWithPath(std::string_view path, std::string_view end) {
  if (end.empty()) return true;
  if (!path.ends_with(end)) return false;
  return path.size() == end.size() || path[path.size() - end.size() - 1] == '/';
}

bool IsNumberSuffix(std::string_view text) {
  return text.size() > 1 && text.front() == '_' &&
         text.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

Fit FitOf(std::string_view name, std::string_view wanted_directory, std::string_view wanted_tag,
          std::string_view tag, std::string_view directory) {
  if (tag == name) return Fit::kWhole;
  if (!tag.starts_with(wanted_tag) || !EndsWithPath(directory, wanted_directory)) return Fit::kNone;
  const std::string_view rest = tag.substr(wanted_tag.size());
  return rest.empty() || IsNumberSuffix(rest) ? Fit::kWhole : Fit::kBeginning;
}

}  // namespace

class EventFormat::Stream final : public PointStream {
 public:
  Stream(EventFormat& format, std::string_view file) : format_(format), directory_(DirectoryOf(file)) {}

  void Feed(std::string_view bytes, PointReceiver& receiver) override {
    format_.bytes_ += static_cast<std::int64_t>(bytes.size());
    const std::int64_t invalid = Invalid();
    records_.Feed(bytes);
    while (const std::optional<std::string_view> record = records_.Next()) {
      if (!format_.OnRecord(*record, directory_, receiver)) return;
    }
    format_.invalid_records_ += Invalid() - invalid;
  }

  void End(PointReceiver&) override {
    if (records_.unfinished()) ++format_.invalid_records_;
    records_.Reset();
  }

 private:
  std::int64_t Invalid() const { return records_.corrupt() + records_.too_long(); }

  EventFormat& format_;
  const std::string directory_;
  EventRecords records_;
};

EventFormat::EventFormat(const std::vector<std::string>& wanted) {
  wanted_.reserve(wanted.size());  // the views into the names stay valid
  for (const std::string& name : wanted) {
    Wanted& metric = wanted_.emplace_back(Wanted{.name = name});
    const size_t slash = metric.name.rfind('/');
    const std::string_view whole = metric.name;
    metric.tag = slash == std::string::npos ? whole : whole.substr(slash + 1);
    if (slash != std::string::npos) metric.directory = whole.substr(0, slash);
  }
}

std::unique_ptr<PointStream> EventFormat::Open(std::string_view file) {
  return std::make_unique<Stream>(*this, file);
}

bool EventFormat::OnRecord(std::string_view record, std::string_view directory, PointReceiver& receiver) {
  ++records_;
  const std::optional<EventScalars> event = ReadEvent(record);
  if (!event) {
    ++invalid_records_;
    return true;
  }
  if (event->scalars.empty()) return true;
  const std::string time = UnixSecondsText(event->wall_time).value_or(std::string(kZeroTime));
  for (const EventScalar& scalar : event->scalars) {
    ++scalars_;
    if (tags_.size() <= kMaxNamedTags) tags_.insert(scalar.tag);
    for (size_t i = 0; i < wanted_.size(); ++i) {
      Wanted& metric = wanted_[i];
      const Fit fit = FitOf(metric.name, metric.directory, metric.tag, scalar.tag, directory);
      if (fit == Fit::kNone) continue;
      MetricPoint point{time, metric.name, scalar.value};
      if (fit == Fit::kWhole) {
        metric.found = true;
        if (!receiver.OnPoint(std::move(point))) return false;
      } else if (!metric.found && held_.size() < kMaxHeldPoints) {
        held_.emplace_back(i, std::move(point));
      }
    }
  }
  return true;
}

void EventFormat::Finish(PointReceiver& receiver) {
  for (auto& [metric, point] : std::exchange(held_, {})) {
    if (!wanted_[metric].found && !receiver.OnPoint(std::move(point))) return;
  }
}

void EventFormat::Describe(CollectionSummary& summary) const {
  summary.bytes = bytes_;
  summary.lines = records_;
  summary.invalid_lines = invalid_records_;
  if (tags_.empty()) {
    summary.evidence = fmt::format("the event files held {} records and no scalar", records_);
  } else {
    const bool more = tags_.size() > kMaxNamedTags;
    const auto end = more ? std::prev(tags_.end()) : tags_.end();
    summary.evidence = fmt::format("the event files held {} scalars, with the tags {}{}", scalars_,
                                   fmt::join(tags_.begin(), end, ", "), more ? ", ..." : "");
  }
  if (invalid_records_ > 0) {
    summary.evidence += fmt::format("; {} records were corrupt, unfinished or too long", invalid_records_);
  }
}

}  // namespace qalam::metrics
