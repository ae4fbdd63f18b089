// GetEarlyStoppingRules without its transport: wire messages in, wire messages out.
#pragma once

#include <memory>

#include "algorithms/bounded_cache.h"
#include "algorithms/trial.h"
#include "proto/api.pb.h"
#include "suggestion/curve_source.h"

namespace qalam::suggestion {

namespace wire = ::api::v1::beta1;

/// Rules of any number of experiments at once. A function of the request and of what DBManager has; curves of trials
/// that ended are kept, up to some megabytes, only to spare DBManager the same question.
///
/// Threads: all functions may be called concurrently.
class StoppingRules {
 public:
  explicit StoppingRules(ReadCurves read_curves) : read_curves_(std::move(read_curves)) {}

  /// No rules while too little is known. A request that names no rule is answered as medianstop with its defaults, the
  /// rule of Katib's own service, which does not look at the name. A trial's curve is looked for under its label
  /// kObservationKeyLabel, else under its name. DBManager is asked only if there are curves to read.
  ///
  /// INVALID_ARGUMENT: unknown rule, bad settings, no objective metric where curves are to be read.
  /// Other codes: those of ReadCurves.
  absl::StatusOr<wire::GetEarlyStoppingRulesReply> Answer(const wire::GetEarlyStoppingRulesRequest& request,
                                                          absl::Time deadline,
                                                          const std::function<bool()>& stop_requested = {});

 private:
  struct Kept {
    std::string key;
    Curve curve;
  };

  // Curves of trials that ended by `settled` are complete.
  absl::Status AddCurves(CurveQuery query, const std::vector<algorithms::Trial*>& trials, absl::Time settled);
  std::shared_ptr<const Kept> Find(const std::string& key);
  void Keep(std::string key, const Curve& curve);

  static constexpr size_t kCacheBytes = 4 << 20;
  const ReadCurves read_curves_;
  algorithms::BoundedCache<Kept> cache_{kCacheBytes};
};

}  // namespace qalam::suggestion
