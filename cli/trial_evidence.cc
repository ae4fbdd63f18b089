#include "cli/trial_evidence.h"

#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "base/number_text.h"
#include "cli/resource_facts.h"
#include "metrics/output_tail.h"

namespace qalam::cli {
namespace {

WrittenFile Look(std::string path) {
  WrittenFile file{.path = std::move(path)};
  struct stat state;
  if (stat(file.path.c_str(), &state) != 0) return file;
  file.exists = true;
  file.bytes = state.st_size;
  file.changed = absl::TimeFromTimespec(state.st_mtim);
  std::ifstream in(file.path, std::ios::binary);
  const std::int64_t length = std::min(file.bytes, kEvidenceBytes);
  in.seekg(file.bytes - length);
  file.end.resize(static_cast<size_t>(length));
  in.read(file.end.data(), length);
  file.end.resize(static_cast<size_t>(std::max<std::streamsize>(0, in.gcount())));
  if (length < file.bytes) file.end.erase(0, file.end.find('\n') + 1);  // begins inside a line
  return file;
}

// What a metrics path of the Experiment is in the trial's directory. With a pattern, or of a whole directory, the file that
// was written last.
WrittenFile LookAtMetrics(const std::string& trial_directory, const api::FileSystemPath& asked) {
  std::string path = asked.path;
  bool many = asked.kind == "Directory";
  if (const size_t wildcard = path.find_first_of("*?["); wildcard != std::string::npos) {
    path.resize(std::min(path.rfind('/', wildcard), path.size()));
    many = true;
  }
  while (path.ends_with('/')) path.pop_back();
  const std::string real = trial_directory + "/" + path.substr(path.rfind('/') + 1);
  if (!many) return Look(real);
  std::optional<WrittenFile> newest;
  std::error_code error;
  for (auto entry = std::filesystem::recursive_directory_iterator(real, error);
       !error && entry != std::filesystem::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    if (!entry->is_regular_file(ignored)) continue;
    WrittenFile file = Look(entry->path().string());
    if (!newest || file.changed > newest->changed) newest = std::move(file);
  }
  return newest ? *std::move(newest) : WrittenFile{.path = real};
}

MetricReports ReportsOf(const ReadStore& store, const api::Trial& trial) {
  MetricReports reports;
  const std::string& objective = trial.spec.objective.objective_metric_name;
  store
      .Curve(trial,
             [&](const CurvePoint& point) {
               if (point.metric != objective || point.value == api::kUnavailable) return;
               ++reports.count;
               reports.last = point.value;
               const std::optional<double> number = ParseDouble(point.value);
               if (!number || !std::isfinite(*number)) return;
               ++reports.finite;
               reports.last_finite = point.value;
             })
      .IgnoreError();
  return reports;
}

}  // namespace

TrialEvidence GatherEvidence(const ReadStore& store, const api::Experiment& experiment,
                             const api::Trial& trial, const Surroundings& around) {
  TrialEvidence evidence{.experiment = &experiment, .trial = &trial};
  evidence.objective = ReportsOf(store, trial);
  if (const auto files = store.Files(trial); files.ok()) {
    evidence.output = Look(files->log_file);
    const api::MetricsCollectorSpec& collector = trial.spec.metrics_collector;
    if (collector.kind == api::CollectorKind::kFile && collector.source && collector.source->file_system_path)
      evidence.metrics_file = LookAtMetrics(files->directory, *collector.source->file_system_path);
    if (StateOf(trial) == TrialState::kRunning)
      evidence.processes = FindTrialProcesses(around.proc, files->directory);
  }
  if (!IsFinished(StateOf(trial))) {
    if (auto events = store.Warnings(trial); events.ok()) evidence.warnings = *std::move(events);
  }
  return evidence;
}

std::vector<std::string> LastLines(std::string_view text, size_t count) {
  metrics::OutputTail tail;
  tail.Append(text);
  std::vector<std::string> lines = tail.Lines();
  if (lines.size() > count) lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(count));
  return lines;
}

}  // namespace qalam::cli
