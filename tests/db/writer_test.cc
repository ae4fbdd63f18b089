#include "db/writer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <thread>
#include <vector>

#include "db/connection.h"
#include "tests/db/temp_dir.h"

namespace qalam::db {
namespace {

class WriterTest : public testing::Test {
 protected:
  WriterTest() {
    auto connection = *Connection::Open(dir_.File("q.db"), OpenMode::kReadWrite, std::chrono::seconds(5));
    connection->database().execAndGet("PRAGMA journal_mode = WAL");
    connection->Execute("PRAGMA synchronous = NORMAL; CREATE TABLE t (thread INTEGER, n INTEGER, text TEXT)");
    writer_ = std::make_unique<Writer>(std::move(connection));
  }

  static void Insert(Connection& connection, int thread, int n, const std::string& text = "") {
    Query insert = connection.Prepared("INSERT INTO t VALUES (?, ?, ?)");
    insert->bind(1, thread);
    insert->bind(2, n);
    insert->bindNoCopy(3, text);
    insert->exec();
  }

  absl::Status Write(int thread, int n, const std::string& text = "") {
    return writer_->Write([&](Connection& connection) {
      Insert(connection, thread, n, text);
      return absl::OkStatus();
    });
  }

  std::int64_t Number(const char* sql) {
    SQLite::Database reader(dir_.File("q.db"));
    return reader.execAndGet(sql).getInt64();
  }

  // Runs `work(thread)` on that many threads that all queue up behind one slow write, so that they form
  // groups.
  void Together(int threads, const std::function<void(int)>& work) {
    std::atomic<int> started = 0;
    std::vector<std::thread> all;
    std::atomic<bool> inside = false;
    std::thread slow([&] {
      ASSERT_EQ(writer_->Write([&](Connection&) {
        inside = true;
        inside.notify_all();
        for (int seen = started; seen < threads; seen = started) started.wait(seen);
        return absl::OkStatus();
      }),
                absl::OkStatus());
    });
    inside.wait(false);
    for (int t = 0; t < threads; ++t) {
      all.emplace_back([&, t] {
        ++started;
        started.notify_all();
        work(t);
      });
    }
    for (std::thread& thread : all) thread.join();
    slow.join();
  }

  TempDir dir_;
  std::unique_ptr<Writer> writer_;
};

TEST_F(WriterTest, IsCommittedWhenItReturns) {
  ASSERT_EQ(Write(0, 1), absl::OkStatus());
  EXPECT_EQ(Number("SELECT count(*) FROM t"), 1);
}

TEST_F(WriterTest, KeepsEveryWriteOf64Threads) {
  constexpr int kThreads = 64, kWrites = 50;
  Together(kThreads, [&](int t) {
    for (int n = 0; n < kWrites; ++n) ASSERT_EQ(Write(t, n), absl::OkStatus());
  });
  EXPECT_EQ(Number("SELECT count(DISTINCT thread * 1000 + n) FROM t"), kThreads * kWrites);
  EXPECT_EQ(Number("SELECT count(*) FROM t"), kThreads * kWrites);
}

TEST_F(WriterTest, AFailedWriteLeavesNothingAndHarmsNobody) {
  constexpr int kThreads = 64, kWrites = 20;
  std::atomic<int> refused = 0;
  Together(kThreads, [&](int t) {
    for (int n = 0; n < kWrites; ++n) {
      const absl::Status status = writer_->Write([&](Connection& connection) -> absl::Status {
        Insert(connection, t, n);
        if (t % 4 == 1) return absl::AbortedError("mine " + std::to_string(t));
        if (t % 4 == 2) connection.Execute("INSERT INTO no_such_table VALUES (1)");
        if (t % 4 == 3) throw std::runtime_error("unexpected");
        return absl::OkStatus();
      });
      EXPECT_EQ(status.ok(), t % 4 == 0) << status;
      if (t % 4 == 1) {
        EXPECT_EQ(status, absl::AbortedError("mine " + std::to_string(t)));
      }
      refused += !status.ok();
    }
  });
  EXPECT_EQ(refused, kThreads * kWrites * 3 / 4);
  EXPECT_EQ(Number("SELECT count(*) FROM t WHERE thread % 4 = 0"), kThreads / 4 * kWrites);
  EXPECT_EQ(Number("SELECT count(*) FROM t"), kThreads / 4 * kWrites);
}

TEST_F(WriterTest, OnlyTheWriteThatDoesNotFitFailsWhenTheDiskIsFull) {
  ASSERT_EQ(writer_->Write([&](Connection& connection) {
    const std::int64_t pages = connection.Integer("PRAGMA page_count");
    connection.Execute(("PRAGMA max_page_count = " + std::to_string(pages + 20)).c_str());
    return absl::OkStatus();
  }),
            absl::OkStatus());
  const std::string huge(1 << 20, 'x');
  Together(16, [&](int t) {
    const absl::Status status = Write(t, 0, t % 4 == 1 ? huge : "small");
    EXPECT_EQ(status.code(), t % 4 == 1 ? absl::StatusCode::kResourceExhausted : absl::StatusCode::kOk)
        << status;
  });
  EXPECT_EQ(Number("SELECT count(*) FROM t"), 12);
}

TEST_F(WriterTest, AJobThatEndsTheTransactionIsToldSoAndHarmsNobody) {
  Together(16, [&](int t) {
    const absl::Status status = writer_->Write([&](Connection& connection) {
      Insert(connection, t, 0);
      if (t == 3) connection.Execute("ROLLBACK");
      return absl::OkStatus();
    });
    EXPECT_EQ(status.ok(), t != 3) << status;
  });
  EXPECT_EQ(Number("SELECT count(*) FROM t"), 15);
}

TEST_F(WriterTest, SubmittedWritesAreCommittedWithTheOthersAndToldTheirOwnResults) {
  std::atomic<int> stored = 0, failed = 0;
  Together(16, [&](int t) {
    if (t % 2 == 0) {
      EXPECT_EQ(Write(t, 0), absl::OkStatus());
      return;
    }
    writer_->Submit(
        [t](Connection& connection) {
          Insert(connection, t, 0);
          return t % 4 == 1 ? absl::OkStatus() : absl::AbortedError("no");
        },
        [&](const absl::Status& status) { ++(status.ok() ? stored : failed); });
  });
  writer_.reset();
  EXPECT_EQ(stored, 4);
  EXPECT_EQ(failed, 4);
  EXPECT_EQ(Number("SELECT count(*) FROM t"), 12);
  EXPECT_EQ(Number("SELECT count(*) FROM t WHERE thread % 4 = 3"), 0);
}

TEST_F(WriterTest, ASubmittedWriteNeedsNobodyToWait) {
  std::promise<absl::Status> result;
  writer_->Submit(
      [](Connection& connection) {
        Insert(connection, 1, 1);
        return absl::OkStatus();
      },
      [&](absl::Status status) { result.set_value(std::move(status)); });
  EXPECT_EQ(result.get_future().get(), absl::OkStatus());
  EXPECT_EQ(Number("SELECT count(*) FROM t"), 1);
}

TEST_F(WriterTest, TheEndOfASubmittedWriteMaySubmitTheNext) {
  std::promise<void> last;
  std::function<void(int)> submit = [&](int n) {
    writer_->Submit(
        [n](Connection& connection) {
          Insert(connection, 0, n);
          return absl::OkStatus();
        },
        [&, n](const absl::Status&) { n < 100 ? submit(n + 1) : last.set_value(); });
  };
  submit(1);
  last.get_future().wait();
  EXPECT_EQ(Number("SELECT count(*) FROM t"), 100);
}

TEST_F(WriterTest, RunsWhatWasSubmittedBeforeItEnds) {
  std::atomic<int> done = 0;
  for (int n = 0; n < 50; ++n) {
    writer_->Submit(
        [n](Connection& connection) {
          Insert(connection, 0, n);
          return absl::OkStatus();
        },
        [&](const absl::Status& status) { done += status.ok(); });
  }
  writer_.reset();
  EXPECT_EQ(done, 50);
  EXPECT_EQ(Number("SELECT count(*) FROM t"), 50);
}

TEST_F(WriterTest, ReportsALockOfAnotherProcess) {
  auto impatient = *Connection::Open(dir_.File("q.db"), OpenMode::kReadWrite, std::chrono::milliseconds(0));
  Writer writer(std::move(impatient));
  ASSERT_EQ(writer_->Write([&](Connection& connection) {
    Insert(connection, 0, 0);
    const absl::Status status = writer.Write([](Connection&) { return absl::OkStatus(); });
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
    return absl::OkStatus();
  }),
            absl::OkStatus());
  EXPECT_EQ(writer.Write([](Connection&) { return absl::OkStatus(); }), absl::OkStatus());
}

}  // namespace
}  // namespace qalam::db
