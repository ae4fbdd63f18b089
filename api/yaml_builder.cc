#include "api/yaml_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "api/yaml_scalars.h"

namespace qalam::api {
namespace {

constexpr std::size_t kDeepest = 100;
constexpr std::size_t kMostErrors = 1'000;
constexpr std::string_view kCoreTag = "tag:yaml.org,2002:";

std::string_view CoreTag(std::string_view tag) {
  return tag.starts_with(kCoreTag) ? tag.substr(kCoreTag.size()) : std::string_view();
}

NodeType ScalarType(std::string_view text, bool plain, std::string_view tag) {
  const bool resolve = tag.empty() ? plain : CoreTag(tag) != "str" && tag != "!";
  return resolve ? PlainScalarType(text) : NodeType::kText;
}

bool TagFits(NodeType type, std::string_view core) {
  switch (type) {
    case NodeType::kNull:
      return core == "null";
    case NodeType::kBool:
      return core == "bool";
    case NodeType::kInt:
      return core == "int" || core == "float";
    case NodeType::kFloat:
      return core == "float";
    case NodeType::kText:
      return core == "str" || core == "timestamp";
    case NodeType::kList:
      return core == "seq";
    case NodeType::kMap:
      return core == "map";
  }
  return false;
}

}  // namespace

void YamlBuilder::Error(FieldErrorType type, std::string_view value, std::string detail, YamlMark mark) {
  if (out_.errors.size() >= kMostErrors) return;
  out_.errors.push_back({.type = type,
                         .field = type == FieldErrorType::kSyntax ? "" : Path(),
                         .value = Shortened(value),
                         .detail = std::move(detail),
                         .line = mark.line,
                         .column = mark.column});
}

std::string YamlBuilder::Path() const {
  std::string path;
  for (const Frame& frame : frames_) {
    if (frame.node->type == NodeType::kList) {
      const bool open = &frame != &frames_.back();
      path += fmt::format("[{}]", frame.node->children.size() - (open ? 1 : 0));
    } else if (frame.key != nullptr) {
      if (!path.empty()) path += '.';
      path += Shortened(std::string_view(frame.key->text));
    }
  }
  return path;
}

Node* YamlBuilder::NewNode(NodeType type, YamlMark mark) {
  if (budget_.nodes == 0) {
    Error(FieldErrorType::kSyntax, "", "the file holds more than 1,000,000 values", mark);
    return nullptr;
  }
  --budget_.nodes;
  Node& node = out_.document.nodes.emplace_back();
  node.type = type;
  node.line = mark.line;
  node.column = mark.column;
  return &node;
}

bool YamlBuilder::Attach(const Node* node, bool plain) {
  if (frames_.empty()) {
    out_.document.root = node;
    return true;
  }
  Frame& frame = frames_.back();
  if (frame.node->type == NodeType::kList) {
    frame.node->children.push_back({nullptr, node});
  } else if (!frame.key_waits) {
    if (!node->IsScalar()) {
      Error(FieldErrorType::kSyntax, "", fmt::format("a key must be text, not {}", TypeText(*node)),
            {node->line, node->column});
    }
    frame.key = node;
    frame.key_waits = true;
    if (plain && node->text == "<<") frame.merge_key = node;
  } else {
    frame.node->children.push_back({frame.key, node});
    frame.key_waits = false;
  }
  return true;
}

void YamlBuilder::CheckTag(const Node& node, std::string_view tag) {
  if (tag.empty() || tag == "!" || TagFits(node.type, CoreTag(tag))) return;
  const bool known = TagFits(NodeType::kNull, CoreTag(tag)) || TagFits(NodeType::kBool, CoreTag(tag)) ||
                     TagFits(NodeType::kInt, CoreTag(tag));
  Error(FieldErrorType::kSyntax, "",
        known ? fmt::format("\"{}\" is not what its tag !!{} says", Shortened(node.text), CoreTag(tag))
              : fmt::format("the tag {} is not supported; leave it out", Shortened(tag)),
        {node.line, node.column});
}

bool YamlBuilder::Scalar(std::string_view text, bool plain, std::string_view tag, std::string_view anchor,
                         YamlMark mark) {
  Node* node = NewNode(ScalarType(text, plain, tag), mark);
  if (node == nullptr) return false;
  node->text = text;
  CheckTag(*node, tag);
  if (!anchor.empty()) anchors_.insert_or_assign(std::string(anchor), node);
  return Attach(node, plain);
}

bool YamlBuilder::Open(NodeType type, std::string_view tag, std::string_view anchor, YamlMark mark) {
  if (frames_.size() >= kDeepest) {
    Error(FieldErrorType::kSyntax, "", fmt::format("nested deeper than {} levels", kDeepest), mark);
    return false;
  }
  // A list or map below its key is better found at the key.
  if (!frames_.empty() && frames_.back().key_waits) {
    mark = {frames_.back().key->line, frames_.back().key->column};
  }
  Node* node = NewNode(type, mark);
  if (node == nullptr) return false;
  CheckTag(*node, tag);
  Attach(node, false);
  // An alias to a node that is still open would never end.
  if (!anchor.empty()) anchors_.insert_or_assign(std::string(anchor), nullptr);
  frames_.push_back({.node = node, .anchor = std::string(anchor)});
  return true;
}

bool YamlBuilder::Close() {
  Frame& frame = frames_.back();
  Node& node = *frame.node;
  if (node.type == NodeType::kMap) {
    DropRepeatedKeys(node);
    if (frame.merge_key != nullptr) Merge(frame);
  }
  for (const Node::Child& child : node.children) {
    node.size += child.value->size + (child.key != nullptr ? 1 : 0);
    node.height = std::max(node.height, child.value->height + 1);
  }
  if (!frame.anchor.empty()) anchors_.insert_or_assign(frame.anchor, &node);
  frames_.pop_back();
  return true;
}

bool YamlBuilder::Alias(std::string_view anchor, YamlMark mark) {
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end() || found->second == nullptr) {
    Error(FieldErrorType::kSyntax, "",
          found == anchors_.end()
              ? fmt::format("no anchor &{} before this alias", Shortened(anchor))
              : fmt::format("the alias *{} stands inside its own anchor", Shortened(anchor)),
          mark);
    return Scalar("", true, "", "", mark);
  }
  const Node& node = *found->second;
  if (frames_.size() + node.height > kDeepest || node.size > budget_.alias_nodes) {
    Error(FieldErrorType::kSyntax, "",
          node.size > budget_.alias_nodes ? "aliases stand for more than 10,000 values in all"
                                          : fmt::format("nested deeper than {} levels by an alias", kDeepest),
          mark);
    return false;
  }
  budget_.alias_nodes -= node.size;
  return Attach(&node, false);
}

void YamlBuilder::DropRepeatedKeys(Node& map) {
  std::unordered_map<std::string_view, const Node*> seen;
  seen.reserve(map.children.size());
  std::erase_if(map.children, [&](const Node::Child& child) {
    const auto [first, is_new] = seen.emplace(child.key->text, child.key);
    if (is_new) return false;
    frames_.back().key = child.key;
    Error(FieldErrorType::kInvalid, Shortened(*child.value),
          fmt::format("this key is given twice, first on line {}", first->second->line),
          {child.key->line, child.key->column});
    return true;
  });
}

void YamlBuilder::Merge(Frame& frame) {
  std::vector<Node::Child>& children = frame.node->children;
  const auto merge = std::find_if(children.begin(), children.end(),
                                  [&](const Node::Child& child) { return child.key == frame.merge_key; });
  if (merge == children.end()) return;
  const Node* const value = merge->value;
  children.erase(merge);
  std::unordered_set<std::string_view> taken;
  for (const Node::Child& child : children) taken.insert(child.key->text);
  const auto merge_map = [&](const Node& map) {
    if (map.type != NodeType::kMap) {
      Error(FieldErrorType::kSyntax, "",
            fmt::format("<< takes a map or a list of maps, not {}", TypeText(map)),
            {frame.merge_key->line, frame.merge_key->column});
      return;
    }
    for (const Node::Child& child : map.children) {
      if (taken.insert(child.key->text).second) children.push_back(child);
    }
  };
  if (value->type == NodeType::kList) {
    for (const Node::Child& child : value->children) merge_map(*child.value);
  } else {
    merge_map(*value);
  }
}

}  // namespace qalam::api
