// Ask and tell as lines of JSON: one object in, one object out, for programs in any language.
#pragma once

#include <istream>
#include <ostream>
#include <string>
#include <string_view>

#include "cli/study.h"

namespace qalam::cli {

/// Longer lines are refused, and skipped without being kept.
constexpr size_t kLongestLine = size_t{16} << 20;

/// The answer to one line, without the line end. Requests, each with one of these members, and optionally an `id` (a text
/// or a number) that the answer repeats:
///
///   {"ask": 2}                                               {"suggestions": [{"trial": ..., "parameters": {...}}, ...]}
///   {"tell": {"trial": ..., "metrics": {"loss": 0.3}}}       {"told": {"trial": ..., "status": ...}}
///   {"state": true}                                          {"state": {counts, best trial}}
///   {"trials": true}                                         {"trials": [...]}, in the form of a history
///
/// Whatever is wrong gives {"error": {"code": "INVALID_ARGUMENT", "message": ...}} and changes nothing. `tell` takes what
/// ReadTrialRecord reads. See docs/suggest.md.
std::string AnswerLine(Study& study, std::string_view line);

/// Answers every line of `in` but empty ones until it ends or `out` fails; each answer is flushed.
void ServeLines(Study& study, std::istream& in, std::ostream& out);

}  // namespace qalam::cli
