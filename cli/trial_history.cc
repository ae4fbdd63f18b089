#include "cli/trial_history.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/csv.h"
#include "cli/resource_facts.h"
#include "cli/text_width.h"
#include "cli/trial_record.h"

namespace qalam::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMaxErrors = 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
// What the exports have and a search has no use for.
constexpr std::string_view kUnused[] = {
    "duration_seconds", "durationSeconds",   "apiVersion",   "kind",       "experiment", "curve",
    "labels",           "algorithmSettings", "pareto_front", "paretoFront"};

enum class Role { kIgnored, kTrial, kStatus, kStart, kEnd, kParameter, kMetric };

struct Column {
  Role role = Role::kIgnored;
  std::string name;  // of the parameter or metric
};

bool Contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool HasObject(const Json& record, const char* key) {
  return record.contains(key) && record[key].is_object();
}

class Reader {
 public:
  Reader(std::string file, Study& study, std::vector<std::string>& ignored)
      : file_(std::move(file)),
        study_(study),
        ignored_(ignored),
        metrics_(MetricNames(*study.experiment().spec.objective)) {}

  api::FieldErrors Read(std::string_view text) {
    if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) text.remove_prefix(kByteOrderMark.size());
    const size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return {};
    if (text[begin] == '{') {
      ReadJsonLines(text);
    } else if (text[begin] == '[') {
      line_ = 1;
      Error({.type = api::FieldErrorType::kSyntax,
             .field = {},
             .value = {},
             .detail = "a history is CSV or JSON lines: one object per line, no list (jq -c '.[]' makes "
                       "lines of a list)",
             .file = {}});
    } else {
      ReadCsv(text);
    }
    return std::move(errors_);
  }

 private:
  void Error(api::FieldError error) {
    error.file = file_;
    error.line = static_cast<int>(line_);
    errors_.push_back(std::move(error));
  }

  void Ignore(const std::string& name) {
    const bool is_unused = std::find(std::begin(kUnused), std::end(kUnused), name) != std::end(kUnused);
    if (!is_unused && !Contains(ignored_, name)) ignored_.push_back(name);
  }

  bool IsParameter(const std::string& name) const {
    const auto parameters = study_.space().parameters();
    return std::any_of(parameters.begin(), parameters.end(), [&](const auto& p) { return p.name() == name; });
  }

  // The longer names first: `trial` is the trial's name where `parameter.trial` is there, too.
  std::vector<Column> Roles(const std::vector<std::string>& header) const {
    std::vector<Column> columns(header.size());
    const auto claim = [&](const std::string& title, Role role, const std::string& name) {
      for (size_t i = 0; i < header.size(); ++i) {
        if (header[i] != title || columns[i].role != Role::kIgnored) continue;
        columns[i] = {role, name};
        return true;
      }
      return false;
    };
    for (const algorithms::Parameter& parameter : study_.space().parameters()) {
      if (!claim("parameter." + parameter.name(), Role::kParameter, parameter.name()))
        claim(parameter.name(), Role::kParameter, parameter.name());
    }
    for (const std::string& metric : metrics_) {
      if (!claim("metric." + metric, Role::kMetric, metric)) claim(metric, Role::kMetric, metric);
    }
    claim("trial", Role::kTrial, {});
    claim("status", Role::kStatus, {});
    claim("start", Role::kStart, {});
    claim("end", Role::kEnd, {});
    return columns;
  }

  bool CheckHeader(const CsvRecord& header, const std::vector<Column>& columns) {
    const auto there = [&](Role role, std::string_view name) {
      return std::any_of(columns.begin(), columns.end(),
                         [&](const Column& c) { return c.role == role && c.name == name; });
    };
    const auto missing = [&](const std::string& name, std::string_view remedy) {
      Error(
          {.type = api::FieldErrorType::kRequired,
           .field = "column " + name,
           .value = {},
           .detail = fmt::format("the header has no such column, only {}{}", fmt::join(header, ", "), remedy),
           .file = {}});
    };
    for (const algorithms::Parameter& parameter : study_.space().parameters()) {
      if (!there(Role::kParameter, parameter.name())) missing(parameter.name(), "");
    }
    if (!there(Role::kMetric, metrics_[0]) && !there(Role::kStatus, "")) {
      missing(metrics_[0], "; without results the trials need a column status");
    }
    for (size_t i = 0; i < header.size(); ++i) {
      if (columns[i].role != Role::kIgnored) continue;
      const auto twin = std::find(header.begin(), header.end(), header[i]) - header.begin();
      if (columns[static_cast<size_t>(twin)].role == Role::kIgnored) {
        Ignore(header[i]);
      } else {
        Error({.type = api::FieldErrorType::kForbidden,
               .field = "column " + header[i],
               .value = {},
               .detail = "the header has it twice; keep one",
               .file = {}});
      }
    }
    return errors_.empty();
  }

  void ReadCsv(std::string_view text) {
    std::vector<size_t> lines;
    const absl::StatusOr<std::vector<CsvRecord>> records = ParseCsv(text, &lines);
    if (!records.ok()) {
      Error({.type = api::FieldErrorType::kSyntax,
             .field = {},
             .value = {},
             .detail = std::string(records.status().message()),
             .file = {}});
      return;
    }
    const CsvRecord& header = records->front();
    line_ = lines.front();
    const std::vector<Column> columns = Roles(header);
    if (!CheckHeader(header, columns)) return;
    for (size_t row = 1; row < records->size() && errors_.size() < kMaxErrors; ++row) {
      const CsvRecord& cells = (*records)[row];
      line_ = lines[row];
      if (cells.size() != header.size()) {
        Error({.type = api::FieldErrorType::kSyntax,
               .field = {},
               .value = {},
               .detail = fmt::format("{} fields, but the header has {}", cells.size(), header.size()),
               .file = {}});
        continue;
      }
      TellRow(header, columns, cells, "column ");
    }
  }

  void TellRow(const std::vector<std::string>& titles, const std::vector<Column>& columns,
               const std::vector<std::string>& cells, std::string_view prefix) {
    TrialReport report;
    for (size_t i = 0; i < columns.size(); ++i) {
      const std::string& cell = cells[i];
      if (cell.empty()) continue;
      switch (columns[i].role) {
        case Role::kTrial:
          report.trial = cell;
          break;
        case Role::kStatus:
          report.state = ParseTrialState(cell);
          if (!report.state) {
            Error({.field = fmt::format("{}{}", prefix, titles[i]),
                   .value = Printable(cell, true),
                   .detail = TrialStateRule(),
                   .file = {}});
            return;
          }
          break;
        case Role::kStart:
          report.start = ParseTimestamp(cell);
          break;
        case Role::kEnd:
          report.end = ParseTimestamp(cell);
          break;
        case Role::kParameter:
          report.parameters.push_back({columns[i].name, cell});
          break;
        case Role::kMetric:
          report.metrics.push_back({columns[i].name, cell, cell, cell});
          break;
        case Role::kIgnored:
          break;
      }
    }
    Tell(std::move(report), [&](const std::string& field) {
      for (size_t i = 0; i < columns.size(); ++i) {
        const bool same = (columns[i].role == Role::kParameter && field == "parameters." + columns[i].name) ||
                          (columns[i].role == Role::kMetric && field == "metrics." + columns[i].name);
        if (same) return fmt::format("{}{}", prefix, titles[i]);
      }
      const size_t dot = field.find('.');
      return fmt::format("{}{}", prefix, dot == std::string::npos ? field : field.substr(dot + 1));
    });
  }

  template <class Rename>
  void Tell(TrialReport report, Rename rename) {
    const bool has_result = std::any_of(report.metrics.begin(), report.metrics.end(),
                                        [&](const auto& metric) { return metric.name == metrics_[0]; });
    if (!report.state && !has_result) report.state = api::TrialState::kRunning;
    for (api::FieldError& error : study_.Tell(report)) {
      error.field = rename(error.field);
      Error(std::move(error));
    }
  }

  void ReadJsonLines(std::string_view text) {
    while (!text.empty() && errors_.size() < kMaxErrors) {
      const size_t end = std::min(text.find('\n'), text.size());
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      ++line_;
      if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      const Json record = Json::parse(line, nullptr, /*allow_exceptions=*/false);
      if (!record.is_object()) {
        Error({.type = api::FieldErrorType::kSyntax,
               .field = {},
               .value = {},
               .detail =
                   "must be one JSON object per line, such as {\"parameters\": {\"x\": 0.5}, \"metrics\": "
                   "{\"loss\": 0.1}}",
               .file = {}});
      } else if (HasObject(record, "parameters") || HasObject(record, "metrics")) {
        TellRecord(record);
      } else {
        TellFlatRecord(record);
      }
    }
  }

  void TellRecord(const Json& record) {
    std::vector<std::string> unknown;
    api::FieldErrors errors;
    TrialReport report = ReadTrialRecord(record, unknown, errors);
    for (const std::string& name : unknown) Ignore(name);
    if (!errors.empty()) {
      for (api::FieldError& error : errors) Error(std::move(error));
      return;
    }
    const auto drop = [&](auto& list, const auto& is_known) {
      for (const auto& entry : list) {
        if (!is_known(entry.name)) Ignore(entry.name);
      }
      list.erase(std::remove_if(list.begin(), list.end(), [&](const auto& e) { return !is_known(e.name); }),
                 list.end());
    };
    drop(report.parameters, [&](const std::string& name) { return IsParameter(name); });
    drop(report.metrics, [&](const std::string& name) { return Contains(metrics_, name); });
    Tell(std::move(report), [](const std::string& field) { return field; });
  }

  void TellFlatRecord(const Json& record) {
    std::vector<std::string> titles, cells;
    for (const auto& [key, value] : record.items()) {
      titles.push_back(key);
      cells.push_back(ScalarText(value).value_or(""));
    }
    const std::vector<Column> columns = Roles(titles);
    for (size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].role == Role::kIgnored) Ignore(titles[i]);
    }
    TellRow(titles, columns, cells, "");
  }

  const std::string file_;
  Study& study_;
  std::vector<std::string>& ignored_;
  const std::vector<std::string> metrics_;  // the objective first
  size_t line_ = 0;
  api::FieldErrors errors_;
};

}  // namespace

api::FieldErrors ReadHistory(std::string_view text, const std::string& file, Study& study,
                             std::vector<std::string>& ignored) {
  return Reader(file, study, ignored).Read(text);
}

}  // namespace qalam::cli
