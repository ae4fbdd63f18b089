// Awkward requests to EarlyStopping: rules of the promised form or a refusal, whatever DBManager has.

#include <cmath>
#include <cstdlib>

#include "algorithms/registry.h"
#include "base/number_text.h"
#include "suggestion/proto_convert.h"
#include "suggestion/stopping_rules.h"
#include "tests/suggestion/request_choices.h"

namespace {

namespace wire = ::api::v1::beta1;
using qalam::suggestion::Curve;
using qalam::suggestion::CurveQuery;
using qalam::suggestion::testing::RequestChoices;

void Require(bool condition) {
  if (!condition) std::abort();
}

bool IsRefusal(const absl::Status& status) { return status.code() == absl::StatusCode::kInvalidArgument; }

absl::StatusOr<std::vector<Curve>> ReadAny(RequestChoices& choices, const CurveQuery& query) {
  if (choices.OneIn(16)) return absl::UnavailableError("DBManager at " + query.address);
  std::vector<Curve> curves;
  for (size_t i = 0; i < query.trials.size(); ++i) {
    Curve& curve = curves.emplace_back();
    for (int left = choices.Below(6); left > 0 && static_cast<int>(curve.size()) < query.length; --left) {
      curve.push_back(qalam::ParseDouble(choices.Number()).value_or(std::nan("")));
    }
  }
  return curves;
}

void CheckRule(const wire::EarlyStoppingRule& rule, const wire::Experiment& experiment) {
  Require(rule.name() == experiment.spec().objective().objective_metric_name());
  const std::optional<double> value = qalam::ParseDouble(rule.value());
  Require(value && std::isfinite(*value));
  const bool maximize = experiment.spec().objective().type() == wire::MAXIMIZE;
  Require(rule.comparison() == (maximize ? wire::LESS : wire::GREATER));
  Require(rule.start_step() >= 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  RequestChoices choices(data, size);
  wire::GetEarlyStoppingRulesRequest request;
  choices.Fill(*request.mutable_experiment());
  wire::EarlyStoppingSpec& spec = *request.mutable_experiment()->mutable_spec()->mutable_early_stopping();
  spec.set_algorithm_name(choices.OneIn(8) ? choices.Text() : "medianstop");
  choices.FillSettings(spec);
  choices.Fill(*request.mutable_trials(), request.experiment().spec());
  request.set_db_manager_address(choices.Text());

  qalam::suggestion::StoppingRules rules([&](const CurveQuery& query) { return ReadAny(choices, query); });
  for (int call = 0; call < 2; ++call) {  // the second one meets what the first one kept
    const auto reply = rules.Answer(request, absl::InfiniteFuture());
    if (!reply.ok()) {
      Require(IsRefusal(reply.status()) || reply.status().code() == absl::StatusCode::kUnavailable);
      continue;
    }
    Require(reply->early_stopping_rules_size() <= 1);
    for (const auto& rule : reply->early_stopping_rules()) CheckRule(rule, request.experiment());
  }
  if (const auto info = qalam::algorithms::FindEarlyStopper(spec.algorithm_name()); info.ok()) {
    const absl::Status valid = (*info)->validate(qalam::suggestion::ToSettings(spec));
    Require(valid.ok() || IsRefusal(valid));
  }
  return 0;
}
