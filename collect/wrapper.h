// A command with a collector around it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "api/early_stopping.h"
#include "api/trial.h"
#include "base/status.h"
#include "collect/delivery.h"
#include "collect/report_client.h"

namespace qalam::collect {

struct WrapperOptions {
  std::vector<std::string> command;
  std::string trial;
  Connection server;
  std::string early_stopping;  // address of the service that is told of a stop; empty: nobody is
  api::ObjectiveSpec objective;
  api::MetricsCollectorSpec collector;  // kinds StdOut, File, TensorFlowEvent, PrometheusMetric and None
  std::vector<api::EarlyStoppingRule> rules;
  api::RuleEvaluation evaluation = api::RuleEvaluation::kEvery;
  std::string spool_parent;  // the spool becomes a directory in it
  std::int64_t spool_limit = 0;
  absl::Duration wait;   // how long to go on delivering after the command has ended
  absl::Duration grace;  // from TERM to KILL when a rule stops the command
  bool outlive = false;  // the command goes on when this process is killed
  int exit_code_when_stopped = 0;
};

/// Runs the command, collects what it reports, and delivers it; returns when all is done. The exit code is the
/// command's, 128 + n when signal n ended it, 126 or 127 when it could not be started, or exit_code_when_stopped.
/// INVALID_ARGUMENT: the collector or the rules are wrong; the command was not started.
///
/// Call it once in a process, from its first thread, before there are others. Do not wait for other threads when it
/// has returned: one may be stuck in a write.
absl::StatusOr<int> RunWrapped(const WrapperOptions& options, const Say& say);

}  // namespace qalam::collect
