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

/// Header and rows: score, standard error, mean rank, and the same by group where there are several.
std::vector<std::vector<std::string>> StandingsRows(const Standings& standings);

/// The same as text, after a line that says after how many of what.
std::string StandingsText(const Standings& standings, const std::string& unit = "evaluations");

}  // namespace qalam::bench
