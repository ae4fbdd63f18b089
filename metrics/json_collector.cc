#include "metrics/json_collector.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "metrics/timestamps.h"
#include "metrics/utf8.h"

namespace qalam::metrics {
namespace {

using Json = nlohmann::json;

// Receives one document's events and keeps the scalars of its top level that are wanted. Returning false ends
// the parse. The names are those of nlohmann's SAX interface.
class TopLevelValues {
 public:
  explicit TopLevelValues(const std::vector<std::string>& wanted) : wanted_(wanted), values_(wanted.size()) {}

  bool null() { return depth_ > 0; }
  bool boolean(bool) { return depth_ > 0; }
  bool number_integer(std::int64_t value) {
    return Number(static_cast<double>(value), std::to_string(value));
  }
  bool number_unsigned(std::uint64_t value) {
    return Number(static_cast<double>(value), std::to_string(value));
  }
  bool number_float(double value, const std::string& source) { return Number(value, source); }
  bool string(const std::string& value) {
    if (depth_ == 1 && is_timestamp_) time_ = NormalizeRfc3339(value);
    return Scalar(value);
  }
  bool binary(const Json::binary_t&) { return false; }

  bool start_object(size_t) {
    ++depth_;
    return true;
  }
  bool key(const std::string& name) {
    if (depth_ != 1) return true;
    is_timestamp_ = name == "timestamp";
    if (is_timestamp_) time_.reset();
    metric_ = static_cast<size_t>(std::find(wanted_.begin(), wanted_.end(), name) - wanted_.begin());
    if (metric_ < wanted_.size()) values_[metric_].reset();
    return true;
  }
  bool end_object() {
    --depth_;
    return true;
  }
  bool start_array(size_t) {
    if (depth_ == 0) return false;
    ++depth_;
    return true;
  }
  bool end_array() {
    --depth_;
    return true;
  }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception&) { return false; }

  void AppendTo(std::vector<MetricPoint>& points) {
    const std::string time = time_.value_or(std::string(kZeroTime));
    for (size_t i = 0; i < wanted_.size(); ++i) {
      if (values_[i]) points.push_back({time, wanted_[i], std::string(CutUtf8(*values_[i], kMaxTextBytes))});
    }
  }

 private:
  bool Number(double value, const std::string& text) {
    if (depth_ == 1 && is_timestamp_) time_ = UnixSecondsText(value);
    return Scalar(text);
  }

  bool Scalar(const std::string& text) {
    if (depth_ == 1 && metric_ < wanted_.size()) values_[metric_] = text;
    return depth_ > 0;
  }

  const std::vector<std::string>& wanted_;
  std::vector<std::optional<std::string>> values_;
  std::optional<std::string> time_;
  size_t metric_ = 0;
  bool is_timestamp_ = false;
  size_t depth_ = 0;
};

bool Parse(std::string_view text, const std::vector<std::string>& wanted, std::vector<MetricPoint>& points) {
  TopLevelValues values(wanted);
  if (!Json::sax_parse(text.begin(), text.end(), &values)) return false;
  values.AppendTo(points);
  return true;
}

// Puts the bare words that Python's json module writes for non-finite numbers in quotes. Nothing if there are
// none.
std::optional<std::string> QuoteNonFinite(std::string_view text) {
  if (text.find("NaN") == std::string_view::npos && text.find("Infinity") == std::string_view::npos) {
    return std::nullopt;
  }
  std::string result;
  bool in_string = false, found = false;
  for (size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (in_string && c == '\\' && at + 1 < text.size()) {
      result += text.substr(at, 2);
      at += 2;
      continue;
    }
    if (c == '"') in_string = !in_string;
    std::string_view word;
    if (!in_string) {
      for (const std::string_view candidate : {"NaN", "Infinity", "-Infinity"}) {
        if (text.substr(at, candidate.size()) == candidate) word = candidate;
      }
    }
    if (word.empty()) {
      result += c;
      ++at;
    } else {
      result.append("\"").append(word).append("\"");
      at += word.size();
      found = true;
    }
  }
  if (!found) return std::nullopt;
  return result;
}

}  // namespace

JsonCollector::JsonCollector(std::vector<std::string> wanted) : wanted_(std::move(wanted)) {}

bool JsonCollector::Read(const Line& line, std::vector<MetricPoint>& points) {
  if (line.cut) return false;
  if (line.text.find_first_not_of(" \t") == std::string_view::npos) return true;
  // The parser takes a NUL for the end of its input and would not see what follows.
  if (line.text.find('\0') != std::string_view::npos) return false;

  const bool utf8 = IsValidUtf8(line.text);
  std::string repaired;
  std::string_view text = line.text;
  if (!utf8) text = repaired = ReplaceInvalidUtf8(text);
  if (Parse(text, wanted_, points)) return utf8;
  const std::optional<std::string> quoted = QuoteNonFinite(text);
  return quoted && Parse(*quoted, wanted_, points) && utf8;
}

}  // namespace qalam::metrics
