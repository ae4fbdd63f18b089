// The flags of qalam serve.
#pragma once

#include "cli/serve_command.h"

namespace CLI {
class App;
}

namespace qalam::cli {

void AddServeFlags(CLI::App& command, ServeOptions& options);

}  // namespace qalam::cli
