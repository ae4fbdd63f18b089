// The coroutines of this room, and how they wait for each other's doings.
#pragma once

#include <utility>  // Boost 1.74's awaitable.hpp uses std::exchange

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>

namespace qalam::http {

using Strand = boost::asio::strand<boost::asio::io_context::executor_type>;
template <class T>
using Task = boost::asio::awaitable<T, Strand>;

/// Something has happened. One coroutine waits at a time. Threads: a strand.
class Signal {
 public:
  /// The coroutine that waits, if one does, goes on within this call.
  void Set() {
    set_ = true;
    if (const std::function<void()> resume = std::exchange(resume_, nullptr)) resume();
  }

  /// Returns at once when Set was called since the last time.
  Task<void> Wait() {
    constexpr boost::asio::use_awaitable_t<Strand> kCoroutine;
    if (!set_) {
      co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<Strand>, void()>(
          [this](auto handler) {
            resume_ = [held = std::make_shared<decltype(handler)>(std::move(handler))] { (*held)(); };
          },
          kCoroutine);
    }
    set_ = false;
  }

 private:
  bool set_ = false;
  std::function<void()> resume_;
};

}  // namespace qalam::http
