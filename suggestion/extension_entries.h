// The entries of an extension's text.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qalam::suggestion {

/// The parts of `text` between any of `separators`, without blanks around them; empty ones are left out. What stands in double
/// quotes is not split.
std::vector<std::string_view> SplitEntries(std::string_view text, std::string_view separators = ";\n");

/// The longest of `names` with which `text` begins, so that names may have signs and dots in them; empty where none is. A name that
/// goes on in letters, digits or underscores is another one.
std::string_view LeadingName(std::string_view text, std::span<const std::string> names);

/// What a text begins with that could be meant as a name.
std::string_view LeadingWord(std::string_view text);

}  // namespace qalam::suggestion
