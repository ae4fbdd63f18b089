// One HTTP request for a page of text.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/asio_event_loop.h"
#include "base/status.h"

namespace qalam::metrics {

struct HttpPageRequest {
  std::string host;  // an address, or a name
  int port = 0;
  std::string target;  // path and query
  std::vector<std::pair<std::string, std::string>> headers;
  absl::Duration timeout = absl::Seconds(5);  // for all of it
  size_t max_body_bytes = size_t{16} << 20;
};

struct HttpPage {
  std::string body, content_type;
};

/// Calls `done` once, from a task of the loop. UNAVAILABLE: nobody listens, the connection broke, or the time
/// has passed; FAILED_PRECONDITION: a status other than 200; RESOURCE_EXHAUSTED: the body is too long. When the returned
/// handle is destroyed first, `done` is not called. Redirections are not followed. Names are resolved on
/// Asio's own thread; addresses and localhost need none.
std::shared_ptr<void> GetPage(AsioEventLoop& loop, HttpPageRequest request,
                              std::function<void(absl::StatusOr<HttpPage>)> done);

}  // namespace qalam::metrics
