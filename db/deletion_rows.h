// The deletions that the database remembers. Internal to this room.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <utility>

#include "db/resource_table.h"
#include "db/watch_hub.h"

namespace qalam::db {

class Connection;

/// Keeps the last state of what was deleted, so that a watch can go on over a restart; the oldest go when
/// there are more than HistoryLimits allows, by up to one change set. Costs a row per deletion, and other
/// changes nothing.
///
/// Threads: one at a time.
class DeletionRows {
 public:
  /// `past`: what is in the file.
  DeletionRows(const RememberedPast& past, HistoryLimits limits);

  /// Writes the deletions among the changes. Before the rows of the resources go. May be called again when
  /// the transaction is. Throws what Connection throws.
  void Write(Connection& connection, std::span<const Change> changes,
             std::span<const std::string> json) const;

  /// After the commit of what Write wrote. `bytes[i]` is the size of `json[i]`.
  void Keep(std::span<const Change> changes, std::span<const std::size_t> bytes);

 private:
  /// How many of those kept before go when `count` with `bytes` come.
  std::size_t Surplus(std::size_t count, std::size_t bytes) const;

  const HistoryLimits limits_;
  std::deque<std::pair<std::int64_t, std::size_t>> kept_;  // version and bytes, by version
  std::size_t kept_bytes_ = 0;
};

}  // namespace qalam::db
