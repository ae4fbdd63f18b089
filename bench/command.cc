#include "bench/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/csv.h"
#include "bench/catalog.h"
#include "bench/command_plan.h"
#include "bench/files.h"
#include "bench/markdown.h"
#include "bench/report.h"
#include "bench/summary.h"

namespace qalam::bench {
namespace {

constexpr int kTableAt[] = {25, 50, 100, 200, 500, 1000, 2000, 5000, 10000};

std::string ListText() {
  std::vector<std::vector<std::string>> rows = {{"problem", "group", "parameters", "epochs"}};
  for (const ProblemListing& listing : ListProblems())
    rows.push_back({listing.name, listing.group, listing.parameters, listing.epochs});
  return MarkdownTable(rows);
}

// Prints a table, and CSV rows "optimizer,trials,cold_ms,grown_ms" into the output file.
absl::Status RunLatency(const CommandOptions& options, std::ostream& out, std::ostream& err) {
  QALAM_ASSIGN_OR_RETURN(const LatencyOptions latency, PlanLatency(options));
  std::string csv = CsvRow({"optimizer", "trials", "cold_ms", "grown_ms"});
  std::vector<std::vector<std::string>> rows = {
      {"optimizer", "trials", "nothing cached, ms", "grown by one, ms"}};
  QALAM_RETURN_IF_ERROR(MeasureLatency(latency, [&](const Latency& cell) {
    if (!options.quiet) err << cell.optimizer << " with " << cell.trials << " trials\n";
    const std::string trials = std::to_string(cell.trials);
    rows.push_back({cell.optimizer, trials, ShortNumber(cell.cold_ms), ShortNumber(cell.grown_ms)});
    csv += CsvRow(
        {cell.optimizer, trials, fmt::format("{:.4g}", cell.cold_ms), fmt::format("{:.4g}", cell.grown_ms)});
  }));
  out << MarkdownTable(rows);
  return options.output.empty() ? absl::OkStatus() : ReplaceFile(options.output, csv);
}

std::function<void(int, int)> ShowProgress(const CommandOptions& options, std::ostream& err) {
  if (options.quiet) return {};
  return [&err, in_place = options.progress_in_place](int done, int total) {
    const int step = in_place ? 1 : std::max(1, total / 20);
    if (done % step != 0 && done != total) return;
    err << (in_place ? "\r" : "") << done << "/" << total << " runs"
        << (in_place && done != total ? "" : "\n") << std::flush;
  };
}

// Prints a table for each problem and optimiser, and writes the runs into the output file.
absl::Status RunStopping(const CommandOptions& options, std::ostream& out, std::ostream& err) {
  QALAM_ASSIGN_OR_RETURN(StoppingPlan plan, PlanStopping(options));
  plan.progress = ShowProgress(options, err);
  QALAM_ASSIGN_OR_RETURN(const StoppingReport report, MeasureStopping(plan));
  out << report.text;
  return options.output.empty() ? absl::OkStatus() : ReplaceFile(options.output, report.csv);
}

std::string Unit(const CampaignOptions& plan) { return CountsEpochs(plan.mode) ? "epochs" : "evaluations"; }

// After how many evaluations or epochs there are tables, in ascending order.
std::vector<int> TableAt(const CampaignOptions& plan) {
  std::vector<int> at;
  if (CountsEpochs(plan.mode)) {
    for (const int part : {27, 9, 3}) {
      if (plan.budget >= 2 * part) at.push_back(plan.budget / part);
    }
  } else {
    for (const int n : kTableAt) {
      if (n < plan.budget) at.push_back(n);
    }
  }
  at.push_back(plan.budget);
  return at;
}

std::string Conditions(const CampaignOptions& plan) {
  std::string text = fmt::format("{} problem{}, {} seed{}, {} {} a run", plan.problems.size(),
                                 plan.problems.size() == 1 ? "" : "s", plan.seeds.size(),
                                 plan.seeds.size() == 1 ? "" : "s", plan.budget, Unit(plan));
  if (plan.batch > 1) {
    text += fmt::format(", {} parallel workers that {}", plan.batch,
                        plan.mode == "sync" ? "wait for each other" : "do not wait for each other");
  }
  return text + ".";
}

}  // namespace

absl::Status RunBench(const CommandOptions& options, std::ostream& out, std::ostream& err, int& failed_runs) {
  failed_runs = 0;
  if (options.list) {
    out << ListText();
    return absl::OkStatus();
  }
  if (options.latency) return RunLatency(options, out, err);
  if (!options.stop.empty() && options.epochs == 0) return RunStopping(options, out, err);
  QALAM_ASSIGN_OR_RETURN(CampaignOptions plan, PlanCampaign(options));
  QALAM_ASSIGN_OR_RETURN(const std::vector<RunRecord> compared, ReadCompared(options, plan));
  ReportInput input;
  QALAM_ASSIGN_OR_RETURN(input.target_regret, TargetRegret(options));
  QALAM_ASSIGN_OR_RETURN(input.reference, ReferenceOf(options, plan, compared));

  plan.progress = ShowProgress(options, err);
  QALAM_ASSIGN_OR_RETURN(Campaign campaign, RunCampaign(plan));
  if (campaign.resumed > 0 && !options.quiet)
    err << fmt::format("{} runs were in {} already\n", campaign.resumed, plan.output);
  for (const std::string& failure : campaign.failures) err << "failed: " << failure << "\n";
  failed_runs = static_cast<int>(campaign.failures.size());

  input.records = std::move(campaign.records);
  input.records.insert(input.records.end(), compared.begin(), compared.end());
  for (const ProblemChoice& choice : plan.problems) {
    const Problem& problem = choice.problem;
    input.problems.push_back(
        {choice.name, problem.group, problem.scale, problem.space.size(), problem.best.has_value()});
  }
  input.evaluations = TableAt(plan);
  input.unit = Unit(plan);
  input.conditions = Conditions(plan);
  out << Summary(input);
  return options.report.empty() ? absl::OkStatus() : WriteReport(Report(input), options.report);
}

}  // namespace qalam::bench
