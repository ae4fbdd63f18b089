// What the reading commands need to know of the world. Reading never writes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/core.h"
#include "api/suggestion.h"
#include "api/trial.h"
#include "base/status.h"

namespace qalam::cli {

using ExperimentPtr = std::shared_ptr<const api::Experiment>;
using SuggestionPtr = std::shared_ptr<const api::Suggestion>;
using TrialPtr = std::shared_ptr<const api::Trial>;

/// One reported value of a trial, as it stands in the observation log.
struct CurvePoint {
  std::string time;           // RFC 3339; "0001-01-01T00:00:00Z" when the program gave none
  std::string metric, value;  // value as text, as reported
  bool operator==(const CurvePoint&) const = default;
};

struct TrialFiles {
  std::string directory;  // the trial's working files
  std::string log_file;   // its output
};

/// Codes: NOT_FOUND; UNAVAILABLE when the store cannot be read.
class ReadStore {
 public:
  virtual ~ReadStore() = default;

  /// By name.
  virtual absl::StatusOr<std::vector<ExperimentPtr>> Experiments(std::string_view namespace_name) const = 0;
  virtual absl::StatusOr<ExperimentPtr> Experiment(std::string_view namespace_name,
                                                   std::string_view name) const = 0;
  /// In the order of their creation.
  virtual absl::StatusOr<std::vector<TrialPtr>> Trials(const api::Experiment& experiment) const = 0;
  virtual absl::StatusOr<TrialPtr> Trial(const api::Experiment& experiment,
                                         std::string_view trial_name) const = 0;
  /// Of the experiment; NOT_FOUND before the first request.
  virtual absl::StatusOr<SuggestionPtr> Suggestion(const api::Experiment& experiment) const = 0;
  /// Events of type Warning about the trial, the newest last.
  virtual absl::StatusOr<std::vector<api::Event>> Warnings(const api::Trial& trial) const = 0;
  /// Calls `point` for each reported value in the order of time; there may be millions.
  virtual absl::Status Curve(const api::Trial& trial,
                             const std::function<void(const CurvePoint&)>& point) const = 0;
  /// NOT_FOUND: this machine never ran it, or the files are gone.
  virtual absl::StatusOr<TrialFiles> Files(const api::Trial& trial) const = 0;
};

}  // namespace qalam::cli
