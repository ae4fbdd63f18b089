// Values that are copied often and changed never.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace qalam::api {

/// An immutable T that copies share, with the text it serialises to once that has been asked for. A Suggestion holds
/// every assignment ever made and is copied and written after each trial; this makes both cheap.
///
/// Threads: const functions may run concurrently, as with shared_ptr<const T>.
template <class T>
class Shared {
 public:
  Shared() : Shared(T()) {}
  Shared(T value)  // NOLINT(google-explicit-constructor): stands for its value
      : node_(std::make_shared<Node>(std::move(value))) {}

  const T& operator*() const { return node_->value; }
  const T* operator->() const { return &node_->value; }

  bool operator==(const Shared& other) const {
    return node_ == other.node_ || node_->value == other.node_->value;
  }

  /// What `write(std::string&)` appended when it was called first.
  template <class Write>
  const std::string& Text(Write write) const {
    std::call_once(node_->written, [&] { write(node_->text); });
    return node_->text;
  }

 private:
  struct Node {
    explicit Node(T v) : value(std::move(v)) {}
    const T value;
    std::once_flag written;
    std::string text;
  };
  std::shared_ptr<Node> node_;
};

}  // namespace qalam::api
