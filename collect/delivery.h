// From the spool to the server, for as long as that takes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/event_loop.h"
#include "collect/report_client.h"
#include "collect/spool.h"

namespace qalam::collect {

/// Says one line to the user.
using Say = std::function<void(std::string_view text)>;

/// "1 point", "7 points".
std::string PointsText(std::int64_t count);

struct DeliveryOptions {
  absl::Duration rest = absl::Milliseconds(500);         // between two reports, so that points gather
  absl::Duration first_retry = absl::Milliseconds(100);  // doubles with each failure of the same batch
  absl::Duration last_retry = absl::Seconds(5);
  absl::Duration patience = absl::Seconds(5);   // an outage longer than this is worth a line
  absl::Duration last_call = absl::Seconds(2);  // for the answer of a report under way when the wait is over
};

/// One report is under way at a time, so the order is that of the spool.
///
///   INVALID_ARGUMENT, OUT_OF_RANGE   the batch is given up, its points count as refused; the rest goes on
///   UNAUTHENTICATED, PERMISSION_DENIED, NOT_FOUND, FAILED_PRECONDITION, UNIMPLEMENTED
///                                    said once; tried again every `last_retry`, in case somebody mends it, but not
///                                    waited for once the program has ended
///   anything else                    tried again, and waited for
///
/// Threads: the loop's.
class Delivery {
 public:
  /// Loop, spool and client outlive the delivery. `server`: the client's, for messages.
  Delivery(EventLoop& loop, Spool& spool, ReportClient& client, std::string server, Say say,
           const DeliveryOptions& options = {});
  ~Delivery();
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  /// The spool has something new.
  void Wake();

  /// Nothing new will come. Calls `done`, once and from a task of the loop, when the spool is empty, when a report fails
  /// after `wait` has passed, or when whoever is asked refuses to take it. The spool then tells what is left. At least
  /// one report is tried.
  void Finish(absl::Duration wait, std::function<void()> done);

  /// Makes a wait that Finish has begun end after `wait` if it would last longer.
  void Hurry(absl::Duration wait);

  std::int64_t sent_points() const { return sent_points_; }
  std::int64_t refused_points() const { return refused_points_; }

  /// What the last report that failed was answered; OK after a success.
  const absl::Status& last_error() const { return last_error_; }

 private:
  enum class Failure { kBatch, kSetup, kOutage };

  void Send();
  void OnAnswer(const absl::Status& status);
  void OnFailure(const absl::Status& status);
  void StartTimer(EventLoop::TimerId& timer, absl::Duration delay, void (Delivery::*then)());
  void StopTimer(EventLoop::TimerId& timer);
  void OnRested();
  void OnPatienceLost();
  void OnWaitOver();
  void End();
  static Failure KindOf(const absl::Status& status);

  EventLoop& loop_;
  Spool& spool_;
  ReportClient& client_;
  const std::string server_;
  const Say say_;
  const DeliveryOptions options_;
  absl::Duration retry_;
  bool calling_ = false, wait_over_ = false;
  EventLoop::TimerId rest_timer_ = 0, patience_timer_ = 0, end_timer_ = 0;
  bool outage_said_ = false, setup_said_ = false, refusal_said_ = false;
  std::int64_t sent_points_ = 0, refused_points_ = 0;
  absl::Status last_error_;
  std::function<void()> done_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace qalam::collect
