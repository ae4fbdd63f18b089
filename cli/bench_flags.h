// The flags of `qalam bench`.
#pragma once

#include "bench/command.h"

namespace CLI {
class App;
}

namespace qalam::cli {

/// `command` and `options` must outlive the parsing.
void AddBenchFlags(CLI::App& command, bench::CommandOptions& options);

}  // namespace qalam::cli
