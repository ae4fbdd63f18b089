#include "bench/command_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <thread>
#include <utility>

#include "base/number_text.h"
#include "bench/files.h"
#include "bench/table_problem.h"

namespace qalam::bench {
namespace {

constexpr std::string_view kNoAlgorithms =
    "should name at least one algorithm, as in --algorithms random,sobol";

absl::Status Invalid(std::string_view flag, std::string_view message) {
  return absl::InvalidArgumentError(fmt::format("{}: {}", flag, message));
}

absl::Status Within(std::string_view flag, const absl::Status& status) {
  return status.ok() ? status : absl::Status(status.code(), fmt::format("{}: {}", flag, MessageOf(status)));
}

absl::Status CheckCount(std::string_view flag, int value, int max) {
  if (value >= 1 && value <= max) return absl::OkStatus();
  return Invalid(flag, fmt::format("{} should be from 1 to {}", value, max));
}

ResultFormat FormatOf(const std::string& path) {
  return path.ends_with(".jsonl") || path.ends_with(".jsonl.gz") ? ResultFormat::kJsonLines
                                                                 : ResultFormat::kCsv;
}

absl::StatusOr<Problem> ReadTable(const std::string& path) {
  absl::StatusOr<std::string> csv = ReadFile(path);
  if (!csv.ok()) return Within("--table", csv.status());
  const std::filesystem::path file(path);
  absl::StatusOr<std::string> json =
      ReadFile(std::filesystem::path(file).replace_extension(".json").string());
  if (absl::IsNotFound(json.status())) json = "";
  if (!json.ok()) return Within("--table", json.status());
  absl::StatusOr<Problem> problem = TableProblem(file.stem().string(), *csv, *json);
  if (!problem.ok()) return Within("--table", problem.status());
  return problem;
}

absl::StatusOr<std::vector<Optimizer>> AllOptimizers(const CommandOptions& options) {
  absl::StatusOr<std::vector<Optimizer>> optimizers = ParseOptimizers(options.algorithms);
  if (!optimizers.ok()) return Within("--algorithms", optimizers.status());
  for (const Optimizer& service : options.services) {
    for (const Optimizer& other : *optimizers) {
      if (other.name == service.name) {
        return Invalid("--service", fmt::format("\"{}\" is there already; give it a label, as in "
                                                "--service mine={}=HOST:PORT",
                                                service.name, service.name));
      }
    }
    optimizers->push_back(service);
  }
  return optimizers;
}

// Whether the user chose the problems.
bool IsNamed(const CommandOptions& options) {
  return !options.problems.empty() || !options.tables.empty() || !options.user_problems.empty();
}

// Those without learning curves go, or are refused where they were named.
absl::Status KeepLearningCurves(std::string_view flag, bool named, std::vector<ProblemChoice>& problems) {
  const auto lacks = [](const ProblemChoice& choice) { return !choice.problem.fidelity; };
  const auto without = std::find_if(problems.begin(), problems.end(), lacks);
  if (named && without != problems.end()) {
    return Invalid(flag, fmt::format("{} has no learning curves; those of --problems curves have, and tables "
                                     "whose description names the columns of a \"curve\"",
                                     without->name));
  }
  std::erase_if(problems, lacks);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ProblemChoice>> PlanProblems(const CommandOptions& options) {
  CatalogOptions catalog;
  if (!options.shift_seed.empty()) {
    const std::optional<long long> seed = ParseInt(options.shift_seed);
    if (!seed || *seed < 0) {
      return Invalid("--shift-seed",
                     fmt::format("\"{}\" should be a whole number, 0 or more", options.shift_seed));
    }
    catalog.shift_seed = static_cast<std::uint64_t>(*seed);
  }
  std::vector<std::string> names;
  for (const std::string& list : options.problems) {
    for (std::string& name : SplitList(list)) names.push_back(std::move(name));
  }
  std::vector<Problem> user_problems = options.user_problems;
  for (const std::string& path : options.tables) {
    QALAM_ASSIGN_OR_RETURN(Problem problem, ReadTable(path));
    user_problems.push_back(std::move(problem));
  }
  for (const Problem& problem : user_problems) names.push_back(problem.name);
  if (names.empty()) names = {"suite"};
  catalog.user_problems = user_problems;
  absl::StatusOr<std::vector<ProblemChoice>> problems = FindProblems(names, catalog);
  if (!problems.ok()) return Within("--problems", problems.status());
  return problems;
}

// What is compared, and how its cost is counted.
absl::Status PlanContestants(const CommandOptions& options, const std::vector<Optimizer>& optimizers,
                             CampaignOptions& plan) {
  if (options.batch_mode != "async" && options.batch_mode != "sync")
    return Invalid("--batch-mode", fmt::format("\"{}\" should be async or sync", options.batch_mode));
  if (options.epochs != 0) {
    absl::StatusOr<std::vector<Stopping>> stoppings = ParseStoppings(options.stop);
    if (!stoppings.ok()) return Within("--stop", stoppings.status());
    QALAM_RETURN_IF_ERROR(CheckCount("--epochs", options.epochs, 100'000'000));
    QALAM_RETURN_IF_ERROR(KeepLearningCurves("--epochs", IsNamed(options), plan.problems));
    const CurveRunOptions run{
        .epochs = options.epochs, .workers = options.batch, .from_scratch = options.from_scratch};
    plan.budget = options.epochs;
    plan.mode = ModeText(run);
    plan.contestants = ByEpochs(optimizers, *stoppings, run);
    return absl::OkStatus();
  }
  const BatchMode mode = options.batch_mode == "sync" ? BatchMode::kSync : BatchMode::kAsync;
  plan.mode = ModeText(options.batch, mode);
  plan.contestants =
      ByEvaluations(optimizers, {.budget = options.budget, .batch = options.batch, .mode = mode});
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CampaignOptions> PlanCampaign(const CommandOptions& options) {
  CampaignOptions plan;
  QALAM_ASSIGN_OR_RETURN(const std::vector<Optimizer> optimizers, AllOptimizers(options));
  if (optimizers.empty() && options.compare.empty()) return Invalid("--algorithms", kNoAlgorithms);

  QALAM_ASSIGN_OR_RETURN(plan.problems, PlanProblems(options));
  absl::StatusOr<std::vector<std::uint64_t>> seeds = ParseSeeds(options.seeds);
  if (!seeds.ok()) return Within("--seeds", seeds.status());
  plan.seeds = *std::move(seeds);
  QALAM_RETURN_IF_ERROR(CheckCount("--budget", options.budget, 1'000'000));
  QALAM_RETURN_IF_ERROR(CheckCount("--batch", options.batch, 10'000));
  plan.budget = options.budget;
  plan.batch = options.batch;
  QALAM_RETURN_IF_ERROR(PlanContestants(options, optimizers, plan));
  plan.threads = options.threads;
  if (plan.threads == 0) plan.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  QALAM_RETURN_IF_ERROR(CheckCount("--threads", plan.threads, 1024));
  plan.output = options.output;
  plan.format = FormatOf(options.output);
  return plan;
}

absl::StatusOr<std::optional<double>> TargetRegret(const CommandOptions& options) {
  if (options.target_regret.empty()) return std::optional<double>();
  const std::optional<double> regret = ParseDouble(options.target_regret);
  if (regret && *regret >= 0) return regret;
  return Invalid("--target-regret",
                 fmt::format("\"{}\" should be a number, 0 or more", options.target_regret));
}

absl::StatusOr<StoppingPlan> PlanStopping(const CommandOptions& options) {
  StoppingPlan plan;
  absl::StatusOr<std::vector<Stopping>> stoppings = ParseStoppings(options.stop);
  if (!stoppings.ok()) return Within("--stop", stoppings.status());
  plan.stoppings = *std::move(stoppings);
  QALAM_ASSIGN_OR_RETURN(CampaignOptions runs, PlanCampaign(options));
  QALAM_ASSIGN_OR_RETURN(plan.optimizers, AllOptimizers(options));
  QALAM_RETURN_IF_ERROR(KeepLearningCurves("--stop", IsNamed(options), runs.problems));
  plan.problems = std::move(runs.problems);
  plan.seeds = std::move(runs.seeds);
  plan.trials = runs.budget;
  plan.workers = runs.batch;
  QALAM_ASSIGN_OR_RETURN(plan.target_regret, TargetRegret(options));
  return plan;
}

absl::StatusOr<LatencyOptions> PlanLatency(const CommandOptions& options) {
  LatencyOptions latency;
  QALAM_ASSIGN_OR_RETURN(latency.optimizers, AllOptimizers(options));
  if (latency.optimizers.empty()) return Invalid("--algorithms", kNoAlgorithms);
  latency.trials.clear();
  for (const std::string& text : SplitList(options.latency_trials)) {
    const std::optional<long long> trials = ParseInt(text);
    if (!trials || *trials < 0 || *trials > 1'000'000) {
      return Invalid("--latency-trials",
                     fmt::format("\"{}\" should be whole numbers from 0 to 1000000, as in 200,1000",
                                 options.latency_trials));
    }
    latency.trials.push_back(static_cast<int>(*trials));
  }
  return latency;
}

absl::StatusOr<std::vector<RunRecord>> ReadCompared(const CommandOptions& options,
                                                    const CampaignOptions& plan) {
  std::vector<RunRecord> records;
  for (const std::string& path : options.compare) {
    const absl::StatusOr<std::string> text = ReadFile(path);
    if (!text.ok()) return Within("--compare", text.status());
    absl::StatusOr<std::vector<RunRecord>> others = ParseResults(*text, FormatOf(path));
    if (!others.ok()) return Invalid("--compare", fmt::format("{}: {}", path, MessageOf(others.status())));
    KeepLongest(*others);
    for (RunRecord& other : *others) {
      const bool wanted = other.batch == plan.batch && CountsEpochs(other.mode) == CountsEpochs(plan.mode) &&
                          std::any_of(plan.problems.begin(), plan.problems.end(),
                                      [&](const ProblemChoice& p) { return p.name == other.problem; });
      const bool ours = std::any_of(plan.contestants.begin(), plan.contestants.end(),
                                    [&](const Contestant& c) { return c.name == other.optimizer; });
      if (wanted && !ours) records.push_back(std::move(other));
    }
  }
  return records;
}

absl::StatusOr<std::string> ReferenceOf(const CommandOptions& options, const CampaignOptions& plan,
                                        const std::vector<RunRecord>& compared) {
  if (options.reference.empty()) {
    return options.epochs != 0 && !plan.contestants.empty() ? plan.contestants.front().name : "";
  }
  std::set<std::string_view> names;
  for (const Contestant& contestant : plan.contestants) names.insert(contestant.name);
  for (const RunRecord& record : compared) names.insert(record.optimizer);
  if (names.contains(options.reference)) return options.reference;
  return Invalid("--reference", fmt::format("there are no runs of \"{}\"; there are some of {}",
                                            options.reference, fmt::join(names, ", ")));
}

absl::StatusOr<std::vector<std::uint64_t>> ParseSeeds(std::string_view text) {
  constexpr size_t kMaxSeeds = 100'000;
  std::vector<std::uint64_t> seeds;
  for (const std::string& part : SplitList(text)) {
    const size_t dash = part.find('-');
    const std::optional<long long> first = ParseInt(part.substr(0, dash));
    const std::optional<long long> last = dash == std::string::npos ? first : ParseInt(part.substr(dash + 1));
    if (!first || !last || *first < 0 || *last < *first) {
      return absl::InvalidArgumentError(fmt::format("\"{}\" should be like 0-9, or 7, or 0-4,10-14", text));
    }
    for (long long seed = *first; seed <= *last; ++seed) {
      if (seeds.size() == kMaxSeeds)
        return absl::InvalidArgumentError(fmt::format("\"{}\": more than {} seeds", text, kMaxSeeds));
      seeds.push_back(static_cast<std::uint64_t>(seed));
    }
  }
  if (seeds.empty()) return absl::InvalidArgumentError(fmt::format("\"{}\" should be like 0-9", text));
  std::sort(seeds.begin(), seeds.end());
  seeds.erase(std::unique(seeds.begin(), seeds.end()), seeds.end());
  return seeds;
}

}  // namespace qalam::bench
