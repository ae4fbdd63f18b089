#include "cli/import_command.h"

#include <fmt/format.h>

#include "cli/exit_code.h"
#include "cli/lookup.h"
#include "db/dump_import.h"
#include "server/data_layout.h"

namespace qalam::cli {

int RunImport(const ImportOptions& options, Streams& streams) {
  const server::DataLayout layout(options.data_directory);
  if (const absl::Status status = layout.Create(); !status.ok()) return ReportError(status, streams);
  const auto database = db::Database::Open(layout.database());
  if (!database.ok()) return ReportError(database.status(), streams);
  for (const std::string& file : options.files) {
    const auto summary = db::ImportSqlDump(**database, file);
    if (!summary.ok()) return ReportError(summary.status(), streams);
    if (options.quiet) continue;
    const std::string present =
        summary->present == 0 ? "" : fmt::format(", {} of them stored before", summary->present);
    streams.err << fmt::format("{}: {} points of {} trials{}\n", file, summary->points, summary->trials,
                               present);
    if (summary->points == 0) streams.err << file << ": holds no rows of a table observation_logs\n";
  }
  return ToInt(ExitCode::kOk);
}

}  // namespace qalam::cli
