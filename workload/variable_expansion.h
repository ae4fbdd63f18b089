// $(NAME) references in commands, arguments and environment values, as Kubernetes resolves them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace qalam::workload {

/// Replaces $(NAME) by `lookup(NAME)`. An unknown name is left as it stands; "$$" is a plain "$", so
/// "$$(NAME)" gives the text "$(NAME)". Values are not expanded again.
std::string ExpandVariables(std::string_view text,
                            const std::function<std::optional<std::string_view>(std::string_view)>& lookup);

}  // namespace qalam::workload
