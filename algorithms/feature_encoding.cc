#include "algorithms/feature_encoding.h"

#include <algorithm>
#include <cmath>

namespace qalam::algorithms {
namespace {

using Kind = FeatureColumn::Kind;

Kind KindOf(const Axis& axis) {
  switch (axis.kind()) {
    case Axis::Kind::kContinuous:
      return Kind::kSmooth;
    case Axis::Kind::kOrdered:
      return Kind::kOrdered;
    case Axis::Kind::kUnordered:
      break;
  }
  return Kind::kCategorical;
}

}  // namespace

FeatureEncoding::FeatureEncoding(const SearchSpace& space) : axes_(AxesOf(space)) {
  for (const Axis& axis : axes_) columns_.push_back({KindOf(axis), axis.size()});
}

double FeatureEncoding::ValueAt(Eigen::Index column, std::uint64_t index) const {
  if (columns_[column].kind == Kind::kCategorical) return static_cast<double>(index);
  if (IsRanked(column)) {
    return (static_cast<double>(index) + 0.5) / static_cast<double>(columns_[column].levels);
  }
  const Parameter& parameter = axes_[column].parameter();
  return parameter.ToUnit(parameter.At(index));
}

std::uint64_t FeatureEncoding::IndexAt(Eigen::Index column, double value) const {
  const std::uint64_t last = columns_[column].levels - 1;
  const bool ranked = IsRanked(column);
  if (ranked || columns_[column].kind == Kind::kCategorical) {
    const double index = ranked ? std::floor(value * static_cast<double>(last + 1)) : std::round(value);
    return static_cast<std::uint64_t>(std::clamp(index, 0.0, static_cast<double>(last)));
  }
  return axes_[column].parameter().IndexFromUnit(std::clamp(value, 0.0, 1.0));
}

Value FeatureEncoding::ValueOf(Eigen::Index column, double feature) const {
  const bool smooth = columns_[column].kind == Kind::kSmooth;
  return axes_[column].Decode(smooth ? feature : static_cast<double>(IndexAt(column, feature)));
}

Eigen::RowVectorXd FeatureEncoding::Encode(const Point& point) const {
  Eigen::RowVectorXd row(size());
  for (Eigen::Index j = 0; j < size(); ++j) {
    row[j] = columns_[j].kind == Kind::kSmooth
                 ? axes_[j].parameter().ToUnit(point[j])
                 : ValueAt(j, static_cast<std::uint64_t>(axes_[j].Encode(point[j])));
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
    row[j] =
        columns_[j].kind == Kind::kSmooth ? std::clamp(row[j], 0.0, 1.0) : ValueAt(j, IndexAt(j, row[j]));
  }
}

Eigen::RowVectorXd FeatureEncoding::FromUnit(std::span<const double> u) const {
  Eigen::RowVectorXd row(size());
  for (Eigen::Index j = 0; j < size(); ++j) {
    const Parameter& parameter = axes_[j].parameter();
    row[j] = parameter.is_numeric() ? u[j] : ValueAt(j, parameter.IndexFromUnit(u[j]));
  }
  Snap(row);
  return row;
}

}  // namespace qalam::algorithms
