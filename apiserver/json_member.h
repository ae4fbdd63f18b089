// Looking into JSON that somebody else wrote: what is missing or of another type reads as null.
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>

namespace qalam::apiserver {

inline const nlohmann::json& Member(const nlohmann::json& value, std::initializer_list<const char*> path) {
  static const nlohmann::json kNull;
  const nlohmann::json* at = &value;
  for (const char* name : path) {
    if (!at->is_object()) return kNull;
    const auto found = at->find(name);
    if (found == at->end()) return kNull;
    at = &*found;
  }
  return *at;
}

inline std::string TextOf(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

inline nlohmann::json ObjectOf(const nlohmann::json& value) {
  return value.is_object() ? value : nlohmann::json::object();
}

/// The elements that are objects.
inline nlohmann::json ObjectsOf(const nlohmann::json& list) {
  nlohmann::json result = nlohmann::json::array();
  if (!list.is_array()) return result;
  for (const nlohmann::json& element : list) {
    if (element.is_object()) result.push_back(element);
  }
  return result;
}

}  // namespace qalam::apiserver
