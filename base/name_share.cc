#include "base/name_share.h"

#include <numeric>

namespace qalam {
namespace {

// FNV-1a, whose weak high bits the finaliser of SplitMix64 mends.
std::uint64_t Hash(std::string_view text) {
  std::uint64_t x = 0xcbf29ce484222325;
  for (const unsigned char c : text) x = (x ^ c) * 0x100000001b3;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

}  // namespace

size_t ShareOf(std::string_view name, std::span<const std::uint64_t> weights) {
  std::uint64_t rest = Hash(name) % std::accumulate(weights.begin(), weights.end(), std::uint64_t{0});
  size_t share = 0;
  while (rest >= weights[share]) rest -= weights[share++];
  return share;
}

}  // namespace qalam
