// Parameters as they are written on the command line: NAME=[PREFIX:]VALUES.
#pragma once

#include <string_view>

#include "api/experiment.h"
#include "base/status.h"

namespace qalam::cli {

/// Reads one --param.
///
///   lr=1e-5..1e-1             double between two numbers; int when both are written as integers
///   lr=log:1e-5..1e-1         distribution: log (log-uniform), normal, lognormal, uniform (the default)
///   n=int:log:16..1024        type: int, double (or float); it may stand with a distribution, in any order
///   drop=0..0.5/0.1           step after a slash (a colon already ends the prefixes)
///   opt=adam,sgd              categorical; discrete:1,2,4 is a list of ordered numbers
///   tag=categorical:1..2,x    categorical whatever the values look like; one choice is allowed here
///
/// Blanks around numbers and choices do not matter. Bounds keep the text the user gave.
/// INVALID_ARGUMENT: says what was expected, without naming the flag.
absl::StatusOr<api::ParameterSpec> ParseParameter(std::string_view text);

}  // namespace qalam::cli
