#include "algorithms/random_engine.h"

#include <bit>
#include <cmath>
#include <numbers>

namespace qalam::algorithms {
namespace {

constexpr std::uint64_t kGoldenGamma = 0x9e3779b97f4a7c15;

std::uint64_t Finalise(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

}  // namespace

std::uint64_t HashWords(std::initializer_list<std::uint64_t> words) {
  std::uint64_t hash = 0;
  for (const std::uint64_t word : words) hash = Finalise((hash + kGoldenGamma) ^ word);
  return hash;
}

std::uint64_t HashText(std::string_view text) {
  std::uint64_t fnv = 0xcbf29ce484222325;  // FNV-1a; its weak high bits are mended by the finaliser
  for (const unsigned char c : text) fnv = (fnv ^ c) * 0x100000001b3;
  return HashWords({fnv, text.size()});
}

Rng::Rng(std::initializer_list<std::uint64_t> key) {
  std::uint64_t x = HashWords(key);
  for (std::uint64_t& word : state_) word = Finalise(x += kGoldenGamma);
}

Rng::result_type Rng::operator()() {
  const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Rng::Uniform() { return (static_cast<double>((*this)() >> 12) + 0.5) * 0x1p-52; }

double Rng::Normal() {
  const double radius = std::sqrt(-2 * std::log(Uniform()));
  return radius * std::cos(2 * std::numbers::pi * Uniform());
}

std::uint64_t Rng::Below(std::uint64_t bound) {
  // Lemire, Fast Random Integer Generation in an Interval, ACM TOMACS 29(1), 2019.
  unsigned __int128 product = static_cast<unsigned __int128>((*this)()) * bound;
  if (static_cast<std::uint64_t>(product) < bound) {
    const std::uint64_t threshold = -bound % bound;
    while (static_cast<std::uint64_t>(product) < threshold) {
      product = static_cast<unsigned __int128>((*this)()) * bound;
    }
  }
  return static_cast<std::uint64_t>(product >> 64);
}

}  // namespace qalam::algorithms
