// Any text as a label selector, a field selector and a continue token: a refusal that quotes nothing it should not, or something that works.
#include <cstdint>
#include <cstdlib>

#include "api/experiment.h"
#include "apiserver/continue_token.h"
#include "apiserver/failure.h"
#include "apiserver/selection.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace qalam::apiserver;
  const auto check = [](bool condition) {
    if (!condition) std::abort();
  };
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const ResourceType& type = *FindResourceType("kubeflow.org", "v1beta1", "trials");

  const auto labels = LabelSelector::Parse(text);
  if (labels.ok()) {
    labels->Matches({{"a", "1"}, {"b", ""}});
  } else {
    check(CodeOf(labels.status()) == 400);
  }
  const auto fields = FieldSelector::Parse(text);
  if (fields.ok()) {
    qalam::api::Experiment experiment;
    experiment.metadata.name = fields->name().value_or("a");
    if (fields->Check(type).ok()) fields->Matches(AsStored(), experiment);
  } else {
    check(CodeOf(fields.status()) == 400);
  }
  const ListScope scope{&type, "team", "", ""};
  const auto position = ReadContinueToken(scope, text);
  if (position.ok()) {
    check(position->after.namespace_name == "team");
  } else {
    check(CodeOf(position.status()) == 400);
  }
  return 0;
}
