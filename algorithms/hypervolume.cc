#include "algorithms/hypervolume.h"

#include <algorithm>
#include <vector>

namespace qalam::algorithms {
namespace {

double Sweep(std::vector<Losses> points, const Losses& reference) {
  std::sort(points.begin(), points.end());
  double volume = 0, height = reference[1];
  for (const Losses& p : points) {
    if (p[1] >= height) continue;
    volume += (reference[0] - p[0]) * (height - p[1]);
    height = p[1];
  }
  return volume;
}

double Box(const Losses& point, const Losses& reference) {
  double volume = 1;
  for (size_t j = 0; j < point.size(); ++j) volume *= reference[j] - point[j];
  return volume;
}

std::vector<Losses> FrontOf(const std::vector<Losses>& points) {
  std::vector<Losses> front;
  for (const size_t i : ParetoFront(points)) front.push_back(points[i]);
  std::sort(front.begin(), front.end());
  front.erase(std::unique(front.begin(), front.end()), front.end());
  return front;
}

// Of points that all dominate the reference, none another.
double Wfg(std::vector<Losses> points, const Losses& reference) {
  if (points.empty()) return 0;
  if (reference.size() == 2) return Sweep(std::move(points), reference);
  if (points.size() == 1) return Box(points.front(), reference);
  // By descending last objective: points after one have a smaller last value than it, so that they are cut
  // off in the others.
  std::sort(points.begin(), points.end(),
            [](const Losses& a, const Losses& b) { return a.back() > b.back(); });
  double volume = 0;
  for (size_t i = 0; i < points.size(); ++i) {
    const double depth = reference.back() - points[i].back();
    // Those after it reach at least as deep: what they share with it is as deep as it is, a problem of one objective less.
    const Losses flat(points[i].begin(), points[i].end() - 1);
    const Losses flat_reference(reference.begin(), reference.end() - 1);
    std::vector<Losses> limited;
    for (size_t k = i + 1; k < points.size(); ++k) {
      Losses shared = flat;
      for (size_t j = 0; j < shared.size(); ++j) shared[j] = std::max(shared[j], points[k][j]);
      limited.push_back(std::move(shared));
    }
    volume += depth * (Box(flat, flat_reference) - Wfg(FrontOf(limited), flat_reference));
  }
  return volume;
}

}  // namespace

double Hypervolume(std::span<const Losses> points, const Losses& reference) {
  std::vector<Losses> inside;
  for (const Losses& p : points) {
    bool dominates = true;
    for (size_t j = 0; j < p.size(); ++j) dominates &= p[j] < reference[j];
    if (dominates) inside.push_back(p);
  }
  if (inside.empty()) return 0;
  if (reference.size() == 1) return reference[0] - (*std::min_element(inside.begin(), inside.end()))[0];
  return Wfg(FrontOf(inside), reference);
}

}  // namespace qalam::algorithms
