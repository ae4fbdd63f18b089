// The block of lines that shows a running experiment on a terminal.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "cli/progress_model.h"

namespace qalam::cli {

/// What the session is doing about its experiment.
enum class RunPhase {
  kRunning,
  kDraining,  // no new trials; running ones may finish
  kStopping,  // running trials are being ended
};

struct LiveViewOptions {
  int width = 80;   // columns
  int height = 24;  // lines of the terminal; the view takes at most one less
  bool utf8 = true;
  bool color = false;
  RunPhase phase = RunPhase::kRunning;
};

/// Progress bar with counts and time left; running trials, oldest first, with parameters and newest metric;
/// the best so far with its parameters and the curve of the best; failures; what Ctrl-C does next when the
/// session is ending. Every line fits the width. Pure.
std::vector<std::string> RenderLiveView(const ProgressModel& model, const LiveViewOptions& options,
                                        absl::Time now);

}  // namespace qalam::cli
