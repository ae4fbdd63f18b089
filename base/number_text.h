// Numbers as text, the way trial programs can read them and doubles survive the trip.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace qalam {

/// The shortest decimal text that reads back to the same double: plain digits from 1e-7 up to 1e16
/// ("0.00003", "1" for 1.0), an exponent beyond ("2.5e-9"). "nan", "inf", "-inf" for the rest.
std::string NumberText(double value);

/// Reads a whole text as a double: decimal or exponent form, surrounding blanks allowed, "nan" and "inf"
/// in any case. Independent of the locale. Nothing for anything else, an empty text included.
std::optional<double> ParseDouble(std::string_view text);

/// Reads a whole text as a decimal integer with optional sign; surrounding blanks allowed. Nothing on overflow.
std::optional<long long> ParseInt(std::string_view text);

}  // namespace qalam
