#include "bench/run_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "base/csv.h"
#include "base/number_text.h"

namespace qalam::bench {
namespace {

using Json = nlohmann::ordered_json;

const std::vector<std::string>& Columns() {
  static const auto* const columns = [] {
    auto* names = new std::vector<std::string>{"optimizer", "problem", "seed",   "batch",
                                               "evals",     "cpu_s",   "rss_mb", "curve"};
    for (const int length : kHistoryLengths) names->push_back(fmt::format("ms_at_{}", length));
    for (const char* name : {"mode", "time", "times"}) names->emplace_back(name);
    return names;
  }();
  return *columns;
}

CsvRecord Fields(const RunRecord& record) {
  std::string curve;
  for (const Improvement& point : record.curve)
    curve += fmt::format("{}{}:{:.6g}", curve.empty() ? "" : ";", point.evaluation, point.regret);
  CsvRecord fields = {record.optimizer,
                      record.problem,
                      std::to_string(record.seed),
                      std::to_string(record.batch),
                      std::to_string(record.evaluations),
                      fmt::format("{:.3f}", record.cpu_seconds),
                      std::to_string(record.peak_memory_mb),
                      std::move(curve)};
  for (const std::optional<double>& ms : record.milliseconds)
    fields.push_back(ms ? fmt::format("{:.4g}", *ms) : "");
  fields.push_back(record.mode);
  fields.push_back(record.time > 0 ? fmt::format("{:.6g}", record.time) : "");
  std::string times;
  for (const Improvement& point : record.curve) {
    if (point.time > 0) times += fmt::format("{}{:.6g}", times.empty() ? "" : ";", point.time);
  }
  fields.push_back(std::move(times));
  return fields;
}

absl::StatusOr<std::vector<Improvement>> ParseCurve(std::string_view text) {
  std::vector<Improvement> curve;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(';'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    const size_t colon = std::min(part.find(':'), part.size());
    const std::optional<long long> evaluation = ParseInt(part.substr(0, colon));
    const std::optional<double> regret = ParseDouble(part.substr(std::min(colon + 1, part.size())));
    if (!evaluation || *evaluation < 1 || *evaluation > 1'000'000'000 || !regret) {
      return absl::InvalidArgumentError(fmt::format("curve: \"{}\" should be like EVALUATION:REGRET", part));
    }
    curve.push_back({static_cast<int>(*evaluation), *regret});
  }
  return curve;
}

absl::Status ReadTimes(std::string_view text, std::vector<Improvement>& curve) {
  const absl::Status wrong =
      absl::InvalidArgumentError("times should be numbers, as many as the curve has entries");
  size_t i = 0;
  for (; !text.empty(); ++i) {
    const std::string_view part = text.substr(0, text.find(';'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    const std::optional<double> time = ParseDouble(part);
    if (!time || i >= curve.size()) return wrong;
    curve[i].time = *time;
  }
  return i == 0 || i == curve.size() ? absl::OkStatus() : wrong;
}

absl::StatusOr<RunRecord> FromFields(const std::map<std::string, std::string, std::less<>>& fields) {
  RunRecord record;
  const auto text = [&](std::string_view name) -> std::string {
    const auto found = fields.find(name);
    return found == fields.end() ? "" : found->second;
  };
  const auto whole = [&](std::string_view name, long long fallback) -> absl::StatusOr<long long> {
    const std::string value = text(name);
    if (value.empty()) return fallback;
    const std::optional<long long> number = ParseInt(value);
    if (!number || *number < 0) {
      return absl::InvalidArgumentError(
          fmt::format("{}: \"{}\" should be a whole number, 0 or more", name, value));
    }
    return *number;
  };
  for (const std::string_view name : {"optimizer", "problem", "seed", "curve"}) {
    if (!fields.contains(name)) return absl::InvalidArgumentError(fmt::format("{} is missing", name));
  }
  record.optimizer = text("optimizer");
  record.problem = text("problem");
  QALAM_ASSIGN_OR_RETURN(record.seed, whole("seed", 0));
  QALAM_ASSIGN_OR_RETURN(record.batch, whole("batch", 1));
  QALAM_ASSIGN_OR_RETURN(record.curve, ParseCurve(text("curve")));
  QALAM_ASSIGN_OR_RETURN(record.evaluations,
                         whole("evals", record.curve.empty() ? 0 : record.curve.back().evaluation));
  QALAM_ASSIGN_OR_RETURN(record.peak_memory_mb, whole("rss_mb", 0));
  record.cpu_seconds = ParseDouble(text("cpu_s")).value_or(0);
  for (size_t i = 0; i < kHistoryLengths.size(); ++i)
    record.milliseconds[i] = ParseDouble(text(fmt::format("ms_at_{}", kHistoryLengths[i])));
  if (!text("mode").empty()) record.mode = text("mode");
  record.time = ParseDouble(text("time")).value_or(0);
  QALAM_RETURN_IF_ERROR(ReadTimes(text("times"), record.curve));
  return record;
}

// As texts, so that both forms are read by one function.
std::map<std::string, std::string, std::less<>> FieldsOfJson(const Json& object) {
  std::map<std::string, std::string, std::less<>> fields;
  for (const auto& [name, value] : object.items()) {
    if (value.is_null()) continue;
    if (name == "curve" && value.is_array()) {
      std::string& curve = fields["curve"];
      for (const Json& point : value) {
        if (!point.is_array() || point.size() != 2) continue;
        curve += fmt::format("{}{}:{}", curve.empty() ? "" : ";", point[0].dump(), point[1].dump());
      }
    } else {
      fields[name] = value.is_string() ? value.get<std::string>() : value.dump();
    }
  }
  return fields;
}

absl::Status AtLine(size_t line, const absl::Status& status) {
  return absl::InvalidArgumentError(fmt::format("line {}: {}", line, MessageOf(status)));
}

absl::StatusOr<std::vector<RunRecord>> ParseJsonLines(std::string_view text) {
  std::vector<RunRecord> records;
  for (size_t line = 1; !text.empty(); ++line) {
    const std::string_view one = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(one.size() + 1, text.size()));
    if (one.empty()) continue;
    const Json object = Json::parse(one, nullptr, /*allow_exceptions=*/false);
    if (!object.is_object()) return AtLine(line, absl::InvalidArgumentError("should be a JSON object"));
    absl::StatusOr<RunRecord> record = FromFields(FieldsOfJson(object));
    if (!record.ok()) return AtLine(line, record.status());
    records.push_back(*std::move(record));
  }
  return records;
}

}  // namespace

std::optional<double> RunRecord::RegretAfter(int n) const {
  if (evaluations < n) return std::nullopt;
  std::optional<double> regret;
  for (const Improvement& point : curve) {
    if (point.evaluation > n) break;
    regret = point.regret;
  }
  return regret;
}

bool OrderedBefore(const RunRecord& a, const RunRecord& b) {
  return std::tie(a.seed, a.optimizer, a.problem, a.batch, a.mode, a.evaluations) <
         std::tie(b.seed, b.optimizer, b.problem, b.batch, b.mode, b.evaluations);
}

void PutInOrder(std::vector<RunRecord>& records) {
  std::stable_sort(records.begin(), records.end(), OrderedBefore);
  const auto same = [](const RunRecord& a, const RunRecord& b) { return !OrderedBefore(a, b); };
  records.erase(std::unique(records.begin(), records.end(), same), records.end());
}

void KeepLongest(std::vector<RunRecord>& records) {
  PutInOrder(records);
  const auto same_but_shorter = [](const RunRecord& longer, const RunRecord& shorter) {
    return std::tie(longer.seed, longer.optimizer, longer.problem, longer.batch, longer.mode) ==
           std::tie(shorter.seed, shorter.optimizer, shorter.problem, shorter.batch, shorter.mode);
  };
  std::reverse(records.begin(), records.end());
  records.erase(std::unique(records.begin(), records.end(), same_but_shorter), records.end());
  std::reverse(records.begin(), records.end());
}

double Rounded(double number) { return ParseDouble(fmt::format("{:.6g}", number)).value_or(number); }

bool CountsEpochs(std::string_view mode) { return mode == "epochs" || mode == "scratch"; }

std::string ResultHeader(ResultFormat format) {
  return format == ResultFormat::kCsv ? CsvRow(Columns()) : "";
}

std::string ResultLine(const RunRecord& record, ResultFormat format) {
  const CsvRecord fields = Fields(record);
  if (format == ResultFormat::kCsv) return CsvRow(fields);
  Json object;
  for (size_t i = 0; i < fields.size(); ++i) {
    const std::string& name = Columns()[i];
    if (name == "optimizer" || name == "problem" || name == "mode" || name == "times") {
      object[name] = fields[i];
    } else if (name == "curve") {
      object[name] = Json::array();
      for (const Improvement& point : record.curve) {
        object[name].push_back({point.evaluation, point.regret});
      }
    } else {
      object[name] = fields[i].empty() ? Json() : Json::parse(fields[i]);
    }
  }
  return object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

absl::StatusOr<std::vector<RunRecord>> ParseResults(std::string_view text, ResultFormat format) {
  text = text.substr(0, text.rfind('\n') + 1);
  if (format == ResultFormat::kJsonLines) return ParseJsonLines(text);
  QALAM_ASSIGN_OR_RETURN(const std::vector<CsvRecord> lines, ParseCsv(text));
  std::vector<RunRecord> records;
  for (size_t i = 1; i < lines.size(); ++i) {
    std::map<std::string, std::string, std::less<>> fields;
    for (size_t j = 0; j < std::min(lines[0].size(), lines[i].size()); ++j) fields[lines[0][j]] = lines[i][j];
    absl::StatusOr<RunRecord> record = FromFields(fields);
    if (!record.ok()) return AtLine(i + 1, record.status());
    records.push_back(*std::move(record));
  }
  return records;
}

}  // namespace qalam::bench
