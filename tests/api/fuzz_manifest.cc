// Any text through the strict reader; whatever it accepts must survive defaults, validation, YAML and JSON.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "api/codec.h"
#include "api/defaults.h"
#include "api/manifest.h"
#include "api/validate.h"

namespace {

void Require(bool ok, const char* what, const std::string& text) {
  if (ok) return;
  std::fprintf(stderr, "%s:\n%s\n", what, text.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace qalam::api;
  Manifest manifest = ReadManifest({reinterpret_cast<const char*>(data), size}, "fuzz");
  for (const FieldError& error : manifest.errors) error.Text();
  for (std::size_t i = 0; i < manifest.resources.size(); ++i) {
    Resource& resource = *manifest.resources[i];
    const std::string yaml = ToYaml(resource);
    const Manifest again = ReadManifest(yaml, "again");
    Require(again.resources.size() == 1 && again.resources[0]->Equals(resource), "lost in YAML", yaml);
    const std::string json = ToPrettyJson(resource);
    const auto read = FromJson(json);
    Require(read.ok() && (*read)->Equals(resource), "lost in JSON", json);
    if (resource.kind() != Kind::kExperiment) continue;
    Experiment& experiment = static_cast<Experiment&>(resource);
    SetDefaults(experiment);
    const Experiment old = experiment;
    ValidationContext context;
    context.algorithms = {"random"};
    context.config_map = [](const ConfigMapSource& source) {
      return std::optional<std::string>(source.template_path);
    };
    FieldErrors errors = Validate(experiment, context);
    manifest.Locate(i, errors);
    for (const FieldError& error : errors) error.Text();
    Require(ValidateUpdate(experiment, old).empty(), "differs from itself", json);
  }
  return 0;
}
