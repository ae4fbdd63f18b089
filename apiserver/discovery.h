// What there is: groups, versions and resources, as clients look for them before anything else.
#pragma once

#include <optional>

#include "http/message.h"

namespace qalam::apiserver {

/// Answers /api, /api/v1, /apis, /apis/GROUP and /apis/GROUP/VERSION; none for other paths and for groups and
/// versions that there are not. /api and /apis come aggregated (apidiscovery.k8s.io v2 or v2beta1) to who
/// accepts that. Every answer has an ETag; If-None-Match with it gives 304. Methods other than GET and HEAD
/// get 405.
///
/// Threads: may be called concurrently.
std::optional<http::Response> AnswerDiscovery(const http::Request& request);

}  // namespace qalam::apiserver
