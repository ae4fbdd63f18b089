#include "algorithms/lbfgs.h"

#include <nlopt.h>

#include <cmath>
#include <limits>
#include <memory>

namespace qalam::algorithms {
namespace {

struct Search {
  SmoothFunction f;
  Eigen::VectorXd x, gradient;
  Minimum best;
};

double Evaluate(unsigned n, const double* x, double* gradient, void* data) {
  auto& search = *static_cast<Search*>(data);
  search.x = Eigen::Map<const Eigen::VectorXd>(x, n);
  const double value = search.f(search.x, search.gradient);
  // NLopt does arithmetic with what it gets, so what is not finite must not reach it.
  const bool usable = std::isfinite(value) && search.gradient.allFinite();
  if (gradient != nullptr) {
    Eigen::Map<Eigen::VectorXd> out(gradient, n);
    if (usable) {
      out = search.gradient;
    } else {
      out.setZero();
    }
  }
  if (usable && value < search.best.value) search.best = {search.x, value};
  return usable ? value : 1e100;
}

}  // namespace

Minimum MinimizeLbfgs(SmoothFunction f, const Eigen::VectorXd& start, const Eigen::VectorXd& lower,
                      const Eigen::VectorXd& upper, const LbfgsOptions& options) {
  const auto n = static_cast<unsigned>(start.size());
  Eigen::VectorXd x = start.cwiseMax(lower).cwiseMin(upper);
  Search search{f, x, Eigen::VectorXd::Zero(n), {x, std::numeric_limits<double>::infinity()}};
  const std::unique_ptr<nlopt_opt_s, decltype(&nlopt_destroy)> optimizer(nlopt_create(NLOPT_LD_LBFGS, n),
                                                                         &nlopt_destroy);
  nlopt_set_min_objective(optimizer.get(), &Evaluate, &search);
  nlopt_set_lower_bounds(optimizer.get(), lower.data());
  nlopt_set_upper_bounds(optimizer.get(), upper.data());
  nlopt_set_maxeval(optimizer.get(), options.max_evaluations);
  nlopt_set_ftol_rel(optimizer.get(), options.relative_tolerance);
  double value = 0;
  // The verdict adds nothing: whatever ended the search, the best point met is the answer.
  nlopt_optimize(optimizer.get(), x.data(), &value);
  return search.best;
}

}  // namespace qalam::algorithms
