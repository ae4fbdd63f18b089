// The texts of resources in the database. Internal to this room.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "db/resource_table.h"

namespace qalam::db {

class Connection;

/// The text of a resource that is kept in parts; empty when there are none. Throws what Connection throws.
std::string ReadParts(Connection& connection, std::int64_t resource_id);

/// Writes resources, and of long ones (the status of an experiment with a thousand trials) only what differs
/// from the text that is there.
///
/// Threads: one at a time.
class ResourceTexts {
 public:
  /// `json[i]` is the text of `changes[i]`; not used for deletions. May be called again when the transaction
  /// is. Throws what Connection throws.
  void Write(Connection& connection, std::span<const Change> changes,
             std::span<const std::string> json) const;

  /// After the commit of what Write wrote; takes what it needs of the texts.
  void Keep(std::span<const Change> changes, std::span<std::string> json);

 private:
  std::string_view Held(const ResourceId& id) const;

  std::map<ResourceId, std::string>
      long_texts_;  // as they are in the file; those read from it are written whole once
};

}  // namespace qalam::db
