#include "bench/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "algorithms/random_engine.h"
#include "base/number_text.h"
#include "bench/bbob.h"
#include "bench/classical.h"
#include "bench/constrained.h"
#include "bench/curve_problems.h"
#include "bench/earlier_problem.h"
#include "bench/front_problem.h"
#include "bench/suite.h"

namespace qalam::bench {
namespace {

struct Modifiers {
  std::string suffix;  // as they are written, "+shift=3"
  double noise = 0;
  std::optional<std::uint64_t> shift;
  std::string after;
};

absl::StatusOr<Modifiers> ParseModifiers(std::string_view name, std::string_view text,
                                         std::optional<std::uint64_t> shift_seed) {
  Modifiers modifiers;
  while (!text.empty()) {
    text.remove_prefix(1);
    const std::string_view modifier = text.substr(0, text.find('+'));
    text.remove_prefix(modifier.size());
    const size_t equals = std::min(modifier.find('='), modifier.size());
    const std::string_view key = modifier.substr(0, equals);
    const std::string_view value = modifier.substr(std::min(equals + 1, modifier.size()));
    if (key == "noise") {
      const std::optional<double> noise = ParseDouble(value);
      if (!noise || !std::isfinite(*noise) || *noise < 0) {
        return absl::InvalidArgumentError(
            fmt::format("\"{}\": noise is \"{}\"; should be a number, 0 or more", name, value));
      }
      modifiers.noise = *noise;
    } else if (key == "shift") {
      const std::optional<long long> shift = ParseInt(value);
      if (!shift || *shift < 0) {
        return absl::InvalidArgumentError(
            fmt::format("\"{}\": shift is \"{}\"; should be a whole number, 0 or more", name, value));
      }
      modifiers.shift = static_cast<std::uint64_t>(*shift);
    } else if (key == "after" && !value.empty()) {
      modifiers.after = value;
    } else {
      return absl::InvalidArgumentError(fmt::format(
          "\"{}\": unknown modifier \"{}\"; should be noise=X, shift=N or after=NAME", name, key));
    }
  }
  if (!modifiers.shift) modifiers.shift = shift_seed;
  if (modifiers.noise > 0) modifiers.suffix += "+noise=" + NumberText(modifiers.noise);
  if (modifiers.shift) modifiers.suffix += fmt::format("+shift={}", *modifiers.shift);
  if (!modifiers.after.empty()) modifiers.suffix += "+after=" + modifiers.after;
  if (!modifiers.after.empty() && modifiers.shift) {
    return absl::InvalidArgumentError(fmt::format(
        "\"{}\": after and shift do not go together: the earlier problem would not be moved", name));
  }
  return modifiers;
}

absl::StatusOr<ProblemChoice> Choose(Problem problem, const Modifiers& modifiers) {
  if (!problem.scale && !problem.is_costly) problem.scale = MedianRegret(problem);
  if (modifiers.noise > 0) {
    if (problem.front) {
      return absl::InvalidArgumentError(fmt::format("{}: noise is for problems with one loss", problem.name));
    }
    if (!problem.scale) {
      return absl::InvalidArgumentError(
          fmt::format("{}: noise needs a problem whose lowest value is known", problem.name));
    }
    problem.noise = modifiers.noise * *problem.scale;
  }
  ProblemChoice choice{problem.name + modifiers.suffix, problem, {}};
  if (!modifiers.shift) {
    choice.for_run = [problem](std::uint64_t) { return problem; };
  } else if (const std::optional<BbobName> bbob = ParseBbobName(problem.name)) {
    choice.for_run = [problem, bbob = *bbob, shift = *modifiers.shift](std::uint64_t run_seed) {
      Problem instance = Bbob(bbob, algorithms::HashWords({shift, run_seed}));
      instance.scale = problem.scale;
      instance.noise = problem.noise;
      return instance;
    };
  } else {
    choice.for_run = [problem, shift = *modifiers.shift](std::uint64_t run_seed) {
      return WithMovedOptimum(problem, algorithms::HashWords({shift, run_seed}));
    };
  }
  return choice;
}

// Empty: nothing has this name.
std::vector<Problem> Named(std::string_view name, std::span<const Problem> user_problems) {
  for (const Problem& problem : user_problems) {
    if (problem.name == name) return {problem};
  }
  std::vector<Problem> found;
  for (const Problem& problem : Suite()) {
    if (problem.name == name) return {problem};
    if (problem.group == name || name == "suite" || (name == "curves" && problem.fidelity))
      found.push_back(problem);
  }
  for (const Problem& problem : CurveProblems()) {
    if (problem.name == name) return {problem};
    if (name == problem.group) found.push_back(problem);
  }
  for (const Problem& problem : ConstrainedProblems()) {
    if (problem.name == name) return {problem};
    if (problem.group == name) found.push_back(problem);
  }
  if (!found.empty()) return found;
  if (const std::optional<BbobName> bbob = ParseBbobName(name)) return {Bbob(*bbob, kDefaultBbobInstance)};
  if (const std::optional<int> dimensions = ParseBbobSuiteName(name)) {
    for (int function = 1; function <= kBbobFunctions; ++function)
      found.push_back(Bbob({function, *dimensions}, kDefaultBbobInstance));
    return found;
  }
  if (name == "front") return FrontProblems();
  if (std::optional<Problem> front = FrontProblem(name)) return {*std::move(front)};
  if (std::optional<Problem> classical = Classical(name)) found.push_back(*std::move(classical));
  return found;
}

}  // namespace

absl::StatusOr<std::vector<ProblemChoice>> FindProblems(std::span<const std::string> names,
                                                        const CatalogOptions& options) {
  std::vector<ProblemChoice> choices;
  for (const std::string& text : names) {
    const std::string_view name = std::string_view(text).substr(0, text.find('+'));
    QALAM_ASSIGN_OR_RETURN(
        const Modifiers modifiers,
        ParseModifiers(text, std::string_view(text).substr(name.size()), options.shift_seed));
    std::vector<Problem> problems = Named(name, options.user_problems);
    if (problems.empty()) {
      return absl::InvalidArgumentError(
          fmt::format("unknown problem \"{}\"; --list shows the names there are", name));
    }
    for (Problem& problem : problems) {
      const bool known = std::any_of(choices.begin(), choices.end(), [&](const ProblemChoice& choice) {
        return choice.name == problem.name + modifiers.suffix;
      });
      if (known) continue;
      if (!modifiers.after.empty()) {
        const auto find = [&](std::string_view other) { return Named(other, options.user_problems); };
        QALAM_ASSIGN_OR_RETURN(problem.earlier_loss, EarlierLoss(problem, modifiers.after, find));
      }
      QALAM_ASSIGN_OR_RETURN(ProblemChoice choice, Choose(std::move(problem), modifiers));
      choices.push_back(std::move(choice));
    }
  }
  return choices;
}

std::vector<ProblemListing> ListProblems() {
  std::vector<ProblemListing> listings;
  const auto add = [&](const Problem& problem) {
    listings.push_back({problem.name, problem.group, std::to_string(problem.space.size()),
                        problem.fidelity ? std::to_string(problem.fidelity->epochs) : ""});
  };
  for (const Problem& problem : Suite()) add(problem);
  for (const Problem& problem : CurveProblems()) add(problem);
  for (const Problem& problem : ConstrainedProblems()) add(problem);
  for (const ClassicalFunction& function : ClassicalFunctions()) {
    const bool fixed = function.dimensions > 0;
    listings.push_back({fmt::format("{}{}", function.name, fixed ? "" : "-D"), "continuous",
                        fixed ? std::to_string(function.dimensions) : "D", ""});
  }
  for (int function = 1; function <= kBbobFunctions; ++function)
    listings.push_back({fmt::format("bbob-f{}-D", function), "bbob", "D", ""});
  for (const FrontFamily& family : FrontFamilies())
    listings.push_back({std::string(family.name), "front", std::string(family.parameters), ""});
  return listings;
}

}  // namespace qalam::bench
