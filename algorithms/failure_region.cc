#include "algorithms/failure_region.h"

#include <algorithm>
#include <boost/math/distributions/hypergeometric.hpp>
#include <cmath>
#include <numeric>

#include "base/number_text.h"

namespace qalam::algorithms {
namespace {

constexpr double kSignificance = 0.01;
constexpr size_t kMaxCuts = 64;     // groups of neighbouring values that intervals are made of
constexpr size_t kMaxPartners = 8;  // regions of one parameter that are combined

// Where a value stands among those of its parameter.
double PlaceOf(const Parameter& parameter, const Value& value) {
  if (const double* number = std::get_if<double>(&value)) return *number;
  if (const std::int64_t* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  const std::uint32_t index = std::get<Choice>(value).index;
  return parameter.type() == ParameterType::kDiscrete ? ParseDouble(parameter.list()[index]).value_or(index)
                                                      : index;
}

struct Counts {
  int failed = 0, all = 0;
};

// The chance of at least `inside.failed` failures among `inside.all` of `total`.
double ChanceOf(const Counts& inside, const Counts& total) {
  if (inside.failed == 0) return 1;
  const boost::math::hypergeometric_distribution<double> draws(static_cast<unsigned>(total.failed),
                                                               static_cast<unsigned>(inside.all),
                                                               static_cast<unsigned>(total.all));
  const int least = std::max(0, inside.all + total.failed - total.all);
  if (inside.failed <= least) return 1;
  return boost::math::cdf(boost::math::complement(draws, inside.failed - 1));
}

// More frequent inside than outside?
bool IsDenser(const Counts& inside, const Counts& total) {
  return static_cast<long long>(inside.failed) * total.all >
         static_cast<long long>(total.failed) * inside.all;
}

struct Candidate {
  ParameterRegion side;
  std::vector<size_t> members;  // trials inside
  double chance = 1;
};

class Search {
 public:
  Search(const SearchSpace& space, const std::vector<Point>& points, const std::vector<bool>& failed)
      : space_(space), points_(points), failed_(failed), all_(points.size()) {
    std::iota(all_.begin(), all_.end(), 0);
    total_ = Count(all_);
  }

  std::optional<FailureRegion> Best() {
    if (total_.failed == 0 || total_.failed == total_.all) return std::nullopt;
    std::vector<Candidate> singles;
    for (size_t parameter = 0; parameter < space_.size(); ++parameter) Look(parameter, all_, singles);
    std::sort(singles.begin(), singles.end(),
              [](const Candidate& a, const Candidate& b) { return a.chance < b.chance; });
    FailureRegion best;
    if (!singles.empty())
      best = RegionOf({singles.front().side}, singles.front().members, looks_, singles[0].chance);

    // The best few, each narrowed by another parameter.
    const double looks_at_singles = looks_;
    std::vector<std::pair<ParameterRegion, Candidate>> pairs;
    for (const Candidate& first : Partners(singles)) {
      std::vector<Candidate> narrowed;
      for (size_t parameter = 0; parameter < space_.size(); ++parameter) {
        if (parameter != first.side.parameter) Look(parameter, first.members, narrowed);
      }
      for (Candidate& second : narrowed) pairs.emplace_back(first.side, std::move(second));
    }
    // What was looked at are pairs of any two singles: the partners were chosen by the same data.
    const double looks = looks_at_singles + looks_at_singles * looks_at_singles / 2;
    for (const auto& [first, second] : pairs) {
      if (second.chance * looks < best.p_value)
        best = RegionOf({first, second.side}, second.members, looks, second.chance);
    }
    if (best.p_value > kSignificance) return std::nullopt;
    return best;
  }

 private:
  Counts Count(const std::vector<size_t>& trials) const {
    Counts counts{0, static_cast<int>(trials.size())};
    for (const size_t trial : trials) counts.failed += failed_[trial];
    return counts;
  }

  // At most one a parameter: near duplicates would crowd the others out.
  std::vector<Candidate> Partners(const std::vector<Candidate>& singles) const {
    std::vector<Candidate> partners;
    for (const Candidate& single : singles) {
      const bool known = std::any_of(partners.begin(), partners.end(), [&](const Candidate& partner) {
        return partner.side.parameter == single.side.parameter;
      });
      if (!known && partners.size() < kMaxPartners) partners.push_back(single);
    }
    return partners;
  }

  FailureRegion RegionOf(std::vector<ParameterRegion> sides, const std::vector<size_t>& members, double looks,
                         double chance) const {
    const Counts inside = Count(members);
    return {.sides = std::move(sides),
            .failed_inside = inside.failed,
            .inside = inside.all,
            .failed_outside = total_.failed - inside.failed,
            .outside = total_.all - inside.all,
            .p_value = std::min(1.0, chance * looks)};
  }

  // The regions of one parameter among `trials`. Each counts as looked at.
  void Look(size_t parameter, const std::vector<size_t>& trials, std::vector<Candidate>& found) {
    const bool ordered = space_.parameters()[parameter].type() != ParameterType::kCategorical;
    std::vector<size_t> sorted = trials;
    const Parameter& of = space_.parameters()[parameter];
    std::stable_sort(sorted.begin(), sorted.end(), [&](size_t a, size_t b) {
      return PlaceOf(of, points_[a][parameter]) < PlaceOf(of, points_[b][parameter]);
    });
    const std::vector<size_t> cuts = Cuts(parameter, sorted, ordered);
    for (size_t from = 0; from + 1 < cuts.size(); ++from) {
      const size_t last = ordered ? cuts.size() - 1 : from + 1;
      for (size_t to = from + 1; to <= last; ++to) {
        if (from == 0 && to + 1 == cuts.size()) continue;  // everything
        ++looks_;
        Consider(parameter, sorted, cuts[from], cuts[to], ordered, found);
      }
    }
  }

  // Where one value ends and the next begins, ends included; thinned out to kMaxCuts.
  std::vector<size_t> Cuts(size_t parameter, const std::vector<size_t>& sorted, bool ordered) const {
    std::vector<size_t> cuts{0};
    for (size_t i = 1; i < sorted.size(); ++i) {
      if (points_[sorted[i]][parameter] != points_[sorted[i - 1]][parameter]) cuts.push_back(i);
    }
    cuts.push_back(sorted.size());
    if (!ordered || cuts.size() <= kMaxCuts + 1) return cuts;
    std::vector<size_t> thinned;
    for (size_t i = 0; i <= kMaxCuts; ++i) thinned.push_back(cuts[i * (cuts.size() - 1) / kMaxCuts]);
    return thinned;
  }

  void Consider(size_t parameter, const std::vector<size_t>& sorted, size_t from, size_t to, bool ordered,
                std::vector<Candidate>& found) const {
    Candidate candidate;
    candidate.members.assign(sorted.begin() + static_cast<std::ptrdiff_t>(from),
                             sorted.begin() + static_cast<std::ptrdiff_t>(to));
    const Counts inside = Count(candidate.members);
    if (inside.failed == 0 || !IsDenser(inside, total_)) return;
    candidate.chance = ChanceOf(inside, total_);
    candidate.side.parameter = parameter;
    if (!ordered || from > 0) candidate.side.lower = points_[sorted[from]][parameter];
    if (!ordered || to < sorted.size()) candidate.side.upper = points_[sorted[to - 1]][parameter];
    found.push_back(std::move(candidate));
  }

  const SearchSpace& space_;
  const std::vector<Point>& points_;
  const std::vector<bool>& failed_;
  std::vector<size_t> all_;
  Counts total_;
  double looks_ = 0;
};

}  // namespace

std::optional<FailureRegion> FindFailureRegion(const SearchSpace& space, const std::vector<Point>& points,
                                               const std::vector<bool>& failed) {
  return Search(space, points, failed).Best();
}

}  // namespace qalam::algorithms
