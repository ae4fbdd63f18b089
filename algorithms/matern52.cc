#include "algorithms/matern52.h"

#include <bit>
#include <cstdint>

namespace qalam::algorithms {
namespace {

constexpr double kSqrt5 = 0x1.1e3779b97f4a8p+1;
constexpr double kLog2E = 0x1.71547652b82fep+0;
constexpr double kLn2High =
    0x1.62e42fee00000p-1;  // its last bits are zero: a multiple by an exponent is exact
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
constexpr double kLeastExponent = -708;  // exp of less is no normal number
// Added to a number of moderate size, it leaves the nearest integer in the last bits.
constexpr double kRounder = 0x1.8p+52;

// exp(x) = 2^n exp(f), |f| <= ln 2 / 2, the latter by its Taylor polynomial: the first term left out is below 5e-18.
// Written without branches and calls, so that loops over it become vector instructions.
[[gnu::always_inline]] inline double ExpOfNegative(double x) {
  x = x < kLeastExponent ? kLeastExponent : x;
  const double rounded = x * kLog2E + kRounder;
  const double n = rounded - kRounder;
  const double f = (x - n * kLn2High) - n * kLn2Low;
  double sum = 1.0 / 6'227'020'800;  // 1 / 13!
  sum = sum * f + 1.0 / 479'001'600;
  sum = sum * f + 1.0 / 39'916'800;
  sum = sum * f + 1.0 / 3'628'800;
  sum = sum * f + 1.0 / 362'880;
  sum = sum * f + 1.0 / 40'320;
  sum = sum * f + 1.0 / 5'040;
  sum = sum * f + 1.0 / 720;
  sum = sum * f + 1.0 / 120;
  sum = sum * f + 1.0 / 24;
  sum = sum * f + 1.0 / 6;
  sum = sum * f + 1.0 / 2;
  sum = sum * f + 1;
  sum = sum * f + 1;
  const std::uint64_t power = (std::bit_cast<std::uint64_t>(rounded) + 1'023) << 52;
  return sum * std::bit_cast<double>(power);
}

[[gnu::always_inline]] inline void Evaluate(const double* __restrict r, Eigen::Index n,
                                            double* __restrict value, double* __restrict slope) {
  for (Eigen::Index i = 0; i < n; ++i) {
    const double u = kSqrt5 * r[i];
    const double e = ExpOfNegative(-u);
    const double linear = (1 + u) * e;
    value[i] = linear + (1.0 / 3) * (u * u) * e;
    slope[i] = (5.0 / 3) * linear;
  }
}

void EvaluateAnywhere(const double* r, Eigen::Index n, double* value, double* slope) {
  Evaluate(r, n, value, slope);
}

#ifdef __x86_64__
// Twice as wide; fused products, which would round otherwise, are another extension.
[[gnu::target("avx2")]] void EvaluateAvx2(const double* r, Eigen::Index n, double* value, double* slope) {
  Evaluate(r, n, value, slope);
}
#endif

using Function = void (*)(const double*, Eigen::Index, double*, double*);

Function Fastest() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx2")) return &EvaluateAvx2;
#endif
  return &EvaluateAnywhere;
}

}  // namespace

void Matern52(const Eigen::Ref<const Eigen::ArrayXd>& r, Eigen::Ref<Eigen::ArrayXd> value,
              Eigen::Ref<Eigen::ArrayXd> slope) {
  static const Function evaluate = Fastest();
  evaluate(r.data(), r.size(), value.data(), slope.data());
}

}  // namespace qalam::algorithms
