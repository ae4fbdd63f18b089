// What every api::ResourceStore does. Include it in one source of a test program and instantiate it with a
// factory:
//
//   INSTANTIATE_TEST_SUITE_P(Mine, ResourceStoreContract, testing::Values(StoreFactory(&NewMyStore)));
//
// Nothing here assumes a clock, a numbering of versions, or that watches and the deletion of dependants are
// finished when a call returns: a store over the network passes too.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "api/core.h"
#include "api/experiment.h"
#include "api/plain.h"
#include "api/resource_store.h"
#include "api/trial.h"

namespace qalam::db {

/// A store that starts empty, with whatever it stands on.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual api::ResourceStore& store() = 0;
};

using StoreFactory = std::function<std::unique_ptr<StoreUnderTest>()>;

/// What a watch saw, as "ADDED name".
class EventRecorder {
 public:
  void operator()(const api::WatchEvent& event) {
    static constexpr const char* kTypes[] = {"ADDED ", "MODIFIED ", "DELETED "};
    EXPECT_EQ(running_.fetch_add(1), 0) << "two callbacks of one watch at once";
    std::lock_guard lock(mutex_);
    texts_.push_back(kTypes[static_cast<int>(event.type)] + event.resource->metadata.name);
    events_.push_back(event);
    changed_.notify_all();
    --running_;
  }

  std::function<void(const api::WatchEvent&)> Callback() {
    return [this](const api::WatchEvent& event) { (*this)(event); };
  }

  /// Waits until there are that many, then gives all there are.
  std::vector<std::string> Texts(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [&] { return texts_.size() >= count; });
    return texts_;
  }

  std::vector<api::WatchEvent> Events(size_t count) {
    Texts(count);
    std::lock_guard lock(mutex_);
    return events_;
  }

  bool WaitFor(const std::string& text) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20),
                             [&] { return std::find(texts_.begin(), texts_.end(), text) != texts_.end(); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> texts_;
  std::vector<api::WatchEvent> events_;
  std::atomic<int> running_ = 0;
};

class ResourceStoreContract : public testing::TestWithParam<StoreFactory> {
 protected:
  static constexpr api::Kind kExperiment = api::Kind::kExperiment;
  static constexpr api::Kind kTrial = api::Kind::kTrial;

  static api::Experiment Experiment(const std::string& name, const std::string& namespace_name = "default") {
    api::Experiment experiment;
    experiment.metadata.name = name;
    experiment.metadata.namespace_name = namespace_name;
    experiment.spec.max_trial_count = 3;
    return experiment;
  }

  static api::Trial Trial(const std::string& name, const std::vector<api::ResourcePtr>& owners = {}) {
    api::Trial trial;
    trial.metadata.name = name;
    trial.metadata.namespace_name = "default";
    for (const api::ResourcePtr& owner : owners) {
      trial.metadata.owner_references.push_back(
          {std::string(api::ApiVersion(owner->kind())), std::string(api::KindName(owner->kind())),
           owner->metadata.name, owner->metadata.uid, owner == owners.front(), true});
    }
    return trial;
  }

  api::ResourcePtr Create(const api::Resource& resource) {
    const absl::StatusOr<api::ResourcePtr> created = store_.Create(resource);
    EXPECT_TRUE(created.ok()) << created.status();
    return created.ok() ? *created : nullptr;
  }

  template <class T>
  static T Copy(const api::ResourcePtr& resource) {
    return static_cast<const T&>(*resource);
  }

  static api::ObjectKey Key(const std::string& name) { return {"default", name}; }

  bool Exists(api::Kind kind, const std::string& name) {
    const absl::StatusOr<api::ResourcePtr> found = store_.Get(kind, Key(name));
    EXPECT_TRUE(found.ok() || absl::IsNotFound(found.status())) << found.status();
    return found.ok();
  }

  std::unique_ptr<api::Watch> Watch(api::Kind kind, EventRecorder& recorder, std::string_view version = "",
                                    std::string_view namespace_name = "") {
    absl::StatusOr<std::unique_ptr<api::Watch>> watch =
        store_.WatchFrom(kind, namespace_name, version, recorder.Callback());
    EXPECT_TRUE(watch.ok()) << watch.status();
    return watch.ok() ? *std::move(watch) : nullptr;
  }

  std::string Version(api::Kind kind = kExperiment) { return store_.List(kind, "")->resource_version; }

  std::unique_ptr<StoreUnderTest> under_test_ = GetParam()();
  api::ResourceStore& store_ = under_test_->store();
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ResourceStoreContract);

TEST_P(ResourceStoreContract, CreateFillsTheMetadataAndIgnoresTheStatus) {
  api::Experiment experiment = Experiment("e");
  experiment.metadata.labels["team"] = "a";
  experiment.metadata.generation = 17;
  experiment.metadata.uid = "mine";
  experiment.metadata.deletion_timestamp = absl::UnixEpoch();
  experiment.status.trials = 5;
  const auto created = std::static_pointer_cast<const api::Experiment>(Create(experiment));
  EXPECT_EQ(created->metadata.generation, 1);
  EXPECT_THAT(created->metadata.uid,
              testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-"
                                    "[0-9a-f]{12}"));
  EXPECT_FALSE(created->metadata.resource_version.empty());
  EXPECT_TRUE(created->metadata.creation_timestamp.has_value());
  EXPECT_FALSE(created->metadata.deletion_timestamp.has_value());
  EXPECT_EQ(created->metadata.labels.at("team"), "a");
  EXPECT_EQ(created->spec, experiment.spec);
  EXPECT_EQ(created->status, api::ExperimentStatus());
  const auto stored = store_.Get(kExperiment, Key("e"));
  ASSERT_TRUE(stored.ok()) << stored.status();
  EXPECT_TRUE((*stored)->Equals(*created));
}

TEST_P(ResourceStoreContract, CreateRefusesANameThatExistsInItsNamespaceAndKind) {
  Create(Experiment("e"));
  EXPECT_EQ(store_.Create(Experiment("e")).status().code(), absl::StatusCode::kAlreadyExists);
  Create(Experiment("e", "other"));
  Create(Trial("e"));
}

TEST_P(ResourceStoreContract, CreateRefusesBadNames) {
  for (const std::string& name :
       {std::string(), std::string("Upper"), std::string("a_b"), std::string(254, 'x')}) {
    EXPECT_EQ(store_.Create(Experiment(name)).status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
  EXPECT_TRUE(store_.List(kExperiment, "")->items.empty());
}

TEST_P(ResourceStoreContract, CreateAllCreatesWhatItCanInOrder) {
  Create(Experiment("b"));
  std::vector<api::ResourcePtr> wanted;
  for (const char* name : {"a", "b", "Bad", "c", "a"}) wanted.push_back(Experiment(name).Clone());
  const auto results = store_.CreateAll(wanted);
  ASSERT_EQ(results.size(), 5u);
  EXPECT_EQ((*results[0])->metadata.name, "a");
  EXPECT_EQ(results[1].status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(results[2].status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ((*results[3])->metadata.name, "c");
  EXPECT_EQ(results[4].status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(store_.List(kExperiment, "")->items.size(), 3u);
  EXPECT_EQ((*store_.Get(kExperiment, Key("c")))->metadata.resource_version,
            (*results[3])->metadata.resource_version);
  EXPECT_TRUE(store_.CreateAll({}).empty());
}

TEST_P(ResourceStoreContract, CreateGeneratesNames) {
  api::Experiment experiment = Experiment("");
  experiment.metadata.generate_name = "run-";
  std::set<std::string> names;
  for (int i = 0; i < 20; ++i) names.insert(Create(experiment)->metadata.name);
  EXPECT_EQ(names.size(), 20u);
  EXPECT_THAT(names, testing::Each(testing::MatchesRegex("run-[bcdfghjklmnpqrstvwxz2456789]{5}")));
}

TEST_P(ResourceStoreContract, GetOfNothingIsNotFound) {
  EXPECT_EQ(store_.Get(kExperiment, Key("e")).status().code(), absl::StatusCode::kNotFound);
  Create(Experiment("e"));
  EXPECT_EQ(store_.Get(kTrial, Key("e")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store_.Get(kExperiment, {"other", "e"}).status().code(), absl::StatusCode::kNotFound);
}

TEST_P(ResourceStoreContract, ListIsSortedAndSelectsByNamespaceAndLabels) {
  for (const auto& [name, namespace_name, team] : std::vector<std::array<std::string, 3>>{
           {"b", "ns2", "x"}, {"c", "ns1", "x"}, {"a", "ns1", "y"}, {"a", "ns10", "x"}}) {
    api::Experiment experiment = Experiment(name, namespace_name);
    experiment.metadata.labels = {{"team", team}, {"all", ""}};
    Create(experiment);
  }
  const auto names = [&](std::string_view namespace_name, const api::StringMap& labels) {
    std::vector<std::string> keys;
    const api::ResourceList list = *store_.List(kExperiment, namespace_name, labels);
    for (const auto& item : list.items) {
      keys.push_back(item->metadata.namespace_name + "/" + item->metadata.name);
    }
    return keys;
  };
  using testing::ElementsAre;
  EXPECT_THAT(names("", {}), ElementsAre("ns1/a", "ns1/c", "ns10/a", "ns2/b"));
  EXPECT_THAT(names("ns1", {}), ElementsAre("ns1/a", "ns1/c"));
  EXPECT_THAT(names("", {{"team", "x"}}), ElementsAre("ns1/c", "ns10/a", "ns2/b"));
  EXPECT_THAT(names("ns1", {{"team", "x"}, {"all", ""}}), ElementsAre("ns1/c"));
  EXPECT_THAT(names("", {{"team", ""}}), ElementsAre());
  EXPECT_THAT(names("nowhere", {}), ElementsAre());
}

TEST_P(ResourceStoreContract, UpdateReplacesMetadataAndSpecButNotTheStatus) {
  api::Experiment experiment = Copy<api::Experiment>(Create(Experiment("e")));
  experiment.status.trials = 2;
  experiment = Copy<api::Experiment>(*store_.UpdateStatus(experiment));
  experiment.spec.max_trial_count = 9;
  experiment.metadata.annotations["a"] = "b";
  experiment.status.trials = 77;
  const auto updated = store_.Update(experiment);
  ASSERT_TRUE(updated.ok()) << updated.status();
  const auto after = Copy<api::Experiment>(*updated);
  EXPECT_EQ(after.spec.max_trial_count, 9);
  EXPECT_EQ(after.metadata.annotations.at("a"), "b");
  EXPECT_EQ(after.status.trials, 2);
  EXPECT_NE(after.metadata.resource_version, experiment.metadata.resource_version);
  EXPECT_TRUE((*store_.Get(kExperiment, Key("e")))->Equals(after));
}

TEST_P(ResourceStoreContract, GenerationCountsSpecChangesOnly) {
  api::Experiment experiment = Copy<api::Experiment>(Create(Experiment("e")));
  experiment.metadata.labels["a"] = "b";
  experiment = Copy<api::Experiment>(*store_.Update(experiment));
  EXPECT_EQ(experiment.metadata.generation, 1);
  experiment.status.trials = 1;
  experiment = Copy<api::Experiment>(*store_.UpdateStatus(experiment));
  EXPECT_EQ(experiment.metadata.generation, 1);
  experiment.spec.max_trial_count = 4;
  experiment = Copy<api::Experiment>(*store_.Update(experiment));
  EXPECT_EQ(experiment.metadata.generation, 2);
}

TEST_P(ResourceStoreContract, UpdateStatusReplacesTheStatusOnly) {
  api::Experiment experiment = Copy<api::Experiment>(Create(Experiment("e")));
  experiment.status.running = {"t1", "t2"};
  experiment.spec.max_trial_count = 99;
  experiment.metadata.labels["a"] = "b";
  const auto updated = store_.UpdateStatus(experiment);
  ASSERT_TRUE(updated.ok()) << updated.status();
  const auto after = Copy<api::Experiment>(*updated);
  EXPECT_THAT(after.status.running, testing::ElementsAre("t1", "t2"));
  EXPECT_EQ(after.spec.max_trial_count, 3);
  EXPECT_TRUE(after.metadata.labels.empty());
}

TEST_P(ResourceStoreContract, StaleVersionsAreRefused) {
  const api::Experiment old = Copy<api::Experiment>(Create(Experiment("e")));
  api::Experiment experiment = old;
  experiment.spec.max_trial_count = 4;
  ASSERT_TRUE(store_.Update(experiment).ok());
  experiment.spec.max_trial_count = 5;
  experiment.status.trials = 5;
  for (const absl::Status& status : {store_.Update(experiment).status(),
                                     store_.UpdateStatus(experiment).status(), store_.Update(old).status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr("the object has been modified"));
  }
  EXPECT_EQ(Copy<api::Experiment>(*store_.Get(kExperiment, Key("e"))).spec.max_trial_count, 4);
}

TEST_P(ResourceStoreContract, WithoutAVersionAWriteIsUnconditional) {
  api::Experiment experiment = Copy<api::Experiment>(Create(Experiment("e")));
  experiment.metadata.resource_version.clear();
  experiment.spec.max_trial_count = 4;
  ASSERT_TRUE(store_.Update(experiment).ok());
  experiment.spec.max_trial_count = 5;
  EXPECT_TRUE(store_.Update(experiment).ok());
  experiment.status.trials = 1;
  EXPECT_TRUE(store_.UpdateStatus(experiment).ok());
}

TEST_P(ResourceStoreContract, AWriteThatChangesNothingKeepsTheVersionAndWakesNobody) {
  api::Experiment experiment = Copy<api::Experiment>(Create(Experiment("e")));
  const std::string version = experiment.metadata.resource_version;
  EventRecorder recorder;
  const auto watch = Watch(kExperiment, recorder, Version());
  EXPECT_EQ((*store_.Update(experiment))->metadata.resource_version, version);
  EXPECT_EQ((*store_.UpdateStatus(experiment))->metadata.resource_version, version);
  experiment.metadata.resource_version.clear();
  experiment.metadata.generation = 0;
  experiment.metadata.creation_timestamp.reset();
  EXPECT_EQ((*store_.Update(experiment))->metadata.resource_version, version);
  Create(Experiment("last"));
  EXPECT_THAT(recorder.Texts(1), testing::ElementsAre("ADDED last"));
}

TEST_P(ResourceStoreContract, WritesToNothingAreNotFound) {
  EXPECT_EQ(store_.Update(Experiment("e")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store_.UpdateStatus(Experiment("e")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store_.Delete(kExperiment, Key("e")).code(), absl::StatusCode::kNotFound);
}

TEST_P(ResourceStoreContract, OneOfSeveralWritersOfAVersionWins) {
  const api::Experiment experiment = Copy<api::Experiment>(Create(Experiment("e")));
  std::atomic<int> won = 0, lost = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      api::Experiment mine = experiment;
      mine.spec.max_trial_count = 100 + t;
      const absl::Status status = store_.Update(mine).status();
      won += status.ok();
      lost += absl::IsAborted(status);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(lost, 7);
}

TEST_P(ResourceStoreContract, DeleteRemovesWhatHasNoFinalizers) {
  Create(Experiment("e"));
  ASSERT_EQ(store_.Delete(kExperiment, Key("e")), absl::OkStatus());
  EXPECT_FALSE(Exists(kExperiment, "e"));
  const std::string uid = Create(Experiment("e"))->metadata.uid;
  EXPECT_FALSE(store_.Delete(kExperiment, Key("e"), "00000000-0000-4000-8000-000000000000").ok());
  EXPECT_TRUE(Exists(kExperiment, "e"));
  EXPECT_EQ(store_.Delete(kExperiment, Key("e"), uid), absl::OkStatus());
  EXPECT_FALSE(Exists(kExperiment, "e"));
}

TEST_P(ResourceStoreContract, DeleteMeansOneVersionWhereOneIsGiven) {
  const std::string version = Create(Experiment("e"))->metadata.resource_version;
  const auto remove = [&](const std::string& which) {
    return store_.Delete(kExperiment, Key("e"), {}, api::Propagation::kBackground, which).code();
  };
  EXPECT_EQ(remove(version + "0"), absl::StatusCode::kAborted);
  EXPECT_TRUE(Exists(kExperiment, "e"));
  EXPECT_EQ(remove(version), absl::StatusCode::kOk);
}

TEST_P(ResourceStoreContract, ADryRunAnswersAsUsualAndChangesNothing) {
  Create(Experiment("e"));
  const std::string version = Version();
  const std::unique_ptr<api::ResourceStore> rehearsal = store_.DryRun();
  EXPECT_EQ((*rehearsal->Create(Experiment("f")))->metadata.generation, 1);
  EXPECT_EQ(rehearsal->Create(Experiment("e")).status().code(), absl::StatusCode::kAlreadyExists);
  api::Experiment changed = Copy<api::Experiment>(*rehearsal->Get(kExperiment, Key("e")));
  changed.spec.max_trial_count = 77;
  EXPECT_EQ((*rehearsal->Update(changed))->metadata.generation, 2);
  changed.status.trials = 7;
  EXPECT_TRUE(rehearsal->UpdateStatus(changed).ok());
  EXPECT_TRUE(rehearsal->Delete(kExperiment, Key("e")).ok());
  EXPECT_EQ(rehearsal->Delete(kExperiment, Key("f")).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Version(), version);
  EXPECT_FALSE(Exists(kExperiment, "f"));
  EXPECT_EQ((*store_.Get(kExperiment, Key("e")))->metadata.generation, 1);
}

TEST_P(ResourceStoreContract, ANamespaceGoesAfterEverythingInIt) {
  api::Namespace home;
  home.metadata.name = "default";
  Create(home);
  api::Experiment held = Experiment("held");
  held.metadata.finalizers = {"a.io/one"};
  Create(held);
  Create(Experiment("free"));
  const auto home_left = [&] { return store_.Get(api::Kind::kNamespace, {"", "default"}).ok(); };
  ASSERT_EQ(store_.Delete(api::Kind::kNamespace, {"", "default"}, {}, api::Propagation::kOrphan),
            absl::OkStatus());
  EXPECT_FALSE(Exists(kExperiment, "free"));
  EXPECT_TRUE(home_left());
  EXPECT_TRUE(store_.Create(Experiment("late")).ok());
  EXPECT_FALSE(Exists(kExperiment, "late"));
  held = Copy<api::Experiment>(*store_.Get(kExperiment, Key("held")));
  held.metadata.finalizers.clear();
  EXPECT_TRUE(store_.Update(held).ok());
  EXPECT_FALSE(Exists(kExperiment, "held"));
  EXPECT_FALSE(home_left());
}

TEST_P(ResourceStoreContract, AnotherObjectOfTheSameNameIsNotOverwritten) {
  api::Experiment first = Copy<api::Experiment>(Create(Experiment("e")));
  ASSERT_EQ(store_.Delete(kExperiment, Key("e")), absl::OkStatus());
  Create(Experiment("e"));
  first.spec.max_trial_count = 8;
  first.metadata.resource_version.clear();
  EXPECT_EQ(store_.Update(first).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(store_.UpdateStatus(first).status().code(), absl::StatusCode::kAborted);
}

TEST_P(ResourceStoreContract, FinalizersHoldBackTheDeletion) {
  api::Experiment experiment = Experiment("e");
  experiment.metadata.finalizers = {"a.io/one", "a.io/two"};
  Create(experiment);
  EventRecorder recorder;
  const auto watch = Watch(kExperiment, recorder, Version());
  ASSERT_EQ(store_.Delete(kExperiment, Key("e")), absl::OkStatus());
  experiment = Copy<api::Experiment>(*store_.Get(kExperiment, Key("e")));
  EXPECT_TRUE(experiment.metadata.deletion_timestamp.has_value());
  EXPECT_EQ(experiment.metadata.generation, 2);
  EXPECT_EQ(store_.Create(Experiment("e")).status().code(), absl::StatusCode::kAlreadyExists);

  const std::string version = experiment.metadata.resource_version;
  EXPECT_EQ(store_.Delete(kExperiment, Key("e")), absl::OkStatus());
  EXPECT_EQ((*store_.Get(kExperiment, Key("e")))->metadata.resource_version, version);

  experiment.metadata.finalizers = {"a.io/two"};
  experiment.metadata.deletion_timestamp.reset();
  experiment = Copy<api::Experiment>(*store_.Update(experiment));
  EXPECT_TRUE(experiment.metadata.deletion_timestamp.has_value());
  experiment.metadata.finalizers.clear();
  experiment.metadata.labels["last"] = "words";
  const auto last = store_.Update(experiment);
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ((*last)->metadata.labels.at("last"), "words");
  EXPECT_FALSE(Exists(kExperiment, "e"));
  const auto events = recorder.Events(3);
  EXPECT_THAT(recorder.Texts(3), testing::ElementsAre("MODIFIED e", "MODIFIED e", "DELETED e"));
  EXPECT_EQ(events.back().resource->metadata.labels.at("last"), "words");
}

TEST_P(ResourceStoreContract, NoFinalizerComesOnceDeletionHasBegun) {
  api::Experiment experiment = Experiment("e");
  experiment.metadata.finalizers = {"a.io/one"};
  Create(experiment);
  ASSERT_EQ(store_.Delete(kExperiment, Key("e")), absl::OkStatus());
  experiment = Copy<api::Experiment>(*store_.Get(kExperiment, Key("e")));
  experiment.metadata.finalizers.push_back("a.io/two");
  const absl::Status status = store_.Update(experiment).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("metadata.finalizers"));
  experiment.metadata.finalizers = {"a.io/one"};
  experiment.status.trials = 1;
  EXPECT_TRUE(store_.UpdateStatus(experiment).ok());
}

TEST_P(ResourceStoreContract, DependantsFollowTheirOwner) {
  const api::ResourcePtr owner = Create(Experiment("e"));
  Create(Trial("free"));
  Create(Trial("plain", {owner}));
  api::Trial held = Trial("held", {owner});
  held.metadata.finalizers = {"a.io/one"};
  Create(held);
  EventRecorder recorder;
  const auto watch = Watch(kTrial, recorder, Version());
  ASSERT_EQ(store_.Delete(kExperiment, Key("e")), absl::OkStatus());
  EXPECT_FALSE(Exists(kExperiment, "e"));
  EXPECT_TRUE(recorder.WaitFor("DELETED plain"));
  EXPECT_TRUE(recorder.WaitFor("MODIFIED held"));
  held = Copy<api::Trial>(*store_.Get(kTrial, Key("held")));
  EXPECT_TRUE(held.metadata.deletion_timestamp.has_value());
  EXPECT_TRUE(Exists(kTrial, "free"));
  held.metadata.finalizers.clear();
  ASSERT_TRUE(store_.Update(held).ok());
  EXPECT_FALSE(Exists(kTrial, "held"));
}

TEST_P(ResourceStoreContract, DependantsStayWhileTheOwnerWaitsForItsFinalizers) {
  api::Experiment experiment = Experiment("e");
  experiment.metadata.finalizers = {"a.io/one"};
  Create(Trial("t", {Create(experiment)}));
  EventRecorder recorder;
  const auto watch = Watch(kTrial, recorder, Version());
  ASSERT_EQ(store_.Delete(kExperiment, Key("e")), absl::OkStatus());
  EXPECT_TRUE(Exists(kTrial, "t"));
  experiment = Copy<api::Experiment>(*store_.Get(kExperiment, Key("e")));
  experiment.metadata.finalizers.clear();
  ASSERT_TRUE(store_.Update(experiment).ok());
  EXPECT_TRUE(recorder.WaitFor("DELETED t"));
}

TEST_P(ResourceStoreContract, DeletionReachesGrandchildren) {
  const api::ResourcePtr owner = Create(Experiment("e"));
  const api::ResourcePtr child = Create(Trial("child", {owner}));
  Create(Trial("grandchild", {child}));
  EventRecorder recorder;
  const auto watch = Watch(kTrial, recorder, Version());
  ASSERT_EQ(store_.Delete(kExperiment, Key("e")), absl::OkStatus());
  EXPECT_TRUE(recorder.WaitFor("DELETED child"));
  EXPECT_TRUE(recorder.WaitFor("DELETED grandchild"));
}

TEST_P(ResourceStoreContract, ADependantWithAnotherOwnerStays) {
  const api::ResourcePtr one = Create(Experiment("one")), two = Create(Experiment("two"));
  Create(Trial("t", {one, two}));
  EventRecorder recorder;
  const auto watch = Watch(kTrial, recorder, Version());
  ASSERT_EQ(store_.Delete(kExperiment, Key("one")), absl::OkStatus());
  EXPECT_TRUE(recorder.WaitFor("MODIFIED t"));
  const auto owners = (*store_.Get(kTrial, Key("t")))->metadata.owner_references;
  ASSERT_EQ(owners.size(), 1u);
  EXPECT_EQ(owners[0].uid, two->metadata.uid);
  ASSERT_EQ(store_.Delete(kExperiment, Key("two")), absl::OkStatus());
  EXPECT_TRUE(recorder.WaitFor("DELETED t"));
}

TEST_P(ResourceStoreContract, ADependantThatComesTooLateGoesToo) {
  const api::ResourcePtr owner = Create(Experiment("e"));
  ASSERT_EQ(store_.Delete(kExperiment, Key("e")), absl::OkStatus());
  Create(Experiment("e"));  // of the same name, but another object
  EventRecorder recorder;
  const auto watch = Watch(kTrial, recorder, Version());
  EXPECT_TRUE(store_.Create(Trial("t", {owner})).ok());
  EXPECT_TRUE(recorder.WaitFor("ADDED t"));
  EXPECT_TRUE(recorder.WaitFor("DELETED t"));
}

TEST_P(ResourceStoreContract, OrphansLoseTheReferenceAndStay) {
  Create(Trial("t", {Create(Experiment("e"))}));
  EventRecorder recorder;
  const auto watch = Watch(kTrial, recorder, Version());
  ASSERT_EQ(store_.Delete(kExperiment, Key("e"), {}, api::Propagation::kOrphan), absl::OkStatus());
  EXPECT_TRUE(recorder.WaitFor("MODIFIED t"));
  EXPECT_TRUE((*store_.Get(kTrial, Key("t")))->metadata.owner_references.empty());
}

TEST_P(ResourceStoreContract, ForegroundDeletionWaitsForTheDependants) {
  api::Trial held = Trial("held", {Create(Experiment("e"))});
  held.metadata.finalizers = {"a.io/one"};
  Create(held);
  EventRecorder experiments, trials;
  const auto watch_experiments = Watch(kExperiment, experiments, Version());
  const auto watch_trials = Watch(kTrial, trials, Version());
  ASSERT_EQ(store_.Delete(kExperiment, Key("e"), {}, api::Propagation::kForeground), absl::OkStatus());
  EXPECT_TRUE(trials.WaitFor("MODIFIED held"));
  EXPECT_TRUE(Exists(kExperiment, "e"));
  held = Copy<api::Trial>(*store_.Get(kTrial, Key("held")));
  held.metadata.finalizers.clear();
  ASSERT_TRUE(store_.Update(held).ok());
  EXPECT_TRUE(trials.WaitFor("DELETED held"));
  EXPECT_TRUE(experiments.WaitFor("DELETED e"));
}

TEST_P(ResourceStoreContract, AWatchSeesEveryChangeOfItsKindAndNamespaceInOrder) {
  EventRecorder all, one_namespace;
  const std::string version = Version();
  const auto watch_all = Watch(kExperiment, all, version);
  const auto watch_one = Watch(kExperiment, one_namespace, version, "other");
  api::Experiment experiment = Copy<api::Experiment>(Create(Experiment("a")));
  Create(Trial("t"));
  Create(Experiment("b", "other"));
  experiment.status.trials = 1;
  ASSERT_TRUE(store_.UpdateStatus(experiment).ok());
  ASSERT_EQ(store_.Delete(kExperiment, Key("a")), absl::OkStatus());
  EXPECT_THAT(all.Texts(4), testing::ElementsAre("ADDED a", "ADDED b", "MODIFIED a", "DELETED a"));
  EXPECT_THAT(one_namespace.Texts(1), testing::ElementsAre("ADDED b"));
  EXPECT_EQ(Copy<api::Experiment>(all.Events(4).back().resource).status.trials, 1);
}

TEST_P(ResourceStoreContract, AWatchFromAListMissesNothing) {
  Create(Experiment("before"));
  const std::string version = Version();
  Create(Experiment("between"));
  EventRecorder recorder;
  const auto watch = Watch(kExperiment, recorder, version);
  Create(Experiment("after"));
  EXPECT_THAT(recorder.Texts(2), testing::ElementsAre("ADDED between", "ADDED after"));
}

TEST_P(ResourceStoreContract, EventsSayWhatWasThereBefore) {
  EventRecorder recorder;
  const auto watch = Watch(kExperiment, recorder, Version());
  api::Experiment experiment = Copy<api::Experiment>(Create(Experiment("a")));
  experiment.metadata.labels["team"] = "x";
  ASSERT_TRUE(store_.Update(experiment).ok());
  ASSERT_EQ(store_.Delete(kExperiment, Key("a")), absl::OkStatus());
  const std::vector<api::WatchEvent> events = recorder.Events(3);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].previous, nullptr);
  EXPECT_TRUE(events[1].previous->metadata.labels.empty());
  EXPECT_EQ(events[2].previous->metadata.labels.at("team"), "x");
}

TEST_P(ResourceStoreContract, ChangesSinceAVersionAreThoseOfAWatchFromThere) {
  const std::string start = Version();
  const std::string version = Create(Experiment("a"))->metadata.resource_version;
  Create(Experiment("b", "other"));
  Create(Trial("t"));
  ASSERT_EQ(store_.Delete(kExperiment, Key("a")), absl::OkStatus());
  const auto texts = [&](std::string_view namespace_name, const std::string& since) {
    const auto changes = store_.ChangesSince(kExperiment, namespace_name, since);
    EXPECT_TRUE(changes.ok()) << changes.status();
    EventRecorder recorder;
    for (const api::WatchEvent& event : changes->events) recorder(event);
    return recorder.Texts(0);
  };
  EXPECT_THAT(texts("", start), testing::ElementsAre("ADDED a", "ADDED b", "DELETED a"));
  EXPECT_THAT(texts("", version), testing::ElementsAre("ADDED b", "DELETED a"));
  EXPECT_THAT(texts("other", start), testing::ElementsAre("ADDED b"));
  EXPECT_THAT(texts("", Version()), testing::ElementsAre());
  EXPECT_EQ(store_.ChangesSince(kExperiment, "", start)->resource_version, Version());
  EXPECT_EQ(store_.ChangesSince(kExperiment, "", "abc").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_P(ResourceStoreContract, AWatchFromTheVersionOfAnObjectGoesOnThere) {
  const std::string version = Create(Experiment("a"))->metadata.resource_version;
  Create(Experiment("b"));
  EventRecorder recorder;
  const auto watch = Watch(kExperiment, recorder, version);
  EXPECT_THAT(recorder.Texts(1), testing::ElementsAre("ADDED b"));
}

TEST_P(ResourceStoreContract, AWatchWithoutVersionBeginsWithWhatThereIs) {
  Create(Experiment("a"));
  for (const char* version : {"", "0"}) {
    EventRecorder recorder;
    const auto watch = Watch(kExperiment, recorder, version);
    EXPECT_THAT(recorder.Texts(1), testing::ElementsAre("ADDED a"));
  }
}

TEST_P(ResourceStoreContract, ADestroyedWatchIsSilent) {
  EventRecorder recorder;
  auto watch = Watch(kExperiment, recorder, Version());
  Create(Experiment("a"));
  EXPECT_TRUE(recorder.WaitFor("ADDED a"));
  watch.reset();
  Create(Experiment("b"));
  EventRecorder other;
  const auto later = Watch(kExperiment, other);
  EXPECT_EQ(other.Texts(2).size(), 2u);
  EXPECT_EQ(recorder.Texts(1).size(), 1u);
}

TEST_P(ResourceStoreContract, AWatchMayBeDestroyedInItsOwnCallback) {
  std::mutex mutex;
  std::condition_variable done;
  std::unique_ptr<api::Watch> watch;
  int calls = 0;
  {
    std::lock_guard lock(mutex);
    watch = *store_.WatchFrom(kExperiment, "", Version(), [&](const api::WatchEvent&) {
      std::unique_ptr<api::Watch> last;
      std::lock_guard inner(mutex);
      ++calls;
      last = std::move(watch);
      last.reset();
      done.notify_all();
    });
  }
  Create(Experiment("a"));
  std::unique_lock lock(mutex);
  ASSERT_TRUE(done.wait_for(lock, std::chrono::seconds(20), [&] { return calls > 0; }));
  lock.unlock();
  Create(Experiment("b"));
  EventRecorder other;
  const auto later = Watch(kExperiment, other);
  EXPECT_EQ(other.Texts(2).size(), 2u);
  EXPECT_EQ(calls, 1);
}

TEST_P(ResourceStoreContract, ACallbackMayCallTheStore) {
  EventRecorder recorder;
  const auto creator = store_.WatchFrom(kExperiment, "", Version(), [&](const api::WatchEvent& event) {
    if (event.type != api::WatchEventType::kAdded) return;
    EXPECT_TRUE(store_.Get(kExperiment, event.resource->key()).ok());
    EXPECT_TRUE(store_.Create(Trial("of-" + event.resource->metadata.name)).ok());
    EXPECT_EQ(store_.Delete(kExperiment, event.resource->key()), absl::OkStatus());
  });
  ASSERT_TRUE(creator.ok()) << creator.status();
  EventRecorder experiments, trials;
  const auto watch_experiments = Watch(kExperiment, experiments, Version());
  const auto watch_trials = Watch(kTrial, trials, Version());
  Create(Experiment("a"));
  EXPECT_TRUE(trials.WaitFor("ADDED of-a"));
  EXPECT_THAT(experiments.Texts(2), testing::ElementsAre("ADDED a", "DELETED a"));
}

TEST_P(ResourceStoreContract, ConcurrentWritersReachEveryWatchInOneOrder) {
  constexpr int kThreads = 4, kEach = 25;
  EventRecorder one, two;
  const std::string version = Version();
  const auto watch_one = Watch(kExperiment, one, version);
  const auto watch_two = Watch(kExperiment, two, version);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) Create(Experiment("e" + std::to_string(t) + "-" + std::to_string(i)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::vector<std::string> order = one.Texts(kThreads * kEach);
  EXPECT_EQ(order.size(), static_cast<size_t>(kThreads * kEach));
  EXPECT_EQ(two.Texts(kThreads * kEach), order);
  EXPECT_EQ(std::set<std::string>(order.begin(), order.end()).size(), order.size());
}

TEST_P(ResourceStoreContract, KeepsConfigMapsAndEvents) {
  api::ConfigMap map;
  map.metadata.name = "templates";
  map.metadata.namespace_name = "default";
  map.spec.data = {{"t.yaml", "kind: Job\n"}};
  Create(map);
  api::Event event;
  event.metadata.name = "e.1";
  event.metadata.namespace_name = "default";
  event.spec.reason = "Started";
  event.spec.type = "Normal";
  event.spec.involved_object = {"kubeflow.org/v1beta1", "Experiment", "default", "e", "uid"};
  Create(event);
  EXPECT_EQ(Copy<api::ConfigMap>(*store_.Get(api::Kind::kConfigMap, Key("templates"))).spec, map.spec);
  EXPECT_EQ(Copy<api::Event>(*store_.Get(api::Kind::kEvent, Key("e.1"))).spec.reason, "Started");
}

}  // namespace qalam::db
