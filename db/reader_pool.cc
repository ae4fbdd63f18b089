#include "db/reader_pool.h"

#include "db/connection.h"

namespace qalam::db {

ReaderPool::ReaderPool(std::string path, std::chrono::milliseconds busy_timeout, size_t limit)
    : path_(std::move(path)), busy_timeout_(busy_timeout), limit_(limit) {}

ReaderPool::~ReaderPool() = default;

absl::StatusOr<std::unique_ptr<Connection>> ReaderPool::Take() {
  {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [&] { return taken_ < limit_; });
    ++taken_;
    if (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  auto opened = Connection::Open(path_, OpenMode::kReadOnly, busy_timeout_);
  if (!opened.ok()) GiveBack(nullptr);
  return opened;
}

void ReaderPool::GiveBack(std::unique_ptr<Connection> connection) {
  {
    std::lock_guard lock(mutex_);
    --taken_;
    if (connection != nullptr) idle_.push_back(std::move(connection));
  }
  returned_.notify_one();
}

}  // namespace qalam::db
