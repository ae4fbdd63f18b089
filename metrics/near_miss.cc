#include "metrics/near_miss.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "api/did_you_mean.h"
#include "base/number_text.h"
#include "metrics/json_collector.h"
#include "metrics/line_splitter.h"
#include "metrics/text_collector.h"
#include "metrics/utf8.h"

namespace qalam::metrics {
namespace {

constexpr size_t kShownBytes = 500;

constexpr std::string_view kName = R"(([\w|-]+))";
constexpr std::string_view kNumber = R"(([+-]?(?:\d+\.?\d*|\.\d+)(?:[Ee][+-]?\d+)?))";

// How far a name is from the wanted one; smaller is nearer.
enum class Likeness { kEqual, kOtherCase, kContains, kMisspelt, kOther };

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

Likeness LikenessOf(std::string_view wanted, std::string_view name) {
  if (name == wanted) return Likeness::kEqual;
  const std::string a = Lower(wanted), b = Lower(name);
  if (a == b) return Likeness::kOtherCase;
  constexpr size_t kLeast = 3;  // letters that say something
  if (std::min(a.size(), b.size()) >= kLeast &&
      (a.find(b) != std::string::npos || b.find(a) != std::string::npos))
    return Likeness::kContains;
  const std::string_view candidates[] = {name};
  return api::Nearest(wanted, candidates).empty() ? Likeness::kOther : Likeness::kMisspelt;
}

bool IsFiniteNumber(std::string_view text) {
  const std::optional<double> number = ParseDouble(text);
  return number && std::isfinite(*number);
}

// One way to read lines: what it needs to be changed, and the filters it uses.
struct Reading {
  std::string why;     // empty for the filters as they are
  std::string filter;  // for NearMiss
  bool no_filter = false;
  std::string format;
  std::shared_ptr<const TextFilters> filters;  // null: JSON
};

std::vector<Reading> Readings(const MetricSearch& search, std::shared_ptr<const TextFilters> own) {
  std::vector<Reading> readings;
  const auto add_filter = [&](std::string why, std::string expression) {
    auto filters = TextFilters::Compile({expression});
    if (filters.ok())
      readings.push_back({std::move(why), std::move(expression), false, search.json ? "TEXT" : "", *filters});
  };
  if (search.json) {
    readings.push_back({});
    if (!search.may_change_format) return readings;
    readings.push_back(
        {.why = "the line is text, not JSON", .format = "TEXT", .filters = *TextFilters::Compile({})});
  } else {
    readings.push_back({.filters = std::move(own)});
    if (search.may_change_format)
      readings.push_back(
          {.why = "the line is JSON, not text", .no_filter = !search.filters.empty(), .format = "JSON"});
  }
  const bool own_filter = !search.json && !search.filters.empty();
  const auto why = [&](std::string_view otherwise) {
    return own_filter ? "metricsFormat does not match the line" : std::string(otherwise);
  };
  if (own_filter) {
    readings.push_back({.why = why(""), .no_filter = true, .filters = *TextFilters::Compile({})});
  }
  if (!RE2::FullMatch(search.metric, R"([\w|-]+)")) {
    add_filter(why("the default filter ends a name at characters other than letters, digits, \"_\", \"-\" "
                   "and \"|\""),
               fmt::format(R"((?:^|[^\w|/.-])({})\s*[=:]\s*{})", RE2::QuoteMeta(search.metric), kNumber));
  }
  add_filter(why("the name is followed by \":\", and the default filter wants \"=\""),
             fmt::format(R"({}\s*:\s*{})", kName, kNumber));
  add_filter(why("the line is JSON, and the default filter wants name=value"),
             fmt::format(R"("{}"\s*:\s*"?{})", kName, kNumber));
  add_filter(why("there is no \"=\" between name and value"), fmt::format(R"({}\s+{})", kName, kNumber));
  add_filter(why("something other than \"=\" stands between name and value"),
             fmt::format(R"({}\s*(?:is|was|at|of|to|->|=>|:=|[^\w\s=:.+-]+)\s*{})", kName, kNumber));
  return readings;
}

// Names with the values a reading finds in a line, whatever the names are.
std::vector<std::pair<std::string, std::string>> NamesIn(const Reading& reading, const std::string& line) {
  std::vector<std::pair<std::string, std::string>> found;
  if (reading.filters == nullptr) {
    const auto object = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!object.is_object()) return found;
    for (const auto& [name, value] : object.items()) {
      if (value.is_number()) found.emplace_back(name, value.dump());
      if (value.is_string()) found.emplace_back(name, value.get<std::string>());
    }
    return found;
  }
  std::vector<FilterMatch> matches;
  reading.filters->Match(line, matches);
  for (const FilterMatch& match : matches) found.emplace_back(match.name, match.value);
  return found;
}

// What a collector with this reading and name reads; empty when that is no finite number.
std::string ReadBack(const Reading& reading, const std::string& name, const std::string& line) {
  std::vector<MetricPoint> points;
  if (reading.filters == nullptr) {
    JsonCollector({name}).Read({.text = line}, points);
  } else {
    TextCollector({name}, reading.filters).Read({.text = line}, points);
  }
  return points.empty() || !IsFiniteNumber(points.back().value) ? std::string() : points.back().value;
}

std::string Why(const Reading& reading, const std::string& wanted, const std::string& name) {
  std::string why = reading.why;
  if (name == wanted) return why;
  if (!why.empty()) why += ", and ";
  return why + fmt::format("the metric is written \"{}\"", name);
}

}  // namespace

std::optional<NearMiss> FindNearMiss(const MetricSearch& search, std::string_view output) {
  auto own = TextFilters::Compile(search.filters);
  if (!own.ok() || search.metric.empty()) return std::nullopt;
  const std::vector<Reading> readings = Readings(search, *own);
  std::optional<NearMiss> best;
  std::pair<Likeness, size_t> best_rank{Likeness::kOther, 0};

  const auto look = [&](const std::string& line) {
    if (!ReadBack(readings[0], search.metric, line).empty()) return;  // no miss
    for (size_t i = 0; i < readings.size(); ++i) {
      const Reading& reading = readings[i];
      for (const auto& [name, value] : NamesIn(reading, line)) {
        const std::pair rank{LikenessOf(search.metric, name), i};
        if (rank.first == Likeness::kOther || (best && rank > best_rank)) continue;
        const std::string read = ReadBack(reading, name, line);
        if (read.empty()) continue;
        best_rank = rank;
        best = NearMiss{.line = std::string(CutUtf8(line, kShownBytes)),
                        .value = read,
                        .why = Why(reading, search.metric, name),
                        .name = name == search.metric ? "" : name,
                        .filter = reading.filter,
                        .no_filter = reading.no_filter,
                        .format = reading.format};
      }
    }
  };
  LineSplitter splitter;
  const auto take = [&](const Line& line) {
    if (line.cut || line.text.find_first_of("0123456789") == std::string_view::npos) return;
    look(ReplaceInvalidUtf8(line.text));
  };
  splitter.Feed(output);
  while (const std::optional<Line> line = splitter.Next()) take(*line);
  if (const std::optional<Line> line = splitter.Finish()) take(*line);
  return best;
}

}  // namespace qalam::metrics
