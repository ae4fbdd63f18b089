// What `qalam replay` prints.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/experiment.h"
#include "bench/replay_search.h"
#include "bench/replay_stopping.h"
#include "cli/streams.h"

namespace qalam::cli {

struct ReplayResult {
  std::vector<std::pair<std::string, bench::StoppingReplay>> rules;  // by label; empty: none asked for
  std::optional<bench::SearchReplay> search;
  int seeds = 0;
};

void PrintReplay(const ReplayResult& result, Streams& streams);
nlohmann::ordered_json ReplayJson(const api::Experiment& experiment, const ReplayResult& result);

}  // namespace qalam::cli
