#include "bench/rotation.h"

#include <cmath>

#include "algorithms/random_engine.h"

namespace qalam::bench {

std::vector<double> Rotation::Apply(std::span<const double> x) const {
  std::vector<double> y(size, 0.0);
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j < size; ++j) y[i] += rows[i * size + j] * x[j];
  }
  return y;
}

std::vector<double> Rotation::ApplyTransposed(std::span<const double> x) const {
  std::vector<double> y(size, 0.0);
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j < size; ++j) y[j] += rows[i * size + j] * x[i];
  }
  return y;
}

Rotation RandomRotation(int size, std::uint64_t seed) {
  constexpr std::uint64_t kStream = 0x726f74617465;
  Rotation rotation{size, std::vector<double>(static_cast<size_t>(size) * size)};
  algorithms::Rng rng({seed, kStream, static_cast<std::uint64_t>(size)});
  for (double& entry : rotation.rows) entry = rng.Normal();
  const auto row = [&](int i) {
    return std::span(rotation.rows).subspan(static_cast<size_t>(i) * size, size);
  };
  for (int i = 0; i < size; ++i) {
    for (int pass = 0; pass < 2; ++pass) {  // the second pass removes what rounding left
      for (int k = 0; k < i; ++k) {
        double dot = 0;
        for (int j = 0; j < size; ++j) dot += row(i)[j] * row(k)[j];
        for (int j = 0; j < size; ++j) row(i)[j] -= dot * row(k)[j];
      }
    }
    double norm = 0;
    for (const double v : row(i)) norm += v * v;
    for (double& v : row(i)) v /= std::sqrt(norm);
  }
  return rotation;
}

}  // namespace qalam::bench
