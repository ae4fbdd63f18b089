#include "server/log_times.h"

#include <sys/stat.h>

#include <algorithm>

#include "absl/time/clock.h"
#include "api/trial_facts.h"
#include "controller/trial_index.h"
#include "server/log_file.h"

namespace qalam::server {
namespace {

constexpr std::size_t kMaxMarks = 1'000;  // beyond, every second one is dropped

bool IsFileName(std::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\0", 2)) == std::string_view::npos;
}

struct FileFacts {
  std::int64_t size = 0;
  absl::Time changed = absl::InfinitePast();
};

FileFacts FactsOf(const std::string& file) {
  struct stat info {};
  if (file.empty() || stat(file.c_str(), &info) != 0) return {};
  return {info.st_size, absl::TimeFromTimespec(info.st_mtim)};
}

}  // namespace

std::string OutputFile(const DataLayout& layout, const api::Trial& trial) {
  const std::string experiment = controller::TrialIndex::ExperimentOf(trial).name;
  if (!IsFileName(trial.metadata.namespace_name) || !IsFileName(experiment) ||
      !IsFileName(trial.metadata.name))
    return "";
  return layout.trial_directory(trial, experiment) + "/output.log";
}

absl::StatusOr<std::unique_ptr<LogTimes>> LogTimes::Start(api::ResourceStore& store, DataLayout layout) {
  std::unique_ptr<LogTimes> times(new LogTimes(std::move(layout)));
  QALAM_ASSIGN_OR_RETURN(
      times->watch_, store.WatchFrom(api::Kind::kTrial, "", "0",
                                     [to = times.get()](const api::WatchEvent& event) { to->Apply(event); }));
  return times;
}

LogTimes::~LogTimes() { watch_.reset(); }

void LogTimes::Apply(const api::WatchEvent& event) {
  const auto& trial = static_cast<const api::Trial&>(*event.resource);
  const bool running = api::StateOf(trial) == api::TrialState::kRunning || api::AwaitsObservation(trial);
  const std::lock_guard lock(mutex_);
  const auto found = outputs_.find(trial.metadata.uid);
  if (event.type == api::WatchEventType::kDeleted) {
    if (found != outputs_.end()) outputs_.erase(found);
  } else if (found != outputs_.end()) {
    if (found->second.running && !running) Look(found->second, absl::Now());
    found->second.running = running;
  } else if (running) {
    outputs_.emplace(trial.metadata.uid,
                     Output{.file = OutputFile(layout_, trial), .running = true, .marks = {}});
  }
}

void LogTimes::Look(Output& output, absl::Time now) {
  const FileFacts facts = FactsOf(output.file);
  std::vector<Mark>& marks = output.marks;
  if (facts.size == (marks.empty() ? 0 : marks.back().size)) return;
  if (!marks.empty() && facts.size < marks.back().size) marks.clear();  // another file of that name
  marks.push_back({std::min(now, facts.changed), facts.size});
  if (marks.size() <= kMaxMarks) return;
  // The last one stays: an offset is never before its time.
  for (std::size_t i = 1; i < marks.size(); i += 2) marks[i / 2] = marks[i];
  const Mark last = marks.back();
  marks.resize(marks.size() / 2);
  if (marks.back().size != last.size) marks.push_back(last);
}

void LogTimes::Sample(absl::Time now) {
  const std::lock_guard lock(mutex_);
  for (auto& [uid, output] : outputs_) {
    if (output.running) Look(output, now);
  }
}

std::vector<LogTimes::Mark> LogTimes::MarksOf(const api::Trial& trial) const {
  std::vector<Mark> marks;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = outputs_.find(trial.metadata.uid); found != outputs_.end())
      marks = found->second.marks;
  }
  const FileFacts facts = FactsOf(OutputFile(layout_, trial));
  if (marks.empty() || facts.size > marks.back().size) marks.push_back({facts.changed, facts.size});
  return marks;
}

absl::Time LogTimes::TimeOf(const api::Trial& trial, std::int64_t offset) const {
  const std::vector<Mark> marks = MarksOf(trial);
  const auto after =
      std::find_if(marks.begin(), marks.end(), [&](const Mark& mark) { return mark.size > offset; });
  return after == marks.end() ? absl::Now() : after->time;
}

std::int64_t LogTimes::OffsetSince(const api::Trial& trial, absl::Time since) const {
  std::int64_t offset = 0;
  for (const Mark& mark : MarksOf(trial)) {
    if (mark.time < since) offset = mark.size;
  }
  return LineStart(OutputFile(layout_, trial), offset);
}

}  // namespace qalam::server
