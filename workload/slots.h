// Places that parallel trials hold, and how GPUs are split over them.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace qalam::workload {

/// Hands out the smallest free number, from 0. Unbounded: how many trials run at once is the controller's
/// decision.
class SlotAllocator {
 public:
  int Acquire();
  void Release(int slot);

 private:
  std::vector<bool> taken_;
};

/// Hands out ports that no other trial holds.
class PortAllocator {
 public:
  /// The smallest free port from `first` on; nothing above 65535.
  std::optional<int> Acquire(int first);
  void Release(int port) { taken_.erase(port); }

 private:
  std::set<int> taken_;
};

/// The part of `gpus` (indices or UUIDs, as CUDA_VISIBLE_DEVICES takes them) for one slot of `slots` >= 1,
/// joined with commas. With at least as many GPUs as slots each gets a run of neighbours, sizes differing by
/// at most one; with fewer, slots take turns. Slots beyond `slots` (several experiments at once) start over.
std::string GpusForSlot(const std::vector<std::string>& gpus, int slot, int slots);

}  // namespace qalam::workload
