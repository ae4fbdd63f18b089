#include "api/field_path.h"

#include <fmt/format.h>

#include <vector>

#include "api/node.h"

namespace qalam::api {

std::string FieldPath::Text() const {
  std::vector<const FieldPath*> chain;
  for (const FieldPath* path = this; path != nullptr; path = path->parent) chain.push_back(path);
  std::string text;
  for (auto path = chain.rbegin(); path != chain.rend(); ++path) {
    if (!(*path)->name.empty()) {
      if (!text.empty()) text += '.';
      text += Shortened((*path)->name);
    } else if ((*path)->parent != nullptr) {
      text += fmt::format("[{}]", (*path)->index);
    }
  }
  return text;
}

}  // namespace qalam::api
