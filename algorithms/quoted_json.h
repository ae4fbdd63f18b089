// JSON as architecture searches hand it to training programs: every double quote is a single one, so that the text may stand
// within YAML, JSON and a shell's double quotes. Programs turn the quotes round and read JSON.
#pragma once

#include <string>
#include <string_view>

namespace qalam::algorithms {

/// A string, in single quotes. What is not ASCII, and an apostrophe, become \uXXXX; bytes that are not UTF-8 become U+FFFD.
std::string QuotedJson(std::string_view text);

/// A finite number that stays a real one when it is read: "0.1", "1.0", "1e-05". Shortest text that reads back to it.
std::string RealJson(double value);

}  // namespace qalam::algorithms
