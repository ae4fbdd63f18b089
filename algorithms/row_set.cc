#include "algorithms/row_set.h"

#include <bit>
#include <cmath>

#include "algorithms/random_engine.h"

namespace qalam::algorithms {

std::uint64_t RowSet::Key(const Eigen::RowVectorXd& row) const {
  std::uint64_t key = 0;
  for (Eigen::Index j = 0; j < row.size(); ++j) {
    const bool smooth = columns_[j].kind == FeatureColumn::Kind::kSmooth;
    // + 0.0 makes one zero of the two.
    const std::uint64_t word = smooth ? static_cast<std::uint64_t>(std::llround(row[j] * 0x1p30))
                                      : std::bit_cast<std::uint64_t>(row[j] + 0.0);
    key = HashWords({key, word});
  }
  return key;
}

}  // namespace qalam::algorithms
