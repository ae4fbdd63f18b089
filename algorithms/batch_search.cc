#include "algorithms/batch_search.h"

#include <algorithm>
#include <optional>

#include "algorithms/constrained_gain.h"
#include "algorithms/initial_design.h"
#include "algorithms/metric_beliefs.h"
#include "algorithms/random_engine.h"
#include "algorithms/trial_cost.h"

namespace qalam::algorithms {
namespace {

// In standard deviations of the compressed values. Less is not worth a trial: without a least gain, the search goes on
// polishing a local optimum when all digits that matter are found.
constexpr double kLeastGain = 1e-3;
constexpr double kLeastGainOfProbability =
    0.01;                       // it does not see the size of a gain, and needs one worth a trial
constexpr size_t kLarge = 300;  // observations from which a prediction costs so much that climbs are shorter
constexpr Eigen::Index kCentres = 4;

void Propose(const BatchSearch& search, const Eigen::RowVectorXd& row, RowSet& tried,
             Suggestions& suggestions) {
  tried.Insert(row);
  suggestions.proposals.push_back({search.encoding.Decode(row), {}, {}});
}

// One objective.
class BestModel final : public BatchModel {
 public:
  BestModel(AcquisitionKind kind, BeliefModel& model) : kind_(kind), model_(model) {}

  absl::Status Believe(const Eigen::MatrixXd& rows) override { return model_.Believe(rows); }
  std::unique_ptr<Gain> NextGain() const override {
    const bool probability = kind_ == AcquisitionKind::kLogProbabilityOfImprovement;
    const double least_gain = probability ? kLeastGainOfProbability : kLeastGain;
    return std::make_unique<SurrogateGain>(kind_, model_.surrogate(), model_.best() - least_gain);
  }
  Eigen::MatrixXd Centres() const override { return model_.BestPoints(kCentres); }

 private:
  const AcquisitionKind kind_;
  BeliefModel& model_;
};

}  // namespace

Eigen::VectorXd ConservativeValues(const std::vector<Observation>& finished, size_t objective) {
  Eigen::VectorXd values(static_cast<Eigen::Index>(finished.size()));
  const bool stopped =
      std::any_of(finished.begin(), finished.end(), [](const Observation& o) { return o.early_stopped; });
  std::vector<double> succeeded;
  for (size_t i = 0; i < finished.size(); ++i) {
    double value = finished[i].losses[objective];
    if (finished[i].early_stopped) {
      if (!succeeded.empty()) value = std::max(value, succeeded[succeeded.size() / 2]);
    } else if (stopped) {
      succeeded.insert(std::upper_bound(succeeded.begin(), succeeded.end(), value), value);
    }
    values[static_cast<Eigen::Index>(i)] = value;
  }
  return values;
}

Eigen::VectorXd RankedValues(const std::vector<Observation>& finished) {
  Eigen::VectorXd values = ConservativeValues(finished);
  if (values.size() == 0) return values;
  const double worst = values.maxCoeff(), spread = worst / 2 - values.minCoeff() / 2;
  for (size_t i = 0; i < finished.size(); ++i) {
    if (finished[i].violation == 0) continue;
    values[static_cast<Eigen::Index>(i)] =
        worst + std::min(1.0, finished[i].violation) * (spread > 0 ? spread : 1);
  }
  return values;
}

std::vector<double> ViolationsOf(const std::vector<Observation>& finished) {
  std::vector<double> violations;
  for (const Observation& o : finished) violations.push_back(o.violation);
  return violations;
}

Eigen::MatrixXd EncodeFinished(const FeatureEncoding& encoding, const std::vector<Observation>& finished) {
  Eigen::MatrixXd x(static_cast<Eigen::Index>(finished.size()), encoding.size());
  for (Eigen::Index i = 0; i < x.rows(); ++i) x.row(i) = encoding.Encode(finished[i].point);
  return x;
}

RowSet TriedRows(const FeatureEncoding& encoding, const Observations& seen) {
  RowSet tried(encoding);
  for (const Observation& o : seen.finished) tried.Insert(encoding.Encode(o.point));
  for (const auto* points : {&seen.pending, &seen.failed}) {
    for (const Point& point : *points) tried.Insert(encoding.Encode(point));
  }
  return tried;
}

absl::Status ProposeDesign(const BatchSearch& search, const Ask& ask, RowSet& tried,
                           Suggestions& suggestions) {
  for (int i = 0; i < ask.count; ++i) {
    QALAM_RETURN_IF_ERROR(CheckStop(ask));
    Propose(search, DesignPoint(search.space, search.encoding, search.seed, ask.handed_out + i, tried), tried,
            suggestions);
  }
  return absl::OkStatus();
}

absl::Status ProposeModelled(const BatchSearch& search, const Observations& seen, const Ask& ask,
                             BatchModel& model, RowSet& tried, Suggestions& suggestions) {
  QALAM_RETURN_IF_ERROR(model.Believe(search.encoding.Encode(seen.pending)));
  const std::optional<GaussianProcess> risk = FailureCost(search.encoding, seen);
  const std::optional<GaussianProcess> time =
      search.per_second ? TimeCost(search.encoding, seen) : std::optional<GaussianProcess>();
  std::vector<const Surrogate*> log_costs;
  for (const auto* cost : {&risk, &time}) {
    if (*cost) log_costs.push_back(&**cost);
  }
  const bool large = seen.finished.size() > kLarge;
  QALAM_ASSIGN_OR_RETURN(MetricBeliefs metrics, MetricBeliefs::Fit(search.encoding, search.constraints,
                                                                   seen.finished, ask.stop_requested));
  QALAM_RETURN_IF_ERROR(metrics.Believe(search.encoding.Encode(seen.pending)));
  const Eigen::MatrixXd centres = model.Centres();
  for (int i = 0; i < ask.count; ++i) {
    const std::int64_t number = ask.handed_out + i;
    const std::unique_ptr<Gain> gain = model.NextGain();
    const ConstrainedGain constrained(search.something_kept ? gain.get() : nullptr, metrics.bounds());
    const AcquisitionSearch one = {
        .encoding = search.encoding,
        .gain = metrics.bounds().empty() ? *gain : static_cast<const Gain&>(constrained),
        .log_costs = log_costs,
        .space = search.space.has_rules() ? &search.space : nullptr,
        .centres = centres,
        .tried = tried,
        .lower = search.lower,
        .upper = search.upper,
        .climb = search.climb,
        .samples = large ? 192 : 512,
        .starts = large ? 3 : 6,
        .gradient_evaluations = large ? 15 : 30,
        .rounds = large ? 2 : 4,
        .seed = HashWords({search.seed, static_cast<std::uint64_t>(number)}),
        .stop_requested = ask.stop_requested,
    };
    QALAM_ASSIGN_OR_RETURN(Eigen::RowVectorXd row, MaximizeAcquisition(one));
    if (tried.Contains(row)) row = DesignPoint(search.space, search.encoding, search.seed, number, tried);
    Propose(search, row, tried, suggestions);
    if (i + 1 == ask.count) break;
    QALAM_RETURN_IF_ERROR(model.Believe(row));
    QALAM_RETURN_IF_ERROR(metrics.Believe(row));
  }
  return absl::OkStatus();
}

absl::Status ProposeModelled(const BatchSearch& search, AcquisitionKind kind, const Observations& seen,
                             const Ask& ask, BeliefModel& model, RowSet& tried, Suggestions& suggestions) {
  BestModel best(kind, model);
  return ProposeModelled(search, seen, ask, best, tried, suggestions);
}

}  // namespace qalam::algorithms
