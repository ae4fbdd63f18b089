// The schemas of everything served, as OpenAPI: for `kubectl explain`, for checks before a request is sent,
// for generators of code.
#pragma once

#include <optional>

#include "http/message.h"

namespace qalam::apiserver {

/// Answers /openapi/v3 (the index), /openapi/v3/api/v1, /openapi/v3/apis/GROUP/VERSION and /openapi/v2 (JSON,
/// or protobuf for who accepts that); none for other paths. Answers have an ETag; If-None-Match with it gives
/// 304. Methods other than GET and HEAD get 405.
///
/// Threads: may be called concurrently. The documents are made when they are first asked for.
std::optional<http::Response> AnswerOpenApi(const http::Request& request);

}  // namespace qalam::apiserver
