// The distinct points of a finite space in a random order, any one of them found without the others.
#pragma once

#include <optional>
#include <variant>

#include "algorithms/combination_shuffle.h"
#include "algorithms/point_numbering.h"

namespace qalam::algorithms {

/// Without conditions the order of combination_shuffle.h, else a permutation of point_numbering.h. Points are canonical;
/// whether they keep the constraints is the caller's to see. Threads: immutable.
class ShuffledPoints {
 public:
  /// Nothing for a space that is not finite, or has conditions and is too large to be numbered. `space` must outlive this.
  static std::optional<ShuffledPoints> Make(const SearchSpace& space, std::uint64_t seed);

  std::uint64_t size() const { return size_; }
  Point operator()(std::uint64_t i) const;  // i < size()

 private:
  struct Numbered {
    PointNumbering points;
    Permutation order;
  };
  ShuffledPoints(const SearchSpace& space, std::uint64_t size,
                 std::variant<CombinationShuffle, Numbered> order)
      : space_(space), size_(size), order_(std::move(order)) {}

  const SearchSpace& space_;
  std::uint64_t size_;
  std::variant<CombinationShuffle, Numbered> order_;
};

}  // namespace qalam::algorithms
