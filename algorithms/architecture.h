// A network that an architecture search proposes, and the texts by which it travels.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/architecture_space.h"

namespace qalam::algorithms {

struct Layer {
  int operation = 0;  // id of a choice (ChoiceAt)
  std::vector<bool>
      skips;  // one per earlier output but the one before, whether it is an input too; the first output is
              // the network's input
  bool operator==(const Layer&) const = default;
};

/// Layer number l, from 0, has l skips.
using Architecture = std::vector<Layer>;

/// "[[5], [3, 0], [3, 0, 1]]": of each layer the operation, then its skips.
std::string ArchitectureText(const Architecture& architecture);

/// Reads what ArchitectureText wrote, with any blanks. Nothing for other texts, and for a network that has not `layers`
/// layers or does an operation that is not below `choices`.
std::optional<Architecture> ParseArchitecture(std::string_view text, int layers, int choices);

/// What a program must know to build the network, as JSON in single quotes (quoted_json.h):
/// {'num_layers': 1, 'input_sizes': [32, 32, 3], 'output_sizes': [10], 'embedding': {'4': {'opt_id': 4, 'opt_type':
/// 'reduction', 'opt_params': {'reduction_type': 'max_pooling', 'pool_size': 2}}}}. The embedding has the operations that
/// the network does, in the order in which its layers first do them.
std::string NetworkConfigText(const ArchitectureSpace& space, const Architecture& architecture);

/// INVALID_ARGUMENT when all that is proposed at once has more than 64 MB of text.
absl::Status CheckTextSize(size_t bytes);

}  // namespace qalam::algorithms
