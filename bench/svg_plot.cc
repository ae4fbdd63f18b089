#include "bench/svg_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

namespace qalam::bench {
namespace {

constexpr std::array<std::string_view, 10> kColours = {"#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e",
                                                       "#8c564b", "#e377c2", "#17becf", "#7f7f7f", "#bcbd22"};
constexpr int kLeft = 64, kTop = 30, kBottom = 46, kLegend = 190;

class Scale {
 public:
  Scale(bool log, double from, double to) : log_(log), from_(from), to_(to) {}

  void Include(double value) {
    if (!std::isfinite(value) || (log_ && value <= 0)) return;
    low_ = std::min(low_, value);
    high_ = std::max(high_, value);
  }

  void Settle() {
    if (!(low_ <= high_)) low_ = log_ ? 0.1 : 0, high_ = 1;
    if (log_) low_ = std::max(low_, high_ * 1e-12);  // solved to the last bit: no need to show how exactly
    if (low_ == high_) {
      const double room = log_ ? 0 : std::max(1e-9, 0.1 * std::abs(low_));
      low_ = log_ ? low_ / 2 : low_ - room;
      high_ = log_ ? high_ * 2 : high_ + room;
    }
  }

  double At(double value) const {
    const double share =
        log_ ? (std::log(std::max(value, low_)) - std::log(low_)) / (std::log(high_) - std::log(low_))
             : (value - low_) / (high_ - low_);
    return from_ + std::clamp(share, 0.0, 1.0) * (to_ - from_);
  }

  // Powers of ten on a log scale, thinned out; else about five round steps.
  std::vector<double> Ticks() const {
    std::vector<double> ticks;
    if (log_) {
      const int first = static_cast<int>(std::floor(std::log10(low_))),
                last = static_cast<int>(std::ceil(std::log10(high_)));
      const int stride = std::max(1, (last - first + 5) / 6);
      for (int power = first; power <= last; power += stride) {
        for (const int factor : last - first <= 2 ? std::vector<int>{1, 2, 5} : std::vector<int>{1})
          ticks.push_back(factor * std::pow(10.0, power));
      }
    } else {
      const double rough = (high_ - low_) / 5, unit = std::pow(10.0, std::floor(std::log10(rough)));
      const double step = unit * (rough / unit >= 5 ? 5 : rough / unit >= 2 ? 2 : 1);
      for (double k = std::ceil(low_ / step); k * step <= high_ * (1 + 1e-12) + 1e-300; ++k)
        ticks.push_back(k * step);
    }
    std::erase_if(
        ticks, [&](double t) { return t < low_ * (1 - 1e-9) - 1e-300 || t > high_ * (1 + 1e-9) + 1e-300; });
    return ticks;
  }

 private:
  bool log_;
  double from_, to_;
  double low_ = std::numeric_limits<double>::infinity(), high_ = -std::numeric_limits<double>::infinity();
};

std::string PathPoints(const PlotSeries& s, const std::vector<double>& values, const Scale& x, const Scale& y,
                       bool backwards) {
  std::string points;
  for (size_t k = 0; k < values.size(); ++k) {
    const size_t i = backwards ? values.size() - 1 - k : k;
    if (std::isfinite(values[i])) points += fmt::format("{:.1f},{:.1f} ", x.At(s.x[i]), y.At(values[i]));
  }
  return points;
}

}  // namespace

std::string EscapedForXml(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string SvgPlot(const PlotOptions& options, const std::vector<PlotSeries>& series) {
  const int right = options.width - kLegend, bottom = options.height - kBottom;
  Scale x(options.log_x, kLeft, right), y(options.log_y, bottom, kTop);
  for (const PlotSeries& s : series) {
    for (const double v : s.x) x.Include(v);
    for (const double v : s.y) y.Include(v);
    for (const double v : s.low) y.Include(v);
    for (const double v : s.high) y.Include(v);
  }
  x.Settle();
  y.Settle();

  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
      "font-family=\"sans-serif\" font-size=\"11\" role=\"img\">\n<title>{2}</title>\n"
      "<rect width=\"{0}\" height=\"{1}\" fill=\"#fff\"/>\n"
      "<text x=\"{3}\" y=\"18\" font-size=\"13\" font-weight=\"bold\">{2}</text>\n",
      options.width, options.height, EscapedForXml(options.title), kLeft);
  for (const double tick : x.Ticks()) {
    svg += fmt::format(
        "<path d=\"M{0:.1f} {1}V{2}\" stroke=\"#e4e4e4\"/><text x=\"{0:.1f}\" y=\"{3}\" "
        "text-anchor=\"middle\">{4:.4g}</text>\n",
        x.At(tick), kTop, bottom, bottom + 16, tick);
  }
  for (const double tick : y.Ticks()) {
    svg += fmt::format(
        "<path d=\"M{1} {0:.1f}H{2}\" stroke=\"#e4e4e4\"/><text x=\"{3}\" y=\"{0:.1f}\" dy=\"4\" "
        "text-anchor=\"end\">{4:.3g}</text>\n",
        y.At(tick), kLeft, right, kLeft - 6, tick);
  }
  svg += fmt::format("<path d=\"M{0} {1}V{2}H{3}\" fill=\"none\" stroke=\"#444\"/>\n", kLeft, kTop, bottom,
                     right);
  svg += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", (kLeft + right) / 2,
                     options.height - 10, EscapedForXml(options.x_label));
  svg += fmt::format("<text transform=\"translate(14,{}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
                     (kTop + bottom) / 2, EscapedForXml(options.y_label));

  for (size_t i = 0; i < series.size(); ++i) {
    const PlotSeries& s = series[i];
    const std::string_view colour = kColours[s.style % kColours.size()];
    const std::string dash = s.style < kColours.size() ? ""
                                                       : fmt::format(" stroke-dasharray=\"{} 3\"",
                                                                     3 + 2 * (s.style / kColours.size()));
    if (!s.low.empty()) {
      svg += fmt::format("<polygon points=\"{}{}\" fill=\"{}\" fill-opacity=\"0.12\"/>\n",
                         PathPoints(s, s.low, x, y, false), PathPoints(s, s.high, x, y, true), colour);
    }
    svg += fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.6\"{}/>\n",
                       PathPoints(s, s.y, x, y, false), colour, dash);
    const int at = kTop + 8 + 16 * static_cast<int>(i);
    svg += fmt::format(
        "<path d=\"M{} {}h18\" stroke=\"{}\" stroke-width=\"2\"{}/><text x=\"{}\" y=\"{}\">{}</text>\n",
        right + 10, at, colour, dash, right + 33, at + 4, EscapedForXml(s.name));
  }
  return svg + "</svg>\n";
}

}  // namespace qalam::bench
