// A LocalMetricsCollection on a real loop, with a sink that stores, fails or holds back as the test wants.
#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "metrics/local_metrics_collection.h"
#include "metrics/timestamps.h"
#include "tests/metrics/loop_fixture.h"
#include "tests/metrics/read_all.h"

namespace qalam::metrics {

inline MetricPoint At0(std::string name, std::string value) {
  return {std::string(kZeroTime), std::move(name), std::move(value)};
}

class LocalMetricsCollectionTest : public LoopFixture {
 protected:
  LocalMetricsCollectionTest() {
    options_.batch_interval = absl::Milliseconds(2);
    options_.report.first_retry = absl::Milliseconds(1);
    options_.report.last_retry = absl::Milliseconds(2);
    options_.watch = {.poll_interval = absl::Milliseconds(1), .quiet_time = absl::Milliseconds(1)};
  }

  LocalMetricsCollection& collection() {
    if (!collection_) {
      collection_.emplace(
          loop_,
          [this](const std::string& key, std::uint64_t, std::vector<MetricPoint> points,
                 std::function<void(absl::Status)> done) {
            OnReport(key, std::move(points), std::move(done));
          },
          options_);
    }
    return *collection_;
  }

  // Stores the points, unless an answer was prepared or the sink holds back.
  void OnReport(const std::string& key, std::vector<MetricPoint> points,
                std::function<void(absl::Status)> done) {
    ++reports_;
    EXPECT_FALSE(under_way_) << "two reports of a trial at once";
    if (hold_) {
      under_way_ = true;
      held_ = [this, key, points = std::move(points), done = std::move(done)] {
        under_way_ = false;
        Store(key, points);
        done(absl::OkStatus());
      };
      return;
    }
    absl::Status status;
    if (!answers_.empty()) {
      status = answers_.front();
      answers_.pop_front();
    }
    if (status.ok()) Store(key, points);
    done(status);
  }
  void Store(const std::string& key, const std::vector<MetricPoint>& points) {
    largest_report_ = std::max(largest_report_, points.size());
    stored_[key].insert(stored_[key].end(), points.begin(), points.end());
  }

  CollectionRequest Request(api::CollectorKind kind = api::CollectorKind::kStdOut) const {
    CollectionRequest request;
    request.trial_key = "trial";
    request.log_file = Path("log");
    request.metrics_file = Path("metrics");
    request.objective.objective_metric_name = "loss";
    request.objective.additional_metric_names = {"acc"};
    request.collector.kind = kind;
    return request;
  }

  absl::StatusOr<CollectionSummary> Finish(const std::string& key = "trial") {
    std::optional<absl::StatusOr<CollectionSummary>> answer;
    collection().Finish(key, [&](absl::StatusOr<CollectionSummary> result) { answer = std::move(result); });
    EXPECT_FALSE(answer.has_value()) << "answered from inside the call";
    if (!PumpUntil([&] { return answer.has_value(); })) return absl::DeadlineExceededError("no answer");
    return *std::move(answer);
  }
  const std::vector<MetricPoint>& stored() { return stored_["trial"]; }

  LocalMetricsOptions options_;
  std::optional<LocalMetricsCollection> collection_;
  std::deque<absl::Status> answers_;
  bool hold_ = false, under_way_ = false;
  std::function<void()> held_;
  int reports_ = 0;
  size_t largest_report_ = 0;
  std::map<std::string, std::vector<MetricPoint>> stored_;
};

}  // namespace qalam::metrics
