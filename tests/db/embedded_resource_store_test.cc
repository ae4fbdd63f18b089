#include "db/embedded_resource_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "api/suggestion.h"
#include "db/connection.h"
#include "tests/db/resource_store_contract.h"
#include "tests/db/temp_dir.h"

namespace qalam::db {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr api::Kind kExperiment = api::Kind::kExperiment;

StoreSources Sources(std::uint64_t seed = 1) {
  return {[] { return absl::FromUnixSeconds(1'700'000'000) + absl::Milliseconds(250); },
          [engine = std::make_shared<std::mt19937_64>(seed)] { return (*engine)(); }};
}

class Embedded final : public StoreUnderTest {
 public:
  api::ResourceStore& store() override { return *store_; }

 private:
  TempDir dir_;
  std::unique_ptr<Database> database_ = *Database::Open(dir_.File("q.db"));
  std::unique_ptr<EmbeddedResourceStore> store_ = *EmbeddedResourceStore::Open(*database_, Sources());
};

INSTANTIATE_TEST_SUITE_P(Embedded, ResourceStoreContract,
                         testing::Values(StoreFactory([] { return std::make_unique<Embedded>(); })));

class EmbeddedResourceStoreTest : public testing::Test {
 protected:
  EmbeddedResourceStoreTest() { Open(); }

  void Open(const DatabaseOptions& options = {}, HistoryLimits history = {}) {
    store_.reset();
    database_.reset();
    database_ = *Database::Open(path_, options);
    store_ = *EmbeddedResourceStore::Open(*database_, Sources(++seed_), history);
  }

  void Close() {
    store_.reset();
    database_.reset();
  }

  static api::Experiment Experiment(const std::string& name) {
    api::Experiment experiment;
    experiment.metadata.name = name;
    experiment.metadata.namespace_name = "default";
    return experiment;
  }

  api::ResourcePtr Create(const std::string& name) { return *store_->Create(Experiment(name)); }
  api::ResourcePtr Get(const std::string& name) { return *store_->Get(kExperiment, {"default", name}); }
  absl::Status Delete(const std::string& name) { return store_->Delete(kExperiment, {"default", name}); }
  std::int64_t Version() { return std::stoll(store_->List(kExperiment, "")->resource_version); }

  absl::StatusOr<std::unique_ptr<api::Watch>> Watch(std::int64_t version, EventRecorder& recorder) {
    return store_->WatchFrom(kExperiment, "", std::to_string(version), recorder.Callback());
  }

  void Label(const std::string& name) {
    auto labelled = std::static_pointer_cast<api::Experiment>(Get(name)->Clone());
    labelled->metadata.labels["count"] = std::to_string(labelled->metadata.labels.size());
    labelled->metadata.labels["version"] = labelled->metadata.resource_version;
    ASSERT_TRUE(store_->Update(*labelled).ok());
  }

  /// What happened after `version`, told by both functions alike.
  std::vector<std::string> Past(std::int64_t version) {
    EventRecorder watched, asked;
    const auto watch = Watch(version, watched);
    EXPECT_TRUE(watch.ok()) << watch.status();
    const auto changes = store_->ChangesSince(kExperiment, "", std::to_string(version));
    EXPECT_TRUE(changes.ok()) << changes.status();
    if (!changes.ok()) return {};
    for (const api::WatchEvent& event : changes->events) asked(event);
    EXPECT_EQ(changes->resource_version, std::to_string(Version()));
    EXPECT_EQ(asked.Texts(0), watched.Texts(0));
    return asked.Texts(0);
  }

  std::int64_t Integer(const char* sql) {
    std::int64_t value = 0;
    EXPECT_EQ(database_->Read([&](Connection& connection) {
      value = connection.Integer(sql);
      return absl::OkStatus();
    }),
              absl::OkStatus());
    return value;
  }

  TempDir dir_;
  const std::string path_ = dir_.File("q.db");
  std::uint64_t seed_ = 0;
  std::unique_ptr<Database> database_;
  std::unique_ptr<EmbeddedResourceStore> store_;
};

TEST_F(EmbeddedResourceStoreTest, FindsEverythingAgainAfterAReopen) {
  api::Experiment experiment = Experiment("e");
  experiment.metadata.labels["a"] = "b";
  experiment.metadata.finalizers = {"x/y"};
  experiment.spec.max_trial_count = 7;
  experiment = static_cast<const api::Experiment&>(**store_->Create(experiment));
  experiment.status.running = {"t1", "t2"};
  experiment.status.start_time = absl::FromUnixSeconds(1'700'000'001);
  ASSERT_TRUE(store_->UpdateStatus(experiment).ok());
  api::Suggestion suggestion;
  suggestion.metadata.name = "e";
  suggestion.metadata.namespace_name = "default";
  suggestion.spec.requests = 3;
  const api::ResourcePtr other = *store_->Create(suggestion);
  const api::ResourcePtr before = Get("e");
  Open();
  EXPECT_TRUE(Get("e")->Equals(*before));
  EXPECT_TRUE((*store_->Get(api::Kind::kSuggestion, {"default", "e"}))->Equals(*other));
}

TEST_F(EmbeddedResourceStoreTest, VersionsGrowOverRestartsAlsoAfterADeletion) {
  Create("a");
  Create("b");
  ASSERT_EQ(Delete("b"), absl::OkStatus());
  const std::int64_t before = Version();
  Open();
  EXPECT_EQ(Version(), before);
  ASSERT_EQ(Delete("a"), absl::OkStatus());
  EXPECT_GT(Version(), before);
  const std::int64_t empty = Version();
  Open();
  EXPECT_EQ(Version(), empty);
  EXPECT_GT(std::stoll(Create("c")->metadata.resource_version), empty);
}

TEST_F(EmbeddedResourceStoreTest, TimestampsAreWholeSecondsOfTheClockGiven) {
  EXPECT_EQ(Create("e")->metadata.creation_timestamp, absl::FromUnixSeconds(1'700'000'000));
}

TEST_F(EmbeddedResourceStoreTest, DependantsAreStillKnownAfterAReopen) {
  const api::ResourcePtr owner = Create("e");
  api::Trial trial;
  trial.metadata.name = "t";
  trial.metadata.namespace_name = "default";
  trial.metadata.owner_references = {
      {"kubeflow.org/v1beta1", "Experiment", "e", owner->metadata.uid, true, true}};
  ASSERT_TRUE(store_->Create(trial).ok());
  Open();
  ASSERT_EQ(Delete("e"), absl::OkStatus());
  EXPECT_TRUE(store_->List(api::Kind::kTrial, "")->items.empty());
  Open();
  EXPECT_TRUE(store_->List(api::Kind::kTrial, "")->items.empty());
}

TEST_F(EmbeddedResourceStoreTest, OwnersThatLiveElsewhereKeepTheirDependants) {
  api::Experiment experiment = Experiment("e");
  experiment.metadata.owner_references = {{"batch/v1", "Job", "j", "uid-of-a-job", false, false}};
  ASSERT_TRUE(store_->Create(experiment).ok());
  EXPECT_EQ(Get("e")->metadata.owner_references.size(), 1u);
}

TEST_F(EmbeddedResourceStoreTest, AnOwnerInAnotherNamespaceIsNone) {
  const api::ResourcePtr owner = Create("e");
  api::Trial trial;
  trial.metadata.name = "t";
  trial.metadata.namespace_name = "other";
  trial.metadata.owner_references = {
      {"kubeflow.org/v1beta1", "Experiment", "e", owner->metadata.uid, true, true}};
  ASSERT_TRUE(store_->Create(trial).ok());
  EXPECT_TRUE(store_->List(api::Kind::kTrial, "")->items.empty());
}

TEST_F(EmbeddedResourceStoreTest, OwnersInACircleGoTogether) {
  api::Experiment one = static_cast<const api::Experiment&>(*Create("one"));
  api::Experiment two = static_cast<const api::Experiment&>(*Create("two"));
  one.metadata.owner_references = {
      {"kubeflow.org/v1beta1", "Experiment", "two", two.metadata.uid, false, true}};
  two.metadata.owner_references = {
      {"kubeflow.org/v1beta1", "Experiment", "one", one.metadata.uid, false, true}};
  ASSERT_TRUE(store_->Update(one).ok());
  ASSERT_TRUE(store_->Update(two).ok());
  ASSERT_EQ(Delete("one"), absl::OkStatus());
  EXPECT_TRUE(store_->List(kExperiment, "")->items.empty());
}

TEST_F(EmbeddedResourceStoreTest, AChainOfOwnersMayBeLong) {
  api::Experiment link = Experiment("link-0");
  for (int i = 1; i <= 500; ++i) {
    const api::ResourcePtr owner = *store_->Create(link);
    link = Experiment("link-" + std::to_string(i));
    link.metadata.owner_references = {
        {"kubeflow.org/v1beta1", "Experiment", owner->metadata.name, owner->metadata.uid, false, true}};
  }
  ASSERT_EQ(store_->Delete(kExperiment, {"default", "link-0"}, {}, api::Propagation::kForeground),
            absl::OkStatus());
  EXPECT_TRUE(store_->List(kExperiment, "")->items.empty());
}

TEST_F(EmbeddedResourceStoreTest, AWatchIsToldBeforeTheWriteReturns) {
  EventRecorder recorder;
  const auto watch = Watch(Version(), recorder);
  Create("a");
  EXPECT_EQ(recorder.Texts(0).size(), 1u);
}

TEST_F(EmbeddedResourceStoreTest, AfterARestartThePastIsTheLastChangeOfEachResource) {
  Create("old");
  Create("kept");
  Create("doomed");
  const std::int64_t seen = Version();
  Create("passing");
  const std::int64_t passing = Version();
  Create("new");
  for (const char* name : {"new", "kept", "kept"}) Label(name);
  ASSERT_EQ(Delete("doomed"), absl::OkStatus());
  ASSERT_EQ(Delete("passing"), absl::OkStatus());
  Create("doomed");
  for (int restart = 0; restart < 2; ++restart) {
    Open();
    EXPECT_THAT(Past(seen), ElementsAre("ADDED new", "MODIFIED kept", "DELETED doomed", "ADDED doomed"));
    EXPECT_THAT(Past(passing), ElementsAre("ADDED new", "MODIFIED kept", "DELETED doomed", "DELETED passing",
                                           "ADDED doomed"));
    EXPECT_THAT(Past(Version()), ElementsAre());
  }
}

TEST_F(EmbeddedResourceStoreTest, AWatchGoesOnOverARestartIntoThePresent) {
  Create("a");
  Create("b");
  const std::int64_t seen = Version();
  ASSERT_EQ(Delete("a"), absl::OkStatus());
  Open();
  Label("b");
  EventRecorder recorder;
  const auto watch = Watch(seen, recorder);
  ASSERT_TRUE(watch.ok()) << watch.status();
  Create("c");
  const std::vector<api::WatchEvent> events = recorder.Events(3);
  EXPECT_THAT(recorder.Texts(3), ElementsAre("DELETED a", "MODIFIED b", "ADDED c"));
  EXPECT_EQ(events[0].previous, nullptr);
  EXPECT_EQ(events[0].resource->metadata.resource_version, std::to_string(seen + 1));
  ASSERT_NE(events[1].previous, nullptr);
  EXPECT_TRUE(events[1].previous->metadata.labels.empty());
  Open();
  EXPECT_THAT(Past(seen), ElementsAre("DELETED a", "MODIFIED b", "ADDED c"));
  EXPECT_THAT(Past(seen + 1), ElementsAre("MODIFIED b", "ADDED c"));
}

TEST_F(EmbeddedResourceStoreTest, ThePastGoesBackToTheOldestDeletionThatIsKept) {
  const HistoryLimits two{.changes = 2};
  Open({}, two);
  Create("stays");
  for (const char* name : {"a", "b", "c"}) Create(name);
  const std::int64_t start = Version();
  for (const char* name : {"a", "b", "c"}) ASSERT_EQ(Delete(name), absl::OkStatus());
  for (int restart = 0; restart < 2; ++restart) {
    Open({}, two);
    EventRecorder recorder;
    const absl::Status status = Watch(start, recorder).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
    EXPECT_THAT(std::string(status.message()), HasSubstr("too old resource version"));
    EXPECT_THAT(Past(start + 1), ElementsAre("DELETED b", "DELETED c"));
  }
  Create("large");
  Open({}, {.bytes = 1});
  ASSERT_EQ(Delete("large"), absl::OkStatus());
  EXPECT_EQ(Integer("SELECT count(*) FROM deletions"), 1);
}

TEST_F(EmbeddedResourceStoreTest, APastFromBeforeItWasKeptIsNotMadeUp) {
  Create("a");
  Create("b");
  const std::int64_t closed = Version();
  Close();
  {
    SQLite::Database file(path_, SQLite::OPEN_READWRITE);
    file.exec(
        "ALTER TABLE resources DROP COLUMN created_version; DROP TABLE deletions;"
        "DELETE FROM counters; PRAGMA user_version = 2");
  }
  Open();
  EventRecorder recorder;
  EXPECT_EQ(Watch(closed - 1, recorder).status().code(), absl::StatusCode::kOutOfRange);
  Label("a");
  ASSERT_EQ(Delete("b"), absl::OkStatus());
  Open();
  EXPECT_THAT(Past(closed), ElementsAre("MODIFIED a", "DELETED b"));
}

TEST_F(EmbeddedResourceStoreTest, WhatComesAndGoesInOneWriteIsRememberedForThoseWhoSawItCome) {
  const api::ResourcePtr owner = Create("owner");
  ASSERT_EQ(Delete("owner"), absl::OkStatus());
  const std::int64_t seen = Version();
  api::Experiment late = Experiment("late");
  late.metadata.owner_references = {
      {"kubeflow.org/v1beta1", "Experiment", "owner", owner->metadata.uid, false, true}};
  ASSERT_TRUE(store_->Create(late).ok());
  Open();
  EXPECT_THAT(Past(seen), ElementsAre());
  EXPECT_THAT(Past(seen + 1), ElementsAre("DELETED late"));
}

TEST_F(EmbeddedResourceStoreTest, ForgetsThePastBeyondItsLimits) {
  Open({}, {.changes = 3});
  const std::int64_t start = Version();
  for (const char* name : {"a", "b", "c", "d", "e"}) Create(name);
  EventRecorder recorder;
  EXPECT_EQ(Watch(start, recorder).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(Watch(start + 1, recorder).status().code(), absl::StatusCode::kOutOfRange);
  const auto watch = Watch(start + 2, recorder);
  ASSERT_TRUE(watch.ok()) << watch.status();
  EXPECT_THAT(recorder.Texts(3), ElementsAre("ADDED c", "ADDED d", "ADDED e"));

  Open({}, {.bytes = 1});
  Create("f");
  Create("g");
  EventRecorder last;
  EXPECT_EQ(Watch(Version() - 2, last).status().code(), absl::StatusCode::kOutOfRange);
  const auto one = Watch(Version() - 1, last);
  EXPECT_THAT(last.Texts(1), ElementsAre("ADDED g"));
}

TEST_F(EmbeddedResourceStoreTest, RefusesVersionsThatAreNoneOrAreStillToCome) {
  EventRecorder recorder;
  EXPECT_EQ(Watch(Version() + 1, recorder).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(store_->WatchFrom(kExperiment, "", "abc", recorder.Callback()).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(EmbeddedResourceStoreTest, WhatDoesNotReachTheDiskIsSeenByNobody) {
  Open({.max_pages = 40});
  EventRecorder recorder;
  const auto watch = Watch(Version(), recorder);
  Create("small");
  const std::int64_t before = Version();
  api::Experiment large = Experiment("large");
  large.metadata.annotations["text"] = std::string(1 << 20, 'x');
  const absl::Status status = store_->Create(large).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("full"));
  EXPECT_EQ(store_->Get(kExperiment, {"default", "large"}).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Version(), before);
  Create("again");
  EXPECT_THAT(recorder.Texts(2), ElementsAre("ADDED small", "ADDED again"));
}

TEST_F(EmbeddedResourceStoreTest, ReadOnlyShowsTheStateAndRefusesToWrite) {
  Create("e");
  const auto database = Database::OpenReadOnly(path_);
  ASSERT_TRUE(database.ok()) << database.status();
  const auto reader = EmbeddedResourceStore::Open(**database, Sources());
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_TRUE((*reader)->Get(kExperiment, {"default", "e"}).ok());
  EXPECT_EQ((*reader)->Create(Experiment("f")).status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ((*reader)->Delete(kExperiment, {"default", "e"}).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_TRUE((*reader)->Get(kExperiment, {"default", "e"}).ok());
}

class ForeignRows : public EmbeddedResourceStoreTest {
 protected:
  ForeignRows() {
    Create("e");
    Close();
  }

  void Execute(const char* sql) { SQLite::Database(path_, SQLite::OPEN_READWRITE).exec(sql); }

  absl::Status OpenStatus(bool read_only) {
    const auto database = read_only ? Database::OpenReadOnly(path_) : Database::Open(path_);
    EXPECT_TRUE(database.ok()) << database.status();
    return EmbeddedResourceStore::Open(**database, Sources()).status();
  }
};

TEST_F(ForeignRows, KindsOfANewerVersionAreLeftOutWhenReadingOnly) {
  Execute("INSERT INTO resources VALUES (7, 99, 'default', 'x', 'u', 5, '{}', 5)");
  EXPECT_EQ(OpenStatus(/*read_only=*/true), absl::OkStatus());
  EXPECT_EQ(OpenStatus(/*read_only=*/false).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(ForeignRows, NewColumnsOfANewerVersionDoNotDisturbReading) {
  Execute("ALTER TABLE resources ADD COLUMN owner TEXT; DROP TABLE counters; PRAGMA user_version = 4");
  EXPECT_EQ(OpenStatus(/*read_only=*/true), absl::OkStatus());
}

TEST_F(ForeignRows, ADamagedRowIsNamed) {
  for (const char* json : {"{", "", "[]", "{\"apiVersion\":\"kubeflow.org/v1beta1\",\"kind\":\"Trial\"}"}) {
    Execute(("UPDATE resources SET json = '" + std::string(json) + "'").c_str());
    for (const bool read_only : {true, false}) {
      const absl::Status status = OpenStatus(read_only);
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
      EXPECT_THAT(std::string(status.message()),
                  testing::AllOf(HasSubstr(path_), HasSubstr("Experiment default/e")));
    }
  }
}

}  // namespace
}  // namespace qalam::db
