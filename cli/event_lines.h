// One line per event, for logs and pipes.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "cli/progress_model.h"

namespace qalam::cli {

/// "12:03:11 trial quick-abc done accuracy=0.93 (best 0.95 @quick-xyz) 17/50 eta 4m". Printable text, no line
/// end, any length. `model` as the event left it; the clock in `zone`.
std::string EventLine(const ProgressModel& model, const ProgressEvent& event, absl::Time now,
                      absl::TimeZone zone);

}  // namespace qalam::cli
