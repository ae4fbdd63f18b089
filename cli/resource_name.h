// Names that every store accepts, from names that people give to files.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace qalam::cli {

/// Longest name of an experiment: trial names append nine characters, and Kubernetes takes at most 63.
constexpr std::size_t kLongestName = 40;

/// Any text as a valid resource name (a lower case letter, then lower case letters, digits and '-'): "My
/// Net_v2" gives "my-net-v2"; "experiment" when nothing is left. A valid name is returned unchanged.
std::string ToResourceName(std::string_view text);

/// A name for the experiment from a command: its program's file name without extension; for an interpreter
/// the script's ("train" for `python3 -u src/train.py`) or the module's ("pkg-train" for `python -m
/// pkg.train`).
std::string DeriveName(const std::vector<std::string>& command);

}  // namespace qalam::cli
