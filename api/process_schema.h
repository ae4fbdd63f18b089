// The trial template kind `Process`: one local program, for people who do not use Kubernetes. Internal to
// this room.
//
//   apiVersion: qalam.dev/v1
//   kind: Process
//   metadata: {labels, annotations}
//   spec:
//     command: [python, train.py, "--lr=${trialParameters.lr}"]   # required; never passed through a shell
//     env: {NAME: value}
//     workingDir: text
//     timeoutSeconds: integer > 0
//     retries: integer >= 0
//     resources: {cpu, memory}                                    # quantities: 2, 500m, 1Gi
#pragma once

#include <string_view>

#include "api/schema.h"

namespace qalam::api {

inline constexpr std::string_view kProcessKind = "Process";
inline constexpr std::string_view kProcessApiVersion = "qalam.dev/v1";

/// What is wrong with a Process object, its placeholders already replaced.
std::vector<SchemaError> CheckProcess(const Node& process);

/// In an Experiment whose template is a Process: plain scalars of `command` and `env` become text as they
/// were written, so that numbers and words like `yes` need no quotes there.
void TakeProcessScalarsAsText(Document& experiment);

}  // namespace qalam::api
