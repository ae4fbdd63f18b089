#include "controller/trial_name.h"

#include <fmt/format.h>

#include <cstdint>
#include <string_view>

namespace qalam::controller {
namespace {

constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";

// FNV-1a over the text, then the finaliser of SplitMix64 (Steele et al., 2014) to spread it over all bits.
std::uint64_t Hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
  return hash ^ (hash >> 31);
}

}  // namespace

std::string TrialName(const api::Suggestion& suggestion, int index,
                      const std::set<std::string, std::less<>>& taken) {
  for (int attempt = 0;; ++attempt) {
    std::uint64_t bits = Hash(fmt::format("{}/{}/{}", suggestion.metadata.uid, index, attempt));
    std::string name = suggestion.metadata.name + "-";
    for (int i = 0; i < 8; ++i, bits /= kAlphabet.size()) name += kAlphabet[bits % kAlphabet.size()];
    if (!taken.contains(name)) return name;
  }
}

}  // namespace qalam::controller
