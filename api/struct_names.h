// What the structs of the contract are called in descriptions and schemas. Internal to this room.
#pragma once

#include <string_view>

#include "api/core.h"
#include "api/optimization_job.h"
#include "api/suggestion.h"

namespace qalam::api {

template <class T>
inline constexpr std::string_view kStructName = "";  // of no struct of the contract

template <>
inline constexpr std::string_view kStructName<ObjectMeta> = "ObjectMeta";
template <>
inline constexpr std::string_view kStructName<OwnerReference> = "OwnerReference";
template <>
inline constexpr std::string_view kStructName<Condition> = "Condition";
template <>
inline constexpr std::string_view kStructName<NameValue> = "NameValue";
template <>
inline constexpr std::string_view kStructName<FeasibleSpace> = "FeasibleSpace";
template <>
inline constexpr std::string_view kStructName<ParameterSpec> = "ParameterSpec";
template <>
inline constexpr std::string_view kStructName<MetricStrategy> = "MetricStrategy";
template <>
inline constexpr std::string_view kStructName<ObjectiveSpec> = "ObjectiveSpec";
template <>
inline constexpr std::string_view kStructName<AlgorithmSpec> = "AlgorithmSpec";
template <>
inline constexpr std::string_view kStructName<TrialParameterSpec> = "TrialParameterSpec";
template <>
inline constexpr std::string_view kStructName<ConfigMapSource> = "ConfigMapSource";
template <>
inline constexpr std::string_view kStructName<TrialTemplate> = "TrialTemplate";
template <>
inline constexpr std::string_view kStructName<FileSystemPath> = "FileSystemPath";
template <>
inline constexpr std::string_view kStructName<HttpHeader> = "HttpHeader";
template <>
inline constexpr std::string_view kStructName<HttpGet> = "HttpGet";
template <>
inline constexpr std::string_view kStructName<MetricsSource> = "MetricsSource";
template <>
inline constexpr std::string_view kStructName<MetricsCollectorSpec> = "MetricsCollectorSpec";
template <>
inline constexpr std::string_view kStructName<GraphConfig> = "GraphConfig";
template <>
inline constexpr std::string_view kStructName<NasOperation> = "NasOperation";
template <>
inline constexpr std::string_view kStructName<NasConfig> = "NasConfig";
template <>
inline constexpr std::string_view kStructName<ExperimentSpec> = "ExperimentSpec";
template <>
inline constexpr std::string_view kStructName<MetricValue> = "MetricValue";
template <>
inline constexpr std::string_view kStructName<Observation> = "Observation";
template <>
inline constexpr std::string_view kStructName<OptimalTrial> = "OptimalTrial";
template <>
inline constexpr std::string_view kStructName<ExperimentStatus> = "ExperimentStatus";
template <>
inline constexpr std::string_view kStructName<EarlyStoppingRule> = "EarlyStoppingRule";
template <>
inline constexpr std::string_view kStructName<TrialSpec> = "TrialSpec";
template <>
inline constexpr std::string_view kStructName<TrialStatus> = "TrialStatus";
template <>
inline constexpr std::string_view kStructName<SuggestionSpec> = "SuggestionSpec";
template <>
inline constexpr std::string_view kStructName<TrialAssignment> = "TrialAssignment";
template <>
inline constexpr std::string_view kStructName<SuggestionStatus> = "SuggestionStatus";
template <>
inline constexpr std::string_view kStructName<ObjectReference> = "ObjectReference";
template <>
inline constexpr std::string_view kStructName<OptimizationObjective> = "OptimizationObjective";
template <>
inline constexpr std::string_view kStructName<RandomSearch> = "RandomSearch";
template <>
inline constexpr std::string_view kStructName<SearchAlgorithm> = "SearchAlgorithm";
template <>
inline constexpr std::string_view kStructName<NumberRange> = "NumberRange";
template <>
inline constexpr std::string_view kStructName<Choices> = "Choices";
template <>
inline constexpr std::string_view kStructName<SearchSpace> = "SearchSpace";
template <>
inline constexpr std::string_view kStructName<SearchedParameter> = "SearchedParameter";
template <>
inline constexpr std::string_view kStructName<TrainJobTemplate> = "TrainJobTemplate";
template <>
inline constexpr std::string_view kStructName<OptimizationJobSpec> = "OptimizationJobSpec";
template <>
inline constexpr std::string_view kStructName<OptimizationResult> = "OptimizationResult";
template <>
inline constexpr std::string_view kStructName<TrialRecord> = "TrialRecord";
template <>
inline constexpr std::string_view kStructName<OptimizationJobStatus> = "OptimizationJobStatus";

}  // namespace qalam::api
