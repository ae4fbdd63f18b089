// The three services the controller speaks to, as it sees them: asynchronous, in the types of the wire.
// Real ones go over gRPC (an in-process channel or an address); tests put their own in place.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/status.h"
#include "proto/api.pb.h"

namespace qalam::controller {

namespace wire = ::api::v1::beta1;

/// Called exactly once, on the event loop. Codes are those of gRPC.
template <class T>
using ReplyHandler = std::function<void(absl::StatusOr<T>)>;

/// Requests that hold every trial of an experiment are given as the bytes they are on the wire, so that those of finished
/// trials need not be made anew each time. Others are read during the call of the function only.
class SuggestionClient {
 public:
  virtual ~SuggestionClient() = default;
  /// `request` is a wire::GetSuggestionsRequest.
  virtual void GetSuggestions(std::string request, ReplyHandler<wire::GetSuggestionsReply> done) = 0;
  virtual void Validate(const wire::ValidateAlgorithmSettingsRequest& request,
                        ReplyHandler<wire::ValidateAlgorithmSettingsReply> done) = 0;
};

class EarlyStoppingClient {
 public:
  virtual ~EarlyStoppingClient() = default;
  /// `request` is a wire::GetEarlyStoppingRulesRequest.
  virtual void GetRules(std::string request, ReplyHandler<wire::GetEarlyStoppingRulesReply> done) = 0;
  virtual void Validate(const wire::ValidateEarlyStoppingSettingsRequest& request,
                        ReplyHandler<wire::ValidateEarlyStoppingSettingsReply> done) = 0;
};

class ObservationClient {
 public:
  virtual ~ObservationClient() = default;
  /// `report_id` is the same when a report is sent again, and no other report's; empty: it has none.
  virtual void Report(const wire::ReportObservationLogRequest& request, const std::string& report_id,
                      ReplyHandler<wire::ReportObservationLogReply> done) = 0;
  virtual void Get(const wire::GetObservationLogRequest& request,
                   ReplyHandler<wire::GetObservationLogReply> done) = 0;
  virtual void Delete(const wire::DeleteObservationLogRequest& request,
                      ReplyHandler<wire::DeleteObservationLogReply> done) = 0;
};

/// Which services to ask. Null means that none is known for the algorithm name.
class ServiceDirectory {
 public:
  virtual ~ServiceDirectory() = default;
  virtual std::shared_ptr<SuggestionClient> Suggestion(const std::string& algorithm_name) = 0;
  virtual std::shared_ptr<EarlyStoppingClient> EarlyStopping(const std::string& algorithm_name) = 0;
  virtual std::shared_ptr<ObservationClient> Observations() = 0;
  /// Address of DBManager to tell the early-stopping service of that algorithm, "host:port"; empty for one that knows
  /// what was reported by itself.
  virtual std::string ObservationsAddress(const std::string& algorithm_name) const = 0;
};

}  // namespace qalam::controller
