#include "workload/container_environment.h"

#include <cctype>
#include <utility>

#include "fmt/format.h"
#include "workload/variable_expansion.h"

namespace qalam::workload {
namespace {

struct DataKind {
  api::Kind kind;
  const char *name, *whole, *key;  // fields of envFrom and valueFrom
};
constexpr DataKind kDataKinds[] = {{api::Kind::kSecret, "secret", "secretRef", "secretKeyRef"},
                                   {api::Kind::kConfigMap, "configmap", "configMapRef", "configMapKeyRef"}};

bool IsVariableName(std::string_view name) {
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front()))) return false;
  for (const char c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '-' && c != '.') return false;
  }
  return true;
}

class EnvironmentReader {
 public:
  EnvironmentReader(const JsonField& pod, const PlanInputs& inputs, Variables& variables)
      : pod_(pod), inputs_(inputs), variables_(variables) {}

  absl::Status ReadFrom(const JsonField& list) {
    QALAM_RETURN_IF_ERROR(list.ExpectList());
    for (size_t i = 0; i < list.size(); ++i) {
      const JsonField entry = list.At(i);
      QALAM_ASSIGN_OR_RETURN(const std::string prefix, entry["prefix"].Text());
      bool known = false;
      for (const DataKind& kind : kDataKinds) {
        if (!entry[kind.whole].present()) continue;
        known = true;
        QALAM_ASSIGN_OR_RETURN(const std::optional<api::StringMap> data, Data(kind, entry[kind.whole]));
        if (!data) continue;
        for (const auto& [key, value] : *data) {
          if (!IsVariableName(prefix + key)) continue;
          QALAM_RETURN_IF_ERROR(CheckValue(entry[kind.whole], key, value));
          Set(prefix + key, value);
        }
      }
      if (!known) return entry.Error("must have a secretRef or a configMapRef");
    }
    return absl::OkStatus();
  }

  absl::Status Read(const JsonField& env) {
    QALAM_RETURN_IF_ERROR(env.ExpectList());
    for (size_t i = 0; i < env.size(); ++i) {
      const JsonField entry = env.At(i);
      QALAM_ASSIGN_OR_RETURN(const std::string name, entry["name"].Text());
      QALAM_RETURN_IF_ERROR(CheckVariableName(entry["name"], name));
      if (entry["valueFrom"].present()) {
        QALAM_ASSIGN_OR_RETURN(std::optional<std::string> value, ReadValueFrom(entry["valueFrom"]));
        if (value) Set(name, *std::move(value));
      } else {
        QALAM_ASSIGN_OR_RETURN(const std::string text, entry["value"].Text());
        QALAM_RETURN_IF_ERROR(CheckNoNul(entry["value"], text));
        Set(name, Expand(text, variables_));
      }
    }
    return absl::OkStatus();
  }

  Environment Take() { return std::move(result_); }

 private:
  void Set(const std::string& name, std::string value) {
    variables_[name] = value;
    result_.emplace_back(name, std::move(value));
  }

  // Values of secrets must not get into messages.
  static absl::Status CheckValue(const JsonField& source, std::string_view key, std::string_view value) {
    if (value.find('\0') == std::string_view::npos) return absl::OkStatus();
    return absl::InvalidArgumentError(
        fmt::format("{}: the value of key {} must not contain a NUL byte", source.path(), key));
  }

  // Nothing when it is not there and need not be.
  absl::StatusOr<std::optional<api::StringMap>> Data(const DataKind& kind, const JsonField& source) const {
    QALAM_ASSIGN_OR_RETURN(const std::string name, source["name"].Text());
    if (name.empty()) return source["name"].Error(fmt::format("must be the name of a {}", kind.name));
    absl::StatusOr<api::StringMap> data = absl::NotFoundError("");
    if (inputs_.data) data = inputs_.data(kind.kind, name);
    if (data.ok()) return *std::move(data);
    if (!absl::IsNotFound(data.status())) return data.status();
    if (IsOptional(source)) return std::nullopt;
    return absl::FailedPreconditionError(fmt::format("{} \"{}\" not found", kind.name, name));
  }

  static bool IsOptional(const JsonField& source) {
    return source["optional"].present() && *source["optional"].value() == true;
  }

  absl::StatusOr<std::optional<std::string>> ReadValueFrom(const JsonField& source) const {
    for (const DataKind& kind : kDataKinds) {
      const JsonField reference = source[kind.key];
      if (!reference.present()) continue;
      QALAM_ASSIGN_OR_RETURN(const std::string key, reference["key"].Text());
      QALAM_ASSIGN_OR_RETURN(const std::optional<api::StringMap> data, Data(kind, reference));
      if (!data) return std::nullopt;
      const auto found = data->find(key);
      if (found == data->end()) {
        if (IsOptional(reference)) return std::nullopt;
        return absl::FailedPreconditionError(fmt::format("couldn't find key {} in {} {}/{}", key, kind.name,
                                                         inputs_.namespace_name,
                                                         reference["name"].Text().value_or("")));
      }
      QALAM_RETURN_IF_ERROR(CheckValue(reference, key, found->second));
      return found->second;
    }
    return ReadFieldRef(source);
  }

  absl::StatusOr<std::optional<std::string>> ReadFieldRef(const JsonField& source) const {
    const JsonField path_field = source["fieldRef"]["fieldPath"];
    if (!path_field.present()) {
      return source.Error("must have a secretKeyRef, a configMapKeyRef or a fieldRef");
    }
    QALAM_ASSIGN_OR_RETURN(const std::string path, path_field.Text());
    if (path == "metadata.name") return std::string(inputs_.trial_name);
    if (path == "metadata.namespace") return std::string(inputs_.namespace_name);
    for (const std::string_view map : {"labels", "annotations"}) {
      const std::string opening = fmt::format("metadata.{}['", map);
      if (!path.starts_with(opening) || !path.ends_with("']") || path.size() < opening.size() + 2) continue;
      const std::string key = path.substr(opening.size(), path.size() - opening.size() - 2);
      // Kubernetes gives an empty text for a key that the pod does not have.
      QALAM_ASSIGN_OR_RETURN(std::string value, pod_["metadata"][map][key].Text());
      QALAM_RETURN_IF_ERROR(CheckNoNul(path_field, value));
      return value;
    }
    return path_field.Error(
        "only metadata.name, metadata.namespace, metadata.labels['key'] and metadata.annotations['key'] are "
        "known here");
  }

  const JsonField& pod_;
  const PlanInputs& inputs_;
  Variables& variables_;
  Environment result_;
};

}  // namespace

std::string Expand(std::string_view text, const Variables& variables) {
  return ExpandVariables(text, [&](std::string_view name) -> std::optional<std::string_view> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
}

absl::StatusOr<Environment> ReadEnvironment(const JsonField& container, const JsonField& pod,
                                            const PlanInputs& inputs, Variables& variables) {
  EnvironmentReader reader(pod, inputs, variables);
  QALAM_RETURN_IF_ERROR(reader.ReadFrom(container["envFrom"]));
  QALAM_RETURN_IF_ERROR(reader.Read(container["env"]));
  return reader.Take();
}

}  // namespace qalam::workload
