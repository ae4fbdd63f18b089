#include "metrics/local_metrics_collection.h"

#include <gmock/gmock.h>

#include <optional>

#include "metrics/text_filters.h"
#include "tests/metrics/collection_fixture.h"
#include "tests/metrics/event_bytes.h"

namespace qalam::metrics {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Collection = LocalMetricsCollectionTest;

TEST_F(Collection, ReportsAShortTrialAtOnceAndSummarisesIt) {
  Write("log", "hello\nloss=0.5 acc=0.9\n\xFF\nloss=0.4");
  ASSERT_TRUE(collection().Start(Request()).ok());
  const auto summary = Finish();
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_THAT(stored(), ElementsAre(At0("loss", "0.5"), At0("acc", "0.9"), At0("loss", "0.4")));
  EXPECT_EQ(reports_, 1);
  EXPECT_EQ(summary->bytes, 33);
  EXPECT_EQ(summary->lines, 4);
  EXPECT_EQ(summary->points, 3);
  EXPECT_EQ(summary->invalid_lines, 1);
  EXPECT_EQ(summary->filter, kDefaultFilter);
  EXPECT_THAT(summary->last_lines, ElementsAre("hello", "loss=0.5 acc=0.9", "\xEF\xBF\xBD", "loss=0.4"));
}

TEST_F(Collection, ReportsWhileTheTrialRuns) {
  ASSERT_TRUE(collection().Start(Request()).ok());
  Write("log", "loss=0.5\nloss=0.4\nlo");
  EXPECT_TRUE(PumpUntil([&] { return stored().size() == 2; }));
  Append("log", "ss=0.3\n");
  EXPECT_TRUE(PumpUntil([&] { return stored().size() == 3; }));
  Append("log", "loss=0.2");
  ASSERT_TRUE(Finish().ok());
  EXPECT_THAT(stored(),
              ElementsAre(At0("loss", "0.5"), At0("loss", "0.4"), At0("loss", "0.3"), At0("loss", "0.2")));
}

TEST_F(Collection, BeginsAtTheOffsetOfTheAttempt) {
  Write("log", "loss=9\nloss=1\n");
  CollectionRequest request = Request();
  request.log_offset = 7;
  ASSERT_TRUE(collection().Start(request).ok());
  ASSERT_TRUE(Finish().ok());
  EXPECT_THAT(stored(), ElementsAre(At0("loss", "1")));
}

TEST_F(Collection, UsesTheFiltersOfTheExperiment) {
  Write("log", "loss: 1\n");
  CollectionRequest request = Request();
  request.collector.source.emplace().metrics_format = {{R"((\w+): (\S+))", R"((\w+) is (\S+))"}};
  ASSERT_TRUE(collection().Start(request).ok());
  EXPECT_EQ(Finish()->filter, R"((\w+): (\S+); (\w+) is (\S+))");
  EXPECT_THAT(stored(), ElementsAre(At0("loss", "1")));
}

TEST_F(Collection, ReadsTheMetricsFileAsTextOrJson) {
  Write("log", "loss=9\n");
  Write("metrics", "{\"loss\": 1, \"timestamp\": 5}\nloss=2\n");
  CollectionRequest request = Request(api::CollectorKind::kFile);
  request.collector.source.emplace().file_system_path = api::FileSystemPath{"/out/metrics", "File", "JSON"};
  ASSERT_TRUE(collection().Start(request).ok());
  EXPECT_EQ(Finish()->invalid_lines, 1);
  EXPECT_THAT(stored(), ElementsAre(MetricPoint{"1970-01-01T00:00:05Z", "loss", "1"}));

  request.trial_key = "text";
  request.collector.source->file_system_path->format = "TEXT";
  ASSERT_TRUE(collection().Start(request).ok());
  ASSERT_TRUE(Finish("text").ok());
  EXPECT_THAT(stored_["text"], ElementsAre(At0("loss", "2")));
}

TEST_F(Collection, ReportsOneUnavailableRowAloneWithoutTheObjective) {
  Write("log", "acc=0.9\nacc=0.8\n");
  ASSERT_TRUE(collection().Start(Request()).ok());
  const auto summary = Finish();
  EXPECT_THAT(stored(), ElementsAre(At0("loss", "unavailable")));
  EXPECT_EQ(summary->points, 2);
}

TEST_F(Collection, HoldsManyAdditionalMetricsBackUntilTheObjectiveIsKnownToBeMissing) {
  options_.batch_points = 10;
  std::string output;
  for (int i = 0; i < 2'000; ++i) output += "acc=0.9\n";
  Write("log", output);
  ASSERT_TRUE(collection().Start(Request()).ok());
  ASSERT_TRUE(Finish().ok());
  EXPECT_THAT(stored(), ElementsAre(At0("loss", "unavailable")));
}

TEST_F(Collection, AddsTheUnavailableRowToWhatWasReportedBefore) {
  Write("log", "acc=0.9\n");
  ASSERT_TRUE(collection().Start(Request()).ok());
  EXPECT_TRUE(PumpUntil([&] { return stored().size() == 1; }));
  Append("log", "acc=0.8\n");
  ASSERT_TRUE(Finish().ok());
  EXPECT_EQ(stored().front(), At0("acc", "0.9"));
  EXPECT_EQ(stored().back(), At0("loss", "unavailable"));
}

TEST_F(Collection, TakesAnObjectiveThatIsNoNumberAsAvailable) {
  Write("log", "loss=nan\n");
  ASSERT_TRUE(collection().Start(Request()).ok());
  ASSERT_TRUE(Finish().ok());
  EXPECT_THAT(stored(), ElementsAre(At0("loss", "nan")));
}

TEST_F(Collection, SaysThatAFileWasNeverWritten) {
  ASSERT_TRUE(collection().Start(Request(api::CollectorKind::kFile)).ok());
  const auto summary = Finish();
  EXPECT_THAT(stored(), ElementsAre(At0("loss", "unavailable")));
  EXPECT_THAT(summary->last_lines, ElementsAre("qalam: " + Path("metrics") + ": was never written"));
}

TEST_F(Collection, ReadsNothingForPushAndNone) {
  Write("log", "loss=1\n");
  for (const auto kind : {api::CollectorKind::kPush, api::CollectorKind::kNone}) {
    ASSERT_TRUE(collection().Start(Request(kind)).ok());
    EXPECT_EQ(Finish()->bytes, 0);
  }
  EXPECT_EQ(reports_, 0);
}

TEST_F(Collection, ReadsTheMatchingFilesOfTheMetricsDirectory) {
  std::filesystem::create_directory(Path("out"));
  CollectionRequest request = Request(api::CollectorKind::kFile);
  request.metrics_directory = Path("out");
  request.collector.source.emplace().file_system_path =
      api::FileSystemPath{"/logs/out/*.json", "File", "JSON"};
  ASSERT_TRUE(collection().Start(request).ok());
  Write("out/a.json", "{\"loss\": 1}\n");
  Write("out/a.txt", "{\"loss\": 9}\n");
  EXPECT_TRUE(PumpUntil([&] { return stored().size() == 1; }));
  Write("out/b.json", "{\"loss\": 2}");
  ASSERT_TRUE(Finish().ok());
  EXPECT_THAT(stored(), ElementsAre(At0("loss", "1"), At0("loss", "2")));
}

TEST_F(Collection, ReadsEventFiles) {
  std::filesystem::create_directories(Path("events/train"));
  CollectionRequest request = Request(api::CollectorKind::kTensorFlowEvent);
  request.metrics_directory = Path("events/");
  Write("log", "the program's last line\n");
  ASSERT_TRUE(collection().Start(request).ok());
  Write("events/events.out.tfevents.1.host", event_bytes::Scalar(1, "loss", 0.5));
  EXPECT_TRUE(PumpUntil([&] { return stored().size() == 1; }));
  Write("events/train/events.out.tfevents.2.host", event_bytes::Scalar(2, "loss", 0.25));
  Write("events/checkpoint", "loss=9\n");
  const auto summary = Finish();
  EXPECT_THAT(stored(), ElementsAre(MetricPoint{"1970-01-01T00:00:01Z", "loss", "0.5"},
                                    MetricPoint{"1970-01-01T00:00:02Z", "loss", "0.25"}));
  EXPECT_EQ(summary->evidence, "the event files held 2 scalars, with the tags loss");
  EXPECT_THAT(summary->last_lines, ElementsAre("the program's last line"));
}

TEST_F(Collection, NamesTheFieldThatIsWrong) {
  const auto expect = [&](const char* field, const std::function<void(CollectionRequest&)>& spoil) {
    CollectionRequest request = Request(api::CollectorKind::kFile);
    request.collector.source.emplace().file_system_path = api::FileSystemPath{"/out/metrics", "File", "TEXT"};
    spoil(request);
    const absl::Status status = collection().Start(request);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << field;
    EXPECT_THAT(std::string(status.message()), HasSubstr(field));
  };
  expect("trial_key", [](auto& r) { r.trial_key = ""; });
  expect("metrics_file", [](auto& r) { r.metrics_file = ""; });
  expect("objectiveMetricName", [](auto& r) { r.objective.objective_metric_name = ""; });
  expect("fileSystemPath.format", [](auto& r) { r.collector.source->file_system_path->format = "XML"; });
  expect("fileSystemPath.kind", [](auto& r) { r.collector.source->file_system_path->kind = "Socket"; });
  expect("metrics_directory", [](auto& r) { r.collector.source->file_system_path->kind = "Directory"; });
  expect("metrics_directory", [](auto& r) { r.collector.kind = api::CollectorKind::kTensorFlowEvent; });
  expect("metricsFormat[0]", [](auto& r) { r.collector.source->metrics_format = {{"("}}; });
  expect("collector.kind: \"Stdout\"", [](auto& r) {
    r.collector.kind = api::CollectorKind::kInvalid;
    r.collector.kind_text = "Stdout";
  });
  expect("metrics_port", [](auto& r) { r.collector.kind = api::CollectorKind::kPrometheusMetric; });
  expect("httpGet.scheme", [](auto& r) {
    r.collector.kind = api::CollectorKind::kPrometheusMetric;
    r.collector.source->http_get.emplace().scheme = "HTTPS";
  });
  expect("train/acc", [](auto& r) {
    r.collector.kind = api::CollectorKind::kPrometheusMetric;
    r.metrics_port = 8080;
    r.objective.additional_metric_names = {"train/acc"};
  });
  expect("log_file", [](auto& r) {
    r.collector.kind = api::CollectorKind::kStdOut;
    r.log_file = "";
  });
  expect("log_offset", [](auto& r) {
    r.collector.kind = api::CollectorKind::kStdOut;
    r.log_offset = -1;
  });
}

TEST_F(Collection, LosesNothingAndKeepsOrderWhenTheSinkFailsThreeTimes) {
  options_.batch_points = 10;
  options_.report.max_batch_points = 7;
  answers_ = {absl::OkStatus(), absl::UnavailableError("a"), absl::AbortedError("b"),
              absl::ResourceExhaustedError("c")};
  std::string output;
  std::vector<MetricPoint> expected;
  for (int i = 0; i < 100; ++i) {
    output += "loss=" + std::to_string(i) + "\n";
    expected.push_back(At0("loss", std::to_string(i)));
  }
  Write("log", output);
  ASSERT_TRUE(collection().Start(Request()).ok());
  EXPECT_TRUE(PumpUntil([&] { return stored().size() >= 50; }));
  ASSERT_TRUE(Finish().ok());
  EXPECT_EQ(stored(), expected);
  EXPECT_EQ(largest_report_, 7u);
}

TEST_F(Collection, AnswersTheRefusalOfABatchAfterSendingTheRest) {
  options_.report.max_batch_points = 1;
  answers_ = {absl::OkStatus(), absl::InvalidArgumentError("bad value")};
  Write("log", "loss=1\nloss=2\nloss=3\n");
  ASSERT_TRUE(collection().Start(Request()).ok());
  EXPECT_EQ(Finish().status(), absl::InvalidArgumentError("bad value"));
  EXPECT_THAT(stored(), ElementsAre(At0("loss", "1"), At0("loss", "3")));
}

TEST_F(Collection, StopsReadingWhileTheSinkIsBehind) {
  options_.report.full_points = 1'000;
  options_.report.max_batch_points = 500;
  hold_ = true;
  int seen = 0;
  collection().SetPointHandler([&](const std::string&, const MetricPoint&) { ++seen; });
  constexpr int kPoints = 100'000;
  std::string output;
  for (int i = 0; i < kPoints; ++i) output += "loss=1\n";
  Write("log", output);
  ASSERT_TRUE(collection().Start(Request()).ok());
  std::optional<absl::StatusOr<CollectionSummary>> answer;
  collection().Finish("trial", [&](auto result) { answer = std::move(result); });
  EXPECT_TRUE(PumpUntil([&] { return under_way_; }));
  PumpReady();
  EXPECT_LE(seen, 256 * 1024 / 7 + 1);  // one chunk; all of it would be three
  EXPECT_TRUE(PumpUntil([&] {
    if (under_way_) std::exchange(held_, nullptr)();
    return answer.has_value();
  }));
  EXPECT_EQ(seen, kPoints);
  EXPECT_EQ(stored().size(), static_cast<size_t>(kPoints));
}

TEST_F(Collection, CancelDuringRetryAnswersCancelledAndReportsNoMore) {
  answers_.assign(1'000, absl::UnavailableError("down"));
  Write("log", "loss=1\n");
  ASSERT_TRUE(collection().Start(Request()).ok());
  std::optional<absl::StatusOr<CollectionSummary>> answer;
  collection().Finish("trial", [&](auto result) { answer = std::move(result); });
  EXPECT_TRUE(PumpUntil([&] { return reports_ == 3; }));
  collection().Cancel("trial");
  EXPECT_TRUE(PumpUntil([&] { return answer.has_value(); }));
  EXPECT_EQ(answer->status().code(), absl::StatusCode::kCancelled);
  const int reports = reports_;
  bool later = false;
  loop_.PostAfter(absl::Milliseconds(20), [&] { later = true; });
  EXPECT_TRUE(PumpUntil([&] { return later; }));
  EXPECT_EQ(reports_, reports);
}

TEST_F(Collection, MayBeCancelledFromThePointHandlerAndStartedAgain) {
  Write("log", "loss=1\nloss=2\n");
  int seen = 0;
  collection().SetPointHandler([&](const std::string& key, const MetricPoint&) {
    ++seen;
    collection().Cancel(key);
  });
  ASSERT_TRUE(collection().Start(Request()).ok());
  EXPECT_TRUE(PumpUntil([&] { return seen > 0; }));
  PumpReady();
  EXPECT_EQ(seen, 1);
  EXPECT_THAT(stored(), IsEmpty());

  collection().SetPointHandler(nullptr);
  ASSERT_TRUE(collection().Start(Request()).ok());
  ASSERT_TRUE(Finish().ok());
  EXPECT_THAT(stored(), ElementsAre(At0("loss", "1"), At0("loss", "2")));
}

TEST_F(Collection, ShowsEveryPointToTheHandlerAsItIsRead) {
  std::vector<MetricPoint> seen;
  collection().SetPointHandler([&](const std::string& key, const MetricPoint& point) {
    EXPECT_EQ(key, "trial");
    seen.push_back(point);
  });
  ASSERT_TRUE(collection().Start(Request()).ok());
  Write("log", "loss=1 acc=2\n");
  EXPECT_TRUE(PumpUntil([&] { return seen.size() == 2; }));
  EXPECT_THAT(seen, ElementsAre(At0("loss", "1"), At0("acc", "2")));
}

TEST_F(Collection, ShowsPointsBeforeTheBatchIntervalWhenWatchedAtOnce) {
  options_.batch_interval = absl::Hours(1);
  options_.watch = {.poll_interval = absl::Hours(1), .quiet_time = absl::Hours(1)};
  std::vector<MetricPoint> seen;
  collection().SetPointHandler([&](const std::string&, const MetricPoint& point) { seen.push_back(point); });
  CollectionRequest request = Request();
  request.watch_at_once = true;
  ASSERT_TRUE(collection().Start(request).ok());
  for (const char* value : {"1", "2", "3"}) {
    Append("log", std::string("loss=") + value + "\n");
    EXPECT_TRUE(PumpUntil([&] { return !seen.empty() && seen.back().value == value; })) << value;
  }
  ASSERT_TRUE(Finish().ok());
  EXPECT_THAT(stored(), ElementsAre(At0("loss", "1"), At0("loss", "2"), At0("loss", "3")));
}

TEST_F(Collection, TakesWhatItIsFed) {
  const auto source = collection().StartFed(Request());
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_TRUE(absl::IsAlreadyExists(collection().StartFed(Request()).status()));
  (*source)->Feed("hello\nlo");
  (*source)->Feed("ss=0.5\nloss=0.4\nloss=");
  EXPECT_TRUE(PumpUntil([&] { return stored().size() == 2; }));
  (*source)->Feed("0.3");
  const auto summary = Finish();
  EXPECT_THAT(stored(), ElementsAre(At0("loss", "0.5"), At0("loss", "0.4"), At0("loss", "0.3")));
  EXPECT_EQ(summary->lines, 4);
  EXPECT_THAT(summary->last_lines, ElementsAre("hello", "loss=0.5", "loss=0.4", "loss=0.3"));
}

TEST_F(Collection, AsksTheFeederToWaitWhileTheSinkIsBehind) {
  options_.report.full_points = 10;
  hold_ = true;
  FedSource* const source = *collection().StartFed(Request());
  bool resumed = false;
  source->SetResumeHandler([&] { resumed = true; });
  for (int i = 0; i < 30; ++i) source->Feed("loss=1\n");
  EXPECT_TRUE(source->paused());
  EXPECT_TRUE(PumpUntil([&] {
    if (under_way_) std::exchange(held_, nullptr)();
    return resumed;
  }));
  EXPECT_FALSE(source->paused());
  hold_ = false;
  ASSERT_TRUE(Finish().ok());
  EXPECT_EQ(stored().size(), 30u);
}

TEST_F(Collection, AnswersOkForAKeyThatIsNotFollowed) {
  EXPECT_EQ(Finish("unknown")->points, 0);
  collection().Cancel("unknown");
  EXPECT_EQ(reports_, 0);
}

TEST_F(Collection, LeavesAFollowedKeyAloneAndAnswersEveryFinish) {
  Write("log", "loss=1\n");
  ASSERT_TRUE(collection().Start(Request()).ok());
  CollectionRequest other = Request();
  other.log_file = Path("other");
  EXPECT_TRUE(collection().Start(other).ok());
  int answers = 0;
  for (int i = 0; i < 2; ++i) collection().Finish("trial", [&](auto result) { answers += result.ok(); });
  EXPECT_TRUE(PumpUntil([&] { return answers == 2; }));
  EXPECT_THAT(stored(), ElementsAre(At0("loss", "1")));
}

TEST_F(Collection, ReadsAReplacedOutputFromItsBeginning) {
  ASSERT_TRUE(collection().Start(Request()).ok());
  Write("log", "loss=1\nloss=2");
  EXPECT_TRUE(PumpUntil([&] { return stored().size() == 1; }));
  Write("new", "loss=3\n");
  std::filesystem::rename(Path("new"), Path("log"));
  ASSERT_TRUE(Finish().ok());
  EXPECT_THAT(stored(), ElementsAre(At0("loss", "1"), At0("loss", "2"), At0("loss", "3")));
}

TEST_F(Collection, KeepsTrialsApart) {
  for (int i = 0; i < 20; ++i) {
    const std::string name = "log" + std::to_string(i);
    Write(name, "loss=" + std::to_string(i) + "\n");
    CollectionRequest request = Request();
    request.trial_key = name;
    request.log_file = Path(name);
    ASSERT_TRUE(collection().Start(request).ok());
  }
  int answers = 0;
  for (int i = 0; i < 20; ++i) {
    collection().Finish("log" + std::to_string(i), [&](auto result) { answers += result.ok(); });
  }
  EXPECT_TRUE(PumpUntil([&] { return answers == 20; }));
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(stored_["log" + std::to_string(i)], ElementsAre(At0("loss", std::to_string(i))));
  }
}

TEST_F(Collection, MayBeDestroyedWithWorkPending) {
  hold_ = true;
  Write("log", "loss=1\n");
  ASSERT_TRUE(collection().Start(Request()).ok());
  collection().Finish("trial", [](auto) { ADD_FAILURE() << "answered after the end"; });
  EXPECT_TRUE(PumpUntil([&] { return under_way_; }));
  collection_.reset();
  held_();
  PumpReady();
}

}  // namespace
}  // namespace qalam::metrics
