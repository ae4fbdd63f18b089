#include "bench/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "base/number_text.h"
#include "bench/campaign.h"
#include "bench/catalog.h"
#include "bench/files.h"
#include "bench/markdown.h"
#include "bench/score.h"

namespace qalam::bench {
namespace {

constexpr int kTableAt[] = {25, 50, 100, 200, 500, 1000, 2000, 5000, 10000};

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

std::string ListText() {
  std::vector<std::vector<std::string>> rows = {{"problem", "group", "parameters"}};
  for (const ProblemListing& listing : ListProblems())
    rows.push_back({listing.name, listing.group, listing.parameters});
  return MarkdownTable(rows);
}

absl::StatusOr<CampaignOptions> Plan(const CommandOptions& options) {
  CampaignOptions plan;
  absl::StatusOr<std::vector<Optimizer>> optimizers = ParseOptimizers(options.algorithms);
  if (!optimizers.ok()) return Within("--algorithms", optimizers.status());
  plan.optimizers = *std::move(optimizers);
  for (const Optimizer& service : options.services) {
    for (const Optimizer& other : plan.optimizers) {
      if (other.name == service.name)
        return Invalid("--service", fmt::format("\"{}\" is the name of an algorithm", service.name));
    }
    plan.optimizers.push_back(service);
  }
  if (plan.optimizers.empty() && options.compare.empty())
    return Invalid("--algorithms", "should name at least one algorithm, as in --algorithms random,sobol");

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
  if (names.empty()) names = {"suite"};
  absl::StatusOr<std::vector<ProblemChoice>> problems = FindProblems(names, catalog);
  if (!problems.ok()) return Within("--problems", problems.status());
  plan.problems = *std::move(problems);

  absl::StatusOr<std::vector<std::uint64_t>> seeds = ParseSeeds(options.seeds);
  if (!seeds.ok()) return Within("--seeds", seeds.status());
  plan.seeds = *std::move(seeds);
  QALAM_RETURN_IF_ERROR(CheckCount("--budget", options.budget, 1'000'000));
  QALAM_RETURN_IF_ERROR(CheckCount("--batch", options.batch, 10'000));
  plan.budget = options.budget;
  plan.batch = options.batch;
  if (options.batch_mode != "async" && options.batch_mode != "sync")
    return Invalid("--batch-mode", fmt::format("\"{}\" should be async or sync", options.batch_mode));
  plan.mode = options.batch_mode == "sync" ? BatchMode::kSync : BatchMode::kAsync;
  plan.threads = options.threads;
  if (plan.threads == 0) plan.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  QALAM_RETURN_IF_ERROR(CheckCount("--threads", plan.threads, 1024));
  plan.output = options.output;
  plan.format = FormatOf(options.output);
  return plan;
}

// Results of others for the same problems and the same number of workers.
absl::Status AddCompared(const CommandOptions& options, const CampaignOptions& plan,
                         std::vector<RunRecord>& records) {
  for (const std::string& path : options.compare) {
    const absl::StatusOr<std::string> text = ReadFile(path);
    if (!text.ok()) return Within("--compare", text.status());
    absl::StatusOr<std::vector<RunRecord>> others = ParseResults(*text, FormatOf(path));
    if (!others.ok()) return Invalid("--compare", fmt::format("{}: {}", path, MessageOf(others.status())));
    for (RunRecord& other : *others) {
      const bool wanted = other.batch == plan.batch &&
                          std::any_of(plan.problems.begin(), plan.problems.end(),
                                      [&](const ProblemChoice& p) { return p.name == other.problem; });
      const bool ours = std::any_of(plan.optimizers.begin(), plan.optimizers.end(),
                                    [&](const Optimizer& o) { return o.name == other.optimizer; });
      if (wanted && !ours) records.push_back(std::move(other));
    }
  }
  return absl::OkStatus();
}

}  // namespace

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

absl::Status RunBench(const CommandOptions& options, std::ostream& out, std::ostream& err, int& failed_runs) {
  failed_runs = 0;
  if (options.list) {
    out << ListText();
    return absl::OkStatus();
  }
  QALAM_ASSIGN_OR_RETURN(CampaignOptions plan, Plan(options));
  std::vector<RunRecord> compared;
  QALAM_RETURN_IF_ERROR(AddCompared(options, plan, compared));

  if (!options.quiet) {
    plan.progress = [&err, in_place = options.progress_in_place](int done, int total) {
      const int step = in_place ? 1 : std::max(1, total / 20);
      if (done % step != 0 && done != total) return;
      err << (in_place ? "\r" : "") << done << "/" << total << " runs"
          << (in_place && done != total ? "" : "\n") << std::flush;
    };
  }
  QALAM_ASSIGN_OR_RETURN(const Campaign campaign, RunCampaign(plan));
  for (const std::string& failure : campaign.failures) err << "failed: " << failure << "\n";
  failed_runs = static_cast<int>(campaign.failures.size());

  std::vector<RunRecord> records = campaign.records;
  records.insert(records.end(), compared.begin(), compared.end());
  std::vector<ProblemFacts> facts;
  for (const ProblemChoice& choice : plan.problems) {
    facts.push_back({choice.name, choice.problem.group, choice.problem.scale, choice.problem.space.size()});
  }
  std::vector<int> at;
  for (const int n : kTableAt) {
    if (n < plan.budget) at.push_back(n);
  }
  at.push_back(plan.budget);
  const Cells cells(records, at);
  for (const int n : at) {
    if (const std::optional<Standings> standings = Compare(cells, facts, n))
      out << StandingsText(*standings) << "\n";
  }
  return absl::OkStatus();
}

}  // namespace qalam::bench
