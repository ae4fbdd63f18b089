#include "bench/summary.h"

#include <fmt/format.h>

#include "bench/catch_up.h"
#include "bench/markdown.h"

namespace qalam::bench {

std::string Summary(const ReportInput& input) {
  std::string text;
  const auto add = [&](const std::string& caption, const std::vector<std::vector<std::string>>& rows) {
    text += fmt::format("{}\n\n{}\n", caption, MarkdownTable(rows));
  };
  const Cells cells(input.records, input.evaluations);
  for (const int n : input.evaluations) {
    if (const std::optional<Standings> standings = Compare(cells, input.problems, n))
      text += StandingsText(*standings, input.unit) + "\n";
  }
  if (input.target_regret)
    add(TargetCaption(input) + " (runs that got there):", TargetRows(input, *input.target_regret));
  for (const ProblemFacts& problem : input.problems) {
    if (problem.scale) continue;
    add(fmt::format("{}: median {} [quartiles] after so many {}:", problem.name,
                    problem.has_best ? "regret" : "loss", input.unit),
        RegretRows(cells, problem.name, input.evaluations));
  }
  for (const ProblemFacts& problem : input.problems) {
    if (input.reference.empty()) break;
    double target = 0;
    const std::vector<CatchUp> entries =
        CatchUps(RecordsOf(input.records, problem.name), input.reference, target);
    if (!entries.empty())
      add(CatchUpCaption(problem.name, input.reference, target), CatchUpRows(entries, input.unit));
  }
  return text;
}

}  // namespace qalam::bench
