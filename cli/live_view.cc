#include "cli/live_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/sparkline.h"
#include "cli/styled_line.h"
#include "cli/text_width.h"
#include "cli/time_text.h"

namespace qalam::cli {
namespace {

constexpr int kLabelWidth = 9;   // "running  "
constexpr int kMostRunning = 8;  // more only push everything else off the screen
constexpr int kBarWidth = 30, kNarrowestBar = 5;
constexpr int kSparklineWidth = 40;

class View {
 public:
  View(const ProgressModel& model, const LiveViewOptions& options, absl::Time now)
      : model_(model), options_(options), now_(now) {}

  std::vector<std::string> Render() {
    AddProgress();
    const std::vector<StyledLine> bottom = BottomLines();
    const int room = std::max(1, options_.height - 1) - static_cast<int>(lines_.size() + bottom.size());
    AddRunning(std::min(kMostRunning, room));
    lines_.insert(lines_.end(), bottom.begin(), bottom.end());
    if (options_.height > 1 && static_cast<int>(lines_.size()) >= options_.height) {
      lines_.resize(static_cast<size_t>(options_.height) - 1);
    }

    std::vector<std::string> texts;
    for (const StyledLine& line : lines_)
      texts.push_back(line.Render(options_.width, options_.utf8, options_.color));
    return texts;
  }

 private:
  void AddProgress() {
    const int done = model_.done();
    std::string counts = fmt::format("{} done", done);
    if (model_.total()) counts = fmt::format("{}/{}", done, *model_.total());
    if (model_.total() && *model_.total() > 0)
      counts += fmt::format("  {}%", 100 * std::min(done, *model_.total()) / *model_.total());
    const std::optional<absl::Duration> left = model_.TimeLeft(now_);
    counts += fmt::format("  {}", DurationText(now_ - model_.session_start()));
    if (left) counts += fmt::format(", {} left", DurationText(*left));
    const int stopped = model_.count(TrialState::kEarlyStopped);
    if (stopped > 0) counts += fmt::format("  {} stopped early", stopped);
    const std::string failures = model_.failures() > 0 ? fmt::format("  {} failed", model_.failures()) : "";

    StyledLine line;
    line.Add(model_.name(), Style::kBold);
    if (!model_.algorithm().empty() && options_.width >= 60) line.Add("  " + model_.algorithm(), Style::kDim);
    const int room = options_.width - line.width() - DisplayWidth(counts) - DisplayWidth(failures) - 4;
    if (model_.total() && *model_.total() > 0 && room >= kNarrowestBar) {
      line.Add("  ");
      AddBar(line, std::min(room, kBarWidth));
    }
    line.Add("  " + counts).Add(failures, Style::kBad);
    lines_.push_back(line);
  }

  void AddBar(StyledLine& line, int width) const {
    const int inner = options_.utf8 ? width : width - 2;
    const auto cells = [&](int trials) { return std::clamp(inner * trials / *model_.total(), 0, inner); };
    const int full = cells(model_.done());
    const int active = std::max(full, cells(model_.done() + model_.count(TrialState::kRunning)));
    if (!options_.utf8) {
      line.Add('[' + std::string(full, '#') + std::string(active - full, '-') +
               std::string(inner - active, ' ') + ']');
      return;
    }
    line.Add(Repeat("█", full), Style::kGood).Add(Repeat("▒", active - full), Style::kAccent);
    line.Add(Repeat("░", inner - active), Style::kDim);
  }

  static std::string Repeat(std::string_view text, int times) {
    std::string result;
    for (int i = 0; i < times; ++i) result += text;
    return result;
  }

  void AddRunning(int room) {
    const std::vector<const TrialProgress*> running = model_.Running();
    if (running.empty() || room <= 0) return;
    const bool all_fit = static_cast<int>(running.size()) <= room;
    const size_t shown = all_fit ? running.size() : static_cast<size_t>(std::max(0, room - 1));
    int name_width = 0;
    for (size_t i = 0; i < shown; ++i)
      name_width = std::max(name_width, DisplayWidth(Printable(ShortName(*running[i]), options_.utf8)));
    for (size_t i = 0; i < shown; ++i) {
      const TrialProgress& trial = *running[i];
      StyledLine line = Labelled(i == 0 ? "running" : "");
      line.Add(ShortName(trial)).PadTo(kLabelWidth + name_width);
      line.Add(PadToWidth(DurationText(now_ - trial.started.value_or(now_)), 8, /*right_aligned=*/true),
               Style::kDim);
      if (!trial.latest.empty()) {
        line.Add(fmt::format("  {}={}", model_.objective().objective_metric_name, ShortNumber(trial.latest)),
                 Style::kAccent);
      }
      if (!trial.message.empty()) line.Add("  stopping: " + trial.message, Style::kBad);
      line.Add("  " + trial.parameters);
      lines_.push_back(line);
    }
    if (!all_fit) {
      const size_t hidden = running.size() - shown;
      lines_.push_back(shown == 0 ? Labelled("running").Add(fmt::format("{} trials", hidden), Style::kDim)
                                  : Labelled("").Add(fmt::format("and {} more trials", hidden), Style::kDim));
    }
  }

  std::vector<StyledLine> BottomLines() const {
    std::vector<StyledLine> lines;
    if (const TrialProgress* best = model_.Best()) {
      StyledLine line = Labelled("best");
      line.Add(fmt::format("{}={}", model_.objective().objective_metric_name, ShortNumber(best->value_text)),
               Style::kGood);
      line.Add("  " + ShortName(*best)).Add("  " + best->parameters);
      lines.push_back(line);
      AddCurve(lines);
    }
    if (const std::optional<int> front = model_.FrontSize(); front && *front > 0) {
      lines.push_back(Labelled("front").Add(
          fmt::format("{} {} with no better one", *front, *front == 1 ? "trial" : "trials"), Style::kGood));
    }
    if (const TrialProgress* failure = model_.LastFailure()) {
      StyledLine line = Labelled("failed");
      line.Add(ShortName(*failure), Style::kBad).Add("  " + failure->message);
      lines.push_back(line);
    }
    if (options_.phase == RunPhase::kDraining) {
      lines.push_back(
          StyledLine().Add("stopping: running trials may finish; Ctrl-C again ends them", Style::kBold));
    } else if (options_.phase == RunPhase::kStopping) {
      lines.push_back(
          StyledLine().Add("stopping: ending running trials; Ctrl-C again leaves at once", Style::kBold));
    }
    return lines;
  }

  void AddCurve(std::vector<StyledLine>& lines) const {
    const std::vector<double>& curve = model_.BestCurve();
    if (curve.size() < 2 || curve.front() == curve.back()) return;
    const std::string from = ShortNumber(fmt::format("{:.6g}", curve.front()));
    const std::string to = ShortNumber(fmt::format("{:.6g}", curve.back()));
    const std::string range = fmt::format("  {} {} {}", from, options_.utf8 ? "→" : "->", to);
    const int room = options_.width - kLabelWidth - DisplayWidth(range);
    StyledLine line = Labelled("");
    line.Add(Sparkline(curve, std::min(room, kSparklineWidth), options_.utf8), Style::kGood)
        .Add(range, Style::kDim);
    lines.push_back(line);
  }

  static StyledLine Labelled(std::string_view label) {
    StyledLine line;
    line.Add(label, Style::kDim).PadTo(kLabelWidth);
    return line;
  }

  // Trials are named after their experiment, which the first line shows already.
  std::string ShortName(const TrialProgress& trial) const {
    const std::string prefix = model_.name() + '-';
    return trial.name.rfind(prefix, 0) == 0 && trial.name.size() > prefix.size()
               ? trial.name.substr(prefix.size())
               : trial.name;
  }

  const ProgressModel& model_;
  const LiveViewOptions& options_;
  absl::Time now_;
  std::vector<StyledLine> lines_;
};

}  // namespace

std::vector<std::string> RenderLiveView(const ProgressModel& model, const LiveViewOptions& options,
                                        absl::Time now) {
  return View(model, options, now).Render();
}

}  // namespace qalam::cli
