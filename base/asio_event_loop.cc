#include "base/asio_event_loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <mutex>

#include "absl/time/clock.h"

namespace qalam {
namespace asio = boost::asio;

struct AsioEventLoop::State {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  std::mutex mutex;  // guards the two below
  TimerId next_timer = 1;
  std::map<TimerId, std::shared_ptr<asio::steady_timer>> timers;
};

AsioEventLoop::AsioEventLoop() : state_(std::make_unique<State>()) {}
AsioEventLoop::~AsioEventLoop() = default;

void AsioEventLoop::Run() {
  state_->context.restart();
  state_->context.run();
}

void AsioEventLoop::Stop() { state_->context.stop(); }

void AsioEventLoop::Post(Task task) { asio::post(state_->context, std::move(task)); }

EventLoop::TimerId AsioEventLoop::PostAfter(absl::Duration delay, Task task) {
  auto timer = std::make_shared<asio::steady_timer>(state_->context, absl::ToChronoNanoseconds(delay));
  TimerId id;
  {
    std::lock_guard lock(state_->mutex);
    id = state_->next_timer++;
    state_->timers.emplace(id, timer);
  }
  // The wait is started on the loop so that a timer is only ever touched by the loop's thread.
  asio::post(state_->context, [this, id, timer, task = std::move(task)]() mutable {
    timer->async_wait([this, id, timer, task = std::move(task)](const boost::system::error_code&) mutable {
      bool pending;
      {
        std::lock_guard lock(state_->mutex);
        pending = state_->timers.erase(id) == 1;
      }
      if (pending) task();
    });
  });
  return id;
}

void AsioEventLoop::Cancel(TimerId id) {
  std::shared_ptr<asio::steady_timer> timer;
  {
    std::lock_guard lock(state_->mutex);
    auto node = state_->timers.extract(id);
    if (node.empty()) return;
    timer = std::move(node.mapped());
  }
  asio::post(state_->context, [timer] { timer->cancel(); });
}

absl::Time AsioEventLoop::Now() const { return absl::Now(); }

asio::io_context& AsioEventLoop::context() { return state_->context; }

}  // namespace qalam
