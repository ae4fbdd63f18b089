// Spaces and shortcuts the tests of this room share.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "algorithms/algorithm.h"
#include "algorithms/registry.h"

namespace qalam::algorithms::testing {

template <class T>
T Must(absl::StatusOr<T> value) {
  if (!value.ok()) {
    ADD_FAILURE() << value.status();
    std::abort();
  }
  return *std::move(value);
}

inline Parameter Real(const std::string& name, double min, double max, std::optional<double> step = {},
                      Distribution distribution = Distribution::kUniform) {
  return Must(Parameter::Double(name, {min, max, step, distribution}));
}

inline Parameter Whole(const std::string& name, double min, double max, std::optional<double> step = {},
                       Distribution distribution = Distribution::kUniform) {
  return Must(Parameter::Int(name, {min, max, step, distribution}));
}

inline Parameter OneOf(const std::string& name, std::vector<std::string> list) {
  return Must(Parameter::Categorical(name, std::move(list)));
}

inline Problem ProblemOf(std::vector<Parameter> parameters, Settings settings = {}) {
  Problem problem;
  problem.experiment_name = "e1";
  problem.space = Must(SearchSpace::Make(std::move(parameters)));
  problem.objectives = {{"loss", Direction::kMinimize}};
  problem.settings = std::move(settings);
  return problem;
}

inline std::unique_ptr<Algorithm> Create(std::string_view name, const Problem& problem) {
  return Must(Must(FindAlgorithm(name))->create(problem));
}

inline std::vector<Point> Points(const Algorithm& algorithm, const History& history, std::int64_t handed_out,
                                 int count) {
  std::vector<Point> points;
  for (Proposal& proposal : Must(algorithm.Suggest(history, {handed_out, count, {}})).proposals) {
    points.push_back(std::move(proposal.point));
  }
  return points;
}

inline std::vector<Point> Points(const Algorithm& algorithm, std::int64_t handed_out, int count) {
  return Points(algorithm, {}, handed_out, count);
}

/// The values of one parameter, as text.
inline std::vector<std::string> Texts(const Problem& problem, const std::vector<Point>& points,
                                      size_t parameter = 0) {
  std::vector<std::string> texts;
  for (const Point& point : points)
    texts.push_back(problem.space.parameters()[parameter].Text(point[parameter]));
  return texts;
}

}  // namespace qalam::algorithms::testing
