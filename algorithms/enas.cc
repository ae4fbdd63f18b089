#include "algorithms/enas.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string_view>
#include <tuple>

#include "algorithms/enas_training.h"

namespace qalam::algorithms::enas {
namespace {

constexpr std::string_view kArchitecture = "architecture";
constexpr std::string_view kNetworkConfig = "nn_config";

// Above these a call would take minutes.
constexpr int kMaxLayers = 128, kMaxChoices = 4'096;

constexpr std::uint64_t kDrawStream = 0x656e61732d647277, kScanStream = 0x656e61732d73636e;
constexpr int kDraws = 24;                      // of which each is less sharp than the one before
constexpr std::uint64_t kMostToScan = 100'000;  // architectures: some 50 ms

struct Tried {
  const Trial* trial;
  Architecture architecture;
};

double ValueOf(const Trial& trial) {
  const double value = trial.objectives.empty() ? std::nan("") : trial.objectives.front();
  return std::isnan(value) ? std::numeric_limits<double>::infinity() : value;
}

// In order of completion, of creation, of start, of name and so on, so that the order of the history does not matter and
// an experiment that goes on adds to the end.
std::vector<Tried> InOrderOfCompletion(const History& history, const PolicyShape& shape) {
  std::vector<Tried> tried;
  for (const Trial& trial : history.trials) {
    const auto text = trial.texts.find(std::string(kArchitecture));
    if (text == trial.texts.end()) continue;
    if (auto architecture = ParseArchitecture(text->second, shape.layers, shape.choices)) {
      tried.push_back({&trial, *std::move(architecture)});
    }
  }
  const auto key = [](const Tried& t) {
    return std::make_tuple(t.trial->completion_time.value_or(absl::InfiniteFuture()),
                           t.trial->number.value_or(std::numeric_limits<std::int64_t>::max()),
                           t.trial->start_time.value_or(absl::InfiniteFuture()),
                           std::string_view(t.trial->name), ArchitectureText(t.architecture), t.trial->status,
                           ValueOf(*t.trial));
  };
  std::sort(tried.begin(), tried.end(), [&](const Tried& a, const Tried& b) { return key(a) < key(b); });
  return tried;
}

// The architecture with number `index` of a finite space, as digits of mixed base.
Architecture NumberToArchitecture(const PolicyShape& shape, std::uint64_t index) {
  Architecture architecture(shape.layers);
  for (int l = 0; l < shape.layers; ++l) {
    architecture[l].operation = static_cast<int>(index % shape.choices);
    index /= shape.choices;
    for (int i = 0; i < l; ++i, index /= 2) architecture[l].skips.push_back(index % 2 == 1);
  }
  return architecture;
}

// How many architectures there are, up to `most`.
std::uint64_t ArchitectureCount(const PolicyShape& shape, std::uint64_t most) {
  double count = 1;
  for (int l = 0; l < shape.layers && count < static_cast<double>(most); ++l) {
    count *= shape.choices * std::exp2(l);
  }
  return count < static_cast<double>(most) ? static_cast<std::uint64_t>(count) : most;
}

class Enas final : public Algorithm {
 public:
  Enas(const Problem& problem, const PolicyShape& shape, const EnasSettings& settings, std::uint64_t seed)
      : space_(*problem.architecture),
        maximize_(!problem.objectives.empty() && problem.objectives[0].direction == Direction::kMaximize),
        shape_(shape),
        settings_(settings),
        seed_(seed) {}

  bool uses_history() const override { return true; }

  absl::StatusOr<Suggestions> Suggest(const History& history, const Ask& ask) const override {
    QALAM_RETURN_IF_ERROR(CheckAsk(ask));
    QALAM_RETURN_IF_ERROR(CheckStop(ask));
    Suggestions suggestions;
    if (ask.count == 0) return suggestions;
    const std::vector<Tried> tried = InOrderOfCompletion(history, shape_);
    QALAM_ASSIGN_OR_RETURN(const auto training, TrainEnas(shape_, settings_, seed_, Lessons(tried), ask));
    std::set<std::string> taken = Taken(tried);
    size_t bytes = 0;
    for (std::int64_t number = ask.handed_out; number < ask.handed_out + ask.count; ++number) {
      QALAM_RETURN_IF_ERROR(CheckStop(ask));
      const Architecture drawn = DrawNew(training->weights(), static_cast<std::uint64_t>(number), taken);
      std::string text = ArchitectureText(drawn);
      taken.insert(text);
      std::string config = NetworkConfigText(space_, drawn);
      bytes += text.size() + config.size();
      QALAM_RETURN_IF_ERROR(CheckTextSize(bytes));
      suggestions.proposals.push_back({.texts = {{std::string(kArchitecture), std::move(text)},
                                                 {std::string(kNetworkConfig), std::move(config)}}});
    }
    return suggestions;
  }

 private:
  // Only what says something of its architecture: killed and unknown trials do not.
  std::vector<TriedArchitecture> Lessons(const std::vector<Tried>& tried) const {
    std::vector<TriedArchitecture> lessons;
    for (const Tried& t : tried) {
      switch (t.trial->status) {
        case TrialStatus::kSucceeded:
        case TrialStatus::kEarlyStopped: {
          const double value = ValueOf(*t.trial);
          lessons.push_back({t.architecture, !std::isfinite(value) ? std::nan("")
                                             : maximize_           ? value
                                                                   : -value});
          break;
        }
        case TrialStatus::kFailed:
        case TrialStatus::kInfeasible:
        case TrialStatus::kMetricsUnavailable:
          lessons.push_back({t.architecture, std::nan("")});
          break;
        default:
          break;
      }
    }
    return lessons;
  }

  static std::set<std::string> Taken(const std::vector<Tried>& tried) {
    std::set<std::string> taken;
    for (const Tried& t : tried) {
      if (t.trial->status == TrialStatus::kKilled || t.trial->status == TrialStatus::kUnknown) continue;
      taken.insert(ArchitectureText(t.architecture));
    }
    return taken;
  }

  // A controller that has learnt well draws what it knows already. Each further draw is nearer to a uniform one.
  Architecture DrawNew(const Eigen::VectorXd& weights, std::uint64_t number,
                       const std::set<std::string>& taken) const {
    Architecture drawn;
    for (int i = 0; i < kDraws; ++i) {
      Rng rng({seed_, kDrawStream, number, static_cast<std::uint64_t>(i)});
      drawn = Draw(shape_, weights, 1 - static_cast<double>(i) / (kDraws - 1), rng);
      if (taken.count(ArchitectureText(drawn)) == 0) return drawn;
    }
    const std::uint64_t count = ArchitectureCount(shape_, kMostToScan);
    if (count == kMostToScan || taken.size() >= count) return drawn;
    const std::uint64_t first = Rng({seed_, kScanStream, number}).Below(count);
    for (std::uint64_t i = 0; i < count; ++i) {
      Architecture next = NumberToArchitecture(shape_, (first + i) % count);
      if (taken.count(ArchitectureText(next)) == 0) return next;
    }
    return drawn;
  }

  const ArchitectureSpace space_;
  const bool maximize_;
  const PolicyShape shape_;
  const EnasSettings settings_;
  const std::uint64_t seed_;
};

absl::Status CheckSize(std::string_view what, std::uint64_t count, int most) {
  if (count <= static_cast<std::uint64_t>(most)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("nasConfig: algorithm enas takes at most {} {}, got {}", most, what, count));
}

}  // namespace

absl::Status Validate(const Problem& problem) {
  QALAM_RETURN_IF_ERROR(ReadEnasSettings(problem.settings).status());
  QALAM_RETURN_IF_ERROR(SeedFrom(problem.settings, problem.experiment_name).status());
  if (!problem.architecture) return absl::OkStatus();
  QALAM_RETURN_IF_ERROR(CheckSize("layers", std::max(0, problem.architecture->layers), kMaxLayers));
  return CheckSize("choices of operation and parameters", ChoiceCount(*problem.architecture, kMaxChoices + 1),
                   kMaxChoices);
}

absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem) {
  QALAM_RETURN_IF_ERROR(Validate(problem));
  const auto choices = problem.architecture ? ChoiceCount(*problem.architecture, kMaxChoices + 1) : 0;
  if (choices == 0 || problem.architecture->layers < 1) {
    return absl::InvalidArgumentError(
        "algorithm enas needs a nasConfig with at least one layer and one operation whose parameters have "
        "values");
  }
  QALAM_ASSIGN_OR_RETURN(const EnasSettings settings, ReadEnasSettings(problem.settings));
  QALAM_ASSIGN_OR_RETURN(const std::uint64_t seed, SeedFrom(problem.settings, problem.experiment_name));
  const PolicyShape shape = {problem.architecture->layers, static_cast<int>(choices), settings.hidden_size,
                             settings.temperature, settings.tanh_const};
  return std::make_unique<Enas>(problem, shape, settings, seed);
}

}  // namespace qalam::algorithms::enas
