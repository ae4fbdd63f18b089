// qalam.dev/enqueue: points to be tried first.
#pragma once

#include <string_view>

#include "algorithms/algorithm.h"
#include "base/status.h"

namespace qalam::suggestion {

/// Reads points, one after another at `;` or a line's end, each as NAME=VALUE with blanks or commas between:
///
///   lr=0.1 units=64; lr=0.01, opt="adam w"
///
/// A value with a blank, comma, semicolon or quote stands in double quotes, in which \" and \\ are a quote and a backslash.
/// Values go to the nearest one of a parameter's grid. INVALID_ARGUMENT, naming the point, from 1, and the parameter: a name
/// that the space does not have or that the point has twice, a value outside its parameter's, text of another form, no point.
absl::Status ReadEnqueued(std::string_view text, algorithms::Problem& problem);

}  // namespace qalam::suggestion
