// Finished and running trials from a file: CSV or JSON lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/field_error.h"
#include "cli/study.h"

namespace qalam::cli {

/// Tells `study` every trial of `text`, in order; `file` names it in errors. A text that begins with '{' is JSON lines, any
/// other is CSV with a header. Both forms that `qalam export` writes are understood.
///
/// Columns (members of a flat JSON object likewise): one per parameter, the objective, further metrics, and, each
/// optional, `trial`, `status`, `start`, `end`. A name that a parameter shares with another column is written
/// `parameter.NAME`, a metric's `metric.NAME`. Without a status a trial with an objective has succeeded, and one without is
/// running. Of several lines about one trial the last counts, and it may leave the parameters out: files may be appended to.
///
/// Returns all errors, up to a bound, with file, line, column, value and rule; `study` is then of no further use.
/// `ignored` becomes the columns that mean nothing here.
api::FieldErrors ReadHistory(std::string_view text, const std::string& file, Study& study,
                             std::vector<std::string>& ignored);

}  // namespace qalam::cli
