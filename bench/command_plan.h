// The flags of `qalam bench`, read as what they ask for. Errors are INVALID_ARGUMENT, unless a file cannot be read, and name the
// flag, the value and what would be right.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "bench/campaign.h"
#include "bench/command.h"
#include "bench/latency.h"
#include "bench/stopping_report.h"

namespace qalam::bench {

/// Without progress.
absl::StatusOr<CampaignOptions> PlanCampaign(const CommandOptions& options);
absl::StatusOr<StoppingPlan> PlanStopping(const CommandOptions& options);
absl::StatusOr<LatencyOptions> PlanLatency(const CommandOptions& options);

/// What --compare has for the problems and the number of workers of `plan`, whose own contestants are left out.
absl::StatusOr<std::vector<RunRecord>> ReadCompared(const CommandOptions& options,
                                                    const CampaignOptions& plan);

/// The optimiser that others are compared with: --reference, or with --epochs the first contestant; empty: none.
absl::StatusOr<std::string> ReferenceOf(const CommandOptions& options, const CampaignOptions& plan,
                                        const std::vector<RunRecord>& compared);

absl::StatusOr<std::optional<double>> TargetRegret(const CommandOptions& options);

/// "0-9", "3", "0-4,10-14". INVALID_ARGUMENT for another form, and for more than 100,000 seeds.
absl::StatusOr<std::vector<std::uint64_t>> ParseSeeds(std::string_view text);

}  // namespace qalam::bench
