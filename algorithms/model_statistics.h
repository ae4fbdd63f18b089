// How often models were fitted and how often that could be spared: for whoever watches the process.
#pragma once

#include <atomic>
#include <cstdint>

namespace qalam::algorithms {

/// Counts since the start of the process. Threads: any; counts are not of one instant.
struct ModelStatistics {
  std::atomic<std::uint64_t> fits{0};              // of kernel parameters
  std::atomic<std::uint64_t> fit_microseconds{0};  // all of them together
  std::atomic<std::uint64_t> fits_reused{0};       // found in the cache
  std::atomic<std::uint64_t> factors_computed{0};  // Cholesky factors made from nothing
  std::atomic<std::uint64_t> factors_reused{0};    // found in the cache, and grown by the newer trials
};

/// Of Gaussian processes.
ModelStatistics& GpStatistics();

}  // namespace qalam::algorithms
