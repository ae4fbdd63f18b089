// What ties the parameters of a search space together. Parameters are meant by their places in the space.
#pragma once

#include <cstddef>
#include <vector>

#include "algorithms/parameter.h"

namespace qalam::algorithms {

/// `parameter` is active only where `parent` is active and has one of certain values. Several conditions of one parameter
/// must all hold.
struct Condition {
  enum class Test { kIn, kNotIn, kLess, kAtMost, kGreater, kAtLeast };

  size_t parameter = 0, parent = 0;
  Test test = Test::kIn;
  std::vector<Value> values;  // kIn and kNotIn: of the parent
  double bound = 0;           // the other tests, whose parent has numbers; finite
};

/// sum of coefficient * value <= bound, of parameters that have numbers: doubles, ints, and lists whose entries are all
/// numbers. It asks nothing where one of its parameters is inactive.
struct LinearConstraint {
  struct Term {
    size_t parameter = 0;
    double coefficient = 1;  // finite, not 0
  };
  std::vector<Term> terms;  // at least one, of different parameters
  double bound = 0;         // finite
  bool strict = false;      // < instead of <=
};

}  // namespace qalam::algorithms
