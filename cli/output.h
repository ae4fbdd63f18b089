// -o: the forms in which results are printed.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "cli/read_store.h"
#include "cli/streams.h"
#include "cli/table.h"

namespace qalam::cli {

enum class OutputFormat { kTable, kWide, kJson, kYaml, kCsv, kName };

/// "table", "wide", "json", "yaml", "csv" or "name".
std::optional<OutputFormat> ParseOutputFormat(std::string_view text);

struct OutputOptions {
  OutputFormat format = OutputFormat::kTable;
  bool headers = true;  // --no-headers turns them off in table, wide and csv
};

/// The resource itself, as kubectl prints it. `format` is kJson or kYaml.
void PrintResource(std::ostream& out, const api::Resource& resource, OutputFormat format);

/// {"apiVersion":"v1","kind":"List","items":[...]}. `format` is kJson or kYaml.
void PrintResourceList(std::ostream& out, const std::vector<const api::Resource*>& items,
                       OutputFormat format);

/// Every format. Columns: name, status, trials (done/all), running, failed, best, age; wide adds algorithm,
/// objective, best trial and duration.
void PrintExperiments(const std::vector<ExperimentPtr>& experiments, const OutputOptions& options,
                      Streams& streams);

/// Every format. Columns: name, status, the objectives, each parameter, duration, age; wide adds the other
/// metrics and the message. The columns come from `experiment`.
void PrintTrials(const api::Experiment& experiment, const std::vector<TrialPtr>& trials,
                 const OutputOptions& options, Streams& streams);

}  // namespace qalam::cli
