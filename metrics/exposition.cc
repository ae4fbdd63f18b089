#include "metrics/exposition.h"

#include <algorithm>

#include "base/number_text.h"

namespace qalam::metrics {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':';
}

// Takes parts from the front of a line.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool empty() const { return rest_.empty(); }
  char front() const { return rest_.empty() ? '\0' : rest_.front(); }

  void SkipBlanks() {
    while (!rest_.empty() && IsBlank(rest_.front())) rest_.remove_prefix(1);
  }

  bool Take(char wanted) {
    if (front() != wanted || rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }

  template <class Predicate>
  std::string_view TakeWhile(Predicate predicate) {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), predicate);
    const std::string_view taken = rest_.substr(0, static_cast<size_t>(end - rest_.begin()));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view TakeName() { return TakeWhile(IsNameCharacter); }
  std::string_view TakeWord() {
    return TakeWhile([](char c) { return !IsBlank(c); });
  }

  // "text", with \\ \" and \n for what cannot stand there.
  bool TakeQuoted(std::string& value) {
    if (!Take('"')) return false;
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return true;
      if (c != '\\') {
        value += c;
        continue;
      }
      if (rest_.empty()) return false;
      value += rest_.front() == 'n' ? '\n' : rest_.front();
      rest_.remove_prefix(1);
    }
    return false;
  }

  // {name="value",...}, if there is one.
  bool TakeLabels(Labels& labels) {
    if (!Take('{')) return true;
    while (true) {
      SkipBlanks();
      if (Take('}')) return true;
      const std::string_view name = TakeName();
      SkipBlanks();
      if (name.empty() || !Take('=')) return false;
      SkipBlanks();
      std::string value;
      if (!TakeQuoted(value)) return false;
      labels.emplace_back(name, std::move(value));
      SkipBlanks();
      if (!Take(',') && front() != '}') return false;
    }
  }

 private:
  std::string_view rest_;
};

bool ReadSample(std::string_view line, Sample& sample) {
  Scanner scanner(line);
  sample.name = scanner.TakeName();
  scanner.SkipBlanks();
  if (sample.name.empty() || !scanner.TakeLabels(sample.labels)) return false;
  scanner.SkipBlanks();
  sample.value = scanner.TakeWord();
  if (!ParseDouble(sample.value)) return false;
  scanner.SkipBlanks();
  if (scanner.empty() || scanner.front() == '#') return true;
  sample.timestamp = scanner.TakeWord();
  scanner.SkipBlanks();
  return ParseDouble(sample.timestamp) && (scanner.empty() || scanner.front() == '#');
}

}  // namespace

std::int64_t ReadExposition(std::string_view text, const std::function<void(const Sample&)>& on_sample) {
  std::int64_t bad = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    while (!line.empty() && IsBlank(line.front())) line.remove_prefix(1);
    if (line.empty() || line.front() == '#') continue;
    Sample sample;
    if (ReadSample(line, sample)) {
      on_sample(sample);
    } else {
      ++bad;
    }
  }
  return bad;
}

bool SampleSelector::Selects(const Sample& sample) const {
  return sample.name == name && std::all_of(labels.begin(), labels.end(), [&](const auto& label) {
           return std::find(sample.labels.begin(), sample.labels.end(), label) != sample.labels.end();
         });
}

std::optional<SampleSelector> ReadSelector(std::string_view text) {
  Scanner scanner(text);
  SampleSelector selector;
  selector.name = scanner.TakeName();
  scanner.SkipBlanks();
  if (selector.name.empty() || !scanner.TakeLabels(selector.labels)) return std::nullopt;
  scanner.SkipBlanks();
  if (!scanner.empty()) return std::nullopt;
  return selector;
}

}  // namespace qalam::metrics
