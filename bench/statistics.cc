#include "bench/statistics.h"

#include <algorithm>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <numeric>

namespace qalam::bench {
namespace {

constexpr size_t kMaxExact = 200;

// Ranks of absolute values, doubled so that shared ranks are whole.
std::vector<int> DoubledRanks(const std::vector<double>& differences) {
  std::vector<int> ranks;
  for (const double difference : differences) {
    int lower = 0, equal = 0;
    for (const double other : differences) {
      if (std::abs(other) < std::abs(difference)) ++lower;
      if (std::abs(other) == std::abs(difference)) ++equal;
    }
    ranks.push_back(2 * lower + equal + 1);
  }
  return ranks;
}

// Share of the sign patterns whose positive ranks add up to at most `sum`.
double ExactTail(const std::vector<int>& ranks, int sum) {
  const int total = std::accumulate(ranks.begin(), ranks.end(), 0);
  std::vector<double> share(total + 1, 0.0);
  share[0] = 1;
  for (const int rank : ranks) {
    for (int s = total; s >= 0; --s) share[s] = 0.5 * share[s] + (s >= rank ? 0.5 * share[s - rank] : 0.0);
  }
  return std::accumulate(share.begin(), share.begin() + sum + 1, 0.0);
}

double ApproximateTail(const std::vector<int>& ranks, int sum) {
  double mean = 0, variance = 0;
  for (const double rank : ranks) {
    mean += rank / 2;
    variance += rank * rank / 4;
  }
  return boost::math::cdf(boost::math::normal(), (sum + 0.5 - mean) / std::sqrt(variance));
}

}  // namespace

double FriedmanPValue(std::span<const std::vector<double>> ranks) {
  if (ranks.size() < 2 || ranks[0].size() < 2) return 1;
  const auto n = static_cast<double>(ranks.size()), k = static_cast<double>(ranks[0].size());
  // With ties the within-problem variance is less than that of 1..k: Conover's form uses it as it is.
  double squares = 0, between = 0;
  for (size_t j = 0; j < ranks[0].size(); ++j) {
    double sum = 0;
    for (const std::vector<double>& row : ranks) {
      sum += row[j];
      squares += row[j] * row[j];
    }
    between += sum * sum / n;
  }
  const double centre = n * k * (k + 1) * (k + 1) / 4;
  if (!(squares > centre)) return 1;  // every problem is one big tie
  const double within = squares - between;
  if (within <= 1e-9 * squares) return 0;
  const double f = (n - 1) * (between - centre) / within;
  return f <= 0
             ? 1
             : boost::math::cdf(boost::math::complement(boost::math::fisher_f(k - 1, (n - 1) * (k - 1)), f));
}

double WilcoxonPValue(std::span<const double> differences) {
  std::vector<double> nonzero;
  std::copy_if(differences.begin(), differences.end(), std::back_inserter(nonzero),
               [](double d) { return d != 0; });
  if (nonzero.empty()) return 1;
  const std::vector<int> ranks = DoubledRanks(nonzero);
  int positive = 0, negative = 0;
  for (size_t i = 0; i < nonzero.size(); ++i) (nonzero[i] > 0 ? positive : negative) += ranks[i];
  const int sum = std::min(positive, negative);
  const double tail = nonzero.size() <= kMaxExact ? ExactTail(ranks, sum) : ApproximateTail(ranks, sum);
  return std::min(1.0, 2 * tail);
}

std::vector<double> HolmAdjusted(std::span<const double> p_values) {
  std::vector<size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double largest = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    largest = std::max(largest, static_cast<double>(order.size() - i) * p_values[order[i]]);
    adjusted[order[i]] = std::min(1.0, largest);
  }
  return adjusted;
}

}  // namespace qalam::bench
