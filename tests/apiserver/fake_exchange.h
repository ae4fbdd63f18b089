// A client that asks once, for tests without a server.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/exchange.h"

namespace qalam::apiserver {

/// Takes everything at once, until it is closed.
class FakeStream final : public http::ResponseStream {
 public:
  bool Write(std::shared_ptr<const std::string> bytes) override {
    std::lock_guard lock(mutex_);
    if (ended_ || closed_) return false;
    text_ += *bytes;
    pieces_.push_back(std::move(bytes));
    changed_.notify_all();
    return true;
  }
  void End() override {
    std::lock_guard lock(mutex_);
    ended_ = true;
    on_closed_ = nullptr;
    changed_.notify_all();
  }
  void OnClosed(std::function<void()> handler) override {
    {
      std::lock_guard lock(mutex_);
      if (ended_) return;
      if (!closed_) {
        on_closed_ = std::move(handler);
        return;
      }
    }
    handler();
  }

  /// The client goes.
  void Close() {
    std::function<void()> handler;
    {
      std::lock_guard lock(mutex_);
      closed_ = true;
      handler = std::exchange(on_closed_, nullptr);
    }
    if (handler) handler();
  }

  /// Whole lines, once there are that many.
  std::vector<std::string> Lines(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [&] { return SplitLines().size() >= count; });
    return SplitLines();
  }
  bool WaitForEnd() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return ended_; });
  }
  std::vector<std::shared_ptr<const std::string>> pieces() {
    std::lock_guard lock(mutex_);
    return pieces_;
  }

 private:
  std::vector<std::string> SplitLines() const {
    std::vector<std::string> lines;
    for (std::size_t begin = 0, end = 0; (end = text_.find('\n', begin)) != std::string::npos;
         begin = end + 1)
      lines.push_back(text_.substr(begin, end - begin));
    return lines;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string text_;
  std::vector<std::shared_ptr<const std::string>> pieces_;
  std::function<void()> on_closed_;
  bool ended_ = false, closed_ = false;
};

class FakeExchange final : public http::Exchange {
 public:
  explicit FakeExchange(http::Request request = {}) : request_(std::move(request)) {}

  const http::Request& request() const override { return request_; }
  void Respond(http::Response response) override {
    EXPECT_FALSE(response_.has_value() || stream_ != nullptr) << "answered twice";
    response_ = std::move(response);
  }
  std::shared_ptr<http::ResponseStream> Begin(http::Response head) override {
    EXPECT_FALSE(response_.has_value() || stream_ != nullptr) << "answered twice";
    head_ = std::move(head);
    stream_ = std::make_shared<FakeStream>();
    return stream_;
  }

  const std::optional<http::Response>& response() const { return response_; }
  const http::Response& head() const { return head_; }
  /// Null when it was answered without one.
  const std::shared_ptr<FakeStream>& stream() const { return stream_; }

 private:
  const http::Request request_;
  std::optional<http::Response> response_;
  http::Response head_;
  std::shared_ptr<FakeStream> stream_;
};

}  // namespace qalam::apiserver
