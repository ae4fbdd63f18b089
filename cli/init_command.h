// qalam init [NAME]: a runnable example to start from.
#pragma once

#include <string>

#include "cli/streams.h"

namespace qalam::cli {

struct InitOptions {
  std::string directory =
      "qalam-example";  // NAME: made if it does not exist; the experiment is named after it
};

/// Writes NAME/train.py and NAME/experiment.yaml and says what to type next (on streams.err; the two paths go
/// to streams.out). Nothing is overwritten: exit code 4 when one of the files exists, 5 when they cannot be
/// written.
int RunInit(const InitOptions& options, Streams& streams);

}  // namespace qalam::cli
