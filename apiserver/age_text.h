// How long ago, as kubectl prints it.
#pragma once

#include <string>

#include "absl/time/time.h"

namespace qalam::apiserver {

/// "5s", "3m10s", "47m", "2h15m", "2d4h", "400d", "2y41d": the fewer digits the longer ago. Up to two seconds in the future are "0s", more
/// is "<invalid>".
std::string AgeText(absl::Duration age);

}  // namespace qalam::apiserver
