#include "suggestion/constraints_extension.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "api/did_you_mean.h"
#include "base/extensions.h"
#include "base/number_text.h"
#include "base/trimmed.h"
#include "suggestion/extension_entries.h"

namespace qalam::suggestion {
namespace {

using algorithms::LinearConstraint;
using algorithms::MetricConstraint;
using algorithms::Problem;

constexpr std::string_view kForm =
    "write sums of parameters on both sides of <=, >=, < or >, such as width + 2*depth <= 100, or a metric "
    "and its bound";

// A sum of named terms and of a number.
struct Sum {
  std::map<std::string_view, double> terms;
  double constant = 0;
};

class EntryReader {
 public:
  EntryReader(std::string_view entry, std::span<const std::string> names) : entry_(entry), names_(names) {}

  absl::Status Refusal(std::string_view what) const {
    return absl::InvalidArgumentError(fmt::format("{}: entry '{}': {}", kConstraintsExtension, entry_, what));
  }

  // Left minus right, which is to be <= 0 or < 0.
  struct Inequality {
    Sum sum;
    bool strict = false;
  };
  absl::StatusOr<Inequality> Read() const {
    const size_t at = entry_.find_first_of("<>=");
    if (at == std::string_view::npos) return Refusal(kForm);
    const char sign = entry_[at];
    const bool or_equal = at + 1 < entry_.size() && entry_[at + 1] == '=';
    if (sign == '=') {
      return Refusal(
          "an equation leaves nothing to choose; leave out the parameter that follows from the others");
    }
    const std::string_view left = entry_.substr(0, at), right = entry_.substr(at + (or_equal ? 2 : 1));
    if (right.find_first_of("<>=") != std::string_view::npos) {
      return Refusal("one entry has one comparison; write two entries");
    }
    Inequality inequality{{}, !or_equal};
    QALAM_RETURN_IF_ERROR(Add(left, sign == '<' ? 1 : -1, inequality.sum));
    QALAM_RETURN_IF_ERROR(Add(right, sign == '<' ? -1 : 1, inequality.sum));
    std::erase_if(inequality.sum.terms, [](const auto& term) { return term.second == 0; });
    if (inequality.sum.terms.empty()) return Refusal("it names no parameter and no metric");
    for (const auto& [name, coefficient] : inequality.sum.terms) {
      if (!std::isfinite(coefficient)) return Refusal(fmt::format("the factor of {} is not finite", name));
    }
    if (!std::isfinite(inequality.sum.constant)) return Refusal("its bound is not finite");
    return inequality;
  }

 private:
  absl::Status Add(std::string_view side, double sign, Sum& sum) const {
    side = Trimmed(side);
    if (side.empty()) return Refusal(kForm);
    for (bool first = true; !side.empty(); first = false) {
      double factor = sign;
      const bool has_sign = side.front() == '+' || (side.front() == '-' && LeadingName(side, names_).empty());
      if (has_sign) {
        if (side.front() == '-') factor = -factor;
        side = Trimmed(side.substr(1));
      } else if (!first) {
        return Refusal(fmt::format("expected + or - before '{}'", side));
      }
      QALAM_RETURN_IF_ERROR(AddTerm(factor, side, sum));
    }
    return absl::OkStatus();
  }

  // Takes a product off the beginning of `rest`.
  absl::Status AddTerm(double factor, std::string_view& rest, Sum& sum) const {
    std::string_view name;
    for (bool more = true; more;) {
      if (const std::string_view found = LeadingName(rest, names_); !found.empty()) {
        if (!name.empty()) return Refusal(fmt::format("{} times {} is not linear", name, found));
        name = found;
        rest = Trimmed(rest.substr(found.size()));
      } else {
        const size_t size = NumberSize(rest);
        const std::optional<double> number = ParseDouble(rest.substr(0, size));
        if (!number) return RefuseWord(rest);
        factor *= *number;
        rest = Trimmed(rest.substr(size));
      }
      more = rest.starts_with('*');
      if (more) rest = Trimmed(rest.substr(1));
    }
    if (rest.starts_with('/')) return Refusal("there is no division; write 0.5*width for width/2");
    (name.empty() ? sum.constant : sum.terms[name]) += factor;
    return absl::OkStatus();
  }

  // Of the number with which the text begins.
  static size_t NumberSize(std::string_view text) {
    size_t size = 0;
    const auto digits = [&] {
      while (size < text.size() && text[size] >= '0' && text[size] <= '9') ++size;
    };
    digits();
    if (size < text.size() && text[size] == '.') {
      ++size;
      digits();
    }
    if (size == 0 || size == text.size() || (text[size] != 'e' && text[size] != 'E')) return size;
    const size_t mantissa = size++;
    if (size < text.size() && (text[size] == '+' || text[size] == '-')) ++size;
    const size_t exponent = size;
    digits();
    return size == exponent ? mantissa : size;
  }

  absl::Status RefuseWord(std::string_view rest) const {
    const std::string_view word = LeadingWord(rest);
    if (word.empty()) return Refusal(kForm);
    const std::vector<std::string_view> known(names_.begin(), names_.end());
    return Refusal(fmt::format("there is no parameter or metric {}; {}", word, api::NameHint(word, known)));
  }

  std::string_view entry_;
  std::span<const std::string> names_;
};

std::optional<size_t> PlaceOf(const Problem& problem, std::string_view name) {
  const auto parameters = problem.space.parameters();
  const auto found =
      std::find_if(parameters.begin(), parameters.end(), [&](const auto& p) { return p.name() == name; });
  if (found == parameters.end()) return std::nullopt;
  return static_cast<size_t>(found - parameters.begin());
}

// coefficient * metric + constant <= 0.
MetricConstraint ToMetricConstraint(const Sum& sum) {
  const auto& [metric, coefficient] = *sum.terms.begin();
  return {std::string(metric), coefficient > 0, -sum.constant / coefficient + 0.0};
}

}  // namespace

absl::Status ReadConstraints(std::string_view text, std::span<const std::string> additional_metrics,
                             Problem& problem) {
  std::vector<std::string> metrics(additional_metrics.begin(), additional_metrics.end());
  if (!problem.objectives.front().metric.empty())
    metrics.insert(metrics.begin(), problem.objectives.front().metric);
  std::vector<std::string> names;
  for (const algorithms::Parameter& parameter : problem.space.parameters()) names.push_back(parameter.name());
  names.insert(names.end(), metrics.begin(), metrics.end());

  std::vector<LinearConstraint> constraints;
  std::vector<MetricConstraint> metric_constraints;
  for (const std::string_view entry : SplitEntries(text)) {
    const EntryReader reader(entry, names);
    QALAM_ASSIGN_OR_RETURN(const EntryReader::Inequality inequality, reader.Read());
    LinearConstraint constraint{{}, -inequality.sum.constant + 0.0, inequality.strict};
    std::vector<std::string_view> named_metrics;
    for (const auto& [name, coefficient] : inequality.sum.terms) {
      const std::optional<size_t> place = PlaceOf(problem, name);
      const bool is_metric = std::find(metrics.begin(), metrics.end(), name) != metrics.end();
      if (place && is_metric) return reader.Refusal(fmt::format("{} is a parameter and a metric", name));
      if (!place) named_metrics.push_back(name);
      if (place) constraint.terms.push_back({*place, coefficient});
    }
    if (named_metrics.empty()) {
      // One by one, so that an error has its entry.
      const auto checked = problem.space.WithConstraints({constraint});
      if (!checked.ok()) return reader.Refusal(MessageOf(checked.status()));
      constraints.push_back(std::move(constraint));
    } else if (named_metrics.size() + constraint.terms.size() > 1) {
      return reader.Refusal(
          fmt::format("{} is a metric; it stands alone, with a bound", named_metrics.front()));
    } else {
      const MetricConstraint bound = ToMetricConstraint(inequality.sum);
      if (!std::isfinite(bound.bound)) return reader.Refusal("its bound is not finite");
      metric_constraints.push_back(bound);
    }
  }
  QALAM_ASSIGN_OR_RETURN(problem.space, problem.space.WithConstraints(std::move(constraints)));
  problem.metric_constraints = std::move(metric_constraints);
  return absl::OkStatus();
}

}  // namespace qalam::suggestion
