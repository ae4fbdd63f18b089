#include "db/writer.h"

#include <vector>

#include "db/connection.h"

namespace qalam::db {

Writer::Writer(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

Writer::~Writer() = default;

absl::Status Writer::Write(const Job& job) {
  Waiting self{job, absl::OkStatus(), false, {}};
  std::vector<Waiting*> group;
  {
    std::unique_lock lock(mutex_);
    queue_.push_back(&self);
    self.turn.wait(lock, [&] { return self.done || queue_.front() == &self; });
    if (self.done) return self.result;
    group.assign(queue_.begin(), queue_.end());
  }
  Run(group);
  std::lock_guard lock(mutex_);
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(group.size()));
  for (Waiting* member : group) {
    if (member == &self) continue;
    member->done = true;
    member->turn.notify_one();
  }
  if (!queue_.empty()) queue_.front()->turn.notify_one();
  return self.result;
}

void Writer::Run(std::span<Waiting* const> group) {
  if (group.size() > 1 && RunTogether(group)) return;
  for (Waiting* member : group) member->result = RunAlone(member->job);
}

// False when nothing was committed: then each job has to find out alone whether it is the one to blame.
bool Writer::RunTogether(std::span<Waiting* const> group) {
  const absl::Status status = connection_->Catch([&]() -> absl::Status {
    connection_->Prepared("BEGIN IMMEDIATE")->exec();
    for (Waiting* member : group) {
      connection_->Prepared("SAVEPOINT job")->exec();
      member->result = RunJob(member->job);
      // Some errors (a full disk among them) make SQLite roll back everything, the jobs before this one
      // included.
      if (!connection_->in_transaction()) return absl::AbortedError("rolled back by SQLite");
      if (!member->result.ok()) connection_->Prepared("ROLLBACK TO job")->exec();
      connection_->Prepared("RELEASE job")->exec();
    }
    connection_->Prepared("COMMIT")->exec();
    return absl::OkStatus();
  });
  if (!status.ok()) Rollback();
  return status.ok();
}

absl::Status Writer::RunAlone(const Job& job) {
  const absl::Status status = connection_->Catch([&]() -> absl::Status {
    connection_->Prepared("BEGIN IMMEDIATE")->exec();
    QALAM_RETURN_IF_ERROR(RunJob(job));
    if (!connection_->in_transaction()) return absl::InternalError("a write ended its own transaction");
    connection_->Prepared("COMMIT")->exec();
    return absl::OkStatus();
  });
  if (!status.ok()) Rollback();
  return status;
}

absl::Status Writer::RunJob(const Job& job) {
  return connection_->Catch([&] { return job(*connection_); });
}

void Writer::Rollback() {
  if (!connection_->in_transaction()) return;
  // When even this fails SQLite is out of the transaction or refuses the next BEGIN, which then reports it.
  (void)connection_->Catch([&] {
    connection_->Prepared("ROLLBACK")->exec();
    return absl::OkStatus();
  });
}

}  // namespace qalam::db
