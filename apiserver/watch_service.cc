#include "apiserver/watch_service.h"

#include <fmt/format.h>

#include <atomic>

#include "apiserver/failure.h"
#include "apiserver/watch_dispatcher.h"
#include "apiserver/watch_lines.h"
#include "base/number_text.h"

namespace qalam::apiserver {
namespace {

// What there is, or what happened, when the watch begins.
struct Beginning {
  std::string text;
  std::int64_t version = 0;
};

absl::StatusOr<Beginning> ReadPresent(api::ResourceStore& store, const Selection& selection,
                                      const WatchOptions& options, absl::Time now) {
  const ResourceType& type = *selection.type;
  QALAM_ASSIGN_OR_RETURN(const api::ResourceList list, store.List(type.stored, selection.namespace_name));
  const std::int64_t version = ParseInt(list.resource_version).value_or(0);
  if (!options.resource_version.empty()) {
    const std::optional<long long> wanted = ParseInt(options.resource_version);
    if (!wanted) {
      return absl::InvalidArgumentError(fmt::format(
          "resourceVersion: Invalid value: \"{}\": must be a decimal number", options.resource_version));
    }
    if (*wanted > version) {
      return Failure(504, "Timeout",
                     fmt::format("Too large resource version: {}, current: {}", *wanted, version),
                     {.retry_after_seconds = 1});
    }
  }
  Beginning beginning{.version = version};
  for (const api::ResourcePtr& resource : list.items) {
    if (selection.Shows(*resource)) beginning.text += InitialLine(type, *resource, options.format, now);
  }
  if (options.send_initial_events) {
    beginning.text += BookmarkLine(type, list.resource_version, options.format, /*initial_events_end=*/true);
  }
  return beginning;
}

absl::StatusOr<Beginning> ReadPast(api::ResourceStore& store, const Selection& selection,
                                   const WatchOptions& options, absl::Time now) {
  QALAM_ASSIGN_OR_RETURN(
      const api::Changes changes,
      store.ChangesSince(selection.type->stored, selection.namespace_name, options.resource_version));
  Beginning beginning{.version = ParseInt(changes.resource_version).value_or(0)};
  for (const api::WatchEvent& event : changes.events) {
    WatchLines(event, now).For(selection, options.format, [&](const WatchLines::Line& line) {
      beginning.text += *line;
    });
  }
  return beginning;
}

// Spread, so that those who came together do not come back together.
std::chrono::seconds DefaultTimeout() {
  static std::atomic<unsigned> count = 0;
  return std::chrono::seconds(1'800 + count++ * 997 % 1'800);
}

}  // namespace

WatchService::WatchService(api::ResourceStore& store, WatchSettings settings)
    : dispatcher_(std::make_shared<Dispatcher>(store, std::move(settings))) {}

WatchService::~WatchService() { dispatcher_->End(); }

void WatchService::Watch(std::shared_ptr<http::Exchange> exchange, Selection selection,
                         WatchOptions options) {
  const bool from_present =
      options.send_initial_events || options.resource_version.empty() || options.resource_version == "0";
  const auto read = from_present ? ReadPresent : ReadPast;
  const absl::Time now = dispatcher_->settings().now();
  absl::StatusOr<Beginning> beginning = read(dispatcher_->store(), selection, options, now);
  if (!beginning.ok()) {
    exchange->Respond(ToResponse(WatchFailure(*selection.type, beginning.status())));
    return;
  }
  auto watcher = std::make_shared<Watcher>();
  watcher->stream = exchange->Begin(
      {.status = 200,
       .headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-cache, private"}}});
  watcher->selection = std::move(selection);
  watcher->format = options.format;
  watcher->bookmarks = options.bookmarks;
  watcher->told = beginning->version;
  watcher->end = std::chrono::steady_clock::now() +
                 (options.timeout ? absl::ToChronoNanoseconds(*options.timeout) : DefaultTimeout());
  if (!beginning->text.empty()) watcher->stream->Write(std::move(beginning->text));
  dispatcher_->Join(watcher);
  // The stream holds this function, so it must not hold the stream.
  watcher->stream->OnClosed([weak = std::weak_ptr(watcher), dispatcher = std::weak_ptr(dispatcher_)] {
    const std::shared_ptr<Watcher> closed = weak.lock();
    if (closed == nullptr) return;
    closed->stream->End();
    if (const auto alive = dispatcher.lock()) alive->Leave(closed);
  });
}

}  // namespace qalam::apiserver
