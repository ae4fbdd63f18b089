// Kubernetes resource quantities: "500m", "1.5", "128Mi", "2e9".
#pragma once

#include <optional>
#include <string_view>

namespace qalam::workload {

/// The number a quantity stands for: a decimal number followed by one of n u m k M G T P E, Ki Mi Gi Ti Pi
/// Ei, or an exponent. Nothing for any other text, a negative or a not finite number.
std::optional<double> ParseQuantity(std::string_view text);

}  // namespace qalam::workload
