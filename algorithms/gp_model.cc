#include "algorithms/gp_model.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <numeric>
#include <optional>

#include "algorithms/bounded_cache.h"
#include "algorithms/gp_fit.h"
#include "algorithms/model_statistics.h"
#include "algorithms/output_transform.h"
#include "algorithms/random_engine.h"

namespace qalam::algorithms {
namespace {

constexpr Eigen::Index kMaxFitted = 160;
constexpr Eigen::Index kLeastFitted = 4;  // fewer say too little about d + 4 parameters

BoundedCache<GpFit>& Fits() {
  static auto& cache = *new BoundedCache<GpFit>(4096);  // entries
  return cache;
}

BoundedCache<GaussianProcess::Packed>& Factors() {
  static auto& cache = *new BoundedCache<GaussianProcess::Packed>(size_t{16} << 20);  // bytes
  return cache;
}

// hashes[i] stands for the columns and the first i observations.
std::vector<std::uint64_t> PrefixHashes(const std::vector<FeatureColumn>& columns, const Eigen::MatrixXd& x,
                                        const Eigen::VectorXd& values, double max_log_k) {
  std::uint64_t hash = columns.size();
  if (std::isfinite(max_log_k)) hash = HashWords({hash, std::bit_cast<std::uint64_t>(max_log_k)});
  for (const FeatureColumn& column : columns) {
    hash = HashWords({hash, static_cast<std::uint64_t>(column.kind), column.levels});
  }
  std::vector<std::uint64_t> hashes = {hash};
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    for (Eigen::Index j = 0; j < x.cols(); ++j)
      hash = HashWords({hash, std::bit_cast<std::uint64_t>(x(i, j))});
    hash = HashWords({hash, std::bit_cast<std::uint64_t>(values[i])});
    hashes.push_back(hash);
  }
  return hashes;
}

// Row numbers of at most kMaxFitted of the first n: the best quarter of that many, and of the others every so
// many-th.
std::vector<Eigen::Index> Selection(const Eigen::VectorXd& values, Eigen::Index n) {
  std::vector<Eigen::Index> rows(static_cast<size_t>(n));
  std::iota(rows.begin(), rows.end(), 0);
  if (n <= kMaxFitted) return rows;
  constexpr Eigen::Index kBest = kMaxFitted / 4, kOthers = kMaxFitted - kBest;
  std::stable_sort(rows.begin(), rows.end(), [&](auto a, auto b) { return values[a] < values[b]; });
  std::sort(rows.begin() + kBest, rows.end());
  std::vector<Eigen::Index> chosen(rows.begin(), rows.begin() + kBest);
  for (Eigen::Index i = 0; i < kOthers; ++i) chosen.push_back(rows[kBest + i * (n - kBest) / kOthers]);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

class Fitter {
 public:
  Fitter(const std::vector<FeatureColumn>& columns, const Eigen::MatrixXd& x, const Eigen::VectorXd& values,
         const std::function<bool()>& stop_requested, double max_log_k)
      : columns_(columns),
        x_(x),
        values_(values),
        stop_requested_(stop_requested),
        max_log_k_(max_log_k),
        hashes_(PrefixHashes(columns, x, values, max_log_k)) {}

  absl::StatusOr<GpFit> FitTo(Eigen::Index n) const {
    if (n < kLeastFitted) return PriorMode(columns_);
    if (const auto kept = Fits().Get(hashes_[n])) {
      ++GpStatistics().fits_reused;
      return *kept;
    }
    std::optional<GpFit> guess;
    if (n >= 2 * kLeastFitted) {
      QALAM_ASSIGN_OR_RETURN(guess, FitTo(FittedLength(n / 2)));
    }
    const std::vector<Eigen::Index> rows = Selection(values_, n);
    const auto begin = std::chrono::steady_clock::now();
    QALAM_ASSIGN_OR_RETURN(
        const GpFit fit, FitGp(columns_, x_(rows, Eigen::all), values_(rows), ScaleOf(values_.head(n)), guess,
                               stop_requested_, max_log_k_));
    const auto duration = std::chrono::steady_clock::now() - begin;
    ++GpStatistics().fits;
    GpStatistics().fit_microseconds +=
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(duration).count());
    Fits().Put(hashes_[n], std::make_shared<GpFit>(fit), 1);
    return fit;
  }

  absl::StatusOr<GpModel> Model() const {
    const Eigen::Index n = x_.rows(), fitted = FittedLength(n);
    QALAM_ASSIGN_OR_RETURN(const GpFit fit, FitTo(fitted));
    QALAM_ASSIGN_OR_RETURN(GaussianProcess process, Factor(fit, fitted));
    const ValueScale scale = ScaleOf(values_);
    TransformedValues transformed = TransformValues(values_, scale, std::min(fit.log_k, max_log_k_));
    const double resolution = ResolutionOf(values_, scale) * transformed.z_by_t;
    const double zero = TransformedAt(0, scale, fit.log_k, transformed);
    return GpModel{std::move(process), std::move(transformed.z), zero, fit.log_k, resolution};
  }

 private:
  // Made of the fitted observations and grown by the others, so that it is the same to the last bit whether or not
  // it was grown from a kept one.
  absl::StatusOr<GaussianProcess> Factor(const GpFit& fit, Eigen::Index fitted) const {
    const Eigen::Index n = x_.rows();
    Eigen::Index known = n;
    std::shared_ptr<const GaussianProcess::Packed> kept;
    while (kept == nullptr && known >= fitted) kept = Factors().Get(hashes_[known--]);
    ++(kept != nullptr ? GpStatistics().factors_reused : GpStatistics().factors_computed);
    absl::StatusOr<GaussianProcess> process =
        kept != nullptr
            ? absl::StatusOr<GaussianProcess>(GaussianProcess::Unpack(columns_, fit.kernel, *kept))
            : GaussianProcess::Make(columns_, fit.kernel, x_.topRows(fitted));
    QALAM_RETURN_IF_ERROR(process.status());
    for (Eigen::Index i = process->size(); i < n; ++i) process->AddPoint(x_.row(i));
    const auto weight = sizeof(double) * static_cast<size_t>(n * ((n + 1) / 2 + x_.cols() + 1));
    Factors().Put(hashes_[n], std::make_shared<GaussianProcess::Packed>(process->Pack()), weight);
    return process;
  }

  const std::vector<FeatureColumn>& columns_;
  const Eigen::MatrixXd& x_;
  const Eigen::VectorXd& values_;
  const std::function<bool()>& stop_requested_;
  const double max_log_k_;
  const std::vector<std::uint64_t> hashes_;
};

}  // namespace

Eigen::Index FittedLength(Eigen::Index n) {
  Eigen::Index length = 0;
  for (Eigen::Index next = 1; next <= n; next = length + std::max<Eigen::Index>(1, (length - 8) / 16))
    length = next;
  return length;
}

absl::StatusOr<GpModel> FitGpModel(const std::vector<FeatureColumn>& columns, const Eigen::MatrixXd& x,
                                   const Eigen::VectorXd& values, const std::function<bool()>& stop_requested,
                                   double max_log_k) {
  return Fitter(columns, x, values, stop_requested, max_log_k).Model();
}

}  // namespace qalam::algorithms
