// What is printed at the end of a campaign.
#pragma once

#include <string>

#include "bench/report.h"

namespace qalam::bench {

/// Tables in Markdown: standings, the way to the target, the problems without a scale one by one, and how soon others are where
/// the reference ends. The same input gives the same text.
std::string Summary(const ReportInput& input);

}  // namespace qalam::bench
