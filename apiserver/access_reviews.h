// Questions about permissions: `kubectl auth can-i`, `kubectl auth whoami`.
#pragma once

#include <optional>

#include "apiserver/access.h"
#include "http/message.h"

namespace qalam::apiserver {

/// Answers POST of authorization.k8s.io/v1 selfsubjectaccessreviews, selfsubjectrulesreviews and subjectaccessreviews and of
/// authentication.k8s.io/v1 selfsubjectreviews; none for other paths. To be asked once it is known who `user` is, before Access::Authorize:
/// everybody may ask about himself, and who asks about others is authorised here. Bodies are JSON or Kubernetes' protobuf, the answer is JSON.
///
/// Threads: may be called concurrently.
std::optional<http::Response> AnswerReview(const http::Request& request, const User& user, Access& access);

}  // namespace qalam::apiserver
