#include "algorithms/pareto.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace qalam::algorithms {
namespace {

std::vector<size_t> InOrderOf(std::span<const Losses> points, size_t objective) {
  std::vector<size_t> order(points.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return points[a][objective] < points[b][objective]; });
  return order;
}

// In lexicographic order nobody is dominated by one who comes later.
std::vector<size_t> FrontOfTwo(std::span<const Losses> points) {
  std::vector<size_t> order(points.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return points[a] < points[b]; });
  std::vector<size_t> front;
  for (const size_t i : order) {
    if (front.empty() || points[i][1] < points[front.back()][1] || points[i] == points[front.back()])
      front.push_back(i);
  }
  std::sort(front.begin(), front.end());
  return front;
}

}  // namespace

bool Dominates(const Losses& a, const Losses& b) {
  bool better = false;
  for (size_t j = 0; j < a.size(); ++j) {
    if (a[j] > b[j]) return false;
    better |= a[j] < b[j];
  }
  return better;
}

std::vector<size_t> ParetoRanks(std::span<const Losses> points) {
  const size_t n = points.size();
  std::vector<std::vector<size_t>> dominated(n);
  std::vector<size_t> dominators(n, 0), ranks(n, 0), front;
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = i + 1; k < n; ++k) {
      const bool wins = Dominates(points[i], points[k]);
      if (!wins && !Dominates(points[k], points[i])) continue;
      dominated[wins ? i : k].push_back(wins ? k : i);
      ++dominators[wins ? k : i];
    }
  }
  for (size_t i = 0; i < n; ++i) {
    if (dominators[i] == 0) front.push_back(i);
  }
  for (size_t rank = 0; !front.empty(); ++rank) {
    std::vector<size_t> next;
    for (const size_t i : front) {
      ranks[i] = rank;
      for (const size_t k : dominated[i]) {
        if (--dominators[k] == 0) next.push_back(k);
      }
    }
    front = std::move(next);
  }
  return ranks;
}

std::vector<size_t> ParetoFront(std::span<const Losses> points) {
  if (!points.empty() && points.front().size() == 2) return FrontOfTwo(points);
  std::vector<size_t> front;
  for (size_t i = 0; i < points.size(); ++i) {
    const bool dominated =
        std::any_of(points.begin(), points.end(), [&](const Losses& p) { return Dominates(p, points[i]); });
    if (!dominated) front.push_back(i);
  }
  return front;
}

std::vector<double> CrowdingDistances(std::span<const Losses> front) {
  const size_t n = front.size();
  std::vector<double> distances(n, 0);
  if (n == 0) return distances;
  std::vector<size_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return front[a] < front[b]; });
  const auto same = [&](size_t a, size_t b) { return front[a] == front[b]; };
  order.erase(std::unique(order.begin(), order.end(), same), order.end());
  std::vector<Losses> distinct;
  for (const size_t i : order) distinct.push_back(front[i]);
  for (size_t j = 0; j < front.front().size(); ++j) {
    const std::vector<size_t> along = InOrderOf(distinct, j);
    const double range = distinct[along.back()][j] - distinct[along.front()][j];
    for (const size_t end : {along.front(), along.back()})
      distances[order[end]] = std::numeric_limits<double>::infinity();
    if (!(range > 0)) continue;
    for (size_t i = 1; i + 1 < along.size(); ++i) {
      const double gap = distinct[along[i + 1]][j] - distinct[along[i - 1]][j];
      distances[order[along[i]]] += gap / range;
    }
  }
  return distances;
}

}  // namespace qalam::algorithms
