#include "bench/functions.h"

#include <cmath>
#include <numbers>

namespace qalam::bench {
namespace {

using std::numbers::e;
using std::numbers::pi;

double Square(double x) { return x * x; }

template <int kDimensions>
double Hartmann(Coordinates x, const double (&a)[4][kDimensions], const double (&p)[4][kDimensions]) {
  constexpr double kAlpha[4] = {1.0, 1.2, 3.0, 3.2};
  double sum = 0;
  for (int i = 0; i < 4; ++i) {
    double exponent = 0;
    for (int j = 0; j < kDimensions; ++j) exponent += a[i][j] * Square(x[j] - 1e-4 * p[i][j]);
    sum += kAlpha[i] * std::exp(-exponent);
  }
  return -sum;
}

}  // namespace

double Ackley(Coordinates x) {
  double squares = 0, cosines = 0;
  for (const double v : x) {
    squares += v * v;
    cosines += std::cos(2 * pi * v);
  }
  const auto d = static_cast<double>(x.size());
  return 20 + e - 20 * std::exp(-0.2 * std::sqrt(squares / d)) - std::exp(cosines / d);
}

double Beale(double x, double y) {
  return Square(1.5 - x + x * y) + Square(2.25 - x + x * y * y) + Square(2.625 - x + x * y * y * y);
}

double Branin(double x, double y) {
  constexpr double kB = 5.1 / (4 * pi * pi), kC = 5 / pi, kT = 1 / (8 * pi);
  return Square(y - kB * x * x + kC * x - 6) + 10 * (1 - kT) * std::cos(x) + 10;
}

double DixonPrice(Coordinates x) {
  double sum = Square(x[0] - 1);
  for (size_t i = 1; i < x.size(); ++i)
    sum += static_cast<double>(i + 1) * Square(2 * x[i] * x[i] - x[i - 1]);
  return sum;
}

double GoldsteinPrice(double x, double y) {
  const double first = 19 - 14 * x + 3 * x * x - 14 * y + 6 * x * y + 3 * y * y;
  const double second = 18 - 32 * x + 12 * x * x + 48 * y - 36 * x * y + 27 * y * y;
  return (1 + Square(x + y + 1) * first) * (30 + Square(2 * x - 3 * y) * second);
}

double Griewank(Coordinates x) {
  double squares = 0, product = 1;
  for (size_t i = 0; i < x.size(); ++i) {
    squares += x[i] * x[i];
    product *= std::cos(x[i] / std::sqrt(static_cast<double>(i + 1)));
  }
  return 1 + squares / 4000 - product;
}

double Hartmann3(Coordinates x) {
  constexpr double kA[4][3] = {{3, 10, 30}, {0.1, 10, 35}, {3, 10, 30}, {0.1, 10, 35}};
  constexpr double kP[4][3] = {{3689, 1170, 2673}, {4699, 4387, 7470}, {1091, 8732, 5547}, {381, 5743, 8828}};
  return Hartmann(x, kA, kP);
}

double Hartmann6(Coordinates x) {
  constexpr double kA[4][6] = {{10, 3, 17, 3.5, 1.7, 8},
                               {0.05, 10, 17, 0.1, 8, 14},
                               {3, 3.5, 1.7, 10, 17, 8},
                               {17, 8, 0.05, 10, 0.1, 14}};
  constexpr double kP[4][6] = {{1312, 1696, 5569, 124, 8283, 5886},
                               {2329, 4135, 8307, 3736, 1004, 9991},
                               {2348, 1451, 3522, 2883, 3047, 6650},
                               {4047, 8828, 8732, 5743, 1091, 381}};
  return Hartmann(x, kA, kP);
}

double Levy(Coordinates x) {
  const auto w = [&](size_t i) { return 1 + (x[i] - 1) / 4; };
  const size_t last = x.size() - 1;
  double sum = Square(std::sin(pi * w(0)));
  for (size_t i = 0; i < last; ++i) sum += Square(w(i) - 1) * (1 + 10 * Square(std::sin(pi * w(i) + 1)));
  return sum + Square(w(last) - 1) * (1 + Square(std::sin(2 * pi * w(last))));
}

double Rastrigin(Coordinates x) {
  double sum = 0;
  for (const double v : x) sum += 10 + v * v - 10 * std::cos(2 * pi * v);
  return sum;
}

double Rosenbrock(Coordinates x) {
  double sum = 0;
  for (size_t i = 0; i + 1 < x.size(); ++i) sum += 100 * Square(x[i + 1] - x[i] * x[i]) + Square(1 - x[i]);
  return sum;
}

double Schwefel(Coordinates x) {
  double sum = 0;
  for (const double v : x) sum += 418.98288727243369 - v * std::sin(std::sqrt(std::abs(v)));
  return sum;
}

double SixHumpCamel(double x, double y) {
  const double x2 = x * x;
  return (4 - 2.1 * x2 + x2 * x2 / 3) * x2 + x * y + (4 * y * y - 4) * y * y;
}

double Sphere(Coordinates x) {
  double sum = 0;
  for (const double v : x) sum += v * v;
  return sum;
}

double StyblinskiTang(Coordinates x) {
  double sum = 0;
  for (const double v : x) sum += Square(v * v) - 16 * v * v + 5 * v;
  return sum / 2;
}

double Zakharov(Coordinates x) {
  double squares = 0, weighted = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    squares += x[i] * x[i];
    weighted += 0.5 * static_cast<double>(i + 1) * x[i];
  }
  return squares + Square(weighted) + Square(Square(weighted));
}

double MichalewiczTerm(double x, int i) {
  return -std::sin(x) * std::pow(Square(std::sin(i * x * x / pi)), 10);
}

double Michalewicz(Coordinates x) {
  double sum = 0;
  for (size_t i = 0; i < x.size(); ++i) sum += MichalewiczTerm(x[i], static_cast<int>(i + 1));
  return sum;
}

double Ellipsoid(Coordinates x, double exponent) {
  double sum = 0;
  const double last = x.size() > 1 ? static_cast<double>(x.size() - 1) : 1;
  for (size_t i = 0; i < x.size(); ++i)
    sum += std::pow(10, exponent * static_cast<double>(i) / last) * x[i] * x[i];
  return sum;
}

}  // namespace qalam::bench
