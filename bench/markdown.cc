#include "bench/markdown.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace qalam::bench {

std::string MarkdownTable(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths(rows.front().size(), 3);
  // A sign of more than one byte stands for one column; nothing here is wider than that.
  const auto width = [](const std::string& cell) {
    return static_cast<size_t>(
        std::count_if(cell.begin(), cell.end(), [](char c) { return (c & 0xC0) != 0x80; }));
  };
  for (const auto& row : rows) {
    for (size_t j = 0; j < row.size(); ++j) widths[j] = std::max(widths[j], width(row[j]));
  }
  std::string text;
  for (size_t i = 0; i < rows.size(); ++i) {
    for (size_t j = 0; j < rows[i].size(); ++j) {
      const std::string padding(widths[j] - width(rows[i][j]), ' ');
      text += j == 0 ? "| " + rows[i][j] + padding + " " : "| " + padding + rows[i][j] + " ";
    }
    text += "|\n";
    if (i > 0) continue;
    for (size_t j = 0; j < widths.size(); ++j)
      text += "|" + std::string(widths[j] + 1, '-') + (j == 0 ? "-" : ":");
    text += "|\n";
  }
  return text;
}

std::string ShortNumber(double value) { return fmt::format("{:.3g}", value); }

std::vector<std::vector<std::string>> StandingsRows(const Standings& standings) {
  const bool groups = standings.groups.size() > 1;
  std::vector<std::vector<std::string>> rows = {{"optimizer", "runs", "score", "± s.e."}};
  if (groups) {
    for (const std::string& group : standings.groups) rows[0].push_back(group);
  }
  rows[0].push_back("mean rank");
  if (groups) {
    for (const std::string& group : standings.groups) rows[0].push_back("rank " + group);
  }
  for (const Standing& standing : standings.rows) {
    std::vector<std::string> row = {standing.optimizer,
                                    standing.fewest_runs == standing.most_runs
                                        ? std::to_string(standing.most_runs)
                                        : fmt::format("{}-{}", standing.fewest_runs, standing.most_runs),
                                    fmt::format("{:.3f}", standing.score),
                                    fmt::format("{:.3f}", standing.standard_error)};
    if (groups) {
      for (const double score : standing.group_scores) row.push_back(fmt::format("{:.3f}", score));
    }
    row.push_back(fmt::format("{:.2f}", standing.mean_rank));
    if (groups) {
      for (const double rank : standing.group_ranks) row.push_back(fmt::format("{:.2f}", rank));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string StandingsText(const Standings& standings, const std::string& unit) {
  std::string text =
      fmt::format("After {} {}, {} problem{}:\n\n{}", standings.evaluations, unit, standings.problems.size(),
                  standings.problems.size() == 1 ? "" : "s", MarkdownTable(StandingsRows(standings)));
  for (const std::string& line : standings.partial) text += fmt::format("\n{}.\n", line);
  return text;
}

}  // namespace qalam::bench
