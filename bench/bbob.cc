#include "bench/bbob.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "algorithms/random_engine.h"
#include "base/number_text.h"
#include "bench/bbob_functions.h"
#include "bench/continuous.h"

namespace qalam::bench {
namespace {

using algorithms::HashWords;
using algorithms::Rng;

using Vector = std::vector<double>;

constexpr int kMaxDimensions = 200;

// i / (d - 1), which is (i - 1) / (D - 1) of the report, where indices start at 1.
double Share(size_t i, size_t d) { return static_cast<double>(i) / static_cast<double>(d - 1); }

class InstanceMaker {
 public:
  InstanceMaker(const BbobName& name, std::uint64_t instance)
      : function_(name.function),
        d_(static_cast<size_t>(name.dimensions)),
        key_(HashWords({0x62626f62, instance, static_cast<std::uint64_t>(name.function), d_})) {
    in_.r = RandomRotation(name.dimensions, HashWords({key_, 1}));
    in_.q = RandomRotation(name.dimensions, HashWords({key_, 2}));
    DrawValue();
    DrawOptimum();
    if (function_ == 21) DrawPeaks(101, 5, 4, 1000);
    if (function_ == 22) DrawPeaks(21, 4.9, 3.92, 1000 * 1000);
  }

  BbobInstance Take() { return std::move(in_); }

 private:
  // A ratio of normals, rounded to hundredths and cut to +-1000.
  void DrawValue() {
    Rng rng({key_, 3});
    const double above = rng.Normal(), below = rng.Normal();
    in_.best = std::clamp(std::round(100 * 100 * above / below) / 100, -1000.0, 1000.0);
  }

  void DrawOptimum() {
    Rng rng({key_, 4});
    in_.optimum.resize(d_);
    in_.signs.resize(d_);
    for (size_t i = 0; i < d_; ++i) {
      in_.optimum[i] = 8 * rng.Uniform() - 4;
      in_.signs[i] = rng.Below(2) == 0 ? -1 : 1;
    }
    switch (function_) {
      case 4:
        for (size_t i = 0; i < d_; i += 2) in_.optimum[i] = std::abs(in_.optimum[i]);
        break;
      case 5:
        for (size_t i = 0; i < d_; ++i) in_.optimum[i] = 5 * in_.signs[i];
        break;
      case 8:
        for (double& v : in_.optimum) v *= 0.75;
        break;
      case 9:
      case 19:
        in_.optimum = in_.r.ApplyTransposed(Vector(d_, 0.5 / BbobWidening(d_)));
        break;
      case 20:
        for (size_t i = 0; i < d_; ++i) in_.optimum[i] = 0.5 * kBbobSchwefelOptimum * in_.signs[i];
        break;
      case 24:
        for (size_t i = 0; i < d_; ++i) in_.optimum[i] = 0.5 * kBbobLunacekCentre * in_.signs[i];
        break;
      default:
        break;
    }
  }

  void DrawPeaks(int count, double range, double range_of_first, double condition_of_first) {
    Rng rng({key_, 5});
    std::vector<int> order(count - 1);  // of the condition numbers
    std::iota(order.begin(), order.end(), 0);
    Shuffle(order, rng);
    for (int i = 0; i < count; ++i) {
      const double half = i == 0 ? range_of_first : range;
      Vector y(d_);
      for (double& v : y) v = half * (2 * rng.Uniform() - 1);
      if (i == 0) in_.optimum = y;
      const double alpha =
          i == 0 ? condition_of_first : std::pow(1000, 2.0 * order[i - 1] / static_cast<double>(count - 2));
      std::vector<int> places(d_);
      std::iota(places.begin(), places.end(), 0);
      Shuffle(places, rng);
      BbobPeak peak{in_.r.Apply(y), Vector(d_),
                    i == 0 ? 10 : 1.1 + 8.0 * (i - 1) / static_cast<double>(count - 2)};
      for (size_t j = 0; j < d_; ++j)
        peak.stretch[j] =
            std::pow(alpha, 0.5 * Share(static_cast<size_t>(places[j]), d_)) / std::pow(alpha, 0.25);
      in_.peaks.push_back(std::move(peak));
    }
  }

  static void Shuffle(std::vector<int>& list, Rng& rng) {
    for (size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[rng.Below(i)]);
  }

  const int function_;
  const size_t d_;
  const std::uint64_t key_;
  BbobInstance in_;
};

std::optional<int> ParseDimensions(std::string_view text) {
  const std::optional<long long> dimensions = ParseInt(text);
  if (!dimensions || *dimensions < 2 || *dimensions > kMaxDimensions) return std::nullopt;
  return static_cast<int>(*dimensions);
}

}  // namespace

std::optional<BbobName> ParseBbobName(std::string_view name) {
  if (!name.starts_with("bbob-f")) return std::nullopt;
  name.remove_prefix(6);
  const size_t dash = name.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::optional<long long> function = ParseInt(name.substr(0, dash));
  const std::optional<int> dimensions = ParseDimensions(name.substr(dash + 1));
  if (!function || *function < 1 || *function > kBbobFunctions || !dimensions) return std::nullopt;
  return BbobName{static_cast<int>(*function), *dimensions};
}

std::optional<int> ParseBbobSuiteName(std::string_view name) {
  return name.starts_with("bbob-") ? ParseDimensions(name.substr(5)) : std::nullopt;
}

Problem Bbob(const BbobName& name, std::uint64_t instance) {
  const auto made = std::make_shared<const BbobInstance>(InstanceMaker(name, instance).Take());
  return Continuous(
      fmt::format("bbob-f{}-{}", name.function, name.dimensions), "bbob", Box(name.dimensions, -5, 5),
      [made, function = name.function](Coordinates x) { return made->best + BbobExcess(function, *made, x); },
      made->best, made->optimum, false);
}

}  // namespace qalam::bench
