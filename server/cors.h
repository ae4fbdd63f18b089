// Answers that pages of other sites may read in a browser.
#pragma once

#include <string>
#include <vector>

#include "http/server.h"

namespace qalam::server {

/// `next`, and for pages of these origins ("https://lab.example"; letter case does not count) what a browser
/// wants before it lets them send requests and read answers. The handler itself without origins.
http::Handler WithCors(const std::vector<std::string>& origins, http::Handler next);

}  // namespace qalam::server
