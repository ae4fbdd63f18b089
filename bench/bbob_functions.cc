// Notation as in RR-6829. D: dimensions. x: the point. z: the point after the transformations of its
// function. Q, R: rotations. Indices i start at 0 here, so that (i - 1) / (D - 1) of the report is i / (D -
// 1).
#include "bench/bbob_functions.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace qalam::bench {
namespace {

using std::numbers::pi;

using Vector = std::vector<double>;

double Square(double x) { return x * x; }

// T_osz: breaks symmetry and smoothness, keeps sign and order.
double Oscillated(double x) {
  if (x == 0) return 0;
  const double log = std::log(std::abs(x));
  const double c1 = x > 0 ? 10 : 5.5, c2 = x > 0 ? 7.9 : 3.1;
  return std::copysign(std::exp(log + 0.049 * (std::sin(c1 * log) + std::sin(c2 * log))), x);
}

Vector Oscillated(Vector z) {
  for (double& v : z) v = Oscillated(v);
  return z;
}

double Share(size_t i, size_t d) { return static_cast<double>(i) / static_cast<double>(d - 1); }

// T_asy^beta.
Vector Asymmetric(double beta, Vector z) {
  for (size_t i = 0; i < z.size(); ++i) {
    if (z[i] > 0) z[i] = std::pow(z[i], 1 + beta * Share(i, z.size()) * std::sqrt(z[i]));
  }
  return z;
}

// Lambda^alpha.
Vector Scaled(double alpha, Vector z) {
  for (size_t i = 0; i < z.size(); ++i) z[i] *= std::pow(alpha, 0.5 * Share(i, z.size()));
  return z;
}

// f_pen: how far outside of the box.
double Penalty(Coordinates x) {
  double sum = 0;
  for (const double v : x) sum += Square(std::max(0.0, std::abs(v) - 5));
  return sum;
}

double SumOfSquares(Coordinates z) {
  double sum = 0;
  for (const double v : z) sum += v * v;
  return sum;
}

// What Rastrigin's functions have in common: 10 (D - sum of cosines).
double Ripple(Coordinates z) {
  double sum = 0;
  for (const double v : z) sum += 1 - std::cos(2 * pi * v);
  return 10 * sum;
}

double PowerSum(Coordinates z, double exponent) {
  double sum = 0;
  for (size_t i = 0; i < z.size(); ++i) sum += std::pow(10, exponent * Share(i, z.size())) * z[i] * z[i];
  return sum;
}

class Evaluation {
 public:
  Evaluation(int function, const BbobInstance& instance)
      : function_(function), in_(instance), d_(instance.optimum.size()), widening_(BbobWidening(d_)) {}

  double Excess(Coordinates x) const {
    switch (function_) {
      case 1:
        return SumOfSquares(FromOptimum(x));
      case 2:
        return PowerSum(Oscillated(FromOptimum(x)), 6);
      case 3: {
        const Vector z = Scaled(10, Asymmetric(0.2, Oscillated(FromOptimum(x))));
        return Ripple(z) + SumOfSquares(z);
      }
      case 4:
        return BuecheRastrigin(x);
      case 5:
        return LinearSlope(x);
      case 6:
        return AttractiveSector(x);
      case 7:
        return StepEllipsoid(x);
      case 8: {
        Vector z = FromOptimum(x);
        for (double& v : z) v = widening_ * v + 1;
        return Rosenbrock(z);
      }
      case 9:
        return Rosenbrock(Widened(x));
      case 10:
        return PowerSum(Oscillated(Rotated(x)), 6);
      case 11: {
        const Vector z = Oscillated(Rotated(x));
        return SumOfSquares(z) + (1e6 - 1) * z[0] * z[0];
      }
      case 12: {
        const Vector z = in_.r.Apply(Asymmetric(0.5, Rotated(x)));
        return z[0] * z[0] + 1e6 * SumOfSquares(Coordinates(z).subspan(1));
      }
      case 13: {
        const Vector z = Skewed(10, x);
        return z[0] * z[0] + 100 * std::sqrt(SumOfSquares(Coordinates(z).subspan(1)));
      }
      case 14: {
        const Vector z = Rotated(x);
        double sum = 0;
        for (size_t i = 0; i < d_; ++i) sum += std::pow(std::abs(z[i]), 2 + 4 * Share(i, d_));
        return std::sqrt(sum);
      }
      case 15: {
        const Vector z = in_.r.Apply(Scaled(10, in_.q.Apply(Asymmetric(0.2, Oscillated(Rotated(x))))));
        return Ripple(z) + SumOfSquares(z);
      }
      case 16:
        return Weierstrass(x);
      case 17:
        return Schaffer(10, x);
      case 18:
        return Schaffer(1000, x);
      case 19:
        return GriewankRosenbrock(x);
      case 20:
        return SchwefelSine(x);
      case 21:
      case 22:
        return Gallagher(x);
      case 23:
        return Katsuura(x);
      default:
        return Lunacek(x);
    }
  }

 private:
  Vector FromOptimum(Coordinates x) const {
    Vector z(d_);
    for (size_t i = 0; i < d_; ++i) z[i] = x[i] - in_.optimum[i];
    return z;
  }

  Vector Rotated(Coordinates x) const { return in_.r.Apply(FromOptimum(x)); }

  // Q Lambda^alpha R (x - x_opt).
  Vector Skewed(double alpha, Coordinates x) const { return in_.q.Apply(Scaled(alpha, Rotated(x))); }

  double BuecheRastrigin(Coordinates x) const {
    Vector z = Oscillated(FromOptimum(x));
    for (size_t i = 0; i < d_; ++i)
      z[i] *= (z[i] > 0 && i % 2 == 0 ? 10 : 1) * std::pow(10, 0.5 * Share(i, d_));
    return Ripple(z) + SumOfSquares(z) + 100 * Penalty(x);
  }

  double LinearSlope(Coordinates x) const {
    double sum = 0;
    for (size_t i = 0; i < d_; ++i) {
      const double slope = in_.signs[i] * std::pow(10, Share(i, d_));
      const double z = in_.optimum[i] * x[i] < 25 ? x[i] : in_.optimum[i];
      sum += 5 * std::abs(slope) - slope * z;
    }
    return sum;
  }

  double AttractiveSector(Coordinates x) const {
    const Vector z = Skewed(10, x);
    double sum = 0;
    for (size_t i = 0; i < d_; ++i) sum += Square((z[i] * in_.optimum[i] > 0 ? 100 : 1) * z[i]);
    return std::pow(Oscillated(sum), 0.9);
  }

  double StepEllipsoid(Coordinates x) const {
    Vector z = Scaled(10, Rotated(x));
    const double first = std::abs(z[0]);
    for (double& v : z) v = std::abs(v) > 0.5 ? std::floor(0.5 + v) : std::floor(0.5 + 10 * v) / 10;
    return 0.1 * std::max(first / 1e4, PowerSum(in_.q.Apply(z), 2)) + Penalty(x);
  }

  // The argument of Rosenbrock's valley in f9 and f19.
  Vector Widened(Coordinates x) const {
    Vector z = in_.r.Apply(x);
    for (double& v : z) v = widening_ * v + 0.5;
    return z;
  }

  double Weierstrass(Coordinates x) const {
    constexpr int kTerms = 12;
    const Vector z = in_.r.Apply(Scaled(0.01, in_.q.Apply(Oscillated(Rotated(x)))));
    double sum = 0, lowest = 0;
    for (int k = 0; k < kTerms; ++k) {
      const double amplitude = std::pow(0.5, k), frequency = 2 * pi * std::pow(3, k);
      lowest += amplitude * std::cos(frequency * 0.5);
      for (const double v : z) sum += amplitude * std::cos(frequency * (v + 0.5));
    }
    const auto d = static_cast<double>(d_);
    return 10 * std::pow(sum / d - lowest, 3) + 10 / d * Penalty(x);
  }

  double Schaffer(double alpha, Coordinates x) const {
    const Vector z = Scaled(alpha, in_.q.Apply(Asymmetric(0.5, Rotated(x))));
    double sum = 0;
    for (size_t i = 0; i + 1 < d_; ++i) {
      const double s = std::sqrt(z[i] * z[i] + z[i + 1] * z[i + 1]);
      sum += std::sqrt(s) * (1 + Square(std::sin(50 * std::pow(s, 0.2))));
    }
    return Square(sum / static_cast<double>(d_ - 1)) + 10 * Penalty(x);
  }

  double GriewankRosenbrock(Coordinates x) const {
    const Vector z = Widened(x);
    double sum = 0;
    for (size_t i = 0; i + 1 < d_; ++i) {
      const double s = 100 * Square(z[i] * z[i] - z[i + 1]) + Square(z[i] - 1);
      sum += s / 4000 - std::cos(s);
    }
    return 10 * sum / static_cast<double>(d_ - 1) + 10;
  }

  double SchwefelSine(Coordinates x) const {
    Vector z(d_);
    for (size_t i = 0; i < d_; ++i) {
      z[i] = 2 * in_.signs[i] * x[i];
      if (i > 0) z[i] += 0.25 * (2 * in_.signs[i - 1] * x[i - 1] - kBbobSchwefelOptimum);
    }
    for (double& v : z) v -= kBbobSchwefelOptimum;
    z = Scaled(10, std::move(z));
    double sum = 0;
    for (double& v : z) {
      v = 100 * (v + kBbobSchwefelOptimum);
      sum += v * std::sin(std::sqrt(std::abs(v)));
      v /= 100;
    }
    return 4.189828872724339 - sum / (100 * static_cast<double>(d_)) + 100 * Penalty(z);
  }

  double Gallagher(Coordinates x) const {
    const Vector rx = in_.r.Apply(x);
    double highest = 0;
    for (const BbobPeak& peak : in_.peaks) {
      double distance = 0;
      for (size_t i = 0; i < d_; ++i) distance += peak.stretch[i] * Square(rx[i] - peak.centre[i]);
      highest = std::max(highest, peak.height * std::exp(-0.5 * distance / static_cast<double>(d_)));
    }
    return Square(Oscillated(10 - highest)) + Penalty(x);
  }

  double Katsuura(Coordinates x) const {
    const Vector z = Skewed(100, x);
    const auto d = static_cast<double>(d_);
    const double factor = 10 / (d * d), exponent = 10 / std::pow(d, 1.2);
    double product = 1;
    for (size_t i = 0; i < d_; ++i) {
      double sum = 0;
      for (int j = 1; j <= 32; ++j) {
        const double scaled = std::ldexp(z[i], j);
        sum += std::ldexp(std::abs(scaled - std::nearbyint(scaled)), -j);
      }
      product *= std::pow(1 + static_cast<double>(i + 1) * sum, exponent);
    }
    return factor * product - factor + Penalty(x);
  }

  double Lunacek(Coordinates x) const {
    const auto d = static_cast<double>(d_);
    const double s = 1 - 1 / (2 * std::sqrt(d + 20) - 8.2);
    const double other_centre = -std::sqrt((kBbobLunacekCentre * kBbobLunacekCentre - 1) / s);
    double first = 0, second = d;
    Vector z(d_);
    for (size_t i = 0; i < d_; ++i) {
      const double v = 2 * in_.signs[i] * x[i];
      first += Square(v - kBbobLunacekCentre);
      second += s * Square(v - other_centre);
      z[i] = v - kBbobLunacekCentre;
    }
    z = in_.q.Apply(Scaled(100, in_.r.Apply(z)));
    return std::min(first, second) + Ripple(z) + 1e4 * Penalty(x);
  }

  const int function_;
  const BbobInstance& in_;
  const size_t d_;
  const double widening_;
};

}  // namespace

double BbobWidening(size_t dimensions) {
  return std::max(1.0, std::sqrt(static_cast<double>(dimensions)) / 8);
}

double BbobExcess(int function, const BbobInstance& instance, Coordinates x) {
  return Evaluation(function, instance).Excess(x);
}

}  // namespace qalam::bench
