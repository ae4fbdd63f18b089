// Line plots as SVG text, for reports that need no network and no scripts.
#pragma once

#include <string>
#include <vector>

namespace qalam::bench {

/// A line through (x, y), and a band from `low` to `high` around it. All lists have the same length; `low`
/// and `high` may be empty. x ascends.
struct PlotSeries {
  std::string name;
  std::vector<double> x, y, low, high;
  size_t style = 0;  // number of its colour and dashes: the same line looks alike in every plot
};

struct PlotOptions {
  std::string title, x_label, y_label;
  bool log_x = false;
  bool log_y = false;  // values that are not above 0 are drawn at the bottom
  int width = 620, height = 360;
};

/// Colours repeat after 10 series, dashes then tell them apart. Points that are not finite are left out.
/// Deterministic text.
std::string SvgPlot(const PlotOptions& options, const std::vector<PlotSeries>& series);

/// With &, <, > and " replaced.
std::string EscapedForXml(const std::string& text);

}  // namespace qalam::bench
