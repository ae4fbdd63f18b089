// Whether the kernel ended processes for want of memory while a program ran. Internal to this room.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace qalam::workload {

/// For programs without a memory limit of their own: the kernel counts what its out-of-memory killer does on the whole
/// machine, so a rise says that it was at work, not whom it ended.
class OomWatch {
 public:
  explicit OomWatch(std::string vmstat = "/proc/vmstat") : vmstat_(std::move(vmstat)) {}

  /// A program starts at `now`. The count is read again after a second at the earliest, as reading takes 0.1 ms.
  void Begin(std::chrono::steady_clock::time_point now);

  /// Whether the count has risen since about the last Begin.
  bool Rose();

 private:
  std::optional<long long> Count() const;

  const std::string vmstat_;
  std::optional<long long> count_;
  std::optional<std::chrono::steady_clock::time_point> read_;
};

}  // namespace qalam::workload
