// A real loop and a folder of real files; waits for events, never for time.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>

#include "base/asio_event_loop.h"

namespace qalam::metrics {

class LoopFixture : public testing::Test {
 protected:
  LoopFixture() {
    std::string pattern = testing::TempDir() + "/qalam-metrics-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  ~LoopFixture() override { std::filesystem::remove_all(directory_); }

  /// Runs tasks until `condition` holds; false after 20 s without.
  bool PumpUntil(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
      if (loop_.context().run_one_until(deadline) == 0) return false;
    }
    return true;
  }

  /// Runs the tasks that are ready, and those they post.
  void PumpReady() { loop_.context().poll(); }

  std::string Path(std::string_view name) const { return directory_ + "/" + std::string(name); }

  void Write(std::string_view name, std::string_view bytes) {
    std::ofstream(Path(name), std::ios::binary | std::ios::trunc) << bytes;
  }
  void Append(std::string_view name, std::string_view bytes) {
    std::ofstream(Path(name), std::ios::binary | std::ios::app) << bytes;
  }

  AsioEventLoop loop_;
  std::string directory_;
};

}  // namespace qalam::metrics
