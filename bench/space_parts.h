// Short ways to write down the spaces of built-in problems and to read their points. Internal to this room.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "algorithms/search_space.h"

namespace qalam::bench {

/// For arguments that are constants of the program: an error would be a bug, and ends it.
template <class T>
T Must(absl::StatusOr<T> value) {
  return std::move(value).value();
}

inline algorithms::Parameter Real(std::string name, double min, double max) {
  return Must(algorithms::Parameter::Double(std::move(name), {min, max, {}, {}}));
}
inline algorithms::Parameter LogReal(std::string name, double min, double max) {
  return Must(
      algorithms::Parameter::Double(std::move(name), {min, max, {}, algorithms::Distribution::kLogUniform}));
}
inline algorithms::Parameter Whole(std::string name, double min, double max) {
  return Must(algorithms::Parameter::Int(std::move(name), {min, max, {}, {}}));
}
inline algorithms::Parameter LogWhole(std::string name, double min, double max) {
  return Must(
      algorithms::Parameter::Int(std::move(name), {min, max, {}, algorithms::Distribution::kLogUniform}));
}
inline algorithms::Parameter OneOf(std::string name, std::vector<std::string> choices) {
  return Must(algorithms::Parameter::Categorical(std::move(name), std::move(choices)));
}

/// An ordered list of values is searched by the number of the value, 0 .. levels - 1.
inline algorithms::Parameter Level(std::string name, size_t levels) {
  return Whole(std::move(name), 0, static_cast<double>(levels - 1));
}

inline double RealAt(const algorithms::Point& point, size_t i) { return std::get<double>(point[i]); }
inline std::int64_t WholeAt(const algorithms::Point& point, size_t i) {
  return std::get<std::int64_t>(point[i]);
}
inline std::uint32_t ChoiceAt(const algorithms::Point& point, size_t i) {
  return std::get<algorithms::Choice>(point[i]).index;
}

inline std::vector<double> Reals(const algorithms::Point& point) {
  std::vector<double> x(point.size());
  for (size_t i = 0; i < x.size(); ++i) x[i] = RealAt(point, i);
  return x;
}

inline algorithms::Point PointOf(std::span<const double> x) { return {x.begin(), x.end()}; }

/// x0, x1, ... with the same bounds.
inline std::vector<algorithms::Parameter> Box(int dimensions, double min, double max) {
  std::vector<algorithms::Parameter> parameters;
  for (int i = 0; i < dimensions; ++i) parameters.push_back(Real("x" + std::to_string(i), min, max));
  return parameters;
}

}  // namespace qalam::bench
