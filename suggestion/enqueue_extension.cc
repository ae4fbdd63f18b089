#include "suggestion/enqueue_extension.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/extensions.h"
#include "base/number_text.h"

namespace qalam::suggestion {
namespace {

using algorithms::Parameter;

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool EndsPoint(char c) { return c == ';' || c == '\n'; }
bool Separates(char c) { return IsBlank(c) || c == ','; }

absl::Status Refuse(size_t point, std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("{}: point {}: {}", kEnqueueExtension, point, what));
}

std::string ValuesOf(const Parameter& parameter) {
  if (!parameter.is_numeric()) return fmt::format("one of {}", fmt::join(parameter.list(), ", "));
  return fmt::format("{} from {} to {}",
                     parameter.type() == algorithms::ParameterType::kInt ? "a whole number" : "a number",
                     NumberText(parameter.range().min), NumberText(parameter.range().max));
}

class Reader {
 public:
  Reader(std::string_view text, algorithms::Problem& problem) : text_(text), problem_(problem) {}

  absl::Status Read() {
    algorithms::PartialPoint point(problem_.space.size());
    bool empty = true;
    while (true) {
      while (at_ < text_.size() && Separates(text_[at_])) ++at_;
      if (at_ == text_.size() || EndsPoint(text_[at_])) {
        if (!empty) problem_.enqueued.push_back(std::exchange(point, algorithms::PartialPoint(point.size())));
        empty = true;
        if (at_ == text_.size()) break;
        ++at_;
        continue;
      }
      QALAM_RETURN_IF_ERROR(ReadValue(point));
      empty = false;
    }
    if (!problem_.enqueued.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(
        fmt::format("{}: must hold points like \"lr=0.1 units=64; lr=0.01\", got none", kEnqueueExtension));
  }

 private:
  size_t number() const { return problem_.enqueued.size() + 1; }

  absl::Status ReadValue(algorithms::PartialPoint& point) {
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '=' && !Separates(text_[at_]) && !EndsPoint(text_[at_])) ++at_;
    const std::string_view name = text_.substr(begin, at_ - begin);
    if (at_ == text_.size() || text_[at_] != '=' || name.empty()) {
      return Refuse(number(), fmt::format("\"{}\" has no value; write it like NAME=VALUE", name));
    }
    ++at_;
    const std::optional<std::string> value = ReadText();
    if (!value) return Refuse(number(), fmt::format("{}: a quote is not closed", name));
    const auto parameters = problem_.space.parameters();
    const auto parameter = std::find_if(parameters.begin(), parameters.end(),
                                        [&](const Parameter& p) { return p.name() == name; });
    if (parameter == parameters.end()) {
      std::vector<std::string_view> names;
      for (const Parameter& p : parameters) names.push_back(p.name());
      return Refuse(number(),
                    fmt::format("there is no parameter {}; there are {}", name, fmt::join(names, ", ")));
    }
    std::optional<algorithms::Value>& to = point[parameter - parameters.begin()];
    if (to) return Refuse(number(), fmt::format("{} is given twice", name));
    to = parameter->Parse(*value);
    if (to) {
      if (parameter->cardinality()) to = parameter->At(parameter->IndexOf(*to));
      return absl::OkStatus();
    }
    return Refuse(number(), fmt::format("{} must be {}, got '{}'", name, ValuesOf(*parameter), *value));
  }

  // Nothing when a quote is open at the end.
  std::optional<std::string> ReadText() {
    std::string value;
    if (at_ < text_.size() && text_[at_] == '"') {
      for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
        if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
        value += text_[at_];
      }
      if (at_ == text_.size()) return std::nullopt;
      ++at_;
      return value;
    }
    while (at_ < text_.size() && !Separates(text_[at_]) && !EndsPoint(text_[at_])) value += text_[at_++];
    return value;
  }

  const std::string_view text_;
  algorithms::Problem& problem_;
  size_t at_ = 0;
};

}  // namespace

absl::Status ReadEnqueued(std::string_view text, algorithms::Problem& problem) {
  problem.enqueued.clear();
  return Reader(text, problem).Read();
}

}  // namespace qalam::suggestion
