#include "metrics/text_collector.h"

#include <string.h>

#include <algorithm>

#include "base/trimmed.h"
#include "metrics/timestamps.h"
#include "metrics/utf8.h"

namespace qalam::metrics {
namespace {

// What stands where the default expression found no number. `rest` follows the match, which took the blanks
// after the equals sign with it.
std::string_view WordAfterEquals(std::string_view rest) {
  const std::string_view word = rest.substr(0, rest.find_first_of(" \t\r\n\f\v,;)]}\"'"));
  const size_t equals = word.find('=');
  return equals != std::string_view::npos && equals > 0 ? std::string_view() : word;
}

// The part of a cut line that surely holds whole words.
std::string_view WholeWords(std::string_view text) {
  const size_t last = text.find_last_of(kBlanks);
  return last == std::string_view::npos ? std::string_view() : Trimmed(text.substr(0, last));
}

std::string TimeOf(std::string_view line) {
  const size_t blank = line.find(' ');
  if (blank != std::string_view::npos) {
    if (auto time = NormalizeRfc3339(line.substr(0, blank))) return *std::move(time);
  }
  return std::string(kZeroTime);
}

}  // namespace

TextCollector::TextCollector(std::vector<std::string> wanted, std::shared_ptr<const TextFilters> filters)
    : wanted_(std::move(wanted)), filters_(std::move(filters)) {}

bool TextCollector::MentionsMetric(std::string_view text) const {
  return std::any_of(wanted_.begin(), wanted_.end(), [&](const std::string& name) {
    return memmem(text.data(), text.size(), name.data(), name.size()) != nullptr;
  });
}

bool TextCollector::Read(const Line& line, std::vector<MetricPoint>& points) {
  const bool utf8 = IsValidUtf8(line.text);
  const bool good = utf8 && !line.cut;
  if (!MentionsMetric(line.text)) return good;

  std::string repaired;
  std::string_view text = line.text;
  if (!utf8) text = repaired = ReplaceInvalidUtf8(text);
  if (line.cut) text = WholeWords(text);

  matches_.clear();
  filters_->Match(text, matches_);
  std::string time;
  for (const FilterMatch& match : matches_) {
    const std::string_view name = Trimmed(match.name);
    if (std::find(wanted_.begin(), wanted_.end(), name) == wanted_.end()) continue;
    std::string_view value = Trimmed(match.value);
    if (value.empty() && match.by_default) value = WordAfterEquals(text.substr(match.end));
    if (value.empty() && line.cut && match.end == text.size()) continue;
    if (time.empty()) time = TimeOf(text);
    points.push_back({time, std::string(name), std::string(CutUtf8(value, kMaxTextBytes))});
  }
  return good;
}

std::string TextCollector::FilterText() const { return filters_->Text(); }

}  // namespace qalam::metrics
