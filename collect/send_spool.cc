#include "collect/send_spool.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "base/asio_event_loop.h"
#include "collect/spool.h"

namespace qalam::collect {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> SpoolsIn(const std::string& directory) {
  std::error_code error;
  if (fs::exists(directory + "/spool.json", error)) return {directory};
  std::vector<std::string> found;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, error)) {
    if (fs::exists(entry.path() / "spool.json", error)) found.push_back(entry.path().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

absl::Status SendOne(const std::string& directory, const SendOptions& options, const Say& say) {
  QALAM_ASSIGN_OR_RETURN(const std::unique_ptr<Spool> spool, Spool::Open(directory));
  Connection server = options.server;
  if (server.address.empty()) server.address = spool->info().server;
  AsioEventLoop loop;
  const std::unique_ptr<ReportClient> client = NewReportClient(loop, server);
  Delivery delivery(loop, *spool, *client, server.address, say);
  delivery.Finish(options.wait, [&loop] { loop.Stop(); });
  loop.Run();
  say(fmt::format("{}: {} of trial {} sent to {}", directory, PointsText(delivery.sent_points()),
                  spool->info().trial, server.address));
  if (delivery.refused_points() > 0)
    say(fmt::format("{}: refused: {}", directory, PointsText(delivery.refused_points())));
  if (!spool->empty()) {
    return absl::UnavailableError(
        fmt::format("{}: points are left: {}", directory, delivery.last_error().ToString()));
  }
  if (spool->damaged_bytes() > 0) {
    say(fmt::format("{}: {} bytes at the end of a file were not whole and are lost", directory,
                    spool->damaged_bytes()));
  }
  spool->Remove();
  return absl::OkStatus();
}

}  // namespace

absl::Status SendSpools(const SendOptions& options, const Say& say) {
  const std::vector<std::string> spools = SpoolsIn(options.directory);
  if (spools.empty()) {
    return absl::NotFoundError(fmt::format("{}: holds no spool of qalam-collect", options.directory));
  }
  SilenceGrpc();
  absl::Status first;
  for (const std::string& spool : spools) {
    const absl::Status status = SendOne(spool, options, say);
    if (!status.ok() && spools.size() > 1) say(MessageOf(status));
    first.Update(status);
  }
  return first;
}

}  // namespace qalam::collect
