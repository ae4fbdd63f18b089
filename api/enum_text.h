// The texts that enumerations have on the wire. Internal to this room.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/optimization_job.h"
#include "api/suggestion.h"

namespace qalam::api {

template <class E>
struct EnumTexts;  // kTexts: value and text of each; values that are not listed are absent on the wire

template <class E>
concept WireEnum = requires {
  EnumTexts<E>::kTexts;
};

template <>
struct EnumTexts<ParameterType> {
  static constexpr std::array<std::pair<ParameterType, std::string_view>, 4> kTexts = {
      {{ParameterType::kDouble, "double"},
       {ParameterType::kInt, "int"},
       {ParameterType::kDiscrete, "discrete"},
       {ParameterType::kCategorical, "categorical"}}};
};
template <>
struct EnumTexts<Distribution> {
  static constexpr std::array<std::pair<Distribution, std::string_view>, 5> kTexts = {
      {{Distribution::kUniform, "uniform"},
       {Distribution::kLogUniform, "logUniform"},
       {Distribution::kNormal, "normal"},
       {Distribution::kLogNormal, "logNormal"},
       {Distribution::kUnknown, "unknown"}}};
};
template <>
struct EnumTexts<ObjectiveType> {
  static constexpr std::array<std::pair<ObjectiveType, std::string_view>, 2> kTexts = {
      {{ObjectiveType::kMinimize, "minimize"}, {ObjectiveType::kMaximize, "maximize"}}};
};
template <>
struct EnumTexts<MetricStrategyType> {
  static constexpr std::array<std::pair<MetricStrategyType, std::string_view>, 3> kTexts = {
      {{MetricStrategyType::kMin, "min"},
       {MetricStrategyType::kMax, "max"},
       {MetricStrategyType::kLatest, "latest"}}};
};
template <>
struct EnumTexts<ResumePolicy> {
  static constexpr std::array<std::pair<ResumePolicy, std::string_view>, 3> kTexts = {
      {{ResumePolicy::kNever, "Never"},
       {ResumePolicy::kLongRunning, "LongRunning"},
       {ResumePolicy::kFromVolume, "FromVolume"}}};
};
template <>
struct EnumTexts<CollectorKind> {
  static constexpr std::array<std::pair<CollectorKind, std::string_view>, 7> kTexts = {
      {{CollectorKind::kStdOut, "StdOut"},
       {CollectorKind::kFile, "File"},
       {CollectorKind::kTensorFlowEvent, "TensorFlowEvent"},
       {CollectorKind::kPrometheusMetric, "PrometheusMetric"},
       {CollectorKind::kCustom, "Custom"},
       {CollectorKind::kPush, "Push"},
       {CollectorKind::kNone, "None"}}};
};
template <>
struct EnumTexts<Comparison> {
  static constexpr std::array<std::pair<Comparison, std::string_view>, 3> kTexts = {
      {{Comparison::kEqual, "equal"}, {Comparison::kLess, "less"}, {Comparison::kGreater, "greater"}}};
};
template <>
struct EnumTexts<Direction> {
  // The first of two texts is written; people write the second, as the proposal's examples do.
  static constexpr std::array<std::pair<Direction, std::string_view>, 4> kTexts = {
      {{Direction::kMinimize, "Minimize"},
       {Direction::kMaximize, "Maximize"},
       {Direction::kMinimize, "minimize"},
       {Direction::kMaximize, "maximize"}}};
};
template <>
struct EnumTexts<NumberType> {
  static constexpr std::array<std::pair<NumberType, std::string_view>, 2> kTexts = {
      {{NumberType::kInt, "Int"}, {NumberType::kFloat, "Float"}}};
};

/// Empty when the value is absent on the wire.
template <WireEnum E>
constexpr std::string_view EnumText(E value) {
  for (const auto& [candidate, text] : EnumTexts<E>::kTexts) {
    if (candidate == value) return text;
  }
  return {};
}

template <WireEnum E>
constexpr std::optional<E> EnumFromText(std::string_view text) {
  for (const auto& [value, candidate] : EnumTexts<E>::kTexts) {
    if (candidate == text) return value;
  }
  return std::nullopt;
}

}  // namespace qalam::api
