// Tables that read well in a terminal and are Markdown at the same time.
#pragma once

#include <string>
#include <vector>

#include "bench/score.h"

namespace qalam::bench {

/// The first row is the header; columns are padded, all but the first right-aligned.
std::string MarkdownTable(const std::vector<std::vector<std::string>>& rows);

/// Three significant digits: "0.00123", "1.5e-07", "0".
std::string ShortNumber(double value);

/// Score, standard error, mean rank, and the same by group, after a line that says where they are from.
std::string StandingsText(const Standings& standings);

}  // namespace qalam::bench
