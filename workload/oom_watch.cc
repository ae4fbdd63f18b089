#include "workload/oom_watch.h"

#include <fstream>

namespace qalam::workload {

void OomWatch::Begin(std::chrono::steady_clock::time_point now) {
  if (read_ && now - *read_ < std::chrono::seconds(1)) return;
  read_ = now;
  count_ = Count();
}

bool OomWatch::Rose() {
  const std::optional<long long> before = count_;
  count_ = Count();
  return before && count_ && *count_ > *before;
}

std::optional<long long> OomWatch::Count() const {
  std::ifstream in(vmstat_);
  long long value = 0;
  for (std::string name; in >> name >> value;) {
    if (name == "oom_kill") return value;
  }
  return std::nullopt;  // a kernel before 4.13
}

}  // namespace qalam::workload
