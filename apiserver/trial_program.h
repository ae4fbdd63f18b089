// The program of a trial, as pods and jobs tell of it. All functions are pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "api/trial.h"

namespace qalam::apiserver {

enum class ProgramPhase { kNone, kWaiting, kRunning, kSucceeded, kFailed };

struct TrialProgram {
  ProgramPhase phase = ProgramPhase::kNone;  // kNone: it has not been tried to start it, or that cannot be
  std::string reason, message;               // why it waits or how it ended: "CrashLoopBackOff", "Error"
  int exit_code = 0;                         // of the last attempt that has ended
  int restarts = 0;                          // attempts after the first
  std::optional<absl::Time> started, finished;

  bool ended() const { return phase == ProgramPhase::kSucceeded || phase == ProgramPhase::kFailed; }
};

TrialProgram ProgramOf(const api::Trial& trial);

/// The rendered job; an empty object when it cannot be read.
nlohmann::json RunSpecOf(const api::Trial& trial);

enum class ContainerRole {
  kPrimary,    // whose output and exit code count
  kCollector,  // passes the primary one's output on
  kOther,      // beside the primary one, with output of its own
  kInit,
};

struct TrialContainer {
  std::string name;
  ContainerRole role;
  bool operator==(const TrialContainer&) const = default;
};

/// As the trial's pod has them: those of the specification in its order, the collector last, init containers
/// after it. The collector of a kind that Katib runs in a container has that container's name.
std::vector<TrialContainer> ContainersOf(const api::Trial& trial);
std::vector<TrialContainer> ContainersOf(const api::Trial& trial, const nlohmann::json& run_spec);

/// A uid for what a trial is shown as, the same every time: of its "pod", of its "job".
std::string DerivedUid(const api::Trial& trial, std::string_view purpose);

/// As generateName would have made it: the trial's name and five characters that follow from its uid.
std::string PodNameOf(const api::Trial& trial);
/// The trial whose pod has that name; none when a pod's name cannot look like that.
std::optional<std::string_view> TrialOfPodName(std::string_view pod_name);

/// Metadata of what a trial is shown as: version, times and deletion are the trial's.
nlohmann::json DerivedMetadata(const api::Trial& trial, std::string_view name, std::string_view purpose);

std::string TimeText(absl::Time time);  // RFC 3339

}  // namespace qalam::apiserver
