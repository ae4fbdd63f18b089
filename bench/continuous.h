// A function of real coordinates as a problem. Internal to this room.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/functions.h"
#include "bench/problem.h"
#include "bench/space_parts.h"

namespace qalam::bench {

inline Problem Continuous(std::string name, std::string group, std::vector<algorithms::Parameter> box,
                          std::function<double(Coordinates)> function, double best,
                          std::vector<double> optimum, bool extends) {
  return {
      .name = std::move(name),
      .group = std::move(group),
      .space = Must(algorithms::SearchSpace::Make(std::move(box))),
      .evaluate = [function = std::move(function)](const algorithms::Point& point) -> absl::StatusOr<double> {
        return function(Reals(point));
      },
      .best = best,
      .optimum = PointOf(optimum),
      .extends = extends};
}

}  // namespace qalam::bench
