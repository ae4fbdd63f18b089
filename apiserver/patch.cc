#include "apiserver/patch.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apiserver/failure.h"
#include "apiserver/request_body.h"

namespace qalam::apiserver {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxOperations = 10'000;
constexpr std::size_t kMaxCopiedBytes = 3 << 20;  // in all: each copy can double what the next one copies
constexpr int kMaxDepth = 500;                    // documents are walked by recursion

// Of objects and lists in one another; 0 for any other value.
std::size_t DepthOf(const json& value) {
  std::size_t depth = 0;
  if (!value.is_structured()) return depth;
  for (const json& child : value) depth = std::max(depth, DepthOf(child));
  return depth + 1;
}

absl::StatusOr<json> ReadPatch(std::string_view text, json::value_t type) {
  const auto refuse = [&](std::string_view problem) {
    return Failure(400, "BadRequest", fmt::format("error decoding patch: {}", problem));
  };
  if (IsDeeperThan(text, kMaxDepth)) return refuse(fmt::format("nested deeper than {} levels", kMaxDepth));
  try {
    json patch = json::parse(text.begin(), text.end());
    if (patch.type() == type) return patch;
    return refuse(fmt::format("expected {}, got {}", json(type).type_name(), patch.type_name()));
  } catch (const json::exception& error) {
    return refuse(error.what());
  }
}

// RFC 6901. None for text that is no pointer.
std::optional<std::vector<std::string>> ReadPointer(std::string_view text) {
  std::vector<std::string> tokens;
  if (!text.empty() && text[0] != '/') return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '/') {
      tokens.emplace_back();
    } else if (text[i] == '~') {
      if (++i == text.size() || (text[i] != '0' && text[i] != '1')) return std::nullopt;
      tokens.back() += text[i] == '0' ? '~' : '/';
    } else {
      tokens.back() += text[i];
    }
  }
  return tokens;
}

std::optional<std::size_t> ReadIndex(std::string_view token) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (error != std::errc() || end != token.data() + token.size()) return std::nullopt;
  if (token.size() > 1 && token[0] == '0') return std::nullopt;
  return index;
}

std::string Shortened(const json& value) {
  constexpr std::size_t kMaxShown = 100;
  const std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  return text.size() <= kMaxShown ? text : fmt::format("a value of {} bytes", text.size());
}

// The operations of one patch on one document. Errors are sentences without a position.
class Operations {
 public:
  explicit Operations(json& document) : document_(document) {}

  absl::Status Run(const json& operation) {
    QALAM_ASSIGN_OR_RETURN(const std::string name, Text(operation, "op"));
    QALAM_ASSIGN_OR_RETURN(const std::string path, Text(operation, "path"));
    if (name == "remove") return Remove(path);
    if (name == "move" || name == "copy") {
      QALAM_ASSIGN_OR_RETURN(const std::string from, Text(operation, "from"));
      return name == "move" ? Move(from, path) : Copy(from, path);
    }
    if (name != "add" && name != "replace" && name != "test") {
      return Wrong(fmt::format("op: \"{}\" is not add, remove, replace, move, copy or test", name));
    }
    const auto value = operation.find("value");
    if (value == operation.end()) return Wrong(fmt::format("value: {} needs one", name));
    if (name == "add") return Add(path, *value);
    return name == "replace" ? Replace(path, *value) : Test(path, *value);
  }

 private:
  static absl::Status Wrong(const std::string& text) { return absl::InvalidArgumentError(text); }

  static absl::StatusOr<std::string> Text(const json& operation, const char* name) {
    if (!operation.is_object())
      return Wrong(fmt::format("expected an object, got {}", operation.type_name()));
    const auto found = operation.find(name);
    if (found == operation.end() || !found->is_string())
      return Wrong(fmt::format("{}: expected a text", name));
    return found->get<std::string>();
  }

  // The value at all but the last token, and that token (empty path: none).
  struct Place {
    json* parent;
    std::optional<std::string> last;
  };
  absl::StatusOr<Place> Find(const std::string& path) {
    auto tokens = ReadPointer(path);
    if (!tokens) return Wrong(fmt::format("path: \"{}\" is no JSON pointer (RFC 6901)", path));
    if (tokens->empty()) return Place{&document_, std::nullopt};
    json* at = &document_;
    for (std::size_t i = 0; i + 1 < tokens->size(); ++i) {
      at = Member(*at, (*tokens)[i]);
      if (at == nullptr) return Missing(path);
    }
    if (!at->is_structured()) return Missing(path);
    return Place{at, std::move(tokens->back())};
  }
  static json* Member(json& parent, const std::string& token) {
    if (parent.is_object()) {
      const auto found = parent.find(token);
      return found == parent.end() ? nullptr : &*found;
    }
    const auto index = ReadIndex(token);
    return parent.is_array() && index && *index < parent.size() ? &parent[*index] : nullptr;
  }
  static absl::Status Missing(const std::string& path) {
    return Wrong(fmt::format("path: there is no \"{}\"", path));
  }
  absl::StatusOr<json*> Get(const std::string& path) {
    QALAM_ASSIGN_OR_RETURN(const Place place, Find(path));
    json* const value = place.last ? Member(*place.parent, *place.last) : place.parent;
    if (value == nullptr) return Missing(path);
    return value;
  }

  absl::Status Add(const std::string& path, json value) {
    QALAM_ASSIGN_OR_RETURN(const Place place, Find(path));
    QALAM_RETURN_IF_ERROR(CheckDepth(path, value));
    if (!place.last) {
      document_ = std::move(value);
    } else if (place.parent->is_object()) {
      (*place.parent)[*place.last] = std::move(value);
    } else {
      const auto index = *place.last == "-" ? place.parent->size() : ReadIndex(*place.last);
      if (!index || *index > place.parent->size()) return Missing(path);
      place.parent->insert(place.parent->begin() + static_cast<std::ptrdiff_t>(*index), std::move(value));
    }
    return absl::OkStatus();
  }
  absl::Status Remove(const std::string& path) {
    QALAM_ASSIGN_OR_RETURN(const Place place, Find(path));
    if (!place.last) return Wrong("path: the whole document cannot be removed");
    if (Member(*place.parent, *place.last) == nullptr) return Missing(path);
    if (place.parent->is_object()) {
      place.parent->erase(*place.last);
    } else {
      place.parent->erase(*ReadIndex(*place.last));
    }
    return absl::OkStatus();
  }
  absl::Status Replace(const std::string& path, const json& value) {
    QALAM_ASSIGN_OR_RETURN(json* const place, Get(path));
    QALAM_RETURN_IF_ERROR(CheckDepth(path, value));
    *place = value;
    return absl::OkStatus();
  }
  absl::Status Test(const std::string& path, const json& value) {
    QALAM_ASSIGN_OR_RETURN(const json* const place, Get(path));
    if (*place == value) return absl::OkStatus();
    return Wrong(fmt::format("test failed: {} is {}, not {}", path, Shortened(*place), Shortened(value)));
  }
  absl::Status Move(const std::string& from, const std::string& path) {
    if (path.starts_with(from + "/")) return Wrong("from: a value cannot be moved into itself");
    QALAM_ASSIGN_OR_RETURN(const json* const place, Get(from));
    if (from == path) return absl::OkStatus();
    QALAM_RETURN_IF_ERROR(Count(*place));
    json value = *place;
    QALAM_RETURN_IF_ERROR(Remove(from));
    return Add(path, std::move(value));
  }
  absl::Status Copy(const std::string& from, const std::string& path) {
    QALAM_ASSIGN_OR_RETURN(const json* const place, Get(from));
    QALAM_RETURN_IF_ERROR(Count(*place));
    return Add(path, json(*place));
  }

  // What moves is counted as what is copied, for the time that it takes.
  absl::Status Count(const json& value) {
    copied_ += value.dump(-1, ' ', false, json::error_handler_t::replace).size();
    if (copied_ <= kMaxCopiedBytes) return absl::OkStatus();
    return Wrong(fmt::format("copies more than {} bytes in all", kMaxCopiedBytes));
  }
  // Of a value to be put there: operation by operation, paths could lead deeper and deeper.
  static absl::Status CheckDepth(const std::string& path, const json& value) {
    const auto above = static_cast<std::size_t>(std::count(path.begin(), path.end(), '/'));
    if (above + DepthOf(value) <= std::size_t{kMaxDepth}) return absl::OkStatus();
    return Wrong(fmt::format("path: leads to more than {} levels", kMaxDepth));
  }

  json& document_;
  std::size_t copied_ = 0;
};

}  // namespace

absl::StatusOr<PatchType> ReadPatchType(std::string_view content_type) {
  constexpr std::pair<std::string_view, PatchType> kTypes[] = {
      {"application/json-patch+json", PatchType::kJson},
      {"application/merge-patch+json", PatchType::kMerge},
      {"application/strategic-merge-patch+json", PatchType::kStrategicMerge},
      {"application/apply-patch+yaml", PatchType::kApply}};
  const std::string type = MediaType(content_type);
  std::string known;
  for (const auto& [name, patch_type] : kTypes) {
    if (type == name) return patch_type;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", name);
  }
  return Failure(
      415, "UnsupportedMediaType",
      fmt::format("the body of the request was in an unknown format - accepted media types include: {}",
                  known));
}

absl::StatusOr<json> JsonPatch(const json& live, std::string_view patch) {
  QALAM_ASSIGN_OR_RETURN(const json operations, ReadPatch(patch, json::value_t::array));
  if (operations.size() > kMaxOperations) {
    return Failure(413, "RequestEntityTooLarge",
                   fmt::format("The allowed maximum operations in a JSON patch is {}, got {}", kMaxOperations,
                               operations.size()));
  }
  json document = live;
  Operations run(document);
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const absl::Status done = run.Run(operations[i]);
    if (done.ok()) continue;
    const std::string field = fmt::format("patch[{}]", i), problem(MessageOf(done));
    return Failure(422, "Invalid", fmt::format("{}: {}", field, problem),
                   {.causes = {{"FieldValueInvalid", problem, field}}});
  }
  return document;
}

absl::StatusOr<json> MergePatch(const json& live, std::string_view patch) {
  QALAM_ASSIGN_OR_RETURN(const json changes, ReadPatch(patch, json::value_t::object));
  json document = live;
  document.merge_patch(changes);
  return document;
}

}  // namespace qalam::apiserver
