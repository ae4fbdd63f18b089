#include "algorithms/gp_relevance.h"

namespace qalam::algorithms {
namespace {

constexpr Eigen::Index kMaxFactors = 64;

}  // namespace

std::vector<Eigen::Index> InformativeColumns(const std::vector<FeatureColumn>& columns) {
  std::vector<Eigen::Index> informative;
  for (size_t j = 0; j < columns.size(); ++j) {
    if (columns[j].levels != 1) informative.push_back(static_cast<Eigen::Index>(j));
  }
  return informative;
}

GpRelevance::GpRelevance(const std::vector<FeatureColumn>& columns) {
  const std::vector<Eigen::Index> informative = InformativeColumns(columns);
  for (const Eigen::Index j : informative) {
    if (columns[j].kind != FeatureColumn::Kind::kCategorical) {
      numeric_.push_back(j);
    } else if (columns[j].levels <= kMaxFactors) {
      categorical_.push_back(j);
      offset_.push_back(static_cast<int>(levels_));
      levels_ += static_cast<Eigen::Index>(columns[j].levels);
    }
  }
  if (size() > kMaxFactors) {
    categorical_.clear();
    levels_ = 0;
  }
  Eigen::Index next = 0;
  for (const Eigen::Index j : informative) {
    const bool has = levels_ > 0 && columns[j].kind != FeatureColumn::Kind::kCategorical;
    first_.push_back(has ? next : -1);
    if (has) next += levels_;
  }
}

Eigen::ArrayXXi GpRelevance::Codes(const Eigen::MatrixXd& x) const {
  Eigen::ArrayXXi codes(x.rows(), static_cast<Eigen::Index>(categorical_.size()));
  for (size_t k = 0; k < categorical_.size(); ++k) {
    codes.col(static_cast<Eigen::Index>(k)) = x.col(categorical_[k]).array().cast<int>() + offset_[k];
  }
  return codes;
}

Eigen::ArrayXd GpRelevance::Factors(const Eigen::ArrayXXi& codes, size_t c,
                                    const Eigen::VectorXd& log_factors) const {
  Eigen::ArrayXd sum = Eigen::ArrayXd::Zero(codes.rows());
  if (first_[c] < 0 || log_factors.size() == 0) return sum + 1;
  for (Eigen::Index k = 0; k < codes.cols(); ++k) {
    for (Eigen::Index i = 0; i < codes.rows(); ++i) sum[i] += log_factors[first_[c] + codes(i, k)];
  }
  return sum.exp();
}

}  // namespace qalam::algorithms
