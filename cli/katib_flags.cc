#include "cli/katib_flags.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace qalam::cli {
namespace {

struct Translation {
  std::string_view katib;         // without dashes
  std::string_view first, other;  // ours, for the first of several values and for the rest; empty: dropped
  bool is_list = false;           // values are joined by semicolons
  bool with_two_dashes = true;    // not a flag of ours
};

constexpr std::array<Translation, 12> kTranslations = {{
    {"t", "--trial", "", false, true},
    {"m", "--objective", "--metric", true, true},
    {"o-type", "--type", "", false, true},
    {"s-db", "--server", "", false, true},
    {"path", "--path", "", false, false},
    {"f", "--filter", "--filter", true, true},
    {"format", "--format", "", false, false},
    {"stop-rule", "--stop-rule", "", false, false},
    {"s-earlystop", "--early-stopping", "", false, true},
    {"w", "", "", false, true},
    {"p", "", "", false, true},
    {"timeout", "", "", false, true},
}};

const Translation* Find(std::string_view argument) {
  const bool two_dashes = argument.starts_with("--");
  if (!argument.starts_with("-")) return nullptr;
  argument.remove_prefix(two_dashes ? 2 : 1);
  const std::string_view name = argument.substr(0, argument.find('='));
  const auto found = std::find_if(kTranslations.begin(), kTranslations.end(),
                                  [&](const Translation& entry) { return entry.katib == name; });
  if (found == kTranslations.end() || (two_dashes && !found->with_two_dashes)) return nullptr;
  return &*found;
}

void Append(const Translation& flag, std::string_view value, std::vector<std::string>& to) {
  if (flag.first.empty()) return;
  bool is_first = true;
  while (true) {
    const size_t end = flag.is_list ? value.find(';') : std::string_view::npos;
    if (!flag.is_list || end != 0) {
      to.emplace_back(is_first ? flag.first : flag.other);
      to.emplace_back(value.substr(0, end));
      is_first = false;
    }
    if (end == std::string_view::npos) return;
    value.remove_prefix(end + 1);
  }
}

}  // namespace

std::vector<std::string> TranslateKatibFlags(const std::vector<std::string>& arguments) {
  std::vector<std::string> result;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const Translation* flag = Find(arguments[i]);
    const size_t equals = arguments[i].find('=');
    if (flag == nullptr || (equals == std::string::npos && i + 1 == arguments.size())) {
      result.push_back(arguments[i]);
    } else if (equals != std::string::npos) {
      Append(*flag, std::string_view(arguments[i]).substr(equals + 1), result);
    } else {
      Append(*flag, arguments[++i], result);
    }
  }
  return result;
}

}  // namespace qalam::cli
