#include "apiserver/watch_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "api/core.h"
#include "api/experiment.h"
#include "api/trial.h"
#include "apiserver/failure.h"
#include "apiserver/watch_options.h"
#include "db/embedded_resource_store.h"
#include "tests/apiserver/fake_exchange.h"
#include "tests/db/temp_dir.h"

namespace qalam::apiserver {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

// Experiments as the team that their label names; those without are not shown.
class TeamProjection final : public Projection {
 public:
  bool Shows(const api::Resource& resource) const override {
    return resource.metadata.labels.contains("team");
  }
  api::ObjectKey KeyOf(const api::Resource& resource) const override {
    return {resource.metadata.namespace_name,
            resource.metadata.name + "-" + resource.metadata.labels.at("team")};
  }
  std::optional<api::ObjectKey> StoredKey(const api::ObjectKey& key) const override {
    return api::ObjectKey{key.namespace_name, key.name.substr(0, key.name.rfind('-'))};
  }
  std::string JsonOf(const api::Resource& resource) const override {
    return R"({"metadata":{"name":")" + KeyOf(resource).name + R"(","resourceVersion":")" +
           resource.metadata.resource_version + R"("}})";
  }
};

const Projection& Teams() {
  static const TeamProjection kTeams;
  return kTeams;
}

class WatchServiceTest : public testing::Test {
 protected:
  WatchServiceTest() { Open(); }

  void Open(db::HistoryLimits history = {}) {
    service_.reset();
    store_.reset();
    database_.reset();
    database_ = *db::Database::Open(dir_.File("q.db"));
    store_ = *db::EmbeddedResourceStore::Open(
        *database_,
        {[] { return absl::FromUnixSeconds(1'700'000'000); },
         [engine = std::make_shared<std::mt19937_64>(++seed_)] { return (*engine)(); }},
        history);
    Serve();
  }

  void Serve(WatchSettings settings = {}) {
    service_.reset();
    settings.now = [] { return absl::FromUnixSeconds(1'700'000'300); };
    service_ = std::make_unique<WatchService>(*store_, settings);
  }

  api::ResourcePtr Create(const std::string& name, const api::StringMap& labels = {},
                          const std::string& namespace_name = "default") {
    api::Experiment experiment;
    experiment.metadata.name = name;
    experiment.metadata.namespace_name = namespace_name;
    experiment.metadata.labels = labels;
    const auto created = store_->Create(experiment);
    EXPECT_TRUE(created.ok()) << created.status();
    return *created;
  }
  void Label(const std::string& name, const api::StringMap& labels) {
    const auto copy = (*store_->Get(api::Kind::kExperiment, {"default", name}))->Clone();
    copy->metadata.labels = labels;
    ASSERT_TRUE(store_->Update(*copy).ok());
  }
  void Delete(const std::string& name) {
    ASSERT_EQ(store_->Delete(api::Kind::kExperiment, {"default", name}), absl::OkStatus());
  }
  std::string Version() { return store_->List(api::Kind::kExperiment, "")->resource_version; }

  static Selection Select(const std::string& labels = "", const std::string& fields = "",
                          const std::string& namespace_name = "") {
    return {.type = FindResourceType("kubeflow.org", "v1beta1", "experiments"),
            .namespace_name = namespace_name,
            .labels = *LabelSelector::Parse(labels),
            .fields = *FieldSelector::Parse(fields)};
  }

  std::shared_ptr<FakeExchange> Ask(const Selection& selection, const WatchOptions& options) {
    auto exchange = std::make_shared<FakeExchange>();
    service_->Watch(exchange, selection, options);
    return exchange;
  }
  std::shared_ptr<FakeStream> Watch(const Selection& selection, const WatchOptions& options = {}) {
    const auto exchange = Ask(selection, options);
    if (exchange->stream() == nullptr) throw std::runtime_error(exchange->response()->body);
    return exchange->stream();
  }

  /// "ADDED a", "BOOKMARK", "ERROR 410"
  static std::vector<std::string> Told(FakeStream& stream, std::size_t count) {
    std::vector<std::string> told;
    for (const std::string& line : stream.Lines(count)) {
      const json event = json::parse(line);
      const json& object = event["object"];
      std::string text = event["type"];
      if (text == "ERROR") text += " " + object["code"].dump();
      if (object.contains("metadata") && object["metadata"].contains("name"))
        text += " " + object["metadata"]["name"].get<std::string>();
      told.push_back(text);
    }
    return told;
  }
  static std::string VersionIn(const std::string& line) {
    return json::parse(line)["object"]["metadata"]["resourceVersion"];
  }

  db::TempDir dir_;
  std::uint64_t seed_ = 0;
  std::unique_ptr<db::Database> database_;
  std::unique_ptr<db::EmbeddedResourceStore> store_;
  std::unique_ptr<WatchService> service_;
};

TEST_F(WatchServiceTest, BeginsWithWhatThereIsAndGoesOn) {
  Create("a");
  Create("elsewhere", {}, "other");
  for (const char* version : {"", "0"}) {
    const auto stream = Watch(Select("", "", "default"), {.resource_version = version});
    EXPECT_THAT(Told(*stream, 1), ElementsAre("ADDED a"));
    Create("b");
    Label("a", {{"x", "y"}});
    Create("not", {}, "other");
    Delete("b");
    EXPECT_THAT(Told(*stream, 4), ElementsAre("ADDED a", "ADDED b", "MODIFIED a", "DELETED b"));
    Label("a", {});
    ASSERT_EQ(store_->Delete(api::Kind::kExperiment, {"other", "not"}), absl::OkStatus());
  }
}

TEST_F(WatchServiceTest, FromAVersionItTellsWhatHappenedSince) {
  Create("a");
  const std::string version = Version();
  Create("b");
  Delete("a");
  const auto exchange = Ask(Select(), {.resource_version = version});
  EXPECT_EQ(exchange->head().status, 200);
  EXPECT_EQ(exchange->head().headers.Find("Content-Type"), "application/json");
  Create("c");
  EXPECT_THAT(Told(*exchange->stream(), 3), ElementsAre("ADDED b", "DELETED a", "ADDED c"));
}

TEST_F(WatchServiceTest, ADeletionCarriesItsOwnVersionAndTheLastState) {
  Create("a", {{"x", "y"}});
  const auto stream = Watch(Select(), {.resource_version = Version()});
  Delete("a");
  const json event = json::parse(stream->Lines(1).front());
  EXPECT_EQ(event["object"]["metadata"]["resourceVersion"], Version());
  EXPECT_EQ(event["object"]["metadata"]["labels"]["x"], "y");
}

TEST_F(WatchServiceTest, LabelsBringObjectsInAndOut) {
  Create("a", {{"team", "x"}});
  Create("b");
  const auto stream = Watch(Select("team=x"));
  EXPECT_THAT(Told(*stream, 1), ElementsAre("ADDED a"));
  Label("b", {{"team", "x"}});
  Label("b", {{"team", "x"}, {"more", "1"}});
  Label("b", {{"team", "y"}});
  const std::string left = Version();
  Label("b", {{"team", "z"}});
  Delete("b");
  Delete("a");
  const std::vector<std::string> lines = stream->Lines(5);
  EXPECT_THAT(Told(*stream, 5), ElementsAre("ADDED a", "ADDED b", "MODIFIED b", "DELETED b", "DELETED a"));
  const json gone = json::parse(lines[3])["object"]["metadata"];
  EXPECT_EQ(gone["labels"]["team"], "x");
  EXPECT_EQ(gone["resourceVersion"], left);
}

TEST_F(WatchServiceTest, FieldsSelectByName) {
  const auto stream = Watch(Select("", "metadata.name=b"), {.resource_version = Version()});
  for (const char* name : {"a", "b", "c"}) Create(name);
  for (const char* name : {"a", "b", "c"}) Delete(name);
  Create("b");
  EXPECT_THAT(Told(*stream, 3), ElementsAre("ADDED b", "DELETED b", "ADDED b"));
}

TEST_F(WatchServiceTest, AProjectionShowsWhatAppearsVanishesAndChangesItsName) {
  ResourceType type = *Select().type;
  type.projection = Teams;
  Selection selection = Select();
  selection.type = &type;
  const auto stream = Watch(selection, {.resource_version = Version()});
  Create("e");
  Label("e", {{"team", "x"}});
  Label("e", {{"team", "y"}});
  Label("e", {});
  Label("e", {{"team", "z"}});
  Delete("e");
  EXPECT_THAT(Told(*stream, 6), ElementsAre("ADDED e-x", "DELETED e-x", "ADDED e-y", "DELETED e-y",
                                            "ADDED e-z", "DELETED e-z"));
}

TEST_F(WatchServiceTest, AVersionThatIsNotKeptIsExpired) {
  Open({.changes = 1});
  const std::string version = Version();
  Create("a");
  Create("b");
  const auto exchange = Ask(Select(), {.resource_version = version});
  ASSERT_TRUE(exchange->response().has_value());
  EXPECT_EQ(exchange->response()->status, 410);
  const json body = json::parse(exchange->response()->body);
  EXPECT_EQ(body["reason"], "Expired");
  EXPECT_THAT(body["message"].get<std::string>(), HasSubstr("too old resource version"));
}

TEST_F(WatchServiceTest, RefusesVersionsThatAreNoneOrStillToCome) {
  EXPECT_EQ(Ask(Select(), {.resource_version = "abc"})->response()->status, 400);
  EXPECT_EQ(Ask(Select(), {.resource_version = "abc", .send_initial_events = true})->response()->status, 400);
  EXPECT_EQ(Ask(Select(), {.resource_version = "999"})->response()->status, 410);
  EXPECT_EQ(Ask(Select(), {.resource_version = "999", .send_initial_events = true})->response()->status, 504);
}

TEST_F(WatchServiceTest, InitialEventsEndWithABookmark) {
  const std::string old = Version();
  Create("a");
  const auto stream =
      Watch(Select(), {.resource_version = old, .bookmarks = true, .send_initial_events = true});
  EXPECT_THAT(Told(*stream, 2), ElementsAre("ADDED a", "BOOKMARK"));
  const json bookmark = json::parse(stream->Lines(2)[1])["object"];
  EXPECT_EQ(bookmark["kind"], "Experiment");
  EXPECT_EQ(bookmark["apiVersion"], "kubeflow.org/v1beta1");
  EXPECT_EQ(bookmark["metadata"]["annotations"]["k8s.io/initial-events-end"], "true");
  EXPECT_EQ(bookmark["metadata"]["resourceVersion"], Version());
  Create("b");
  EXPECT_THAT(Told(*stream, 3), ElementsAre("ADDED a", "BOOKMARK", "ADDED b"));
}

TEST_F(WatchServiceTest, BookmarksFollowTheStoreThoughOtherKindsChange) {
  Serve({.bookmark_every = absl::Milliseconds(5)});
  const auto silent = Watch(Select(), {.resource_version = Version()});
  const auto stream = Watch(Select(), {.resource_version = Version(), .bookmarks = true});
  api::ConfigMap map;
  map.metadata.name = "m";
  map.metadata.namespace_name = "default";
  ASSERT_TRUE(store_->Create(map).ok());
  std::size_t count = 1;
  while (VersionIn(stream->Lines(count).back()) != Version()) ++count;
  Create("a");
  Create("b");
  EXPECT_THAT(Told(*silent, 2), ElementsAre("ADDED a", "ADDED b"));
  while (VersionIn(stream->Lines(count).back()) != Version() || Told(*stream, count).back() != "BOOKMARK") {
    ++count;
  }
  std::vector<std::string> told = Told(*stream, count);
  std::erase(told, "BOOKMARK");
  EXPECT_THAT(told, ElementsAre("ADDED a", "ADDED b"));
}

TEST_F(WatchServiceTest, AKindThatNobodyChangesCanBeWatchedThoughOthersFillThePast) {
  Open({.changes = 2});
  Serve({.bookmark_every = absl::Milliseconds(5)});
  const auto silent = Watch(Select());
  Create("a");
  EXPECT_THAT(Told(*silent, 1), ElementsAre("ADDED a"));
  for (const char* name : {"m", "n", "o", "p"}) {
    api::ConfigMap map;
    map.metadata.name = name;
    map.metadata.namespace_name = "default";
    ASSERT_TRUE(store_->Create(map).ok());
  }
  const auto stream = Watch(Select(), {.bookmarks = true});
  std::size_t count = 2;
  ASSERT_EQ(Told(*stream, count)[1], "BOOKMARK");
  EXPECT_EQ(VersionIn(stream->Lines(count)[1]), Version());
  Create("b");
  EXPECT_THAT(Told(*silent, 2), ElementsAre("ADDED a", "ADDED b"));
  while (VersionIn(stream->Lines(count).back()) != Version() || Told(*stream, count).back() != "BOOKMARK") {
    ++count;
  }
  std::vector<std::string> told = Told(*stream, count);
  std::erase(told, "BOOKMARK");
  EXPECT_THAT(told, ElementsAre("ADDED a", "ADDED b"));
}

TEST_F(WatchServiceTest, EndsAfterItsTime) {
  const auto stream = Watch(Select(), {.timeout = absl::Milliseconds(5)});
  const auto other = Watch(Select(), {.timeout = absl::Hours(1)});
  EXPECT_TRUE(stream->WaitForEnd());
  Create("a");
  EXPECT_THAT(Told(*other, 1), ElementsAre("ADDED a"));
  EXPECT_THAT(stream->Lines(0), ElementsAre());
}

TEST_F(WatchServiceTest, TimesThatNoClockReachesDoNotEndItAtOnce) {
  const auto options = ReadWatchOptions(http::Query("timeoutSeconds=9223372036854775807"));
  ASSERT_TRUE(options.ok());
  const auto stream = Watch(Select(), *options);
  Create("a");
  EXPECT_THAT(Told(*stream, 1), ElementsAre("ADDED a"));
}

TEST_F(WatchServiceTest, AClientThatGoesIsForgotten) {
  const auto gone = Watch(Select());
  const auto first = Watch(Select()), second = Watch(Select());
  gone->Close();
  EXPECT_TRUE(gone->WaitForEnd());
  first->Close();
  Create("a");
  EXPECT_THAT(Told(*second, 1), ElementsAre("ADDED a"));
  // Nothing of the service holds their streams any more.
  while (gone.use_count() > 1 || first.use_count() > 1) std::this_thread::yield();
}

TEST_F(WatchServiceTest, TheServiceEndsItsWatches) {
  const auto stream = Watch(Select());
  service_.reset();
  EXPECT_TRUE(stream->WaitForEnd());
  stream->Close();
}

TEST_F(WatchServiceTest, OneTextGoesToAllWhoSeeAChangeAlike) {
  const WatchOptions options{.resource_version = Version()};
  const auto one = Watch(Select(), options), two = Watch(Select("team=x"), options);
  for (const char* name : {"first", "second"}) {
    const std::size_t before = one->pieces().size();
    Create(name, {{"team", "x"}});
    one->Lines(before + 1);  // after the first both are surely past their beginning
    two->Lines(before + 1);
  }
  EXPECT_EQ(one->pieces().back(), two->pieces().back());
}

TEST_F(WatchServiceTest, SendsTablesAndMetadata) {
  Serve({.bookmark_every = absl::Milliseconds(5)});
  const auto table = Watch(Select(), {.bookmarks = true, .format = ObjectFormat::kTable});
  const auto metadata = Watch(Select(), {.bookmarks = true, .format = ObjectFormat::kMetadata});
  EXPECT_EQ(json::parse(table->Lines(1)[0])["object"]["kind"], "Table");
  EXPECT_EQ(json::parse(metadata->Lines(1)[0])["object"]["kind"], "PartialObjectMetadata");
  Serve();
  const auto rows = Watch(Select(), {.format = ObjectFormat::kTable});
  Create("a");
  const json row = json::parse(rows->Lines(1)[0])["object"]["rows"][0];
  EXPECT_EQ(row["cells"][0], "a");
  EXPECT_EQ(row["cells"].back(), "5m");
}

TEST_F(WatchServiceTest, NothingIsMissedOrRepeatedWhoeverWritesAndWhenever) {
  constexpr int kWriters = 3, kEach = 60;
  const std::string start = Version();
  std::atomic<int> running = kWriters;
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; i < kEach; ++i) {
        const std::string name = "e" + std::to_string(w) + "-" + std::to_string(i);
        Create(name);
        Label(name, {{"x", "y"}});
        if (i % 3 == 0) Delete(name);
      }
      --running;
    });
  }
  struct Client {
    std::int64_t since;
    std::shared_ptr<FakeStream> stream;
  };
  std::vector<Client> clients;
  std::mt19937 random(7);
  while (running > 0 && clients.size() < 100) {
    const std::int64_t first = std::stoll(start), last = std::stoll(Version());
    const std::int64_t since =
        first + static_cast<std::int64_t>(random() % static_cast<unsigned>(last - first + 1));
    clients.push_back({since, Watch(Select(), {.resource_version = std::to_string(since)})});
  }
  for (std::thread& writer : writers) writer.join();
  const std::int64_t last = std::stoll(Version());
  for (const Client& client : clients) {
    const std::vector<std::string> lines =
        client.stream->Lines(static_cast<std::size_t>(last - client.since));
    std::int64_t expected = client.since;  // experiments alone change here
    for (const std::string& line : lines) ASSERT_EQ(VersionIn(line), std::to_string(++expected));
    ASSERT_EQ(expected, last);
  }
}

TEST_F(WatchServiceTest, AfterARestartWhatMayHaveBeenSelectedIsDeleted) {
  Create("in", {{"team", "x"}});
  Create("out", {{"team", "x"}});
  Create("never", {{"team", "y"}});
  Create("other", {{"team", "x"}}, "elsewhere");
  const std::string seen = Version();
  Label("in", {{"team", "x"}, {"more", "1"}});
  Label("out", {{"team", "y"}});
  Label("never", {{"team", "z"}});
  Create("new", {{"team", "y"}});
  Create("late", {{"team", "x"}});
  ASSERT_EQ(store_->Delete(api::Kind::kExperiment, {"elsewhere", "other"}), absl::OkStatus());
  Open();
  // Without knowing what it was, "never" may have been selected; "new" was not there.
  EXPECT_THAT(Told(*Watch(Select("team=x", "", "default"), {.resource_version = seen}), 4),
              ElementsAre("MODIFIED in", "DELETED out", "DELETED never", "ADDED late"));
  EXPECT_THAT(Told(*Watch(Select("team=x", "metadata.name=out"), {.resource_version = seen}), 1),
              ElementsAre("DELETED out"));
}

}  // namespace
}  // namespace qalam::apiserver
