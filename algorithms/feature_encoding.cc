#include "algorithms/feature_encoding.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "base/number_text.h"

namespace qalam::algorithms {
namespace {

using Kind = FeatureColumn::Kind;

constexpr double kSmallestUnit = 0x1p-53;

// The entries as numbers, if all of them are.
std::optional<std::vector<double>> Numbers(const Parameter& parameter) {
  if (parameter.type() != ParameterType::kDiscrete) return std::nullopt;
  std::vector<double> numbers;
  for (const std::string& entry : parameter.list()) {
    const std::optional<double> number = ParseDouble(entry);
    if (!number || !std::isfinite(*number)) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

double InsideUnit(double u) { return std::clamp(u, kSmallestUnit, 1 - kSmallestUnit); }

}  // namespace

FeatureEncoding::FeatureEncoding(const SearchSpace& space)
    : parameters_(space.parameters().begin(), space.parameters().end()),
      rank_of_(space.size()),
      entry_of_(space.size()) {
  for (size_t j = 0; j < parameters_.size(); ++j) {
    const Parameter& parameter = parameters_[j];
    const std::uint64_t levels = parameter.cardinality().value_or(0);
    if (parameter.is_numeric()) {
      columns_.push_back({levels == 0 ? Kind::kSmooth : Kind::kOrdered, levels});
    } else if (const std::optional<std::vector<double>> numbers = Numbers(parameter)) {
      columns_.push_back({Kind::kOrdered, levels});
      std::vector<std::uint32_t>& entries = entry_of_[j];
      entries.resize(numbers->size());
      std::iota(entries.begin(), entries.end(), 0);
      std::stable_sort(entries.begin(), entries.end(),
                       [&](std::uint32_t a, std::uint32_t b) { return (*numbers)[a] < (*numbers)[b]; });
      rank_of_[j].resize(entries.size());
      for (std::uint32_t rank = 0; rank < entries.size(); ++rank) rank_of_[j][entries[rank]] = rank;
    } else {
      columns_.push_back({Kind::kCategorical, levels});
    }
  }
}

double FeatureEncoding::ValueAt(Eigen::Index column, std::uint64_t index) const {
  if (columns_[column].kind == Kind::kCategorical) return static_cast<double>(index);
  if (!entry_of_[column].empty()) {
    return (static_cast<double>(index) + 0.5) / static_cast<double>(columns_[column].levels);
  }
  return parameters_[column].ToUnit(parameters_[column].At(index));
}

std::uint64_t FeatureEncoding::IndexAt(Eigen::Index column, double value) const {
  const std::uint64_t last = columns_[column].levels - 1;
  if (columns_[column].kind == Kind::kCategorical || !entry_of_[column].empty()) {
    const bool is_rank = columns_[column].kind == Kind::kOrdered;
    const double index = is_rank ? std::floor(value * static_cast<double>(last + 1)) : std::round(value);
    return static_cast<std::uint64_t>(std::clamp(index, 0.0, static_cast<double>(last)));
  }
  return parameters_[column].IndexFromUnit(InsideUnit(value));
}

Value FeatureEncoding::ValueOf(Eigen::Index column, double feature) const {
  const Parameter& parameter = parameters_[column];
  if (columns_[column].kind == Kind::kSmooth) return parameter.FromUnit(InsideUnit(feature));
  const std::uint64_t index = IndexAt(column, feature);
  return parameter.At(entry_of_[column].empty() ? index : entry_of_[column][index]);
}

Eigen::RowVectorXd FeatureEncoding::Encode(const Point& point) const {
  Eigen::RowVectorXd row(size());
  for (Eigen::Index j = 0; j < size(); ++j) {
    if (columns_[j].kind == Kind::kSmooth) {
      row[j] = parameters_[j].ToUnit(point[j]);
    } else {
      const std::uint64_t index = parameters_[j].IndexOf(point[j]);
      row[j] = ValueAt(j, rank_of_[j].empty() ? index : rank_of_[j][index]);
    }
  }
  return row;
}

Eigen::MatrixXd FeatureEncoding::Encode(const std::vector<Point>& points) const {
  Eigen::MatrixXd rows(static_cast<Eigen::Index>(points.size()), size());
  for (Eigen::Index i = 0; i < rows.rows(); ++i) rows.row(i) = Encode(points[i]);
  return rows;
}

Point FeatureEncoding::Decode(const Eigen::Ref<const Eigen::RowVectorXd>& row) const {
  Point point;
  point.reserve(columns_.size());
  for (Eigen::Index j = 0; j < size(); ++j) point.push_back(ValueOf(j, row[j]));
  return point;
}

void FeatureEncoding::Snap(Eigen::Ref<Eigen::RowVectorXd> row) const {
  for (Eigen::Index j = 0; j < size(); ++j) {
    row[j] = columns_[j].kind == Kind::kSmooth ? InsideUnit(row[j]) : ValueAt(j, IndexAt(j, row[j]));
  }
}

Eigen::RowVectorXd FeatureEncoding::FromUnit(std::span<const double> u) const {
  Eigen::RowVectorXd row(size());
  for (Eigen::Index j = 0; j < size(); ++j) {
    const bool listed = !parameters_[j].is_numeric();
    row[j] = listed ? static_cast<double>(parameters_[j].IndexFromUnit(u[j])) : u[j];
    if (listed && columns_[j].kind == Kind::kOrdered) row[j] = ValueAt(j, static_cast<std::uint64_t>(row[j]));
  }
  Snap(row);
  return row;
}

}  // namespace qalam::algorithms
