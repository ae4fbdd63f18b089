// A process that is killed at any instant: what it had been told is stored, is there.
#include <gtest/gtest.h>

#include <csignal>
#include <random>

#include "api/experiment.h"
#include "db/embedded_resource_store.h"
#include "db/observation_log.h"
#include "tests/db/temp_dir.h"

namespace qalam::db {
namespace {

StoreSources Sources() {
  return {[] { return absl::UnixEpoch(); },
          [engine = std::make_shared<std::mt19937_64>(getpid())] { return (*engine)(); }};
}

api::Experiment Named(const std::string& name) {
  api::Experiment experiment;
  experiment.metadata.name = name;
  experiment.metadata.namespace_name = "default";
  experiment.metadata.annotations["filling"] = std::string(3'000, 'x');
  return experiment;
}

// Creates resources and reports points, numbered on from `next`, and says each number once it is stored.
int WriteForEver(const std::string& path, int next, int acknowledge) {
  const auto database = Database::Open(path);
  if (!database.ok()) return 1;
  const auto store = EmbeddedResourceStore::Open(**database, Sources());
  if (!store.ok()) return 2;
  ObservationLog log(**database);
  for (;; ++next) {
    const std::string name = "e" + std::to_string(next);
    if (!(*store)->Create(Named(name)).ok()) return 3;
    const LogEntry entry{"0001-01-01T00:00:00Z", "loss", name};
    if (!log.Append(name, {&entry, 1}).ok()) return 4;
    if (next % 10 == 9) {
      const absl::Status status =
          (*store)->Delete(api::Kind::kExperiment, {"default", "e" + std::to_string(next - 5)});
      if (!status.ok() && !absl::IsNotFound(status)) return 5;
    }
    if (write(acknowledge, &next, sizeof next) != sizeof next) return 6;
  }
}

TEST(Crash, EveryAcknowledgedWriteIsThereAfterSigkill) {
  TempDir dir;
  const std::string path = dir.File("q.db");
  std::mt19937 random(42);
  int stored = 0;  // numbers below are stored
  std::int64_t version = 0;
  for (int round = 0; round < 12; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const pid_t writer = StartChild([&] { return WriteForEver(path, stored, pipe_ends[1]); });
    close(pipe_ends[1]);
    const int last = stored + static_cast<int>(random() % 60);
    int number = -1;
    while (number < last)
      ASSERT_EQ(read(pipe_ends[0], &number, sizeof number), static_cast<ssize_t>(sizeof number));
    usleep(random() % 500);  // so that the blow falls anywhere inside a write
    kill(writer, SIGKILL);
    while (read(pipe_ends[0], &number, sizeof number) == sizeof number) {
    }
    close(pipe_ends[0]);
    ASSERT_EQ(WaitForChild(writer), -SIGKILL);
    stored = number + 1;

    const auto database = Database::Open(path);
    ASSERT_TRUE(database.ok()) << database.status();
    const auto store = EmbeddedResourceStore::Open(**database, Sources());
    ASSERT_TRUE(store.ok()) << store.status();
    ObservationLog log(**database);
    for (int n = 0; n < stored; ++n) {
      const std::string name = "e" + std::to_string(n);
      const bool deleted = n % 10 == 4 && n + 5 < stored;
      const bool in_doubt = n % 10 == 4 && n + 5 == stored;
      if (!in_doubt) {
        EXPECT_EQ((*store)->Get(api::Kind::kExperiment, {"default", name}).ok(), !deleted) << name;
      }
      int points = 0;
      ASSERT_EQ(log.Read({.trial_key = name},
                         [&](LogEntry) {
                           ++points;
                           return absl::OkStatus();
                         }),
                absl::OkStatus());
      EXPECT_EQ(points, 1) << name;
    }
    const std::int64_t now = std::stoll((*store)->List(api::Kind::kExperiment, "")->resource_version);
    EXPECT_GT(now, version);
    version = now;
    // What was in flight may have been stored, or not, and is done again.
    const std::string in_flight = "e" + std::to_string(stored);
    (void)(*store)->Delete(api::Kind::kExperiment, {"default", in_flight});
    ASSERT_EQ(log.Delete(in_flight), absl::OkStatus());
  }
}

TEST(Crash, TheLockOfAKilledWriterIsGone) {
  TempDir dir;
  const pid_t writer = StartChild([&] {
    const auto database = Database::Open(dir.File("q.db"));
    if (!database.ok()) return 1;
    raise(SIGKILL);
    return 2;
  });
  ASSERT_EQ(WaitForChild(writer), -SIGKILL);
  EXPECT_TRUE(Database::Open(dir.File("q.db")).ok());
}

}  // namespace
}  // namespace qalam::db
