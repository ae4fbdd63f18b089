#include "cli/savings_text.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/time_text.h"

namespace qalam::cli {
namespace {

std::string Trials(int count, std::string_view adjective) {
  return fmt::format("{} {} trial{}", count, adjective, count == 1 ? "" : "s");
}

std::string Number(double value) { return fmt::format("{:.6g}", value); }

}  // namespace

std::string SavedText(const StoppingSavings& savings) {
  const std::string used = DurationText(savings.used);
  if (!savings.had_rules)
    return fmt::format("nothing: no trial had a rule to be stopped by; {} were used", used);
  if (savings.stopped == 0) return fmt::format("nothing: no trial was stopped early; {} were used", used);
  const std::string by = fmt::format("by stopping {} of {} trials early; {} were used", savings.stopped,
                                     savings.stopped + savings.finished, used);
  if (!savings.saved) return fmt::format("unknown, since no trial has finished, {}", by);
  return fmt::format("about {} ({} to {}) of trial time, {}", DurationText(savings.saved->likely),
                     DurationText(savings.saved->low), DurationText(savings.saved->high), by);
}

std::vector<std::string> RiskTexts(const StoppingSavings& savings) {
  std::vector<std::string> texts;
  if (!savings.had_rules) return texts;
  if (const auto& replay = savings.replay) {
    std::string text = fmt::format("under the newest rules {} of {} would have been stopped", replay->stopped,
                                   Trials(replay->trials, "finished"));
    if (replay->best_lost) {
      text += fmt::format(", the best one among them: the best value would be {} instead of {}",
                          Number(replay->best_replayed), Number(replay->best));
    } else if (replay->stopped > 0) {
      text += "; the best value would be the same";
    }
    texts.push_back(std::move(text));
  }
  if (const auto& alike = savings.look_alikes) {
    texts.push_back(
        fmt::format("{} looked no better than a stopped one at the same report; the best of them reached {} "
                    "(best of all: {})",
                    Trials(alike->trials, "finished"), Number(alike->best), Number(alike->best_of_all)));
  } else if (savings.stopped > 0) {
    texts.push_back(
        "no finished trial looked as bad as a stopped one at the same report: nothing to compare with");
  }
  if (savings.best_was_stopped) texts.push_back("the best trial is one that was stopped early");
  if (savings.stopped == 0) return texts;  // everybody survived
  const int judged = std::min(savings.replay ? savings.replay->trials : 0,
                              savings.look_alikes ? savings.look_alikes->trials : 0);
  texts.push_back(
      fmt::format("{}finished trials are those that survived the rules, so the risk is rather higher",
                  judged < kFewestToJudge ? "too few trials to judge by; " : ""));
  return texts;
}

std::string SavingsJson(const StoppingSavings& savings) {
  using Json = nlohmann::ordered_json;
  const auto seconds = [](absl::Duration duration) {
    return std::round(1000 * absl::ToDoubleSeconds(duration)) / 1000;
  };
  Json json = {{"stoppedTrials", savings.stopped},
               {"finishedTrials", savings.finished},
               {"trialSecondsUsed", seconds(savings.used)},
               {"trialSecondsSaved", nullptr},
               {"replay", nullptr},
               {"lookAlikes", nullptr},
               {"bestWasStopped", savings.best_was_stopped},
               {"notes", RiskTexts(savings)}};
  if (const auto& saved = savings.saved) {
    json["trialSecondsSaved"] = {
        {"likely", seconds(saved->likely)}, {"low", seconds(saved->low)}, {"high", seconds(saved->high)}};
  }
  if (const auto& replay = savings.replay) {
    json["replay"] = {{"trials", replay->trials},
                      {"stopped", replay->stopped},
                      {"best", replay->best},
                      {"bestReplayed", replay->best_replayed},
                      {"bestLost", replay->best_lost}};
  }
  if (const auto& alike = savings.look_alikes) {
    json["lookAlikes"] = {
        {"trials", alike->trials}, {"best", alike->best}, {"bestOfAll", alike->best_of_all}};
  }
  return json.dump();
}

api::Experiment WithSavings(api::Experiment experiment, const std::optional<StoppingSavings>& savings) {
  if (savings) experiment.metadata.annotations[kSavingsAnnotation] = SavingsJson(*savings);
  return experiment;
}

}  // namespace qalam::cli
