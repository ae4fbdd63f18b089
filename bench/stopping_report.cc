#include "bench/stopping_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/csv.h"
#include "base/number_text.h"
#include "bench/markdown.h"
#include "bench/median.h"

namespace qalam::bench {
namespace {

using Runs = std::vector<CurveRun>;

std::vector<std::string> Row(const Stopping& stopping, const StoppingFigures& figures, bool is_plain) {
  const std::string difference = fmt::format("{:+.2g}", figures.difference);
  return {stopping.name,
          fmt::format("{:.0f}", figures.epochs),
          fmt::format("{:.0f}%", 100 * figures.epochs_share),
          fmt::format("{:.0f}%", 100 * figures.stopped_share),
          fmt::format("{:.2g}%", 100 * figures.winners_share),
          ShortNumber(figures.regret),
          is_plain ? "" : difference,
          is_plain ? "" : fmt::format("{:.2g}", figures.standard_error),
          is_plain ? "" : fmt::format("{}, {}, {}", figures.worse, figures.same, figures.better),
          is_plain ? "" : ShortNumber(figures.regret_of_as_many_epochs)};
}

// Median and how many got there; where fewer than half did there is no median.
std::string EpochsToTarget(const Runs& runs, double loss) {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  std::vector<double> epochs;
  for (const CurveRun& run : runs) {
    const std::optional<std::int64_t> reached = run.EpochsTo(loss);
    epochs.push_back(reached ? static_cast<double>(*reached) : kNever);
  }
  const auto reached =
      std::count_if(epochs.begin(), epochs.end(), [](double count) { return std::isfinite(count); });
  const double median = Quantile(epochs, 0.5);
  const std::string shown = std::isfinite(median) ? fmt::format("{:.0f}", median) : "-";
  return fmt::format("{} ({}/{})", shown, reached, runs.size());
}

}  // namespace

StoppingFigures Compare(const std::vector<CurveRun>& runs, const std::vector<CurveRun>& plain, double best) {
  StoppingFigures figures;
  const auto n = static_cast<double>(runs.size());
  double plain_epochs = 0, trials = 0, stopped = 0, winners = 0, squares = 0;
  for (size_t i = 0; i < runs.size(); ++i) {
    figures.epochs += static_cast<double>(runs[i].epochs) / n;
    plain_epochs += static_cast<double>(plain[i].epochs) / n;
    trials += runs[i].trials;
    stopped += runs[i].stopped;
    winners += runs[i].stopped_winners;
    figures.regret += (runs[i].best - best) / n;
    figures.difference += (runs[i].best - plain[i].best) / n;
    figures.regret_of_as_many_epochs += (plain[i].BestAfter(runs[i].epochs) - best) / n;
    ++(runs[i].best > plain[i].best   ? figures.worse
       : runs[i].best < plain[i].best ? figures.better
                                      : figures.same);
  }
  for (size_t i = 0; i < runs.size(); ++i) {
    const double deviation = runs[i].best - plain[i].best - figures.difference;
    squares += deviation * deviation;
  }
  figures.epochs_share = figures.epochs / plain_epochs;
  figures.stopped_share = stopped / trials;
  if (stopped > 0) figures.winners_share = winners / stopped;
  if (n > 1) figures.standard_error = std::sqrt(squares / (n - 1) / n);
  return figures;
}

absl::StatusOr<StoppingReport> MeasureStopping(const StoppingPlan& plan) {
  StoppingReport report;
  report.csv = CsvRow(
      {"optimizer", "problem", "seed", "batch", "stop", "trials", "stopped", "winners", "epochs", "best"});
  const size_t total =
      plan.problems.size() * plan.optimizers.size() * plan.stoppings.size() * plan.seeds.size();
  size_t done = 0;
  for (const ProblemChoice& choice : plan.problems) {
    for (const Optimizer& optimizer : plan.optimizers) {
      std::vector<std::vector<std::string>> rows = {
          {"stopping", "epochs", "of none's", "trials stopped", "winners among them", "regret",
           "minus none's", "± s.e.", "seeds worse, same, better", "none after as many epochs"}};
      if (plan.target_regret)
        rows[0].push_back(fmt::format("epochs to a regret of {}", ShortNumber(*plan.target_regret)));
      Runs plain;
      for (const Stopping& stopping : plan.stoppings) {
        Runs runs;
        for (const std::uint64_t seed : plan.seeds) {
          const Problem problem = choice.for_run(seed);
          absl::StatusOr<CurveRun> run = RunCurves(
              optimizer, problem, stopping, {.seed = seed, .trials = plan.trials, .workers = plan.workers});
          if (!run.ok()) {
            return absl::Status(run.status().code(),
                                fmt::format("{} on {} with {}, seed {}: {}", optimizer.name, choice.name,
                                            stopping.name, seed, MessageOf(run.status())));
          }
          report.csv += CsvRow({optimizer.name, choice.name, std::to_string(seed),
                                std::to_string(plan.workers), stopping.name, std::to_string(run->trials),
                                std::to_string(run->stopped), std::to_string(run->stopped_winners),
                                std::to_string(run->epochs), NumberText(run->best)});
          runs.push_back(*std::move(run));
          if (plan.progress) plan.progress(static_cast<int>(++done), static_cast<int>(total));
        }
        if (plain.empty()) plain = runs;
        const double best = choice.problem.fidelity->best.value_or(0);
        rows.push_back(Row(stopping, Compare(runs, plain, best), &stopping == &plan.stoppings.front()));
        if (plan.target_regret) rows.back().push_back(EpochsToTarget(runs, best + *plan.target_regret));
      }
      report.text += fmt::format("{}, {}, {} trials by {} worker{}, {} seed{}:\n\n{}\n", choice.name,
                                 optimizer.name, plan.trials, plan.workers, plan.workers == 1 ? "" : "s",
                                 plan.seeds.size(), plan.seeds.size() == 1 ? "" : "s", MarkdownTable(rows));
    }
  }
  return report;
}

}  // namespace qalam::bench
