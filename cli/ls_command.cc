#include "cli/exit_code.h"
#include "cli/lookup.h"
#include "cli/read_commands.h"

namespace qalam::cli {

int RunLs(const LsOptions& options, const ReadStore& store, Streams& streams) {
  const absl::StatusOr<std::vector<ExperimentPtr>> experiments = store.Experiments(options.namespace_name);
  if (!experiments.ok()) return ReportError(experiments.status(), streams);
  const OutputFormat format = options.output.format;
  const bool for_people = format == OutputFormat::kTable || format == OutputFormat::kWide;
  if (experiments->empty() && for_people) {
    streams.err << "No experiments yet. Make a first one with: qalam init\n";
    return ToInt(ExitCode::kOk);
  }
  PrintExperiments(*experiments, options.output, streams);
  return ToInt(ExitCode::kOk);
}

}  // namespace qalam::cli
