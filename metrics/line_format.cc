#include "metrics/line_format.h"

#include <optional>
#include <utility>

#include "metrics/line_splitter.h"

namespace qalam::metrics {

class LineFormat::Stream final : public PointStream {
 public:
  explicit Stream(LineFormat& format) : format_(format) {}

  void Feed(std::string_view bytes, PointReceiver& receiver) override {
    format_.bytes_ += static_cast<std::int64_t>(bytes.size());
    format_.tail_.Append(bytes);
    splitter_.Feed(bytes);
    while (const std::optional<Line> line = splitter_.Next()) {
      if (!format_.OnLine(*line, receiver)) return;
    }
  }

  void End(PointReceiver& receiver) override {
    if (const std::optional<Line> line = splitter_.Finish()) format_.OnLine(*line, receiver);
  }

 private:
  LineFormat& format_;
  LineSplitter splitter_;
};

LineFormat::LineFormat(std::unique_ptr<Collector> collector) : collector_(std::move(collector)) {}

std::unique_ptr<PointStream> LineFormat::Open(std::string_view) { return std::make_unique<Stream>(*this); }

bool LineFormat::OnLine(const Line& line, PointReceiver& receiver) {
  ++lines_;
  points_.clear();
  if (!collector_->Read(line, points_)) ++invalid_lines_;
  for (MetricPoint& point : points_) {
    if (!receiver.OnPoint(std::move(point))) return false;
  }
  return true;
}

void LineFormat::Describe(CollectionSummary& summary) const {
  summary.bytes = bytes_;
  summary.lines = lines_;
  summary.invalid_lines = invalid_lines_;
  summary.filter = collector_->FilterText();
  summary.last_lines = tail_.Lines();
}

}  // namespace qalam::metrics
