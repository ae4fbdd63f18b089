// ReportObservationLogRequest without its objects: the texts stay where they arrived. Internal to this room.
#pragma once

#include <string_view>
#include <vector>

#include "base/status.h"
#include "db/observation_log.h"

namespace qalam::db {

/// What a request says; the views are into its bytes.
struct ReportRequest {
  std::string_view trial_name;
  std::vector<LogEntryView> entries;
};

/// Reads the wire format as protobuf's parser would: fields that are not known are passed over, of a text that comes twice
/// the last one counts. INVALID_ARGUMENT: not such a request, or with a text that is not UTF-8; or an entry has a time
/// and no metric (it is named).
///
/// Cost: about 0.05 us per entry.
absl::StatusOr<ReportRequest> ReadReportRequest(std::string_view bytes);

}  // namespace qalam::db
