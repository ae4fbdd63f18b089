// Two documents and a patch of any kind: a refusal, or a document with owners that can be read again.
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "apiserver/failure.h"
#include "apiserver/managed_fields.h"
#include "apiserver/patch.h"

namespace {

using nlohmann::json;
using namespace qalam::apiserver;

void Check(bool condition) {
  if (!condition) std::abort();
}

std::string_view TakeLine(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

json ReadObject(std::string_view text) {
  const auto shallow = [](int depth, json::parse_event_t, json&) { return depth <= 64; };
  json value = json::parse(text, shallow, /*allow_exceptions=*/false);
  return value.is_object() ? value : json::object();
}

void CheckFailure(const absl::Status& failure) { Check(CodeOf(failure) >= 400 && CodeOf(failure) < 500); }

}  // namespace

// A document, a newline, another one, a newline, a patch.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  json live = ReadObject(TakeLine(rest));
  const json other = ReadObject(TakeLine(rest));
  if (const auto patched = JsonPatch(live, rest); !patched.ok()) CheckFailure(patched.status());
  if (const auto merged = MergePatch(live, rest); merged.ok()) {
    Check(*MergePatch(*merged, rest) == *merged);  // a merge patch is idempotent
  } else {
    CheckFailure(merged.status());
  }
  if (!live["metadata"].is_object()) live["metadata"] = json::object();
  const FieldWriter writer{"fuzzer", "kubeflow.org/v1beta1", "", absl::UnixEpoch()};
  json updated = other;
  if (!updated["metadata"].is_object()) updated["metadata"] = json::object();
  const json written = WithManagedFields(&live, updated, writer);
  Check(written["spec"] == updated["spec"]);
  const auto applied = Apply(&live, updated, writer, /*force=*/true);
  if (!applied.ok()) {
    CheckFailure(applied.status());
    return 0;
  }
  const auto again = Apply(&*applied, updated, writer, /*force=*/false);
  Check(again.ok() && *again == *applied);  // whoever has forced it owns it all
  return 0;
}
