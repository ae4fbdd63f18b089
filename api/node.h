// A document as read from JSON or YAML, before it is known what it should be. Internal to this room.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace qalam::api {

enum class NodeType : unsigned char { kNull, kBool, kInt, kFloat, kText, kList, kMap };

/// One value. Nodes are owned by a Document; an alias makes several parents share one node.
struct Node {
  struct Child {
    const Node* key = nullptr;  // null in lists; always a scalar, its `text` is the key
    const Node* value = nullptr;
  };

  NodeType type = NodeType::kNull;
  int line = 0, column = 0;  // from 1; 0 when read from JSON
  int height = 1;            // 1 for scalars
  std::size_t size = 1;      // nodes below and including this one, aliases expanded
  std::string text;          // scalars: as written, without quotes
  std::vector<Child> children;

  bool IsScalar() const { return type < NodeType::kList; }
  /// The value of a key; null when absent or when this is no map.
  const Node* Find(std::string_view key) const;
  /// Find along a path of keys.
  const Node* Find(std::initializer_list<std::string_view> path) const;
};

/// Moves, but is not copied: nodes point at each other.
struct Document {
  Document() = default;
  Document(Document&&) = default;
  Document& operator=(Document&&) = default;

  std::deque<Node> nodes;
  const Node* root = nullptr;
};

/// Appends the value as compact JSON. Numbers keep their digits; YAML forms that JSON lacks (0644, 0x1f,
/// 1_000, +5, .5) are rewritten, infinities and NaN become text.
void AppendJson(const Node& node, std::string& out);

/// "text", "a number", "a list", ...: for messages.
std::string_view TypeText(const Node& node);

/// The value as a short quote for messages.
std::string Shortened(const Node& node);
std::string Shortened(std::string_view text);

}  // namespace qalam::api
