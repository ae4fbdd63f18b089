// Metric values in lines of text: Katib's TEXT format.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "metrics/collector.h"
#include "metrics/text_filters.h"

namespace qalam::metrics {

/// A line counts if it contains a wanted name; then every match of every expression gives a point when its
/// first group, trimmed, is a wanted name. The value is the second group, trimmed, as text: nobody checks
/// that it is a number. The text before the line's first blank is the time if it is RFC 3339, otherwise
/// kZeroTime.
///
/// Where the default expression finds a name and an equals sign but no number, the value is the word that
/// follows, up to white space, a comma, a semicolon or a closing bracket or quote: `loss=nan` gives "nan" and
/// `loss==5` gives "=5" where Katib stores an empty text, so that the trial's message can show what was
/// written. Nothing follows in `loss=` and `loss= acc=0.9`: empty text.
///
/// Lines that are not UTF-8 are searched with U+FFFD in place of the bad bytes. A line that was cut is
/// searched up to its last blank, and an empty value at the end of that is dropped, so that half a number is
/// never reported.
///
/// Cost: one substring search per name on lines without any; a few microseconds on the others.
class TextCollector final : public Collector {
 public:
  TextCollector(std::vector<std::string> wanted, std::shared_ptr<const TextFilters> filters);

  bool Read(const Line& line, std::vector<MetricPoint>& points) override;
  std::string FilterText() const override;

 private:
  bool MentionsMetric(std::string_view text) const;

  std::vector<std::string> wanted_;
  std::shared_ptr<const TextFilters> filters_;
  std::vector<FilterMatch> matches_;  // kept for its memory
};

}  // namespace qalam::metrics
