#include "api/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "api/field_path.h"
#include "api/process_schema.h"
#include "api/resource_reader.h"
#include "api/yaml_reader.h"

namespace qalam::api {
namespace {

constexpr std::size_t kMostErrors = 1'000;

using Lines = std::vector<std::pair<std::string, int>>;

// Paths of fields with their lines. Bounded, since long keys high up would be repeated in every path below.
class LineIndex {
 public:
  void Add(const FieldPath& path, const Node& node, int line) {
    std::string text = path.Text();
    if (text.size() > budget_) return;
    budget_ -= text.size();
    lines_.emplace_back(std::move(text), line);
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const Node::Child& child = node.children[i];
      if (child.key == nullptr) {
        Add(path.Element(i), *child.value, child.value->line);
      } else if (!child.key->text.empty()) {
        Add(path.Field(child.key->text), *child.value, child.key->line);
      }
    }
  }
  Lines Take() { return std::move(lines_); }

 private:
  std::size_t budget_ = 16 << 20;
  Lines lines_;
};

// The line of a path, or else of the nearest field above it.
int FindLine(const std::unordered_map<std::string_view, int>& lines, std::string_view path) {
  while (true) {
    if (const auto found = lines.find(path); found != lines.end()) return found->second;
    if (path.empty()) return 0;
    const std::size_t cut = path.find_last_of(".[");
    path = path.substr(0, cut == std::string_view::npos ? 0 : cut);
  }
}

}  // namespace

void Manifest::Locate(std::size_t index, FieldErrors& field_errors) const {
  std::unordered_map<std::string_view, int> found;
  if (index < lines.size()) found.insert(lines[index].begin(), lines[index].end());
  for (FieldError& error : field_errors) {
    error.file = file;
    if (error.line > 0) continue;
    // A detail may begin with a path below the field ("trialSpec.spec.template: ..."), which is nearer.
    const std::string_view detail = error.detail;
    std::string path = error.field;
    const std::size_t colon = detail.find(": ");
    if (colon != std::string_view::npos && detail.substr(0, colon).find(' ') == std::string_view::npos) {
      path += '.';
      path += detail.substr(0, colon);
    }
    error.line = FindLine(found, path);
  }
}

Manifest ReadManifest(std::string_view text, std::string_view file) {
  constexpr std::array kKinds = {Kind::kExperiment, Kind::kTrial, Kind::kSuggestion, Kind::kConfigMap,
                                 Kind::kOptimizationJob};
  Manifest manifest;
  manifest.file = file;
  bool any = false, left_out = false;
  for (YamlDocument& document : ParseYaml(text)) {
    if (document.empty && document.errors.empty()) continue;
    any = true;
    ReadContext context;
    context.strict = true;
    context.errors = std::move(document.errors);
    TakeProcessScalarsAsText(document.document);
    const Node* root = document.document.root;
    std::shared_ptr<Resource> resource;
    if (root != nullptr) resource = ReadResource(context, *root, kKinds);
    if (resource != nullptr && context.errors.empty()) {
      manifest.resources.push_back(std::move(resource));
      LineIndex index;
      index.Add({}, *root, root->line);
      manifest.lines.push_back(index.Take());
      continue;
    }
    std::stable_sort(context.errors.begin(), context.errors.end(),
                     [](const FieldError& a, const FieldError& b) { return a.line < b.line; });
    for (FieldError& error : context.errors) {
      error.file = file;
      left_out = manifest.errors.size() >= kMostErrors;
      if (!left_out) manifest.errors.push_back(std::move(error));
    }
  }
  if (left_out) {
    manifest.errors.push_back(
        {.type = FieldErrorType::kSyntax,
         .detail = fmt::format("more than {} errors; the rest is left out", kMostErrors),
         .file = manifest.file});
  }
  if (!any) {
    manifest.errors.push_back({.type = FieldErrorType::kSyntax,
                               .detail = "the file is empty; it should hold an Experiment",
                               .file = manifest.file});
  }
  return manifest;
}

}  // namespace qalam::api
