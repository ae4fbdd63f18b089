// What a watch is told of a change: lines of JSON. Internal to this room.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "api/resource_store.h"
#include "apiserver/object_format.h"
#include "apiserver/selection.h"

namespace qalam::apiserver {

/// One change in the words of every watch that is told of it; each text is made once and shared.
///
/// An object that enters a selection is ADDED, one that leaves it is DELETED with the state it had there.
/// Where the store does not know the state before (see api::WatchEvent::previous), an object that is selected
/// now is MODIFIED, and one that is not is DELETED if its namespace and name do not rule out that it was
/// selected: a client may drop what it never had, but it could never find out what it should have dropped.
///
/// Threads: one at a time.
class WatchLines {
 public:
  using Line = std::shared_ptr<const std::string>;

  /// `now` for the ages of tables.
  WatchLines(api::WatchEvent event, absl::Time now) : event_(std::move(event)), now_(now) {}

  /// Calls `tell` with each line for a watch of `selection`, in order; most often none or one.
  void For(const Selection& selection, ObjectFormat format, absl::FunctionRef<void(const Line&)> tell);

 private:
  enum class Type { kAdded, kModified, kDeleted };
  struct Text {
    const ResourceType* type;
    ObjectFormat format;
    Type line_type;
    bool previous;  // of the state before
    Line line;
  };

  const Line& Render(const ResourceType& type, ObjectFormat format, Type line_type, bool previous);
  const api::Resource& Previous();

  api::WatchEvent event_;
  absl::Time now_;
  api::ResourcePtr previous_;  // with the version of the change
  std::vector<Text> texts_;
};

/// An object that is there when the watch begins.
std::string InitialLine(const ResourceType& type, const api::Resource& resource, ObjectFormat format,
                        absl::Time now);

/// Everything up to `resource_version` has been told. `initial_events_end`: that was what there is.
std::string BookmarkLine(const ResourceType& type, std::string_view resource_version, ObjectFormat format,
                         bool initial_events_end);

std::string ErrorLine(const absl::Status& failure);

/// What the store said, as the Failure that a watch of the type answers with: 410 Expired for a version that
/// it does not have, 400 BadRequest for one that is none. Failures stay what they are.
absl::Status WatchFailure(const ResourceType& type, const absl::Status& status);

}  // namespace qalam::apiserver
