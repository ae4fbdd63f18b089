// The flags of Katib's metrics collector, in our words.
#pragma once

#include <string>
#include <vector>

namespace qalam::cli {

/// Replaces -t, -m, -o-type, -s-db, -path, -f, -format, -stop-rule and -s-earlystop by ours:
///
///   -m a;b;c    --objective a --metric b --metric c
///   -f x;y      --filter x --filter y; as in Katib an expression may not contain a semicolon
///   -w -p -timeout   (wait for all processes, poll interval, its limit) have no meaning here and are dropped
///
/// Values may follow after "=", and flags may have two dashes, as Go's do where that is no flag of ours. Everything else
/// stays as it is.
std::vector<std::string> TranslateKatibFlags(const std::vector<std::string>& arguments);

}  // namespace qalam::cli
