// Results worth keeping, up to a size.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace qalam::algorithms {

/// Values by key; the ones not used for the longest time go when the sum of the weights passes the capacity.
/// Callers put in only what the key determines, so that a lost entry costs time and nothing else.
///
/// Threads: all methods may run concurrently. Values are shared and never change.
template <class V>
class BoundedCache {
 public:
  explicit BoundedCache(size_t capacity) : capacity_(capacity) {}

  /// Null when it is not there.
  std::shared_ptr<const V> Get(std::uint64_t key) {
    const std::lock_guard lock(mutex_);
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->value;
  }

  /// What is kept already stays. A weight above the capacity is not kept.
  void Put(std::uint64_t key, std::shared_ptr<const V> value, size_t weight) {
    const std::lock_guard lock(mutex_);
    if (weight > capacity_ || by_key_.count(key) > 0) return;
    entries_.push_front({key, std::move(value), weight});
    by_key_[key] = entries_.begin();
    for (weight_ += weight; weight_ > capacity_; entries_.pop_back()) {
      weight_ -= entries_.back().weight;
      by_key_.erase(entries_.back().key);
    }
  }

 private:
  struct Entry {
    std::uint64_t key;
    std::shared_ptr<const V> value;
    size_t weight;
  };

  const size_t capacity_;
  std::mutex mutex_;
  size_t weight_ = 0;
  std::list<Entry> entries_;  // the one used last first
  std::unordered_map<std::uint64_t, typename std::list<Entry>::iterator> by_key_;
};

}  // namespace qalam::algorithms
