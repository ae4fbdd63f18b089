// What can be known of one trial, gathered for a diagnosis.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/core.h"
#include "cli/read_store.h"
#include "cli/running_session.h"
#include "cli/trial_processes.h"

namespace qalam::cli {

/// A file that a program writes: its end, or that there is none.
struct WrittenFile {
  std::string path;
  bool exists = false;
  std::int64_t bytes = 0;
  std::optional<absl::Time> changed;
  std::string end;  // at most kEvidenceBytes
};

inline constexpr std::int64_t kEvidenceBytes = 512 << 10;

/// What a trial reported for one metric.
struct MetricReports {
  std::int64_t count = 0, finite = 0;
  std::string last, last_finite;
};

/// The world around: not of the trial, but it explains some of its states.
struct Surroundings {
  std::string data_directory;
  std::optional<RunningSession> session;  // who runs experiments here
  std::string proc = "/proc";
  std::string path;  // where programs are looked for: PATH
  absl::Time now;
};

struct TrialEvidence {
  const api::Experiment* experiment = nullptr;
  const api::Trial* trial = nullptr;
  std::optional<WrittenFile> output;        // nothing: its files are not on this machine
  std::optional<WrittenFile> metrics_file;  // of the File collector
  MetricReports objective;
  std::vector<TrialProcess> processes;  // of a running trial
  std::vector<api::Event> warnings;     // about it, the newest last; of an unfinished trial
};

/// Nothing fails: what cannot be read is missing.
TrialEvidence GatherEvidence(const ReadStore& store, const api::Experiment& experiment,
                             const api::Trial& trial, const Surroundings& around);

/// The last lines of a text that are not blank, in order.
std::vector<std::string> LastLines(std::string_view text, size_t count);

}  // namespace qalam::cli
