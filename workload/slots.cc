#include "workload/slots.h"

#include <algorithm>

#include "fmt/format.h"
#include "fmt/ranges.h"

namespace qalam::workload {

int SlotAllocator::Acquire() {
  const auto free = std::find(taken_.begin(), taken_.end(), false);
  const int slot = static_cast<int>(free - taken_.begin());
  if (free == taken_.end()) {
    taken_.push_back(true);
  } else {
    *free = true;
  }
  return slot;
}

void SlotAllocator::Release(int slot) { taken_[static_cast<size_t>(slot)] = false; }

std::optional<int> PortAllocator::Acquire(int first) {
  for (int port = first; port <= 65535; ++port) {
    if (taken_.insert(port).second) return port;
  }
  return std::nullopt;
}

std::string GpusForSlot(const std::vector<std::string>& gpus, int slot, int slots) {
  const size_t n = gpus.size(), count = static_cast<size_t>(std::max(slots, 1));
  if (n == 0) return {};
  if (n < count) return gpus[static_cast<size_t>(slot) % n];
  const size_t s = static_cast<size_t>(slot) % count;
  const auto begin = gpus.begin() + static_cast<std::ptrdiff_t>(s * n / count);
  const auto end = gpus.begin() + static_cast<std::ptrdiff_t>((s + 1) * n / count);
  return fmt::format("{}", fmt::join(begin, end, ","));
}

}  // namespace qalam::workload
