#include "db/writer.h"

#include <vector>

#include "db/connection.h"

namespace qalam::db {

Writer::Writer(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

// Owns its job, as nobody waits with it.
struct Writer::Submitted {
  Submitted(Job work, Done then, std::condition_variable& turn) : job(std::move(work)), waiting(job, turn) {
    waiting.done = [this, done = std::move(then)](absl::Status status) {
      const std::unique_ptr<Submitted> self(this);
      done(std::move(status));
    };
  }
  const Job job;
  Waiting waiting;
};

Writer::~Writer() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  submitted_turn_.notify_one();
  if (leader_of_submitted_.joinable()) leader_of_submitted_.join();
}

absl::Status Writer::Write(const Job& job) {
  std::condition_variable turn;
  Waiting self(job, turn);
  std::unique_lock lock(mutex_);
  queue_.push_back(&self);
  turn.wait(lock, [&] { return self.finished || queue_.front() == &self; });
  if (!self.finished) Lead(lock);
  return self.result;
}

void Writer::Submit(Job job, Done done) {
  auto submitted = std::make_unique<Submitted>(std::move(job), std::move(done), submitted_turn_);
  std::lock_guard lock(mutex_);
  queue_.push_back(&submitted.release()->waiting);
  if (!leader_of_submitted_.joinable()) leader_of_submitted_ = std::thread([this] { LeadSubmitted(); });
  if (queue_.size() == 1) submitted_turn_.notify_one();
}

void Writer::LeadSubmitted() {
  std::unique_lock lock(mutex_);
  for (;;) {
    submitted_turn_.wait(lock,
                         [&] { return queue_.empty() ? ending_ : static_cast<bool>(queue_.front()->done); });
    if (queue_.empty()) return;
    Lead(lock);
  }
}

// Runs all that waits. The lock is held before and after.
void Writer::Lead(std::unique_lock<std::mutex>& lock) {
  const std::vector<Waiting*> group(queue_.begin(), queue_.end());
  lock.unlock();
  Run(group);
  lock.lock();
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(group.size()));
  std::vector<Waiting*> submitted;
  for (Waiting* member : group) {
    if (member->done) {
      submitted.push_back(member);
      continue;
    }
    member->finished = true;  // and with the lock gone, so may be the member
    member->turn.notify_one();
  }
  if (!queue_.empty()) queue_.front()->turn.notify_one();
  if (submitted.empty()) return;
  lock.unlock();
  for (Waiting* member : submitted) member->done(std::move(member->result));
  lock.lock();
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
