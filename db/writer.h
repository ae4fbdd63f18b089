// Group commit: callers on any thread write through one connection, and those that wait share a transaction.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>

#include "base/status.h"

namespace qalam::db {

class Connection;

/// Leader and followers, as in LevelDB: the first caller runs every write that queued up meanwhile in one
/// BEGIN IMMEDIATE .. COMMIT and wakes the others. Writes that nobody waits for have a thread as their leader, which
/// is started with the first of them.
///
/// Cost: about 25 us for a small write without contention in WAL mode; under contention the commit is shared.
class Writer {
 public:
  /// Runs statements on the connection. May run more than once (when the group it was in could not be
  /// committed it runs again alone), so its only effects are those statements. Neither ends the transaction
  /// nor calls Write.
  using Job = std::function<absl::Status(Connection&)>;
  using Done = std::function<void(absl::Status)>;

  explicit Writer(std::unique_ptr<Connection> connection);

  /// Runs what was submitted first.
  ~Writer();

  /// Returns once the job is committed, or has failed and left nothing behind; others of its group are not
  /// harmed by it. The job's own error, or a code of SqliteStatus. Threads: any.
  absl::Status Write(const Job& job);

  /// Like Write, but returns at once; `done` is called with the result, on any thread. It may submit, but not Write.
  void Submit(Job job, Done done);

 private:
  struct Waiting {
    Waiting(const Job& work, std::condition_variable& wake) : job(work), turn(wake) {}
    const Job& job;
    std::condition_variable& turn;
    absl::Status result;
    bool finished = false;
    Done done;  // empty: a caller waits
  };
  struct Submitted;

  void Lead(std::unique_lock<std::mutex>& lock);
  void LeadSubmitted();
  void Run(std::span<Waiting* const> group);
  bool RunTogether(std::span<Waiting* const> group);
  absl::Status RunAlone(const Job& job);
  absl::Status RunJob(const Job& job);
  void Rollback();

  std::mutex mutex_;  // guards what follows; the connection belongs to the front of the queue
  std::deque<Waiting*> queue_;
  std::condition_variable submitted_turn_;
  bool ending_ = false;
  std::thread leader_of_submitted_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace qalam::db
