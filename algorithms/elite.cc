#include "algorithms/elite.h"

#include <algorithm>

namespace qalam::algorithms {
namespace {

class Selection {
 public:
  Selection(std::span<const Observation> finished, std::vector<size_t> indices) : finished_(finished) {
    std::sort(indices.begin(), indices.end());
    std::vector<Losses> losses;
    std::vector<size_t> feasible, infeasible;
    for (const size_t i : indices) {
      if (finished[i].violation > 0) {
        infeasible.push_back(i);
        continue;
      }
      feasible.push_back(i);
      losses.push_back(finished[i].losses);
    }
    const std::vector<size_t> ranks = ParetoRanks(losses);
    for (size_t k = 0; k < feasible.size(); ++k) Put(feasible[k], ranks[k]);
    std::stable_sort(infeasible.begin(), infeasible.end(),
                     [&](size_t a, size_t b) { return finished[a].violation < finished[b].violation; });
    for (size_t k = 0; k < infeasible.size(); ++k) {
      const bool more = k == 0 || finished[infeasible[k]].violation > finished[infeasible[k - 1]].violation;
      Put(infeasible[k], fronts_.size() - (more ? 0 : 1));
    }
  }

  std::vector<EliteMember> Best(size_t size) && {
    std::vector<EliteMember> members;
    for (size_t rank = 0; rank < fronts_.size() && members.size() < size; ++rank) {
      std::vector<size_t>& front = fronts_[rank];
      std::vector<double> crowding = Crowding(front);
      while (front.size() > size - members.size()) {
        // Of equally crowded ones the oldest stays.
        const auto most = std::min_element(crowding.rbegin(), crowding.rend());
        front.erase(front.begin() + (crowding.rend() - most - 1));
        crowding = Crowding(front);
      }
      for (size_t k = 0; k < front.size(); ++k) members.push_back({front[k], rank, crowding[k]});
    }
    std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.index < b.index; });
    return members;
  }

 private:
  void Put(size_t index, size_t rank) {
    if (rank >= fronts_.size()) fronts_.resize(rank + 1);
    fronts_[rank].push_back(index);
  }

  std::vector<double> Crowding(const std::vector<size_t>& front) const {
    std::vector<Losses> losses;
    for (const size_t i : front) losses.push_back(finished_[i].losses);
    return CrowdingDistances(losses);
  }

  std::span<const Observation> finished_;
  std::vector<std::vector<size_t>> fronts_;  // each ascending
};

}  // namespace

std::vector<EliteMember> EliteOf(std::span<const Observation> finished, size_t size) {
  std::vector<EliteMember> members;
  for (size_t first = 0; first < finished.size(); first += size) {
    std::vector<size_t> indices;
    for (const EliteMember& member : members) indices.push_back(member.index);
    for (size_t i = first; i < std::min(first + size, finished.size()); ++i) indices.push_back(i);
    members = Selection(finished, std::move(indices)).Best(size);
  }
  return members;
}

}  // namespace qalam::algorithms
