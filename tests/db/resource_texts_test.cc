// Long texts through the store: what is read back is what was written last, whatever changed of it.
#include "db/resource_texts.h"

#include <gtest/gtest.h>

#include <random>

#include "api/core.h"
#include "db/connection.h"
#include "db/embedded_resource_store.h"
#include "tests/db/temp_dir.h"

namespace qalam::db {
namespace {

class ResourceTextsTest : public testing::Test {
 protected:
  ResourceTextsTest() { Open(); }

  void Open() {
    store_.reset();
    database_.reset();
    database_ = *Database::Open(path_);
    store_ = *EmbeddedResourceStore::Open(*database_, {[] { return absl::FromUnixSeconds(1'700'000'000); },
                                                       [n = 0u]() mutable { return ++n; }});
  }

  // Creates the map or replaces its data.
  void Put(const std::string& name, const std::string& text) {
    api::ConfigMap map;
    map.metadata.name = name;
    map.metadata.namespace_name = "default";
    map.spec.data = {{"text", text}};
    const auto created = store_->Create(map);
    if (created.ok()) return;
    const auto updated = store_->Update(map);
    ASSERT_TRUE(updated.ok()) << updated.status();
  }

  std::string Read(const std::string& name) {
    const auto found = store_->Get(api::Kind::kConfigMap, {"default", name});
    if (!found.ok()) return std::string(found.status().message());
    return dynamic_cast<const api::ConfigMap&>(**found).spec.data.at("text");
  }

  std::int64_t Count(const char* sql) {
    std::int64_t count = -1;
    EXPECT_TRUE(database_
                    ->Read([&](Connection& connection) {
                      count = connection.Integer(sql);
                      return absl::OkStatus();
                    })
                    .ok());
    return count;
  }

  TempDir dir_;
  const std::string path_ = dir_.File("q.db");
  std::unique_ptr<Database> database_;
  std::unique_ptr<EmbeddedResourceStore> store_;
};

TEST_F(ResourceTextsTest, AnyChangeOfALongTextComesBack) {
  std::mt19937 random(7);
  std::string text;
  for (int step = 0; step < 300; ++step) {
    const size_t at = text.empty() ? 0 : random() % text.size();
    switch (random() % 4) {
      case 0:
        text.insert(at, std::string(random() % 9'000, static_cast<char>('a' + random() % 26)));
        break;
      case 1:
        text.erase(at, random() % 12'000);
        break;
      case 2:
        text += std::string(random() % 20'000, 'x');
        break;
      default:
        if (!text.empty()) text[at] = '.';
    }
    Put("long", text);
    if (step % 20 == 0) Open();
    ASSERT_EQ(Read("long"), text) << "after step " << step;
  }
}

TEST_F(ResourceTextsTest, LettersOfSeveralBytesMayBeCutAnywhere) {
  std::string text = "a";
  for (int i = 0; i < 10'000; ++i) text += "\u0642";
  Put("letters", text);
  Open();
  EXPECT_EQ(Read("letters"), text);
}

TEST_F(ResourceTextsTest, NothingIsLeftOfATextThatBecameShortOrWasDeleted) {
  Put("a", std::string(50'000, 'a'));
  Put("b", std::string(50'000, 'b'));
  EXPECT_GE(Count("SELECT count(*) FROM resource_parts"), 24);
  Put("a", "short");
  ASSERT_TRUE(
      store_->Delete(api::Kind::kConfigMap, {"default", "b"}, "", api::Propagation::kBackground).ok());
  EXPECT_EQ(Count("SELECT count(*) FROM resource_parts"), 0);
  Put("b", std::string(40'000, 'c'));
  Open();
  EXPECT_EQ(Read("a"), "short");
  EXPECT_EQ(Read("b"), std::string(40'000, 'c'));
}

TEST_F(ResourceTextsTest, PartsThatAreTheSameAreNotWritten) {
  Put("a", std::string(100'000, 'a'));
  Open();
  Put("a", std::string(100'001, 'a'));  // written whole once, because what the file holds is not known
  ASSERT_TRUE(database_
                  ->Write([](Connection& connection) {
                    connection.Execute(
                        "CREATE TEMP TABLE written (part); CREATE TEMP TRIGGER note AFTER UPDATE ON "
                        "main.resource_parts BEGIN INSERT INTO written VALUES (new.part); END");
                    return absl::OkStatus();
                  })
                  .ok());
  Put("a", std::string(100'002, 'a'));
  std::int64_t written = -1;
  ASSERT_TRUE(database_
                  ->Write([&](Connection& connection) {
                    written = connection.Integer("SELECT count(*) FROM written");
                    return absl::OkStatus();
                  })
                  .ok());
  // The first part holds the resource version, the last one the end.
  EXPECT_EQ(written, 2);
}

}  // namespace
}  // namespace qalam::db
