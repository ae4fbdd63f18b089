#include "algorithms/model_statistics.h"

namespace qalam::algorithms {

ModelStatistics& GpStatistics() {
  static ModelStatistics statistics;
  return statistics;
}

}  // namespace qalam::algorithms
