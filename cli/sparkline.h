// A curve in one line of text.
#pragma once

#include <string>
#include <vector>

namespace qalam::cli {

/// `width` columns at most, one per value; longer curves are thinned to the last value of each stretch. Eight
/// levels from the smallest to the largest value: "▁▂▃▄▅▆▇█", or "_.:-=+*#" without `utf8`. A flat curve sits
/// on the lowest level. Values that are not finite are left out; empty without values.
std::string Sparkline(const std::vector<double>& values, int width, bool utf8);

}  // namespace qalam::cli
