#include "metrics/text_filters.h"

#include <fmt/format.h>
#include <re2/re2.h>

namespace qalam::metrics {
namespace {

std::string_view View(const re2::StringPiece& piece) {
  return piece.data() == nullptr ? std::string_view() : std::string_view(piece.data(), piece.size());
}

}  // namespace

TextFilters::TextFilters() = default;
TextFilters::~TextFilters() = default;

absl::StatusOr<std::shared_ptr<const TextFilters>> TextFilters::Compile(
    const std::vector<std::string>& expressions) {
  std::shared_ptr<TextFilters> filters(new TextFilters);
  re2::RE2::Options options;
  options.set_log_errors(false);
  if (expressions.empty()) {
    filters->expressions_.push_back(std::make_unique<re2::RE2>(std::string(kDefaultFilter), options));
    return filters;
  }
  for (size_t i = 0; i < expressions.size(); ++i) {
    auto expression = std::make_unique<re2::RE2>(expressions[i], options);
    const auto refuse = [&](std::string_view why) {
      return absl::InvalidArgumentError(
          fmt::format("source.filter.metricsFormat[{}]: \"{}\": {}", i, expressions[i], why));
    };
    if (!expression->ok()) return refuse("not an RE2 expression: " + expression->error());
    if (expression->NumberOfCapturingGroups() < 2) {
      return refuse("needs two groups, the first for the metric's name and the second for its value");
    }
    filters->expressions_.push_back(std::move(expression));
  }
  return filters;
}

void TextFilters::Match(std::string_view line, std::vector<FilterMatch>& matches) const {
  const re2::StringPiece text(line.data(), line.size());
  re2::StringPiece groups[3];
  for (const auto& expression : expressions_) {
    const bool by_default = expression->pattern() == kDefaultFilter;
    size_t from = 0;
    while (from <= line.size() &&
           expression->Match(text, from, line.size(), re2::RE2::UNANCHORED, groups, 3)) {
      const size_t end = static_cast<size_t>(groups[0].data() - line.data()) + groups[0].size();
      matches.push_back({View(groups[1]), View(groups[2]), end, by_default});
      from = groups[0].empty() ? end + 1 : end;
    }
  }
}

std::string TextFilters::Text() const {
  std::string text;
  for (const auto& expression : expressions_) {
    if (!text.empty()) text += "; ";
    text += expression->pattern();
  }
  return text;
}

}  // namespace qalam::metrics
