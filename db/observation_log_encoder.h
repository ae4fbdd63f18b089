// GetObservationLogReply without its objects: a reply takes the memory of its bytes. Internal to this room.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include <string>
#include <vector>

#include "db/observation_log.h"

namespace qalam::db {

/// Encodes entries as they come.
class ObservationLogEncoder {
 public:
  void Add(const LogEntry& entry);

  /// Of the entries so far.
  size_t bytes() const { return bytes_; }

  /// The whole reply, its observation_log present even without entries. The last call.
  grpc::ByteBuffer Finish();

 private:
  void CloseChunk();

  std::string chunk_;
  std::vector<grpc::Slice> chunks_;
  size_t bytes_ = 0;
};

}  // namespace qalam::db
