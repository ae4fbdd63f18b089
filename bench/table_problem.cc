#include "bench/table_problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "base/csv.h"
#include "base/number_text.h"
#include "bench/space_parts.h"

namespace qalam::bench {
namespace {

using algorithms::Parameter;
using algorithms::Point;
using Json = nlohmann::json;

constexpr size_t kMaxCombinations = 100'000'000;

absl::Status Invalid(std::string_view table, std::string_view message) {
  return absl::InvalidArgumentError(fmt::format("table {}: {}", table, message));
}

struct TableColumn {
  std::string name;
  bool ordered = true;
  std::vector<std::string> levels;  // texts, in order
  size_t index = 0;                 // of the CSV column

  std::optional<size_t> LevelOf(const std::string& text) const {
    const auto same = std::find(levels.begin(), levels.end(), text);
    if (same != levels.end()) return same - levels.begin();
    if (!ordered) return std::nullopt;
    const std::optional<double> number = ParseDouble(text);  // "1.0" and "1" are one level
    for (size_t i = 0; number && i < levels.size(); ++i) {
      if (ParseDouble(levels[i]) == number) return i;
    }
    return std::nullopt;
  }
};

std::string LevelText(const Json& level) {
  return level.is_string() ? level.get<std::string>() : level.dump();
}

absl::StatusOr<std::vector<TableColumn>> ReadDescription(std::string_view table, std::string_view json,
                                                         std::string& objective,
                                                         std::vector<std::string>& curve) {
  const Json root = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (root.is_discarded() || !root.is_object() || !root.contains("params") || !root["params"].is_array()) {
    return Invalid(table, "the description should be a JSON object with a list \"params\"");
  }
  if (root.contains("objective") && root["objective"].is_string()) objective = root["objective"];
  if (const Json names = root.value("curve", Json::array());
      !names.is_array() ||
      !std::all_of(names.begin(), names.end(), [](const Json& name) { return name.is_string(); })) {
    return Invalid(table, "\"curve\" should be a list of columns, as in [\"e1\", \"e2\"]");
  } else {
    curve.assign(names.begin(), names.end());
  }
  std::vector<TableColumn> columns;
  for (const Json& entry : root["params"]) {
    if (!entry.is_object() || !entry.contains("name") || !entry["name"].is_string() ||
        !entry.contains("levels") || !entry["levels"].is_array()) {
      return Invalid(table,
                     fmt::format("params[{}] should have a \"name\" and a list \"levels\"", columns.size()));
    }
    TableColumn column;
    column.name = entry["name"];
    const Json kind = entry.value("kind", Json("ordinal"));
    if (kind != "ordinal" && kind != "categorical") {
      return Invalid(table, fmt::format("params[{}].kind is {}; should be \"ordinal\" or \"categorical\"",
                                        columns.size(), kind.dump()));
    }
    column.ordered = kind == "ordinal";
    for (const Json& level : entry["levels"]) column.levels.push_back(LevelText(level));
    if (column.levels.empty()) return Invalid(table, fmt::format("parameter {} has no levels", column.name));
    columns.push_back(std::move(column));
  }
  return columns;
}

std::vector<TableColumn> GuessColumns(const std::vector<CsvRecord>& records) {
  std::vector<TableColumn> columns;
  for (size_t j = 0; j + 1 < records[0].size(); ++j) {
    TableColumn column;
    column.name = records[0][j];
    std::set<double> numbers;
    std::set<std::string> seen;
    for (size_t i = 1; i < records.size(); ++i) {
      const std::string& text = records[i][j];
      const std::optional<double> number = ParseDouble(text);
      if (!number || !std::isfinite(*number)) column.ordered = false;
      if (number) numbers.insert(*number);
      if (seen.insert(text).second) column.levels.push_back(text);
    }
    if (column.ordered) {
      column.levels.clear();
      for (const double number : numbers) column.levels.push_back(NumberText(number));
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

size_t IndexOf(const std::vector<size_t>& sizes, const Point& point) {
  size_t row = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    const auto* choice = std::get_if<algorithms::Choice>(&point[i]);
    row = row * sizes[i] + (choice != nullptr ? choice->index : static_cast<size_t>(WholeAt(point, i)));
  }
  return row;
}

}  // namespace

absl::StatusOr<Problem> TableProblem(std::string_view name, std::string_view csv, std::string_view json) {
  const absl::StatusOr<std::vector<CsvRecord>> records = ParseCsv(csv);
  if (!records.ok()) return Invalid(name, MessageOf(records.status()));
  if (records->size() < 2) return Invalid(name, "there should be a header and at least one row");
  const CsvRecord& header = records->front();
  if (header.size() < 2) return Invalid(name, "there should be a parameter and a loss: two columns at least");
  for (size_t i = 1; i < records->size(); ++i) {
    if ((*records)[i].size() != header.size()) {
      return Invalid(
          name, fmt::format("row {} has {} fields, the header {}", i, (*records)[i].size(), header.size()));
    }
  }

  std::vector<std::string> curve_names;
  std::string objective = json.empty() ? header.back() : "loss";
  std::vector<TableColumn> columns;
  if (json.empty()) {
    columns = GuessColumns(*records);
  } else {
    QALAM_ASSIGN_OR_RETURN(columns, ReadDescription(name, json, objective, curve_names));
  }
  const auto find = [&](const std::string& title) -> absl::StatusOr<size_t> {
    const auto found = std::find(header.begin(), header.end(), title);
    if (found == header.end()) return Invalid(name, fmt::format("there is no column {}", title));
    return found - header.begin();
  };
  QALAM_ASSIGN_OR_RETURN(const size_t loss_column, find(objective));
  std::vector<size_t> curve_columns;
  for (const std::string& title : curve_names) {
    QALAM_ASSIGN_OR_RETURN(curve_columns.emplace_back(), find(title));
  }

  size_t combinations = 1;
  std::vector<size_t> sizes;
  std::vector<Parameter> parameters;
  for (TableColumn& column : columns) {
    QALAM_ASSIGN_OR_RETURN(column.index, find(column.name));
    combinations *= column.levels.size();
    if (combinations > kMaxCombinations) {
      return Invalid(name, fmt::format("more than {} combinations of values", kMaxCombinations));
    }
    sizes.push_back(column.levels.size());
    const auto last = static_cast<double>(column.levels.size() - 1);
    QALAM_ASSIGN_OR_RETURN(Parameter parameter, column.ordered
                                                    ? Parameter::Int(column.name, {0, last, {}, {}})
                                                    : Parameter::Categorical(column.name, column.levels));
    parameters.push_back(std::move(parameter));
  }

  std::vector<double> losses(combinations, std::numeric_limits<double>::quiet_NaN());
  std::vector<double> curves(combinations * curve_columns.size());  // row by row
  const auto number = [&](size_t i, size_t column) -> absl::StatusOr<double> {
    const std::string& text = (*records)[i][column];
    const std::optional<double> value = ParseDouble(text);
    if (value && std::isfinite(*value)) return *value;
    return Invalid(name, fmt::format("row {}: \"{}\" of {} should be a number", i, text, header[column]));
  };
  for (size_t i = 1; i < records->size(); ++i) {
    const CsvRecord& record = (*records)[i];
    size_t row = 0;
    for (const TableColumn& column : columns) {
      const std::optional<size_t> level = column.LevelOf(record[column.index]);
      if (!level) {
        return Invalid(name, fmt::format("row {}: \"{}\" is not one of the values of {}", i,
                                         record[column.index], column.name));
      }
      row = row * column.levels.size() + *level;
    }
    QALAM_ASSIGN_OR_RETURN(const double loss, number(i, loss_column));
    if (!std::isnan(losses[row])) {
      return Invalid(name, fmt::format("row {}: these values have a result already", i));
    }
    losses[row] = loss;
    for (size_t j = 0; j < curve_columns.size(); ++j) {
      QALAM_ASSIGN_OR_RETURN(curves[row * curve_columns.size() + j], number(i, curve_columns[j]));
    }
    if (!curve_columns.empty() && curves[(row + 1) * curve_columns.size() - 1] != loss) {
      return Invalid(name, fmt::format("row {}: {} and {}, the last of the curve, should be equal", i,
                                       objective, header[curve_columns.back()]));
    }
  }
  if (records->size() - 1 != combinations) {
    return Invalid(name, fmt::format("{} rows for {} combinations of values: a result is missing",
                                     records->size() - 1, combinations));
  }

  Problem problem;
  problem.name = name;
  problem.group = "table";
  QALAM_ASSIGN_OR_RETURN(problem.space, algorithms::SearchSpace::Make(std::move(parameters)));
  const auto lowest = std::min_element(losses.begin(), losses.end());
  problem.best = *lowest;
  std::vector<std::uint64_t> indices(sizes.size());
  for (size_t i = sizes.size(), rest = lowest - losses.begin(); i-- > 0; rest /= sizes[i])
    indices[i] = rest % sizes[i];
  problem.optimum = problem.space.At(indices);
  if (!curve_columns.empty()) {
    Fidelity fidelity;
    fidelity.epochs = static_cast<int>(curve_columns.size());
    fidelity.best = *std::min_element(curves.begin(), curves.end());
    fidelity.loss = [sizes, epochs = curve_columns.size(),
                     curves = std::make_shared<const std::vector<double>>(std::move(curves))](
                        const Point& point, int epoch) -> absl::StatusOr<double> {
      return (*curves)[IndexOf(sizes, point) * epochs + static_cast<size_t>(epoch) - 1];
    };
    problem.fidelity = std::move(fidelity);
  }
  problem.evaluate = [sizes, losses = std::make_shared<const std::vector<double>>(std::move(losses))](
                         const Point& point) -> absl::StatusOr<double> {
    return (*losses)[IndexOf(sizes, point)];
  };
  return problem;
}

}  // namespace qalam::bench
