// Which points were tried, as encoded rows.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <unordered_set>
#include <vector>

#include "algorithms/feature_encoding.h"

namespace qalam::algorithms {

/// A set of rows in which quantiles of continuous parameters that differ by less than 2^-31 or so count as equal:
/// decoding and encoding may move them by rounding. Rows are told apart by 64 hashed bits.
class RowSet {
 public:
  explicit RowSet(const FeatureEncoding& encoding) : columns_(encoding.columns()) {}

  bool Insert(const Eigen::RowVectorXd& row) { return keys_.insert(Key(row)).second; }
  bool Contains(const Eigen::RowVectorXd& row) const { return keys_.count(Key(row)) > 0; }
  size_t size() const { return keys_.size(); }
  void Clear() { keys_.clear(); }

 private:
  std::uint64_t Key(const Eigen::RowVectorXd& row) const;

  std::vector<FeatureColumn> columns_;
  std::unordered_set<std::uint64_t> keys_;
};

}  // namespace qalam::algorithms
