#include "controller/earlier_experiments.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "api/extension_text.h"
#include "api/trial_facts.h"
#include "base/extensions.h"
#include "controller/experiment_progress.h"
#include "controller/vocabulary.h"
#include "controller/wire_convert.h"
#include "suggestion/earlier_trials.h"
#include "suggestion/labels.h"
#include "suggestion/proto_convert.h"
#include "suggestion/warm_start_extension.h"

namespace qalam::controller {
namespace {

constexpr size_t kMaxTrials = 200, kBest = 100;  // of one experiment
constexpr size_t kMaxBytes = 3 << 20;            // of all; servers take 4 MB unless told otherwise

api::ObjectKey KeyOf(std::string_view name, const api::Experiment& experiment) {
  const size_t slash = name.find('/');
  if (slash == std::string_view::npos) return {experiment.metadata.namespace_name, std::string(name)};
  return {std::string(name.substr(0, slash)), std::string(name.substr(slash + 1))};
}

absl::Status Refuse(std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("{}: {}", kWarmStartExtension, what));
}

std::string ObjectiveText(const api::Experiment& experiment) {
  if (!experiment.spec.objective) return "has no objective";
  return fmt::format(
      "{} {}", experiment.spec.objective->type == api::ObjectiveType::kMaximize ? "maximizes" : "minimizes",
      experiment.spec.objective->objective_metric_name);
}

struct Sent {
  TrialPtr trial;
  double value;  // lower is better
};

// The best and the newest, of those that have a result, in order of creation.
std::vector<TrialPtr> Select(std::vector<Sent> trials) {
  std::sort(trials.begin(), trials.end(),
            [](const Sent& a, const Sent& b) { return CreatedBefore(*a.trial, *b.trial); });
  if (trials.size() > kMaxTrials) {
    std::stable_sort(trials.begin(), trials.end(),
                     [](const Sent& a, const Sent& b) { return a.value < b.value; });
    std::sort(trials.begin() + kBest, trials.end(),
              [](const Sent& a, const Sent& b) { return CreatedBefore(*b.trial, *a.trial); });
    trials.resize(kMaxTrials);
    std::sort(trials.begin(), trials.end(),
              [](const Sent& a, const Sent& b) { return CreatedBefore(*a.trial, *b.trial); });
  }
  std::vector<TrialPtr> selected;
  for (const Sent& sent : trials) selected.push_back(sent.trial);
  return selected;
}

std::string SummaryOf(std::string_view name, size_t finished, size_t sent,
                      const suggestion::EarlierFit& fit) {
  std::string text = fmt::format("{}: {} of {} finished trials", name, fit.used, finished);
  std::vector<std::string> notes;
  if (sent < finished) notes.push_back(fmt::format("{} left out as there are many", finished - sent));
  for (const auto& [parameter, trials] : fit.out_of_range) {
    notes.push_back(fmt::format("{} left out as {} is out of range", trials, parameter));
  }
  if (fit.without_result > 0) notes.push_back(fmt::format("{} have no result", fit.without_result));
  if (!fit.drawn.empty()) notes.push_back(fmt::format("nothing known of {}", fmt::join(fit.drawn, ", ")));
  if (!fit.dropped.empty())
    notes.push_back(fmt::format("values of {} dropped", fmt::join(fit.dropped, ", ")));
  if (!notes.empty()) text += fmt::format(" ({})", fmt::join(notes, "; "));
  return text;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const EarlierTrials>> EarlierExperiments::Of(
    const api::Experiment& experiment) {
  const std::string names(api::ExtensionText(experiment, kWarmStartExtension));
  if (names.empty()) return std::make_shared<const EarlierTrials>();
  const auto found = known_.find(experiment.metadata.uid);
  if (found != known_.end() && found->second.names == names) return found->second.trials;
  QALAM_ASSIGN_OR_RETURN(EarlierTrials trials, Read(experiment, names));
  const auto kept = std::make_shared<const EarlierTrials>(std::move(trials));
  known_[experiment.metadata.uid] = {names, kept};
  return kept;
}

absl::StatusOr<EarlierTrials> EarlierExperiments::Read(const api::Experiment& experiment,
                                                       std::string_view text) const {
  QALAM_ASSIGN_OR_RETURN(const std::vector<std::string> names, suggestion::ParseEarlierNames(text));
  QALAM_ASSIGN_OR_RETURN(const algorithms::Problem problem, suggestion::ToProblem(ToWire(experiment, {})));
  EarlierTrials result;
  for (const std::string& name : names) {
    const api::ObjectKey key = KeyOf(name, experiment);
    if (key == experiment.key()) return Refuse(fmt::format("{} is this experiment itself", name));
    const auto earlier = api::Get<api::Experiment>(store_, key);
    if (absl::IsNotFound(earlier.status())) {
      return Refuse(fmt::format("there is no experiment {} in namespace {}", key.name, key.namespace_name));
    }
    QALAM_RETURN_IF_ERROR(earlier.status());
    if (ObjectiveText(**earlier) != ObjectiveText(experiment)) {
      return Refuse(fmt::format("{} {}, but this experiment {}", name, ObjectiveText(**earlier),
                                ObjectiveText(experiment)));
    }
    QALAM_ASSIGN_OR_RETURN(
        const api::ResourceList list,
        store_.List(api::Kind::kTrial, key.namespace_name, {{std::string(kExperimentLabel), key.name}}));
    std::vector<Sent> finished;
    const double sign = (*earlier)->spec.objective->type == api::ObjectiveType::kMaximize ? -1 : 1;
    for (const api::ResourcePtr& item : list.items) {
      const TrialFacts facts(std::static_pointer_cast<const api::Trial>(item));
      if (api::IsFinished(facts.state) && facts.objective) {
        finished.push_back({facts.trial, sign * *facts.objective});
      }
    }
    const size_t count = finished.size();
    std::vector<wire::Trial> sent;
    size_t bytes = 0;
    for (const TrialPtr& trial : Select(std::move(finished))) {
      wire::Trial converted = ToWire(*trial);
      (*converted.mutable_spec()->mutable_labels())[std::string(suggestion::kEarlierExperimentLabel)] = name;
      bytes += converted.ByteSizeLong();
      if (bytes > kMaxBytes / names.size()) break;
      sent.push_back(std::move(converted));
    }
    if (!result.summary.empty()) result.summary += "; ";
    result.summary += SummaryOf(name, count, sent.size(), suggestion::FitOf(sent, problem));
    wire::GetSuggestionsRequest request;
    for (wire::Trial& trial : sent) *request.add_trials() = std::move(trial);
    result.wire += request.SerializeAsString();
  }
  return result;
}

}  // namespace qalam::controller
