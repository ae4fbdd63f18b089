// Answers that several endpoints give.
#pragma once

#include <string>
#include <vector>

#include "api/resource.h"
#include "apiserver/resource_type.h"
#include "http/message.h"

namespace qalam::apiserver {

/// With a Warning header for each of `warnings`.
http::Response JsonResponse(int code, std::string json, const std::vector<std::string>& warnings = {});

/// Where there is nothing at all: plain text, which clients take for "no such API".
http::Response PageNotFound();

/// The Status object that tells of a deletion.
std::string DeletedJson(const ResourceType& type, const api::ObjectMeta& metadata);

}  // namespace qalam::apiserver
