// Who answers here, and whether he is well.
#pragma once

#include <functional>
#include <optional>

#include "http/message.h"

namespace qalam::apiserver {

/// Answers /version, /healthz, /livez and /readyz; none for other paths. /readyz is 500 while `ready` says no; the others are "ok" as long as anybody
/// answers. With ?verbose every check has a line.
///
/// Threads: may be called concurrently when `ready` may.
std::optional<http::Response> AnswerHealth(const http::Request& request, const std::function<bool()>& ready);

}  // namespace qalam::apiserver
