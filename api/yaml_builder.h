// Makes the nodes of one document out of libyaml's events. Internal to this room.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/yaml_reader.h"

namespace qalam::api {

struct YamlMark {
  int line = 0, column = 0;  // from 1
};

/// What remains of the bounds of a text.
struct YamlBudget {
  std::size_t documents = 10'000;
  std::size_t nodes = 1'000'000;
  std::size_t alias_nodes = 10'000;
};

class YamlBuilder {
 public:
  YamlBuilder(YamlDocument& out, YamlBudget& budget) : out_(out), budget_(budget) {}

  /// Each returns false when the document cannot be read any further; the reason is among the errors.
  bool Scalar(std::string_view text, bool plain, std::string_view tag, std::string_view anchor,
              YamlMark mark);
  bool Open(NodeType type, std::string_view tag, std::string_view anchor, YamlMark mark);
  bool Close();
  bool Alias(std::string_view anchor, YamlMark mark);

  void Error(FieldErrorType type, std::string_view value, std::string detail, YamlMark mark);

 private:
  struct Frame {
    Node* node;
    const Node* key = nullptr;        // the latest one
    bool key_waits = false;           // for its value
    const Node* merge_key = nullptr;  // the plain key <<
    std::string anchor;
  };

  Node* NewNode(NodeType type, YamlMark mark);
  bool Attach(const Node* node, bool plain);
  void CheckTag(const Node& node, std::string_view tag);
  void DropRepeatedKeys(Node& map);
  void Merge(Frame& frame);
  std::string Path() const;

  YamlDocument& out_;
  YamlBudget& budget_;
  std::vector<Frame> frames_;
  std::map<std::string, const Node*, std::less<>> anchors_;
};

}  // namespace qalam::api
