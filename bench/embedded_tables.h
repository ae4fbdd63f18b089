// The files of bench/tables, inside the program.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace qalam::bench {

struct EmbeddedTable {
  std::string_view name, csv, json;
};

std::span<const EmbeddedTable> EmbeddedTables();

/// Row by row, 10 x 10, orthogonal: the rotation of the problem ellipsoid10.
std::vector<double> EmbeddedRotation();

}  // namespace qalam::bench
