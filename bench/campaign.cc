#include "bench/campaign.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <mutex>
#include <optional>
#include <thread>

#include "bench/files.h"

namespace qalam::bench {
namespace {

struct Job {
  const Contestant* contestant;
  const ProblemChoice* problem;
  std::uint64_t seed;
};

// Whether this is the run with this budget, not one with another: algorithms may plan for it.
bool HasBudget(const RunRecord& record, const ProblemChoice& problem, int budget) {
  const std::optional<std::uint64_t> combinations = problem.problem.space.combinations();
  return record.evaluations == budget ||
         (!CountsEpochs(record.mode) && combinations && *combinations < static_cast<std::uint64_t>(budget) &&
          static_cast<std::uint64_t>(record.evaluations) == *combinations);
}

std::string AsText(const std::vector<RunRecord>& records, ResultFormat format) {
  std::string text = ResultHeader(format);
  for (const RunRecord& record : records) text += ResultLine(record, format);
  return text;
}

class Runner {
 public:
  explicit Runner(const CampaignOptions& options) : options_(options) {}

  absl::StatusOr<Campaign> Run() {
    QALAM_RETURN_IF_ERROR(ReadOutput());
    CollectJobs();
    QALAM_RETURN_IF_ERROR(OpenOutput());
    std::vector<std::thread> threads;
    const auto count = std::min<size_t>(std::max(1, options_.threads), jobs_.size());
    for (size_t i = 0; i < count; ++i) threads.emplace_back([this] { Work(); });
    for (std::thread& thread : threads) thread.join();
    file_.close();
    if (!write_error_.ok()) return write_error_;

    PutInOrder(all_);
    if (!options_.output.empty())
      QALAM_RETURN_IF_ERROR(ReplaceFile(options_.output, AsText(all_, options_.format)));
    for (const RunRecord& record : all_) {
      if (IsWanted(record)) campaign_.records.push_back(record);
    }
    std::sort(campaign_.failures.begin(), campaign_.failures.end());
    return std::move(campaign_);
  }

 private:
  absl::Status ReadOutput() {
    if (options_.output.empty()) return absl::OkStatus();
    const absl::StatusOr<std::string> text = ReadFile(options_.output);
    if (absl::IsNotFound(text.status())) return absl::OkStatus();
    QALAM_RETURN_IF_ERROR(text.status());
    absl::StatusOr<std::vector<RunRecord>> records = ParseResults(*text, options_.format);
    if (!records.ok()) {
      return absl::InvalidArgumentError(fmt::format("{}: {}", options_.output, MessageOf(records.status())));
    }
    all_ = *std::move(records);
    return absl::OkStatus();
  }

  // Writes what was read once more, so that a line cut short by an interruption is gone.
  absl::Status OpenOutput() {
    if (options_.output.empty()) return absl::OkStatus();
    QALAM_RETURN_IF_ERROR(ReplaceFile(options_.output, AsText(all_, options_.format)));
    file_.open(options_.output, std::ios::app | std::ios::binary);
    if (!file_) return absl::UnavailableError(fmt::format("{}: cannot be written", options_.output));
    return absl::OkStatus();
  }

  void CollectJobs() {
    for (const std::uint64_t seed : options_.seeds) {
      for (const Contestant& contestant : options_.contestants) {
        for (const ProblemChoice& problem : options_.problems) {
          const bool done = std::any_of(all_.begin(), all_.end(), [&](const RunRecord& record) {
            return record.seed == seed && record.optimizer == contestant.name && IsOf(record, problem);
          });
          if (done) {
            ++campaign_.resumed;
          } else {
            jobs_.push_back({&contestant, &problem, seed});
          }
        }
      }
    }
  }

  bool IsOf(const RunRecord& record, const ProblemChoice& problem) const {
    return record.problem == problem.name && record.batch == options_.batch && record.mode == options_.mode &&
           HasBudget(record, problem, options_.budget);
  }

  bool IsWanted(const RunRecord& record) const {
    const auto has = [](const auto& list, const auto& predicate) {
      return std::any_of(list.begin(), list.end(), predicate);
    };
    return has(options_.seeds, [&](std::uint64_t seed) { return seed == record.seed; }) &&
           has(options_.contestants, [&](const Contestant& c) { return c.name == record.optimizer; }) &&
           has(options_.problems, [&](const ProblemChoice& p) { return IsOf(record, p); });
  }

  void Work() {
    for (size_t i = next_++; i < jobs_.size(); i = next_++) {
      const Job& job = jobs_[i];
      const Problem problem = job.problem->for_run(job.seed);
      absl::StatusOr<RunRecord> record = job.contestant->run(problem, job.seed);
      const std::lock_guard lock(mutex_);
      if (record.ok()) {
        record->optimizer = job.contestant->name;
        record->problem = job.problem->name;
        Keep(*std::move(record));
      } else {
        campaign_.failures.push_back(fmt::format("{} on {}, seed {}: {}", job.contestant->name,
                                                 job.problem->name, job.seed, MessageOf(record.status())));
      }
      ++finished_;
      if (options_.progress)
        options_.progress(campaign_.resumed + finished_, campaign_.resumed + static_cast<int>(jobs_.size()));
    }
  }

  void Keep(RunRecord record) {
    if (file_.is_open()) {
      file_ << ResultLine(record, options_.format) << std::flush;
      if (!file_ && write_error_.ok())
        write_error_ = absl::UnavailableError(fmt::format("{}: cannot be written", options_.output));
    }
    all_.push_back(std::move(record));
  }

  const CampaignOptions& options_;
  std::vector<Job> jobs_;
  std::atomic<size_t> next_ = 0;
  std::mutex mutex_;  // guards what follows while threads run
  std::vector<RunRecord> all_;
  std::ofstream file_;
  absl::Status write_error_;
  Campaign campaign_;
  int finished_ = 0;
};

}  // namespace

absl::StatusOr<Campaign> RunCampaign(const CampaignOptions& options) { return Runner(options).Run(); }

}  // namespace qalam::bench
