// Minimises a function with the library alone: ask for a point, evaluate it, tell the result.
#include <algorithms/registry.h>

#include <iostream>

using namespace qalam::algorithms;

int main(int argc, char** argv) {
  Problem problem;
  problem.space = SearchSpace::Make({Parameter::Double("x", {-5, 5, {}, {}}).value(),
                                     Parameter::Int("n", {1, 8, {}, {}}).value()})
                      .value();
  problem.objectives = {{"loss", Direction::kMinimize}};
  problem.settings = {{"seed", "1"}};
  const auto algorithm = FindAlgorithm(argc > 1 ? argv[1] : "sobol").value()->create(problem).value();

  History history;
  double best = 1e9;
  for (int i = 0; i < 100; ++i) {
    const Point point = algorithm->Suggest(history, {.handed_out = i}).value().proposals.at(0).point;
    const double x = std::get<double>(point[0]), n = static_cast<double>(std::get<std::int64_t>(point[1]));
    const double loss = (x - 1) * (x - 1) + (n - 3) * (n - 3);
    history.trials.push_back(
        {.name = std::to_string(i), .status = TrialStatus::kSucceeded, .point = point, .objectives = {loss}});
    best = std::min(best, loss);
  }
  std::cout << "lowest loss " << best << "\n";
  return best < 0.1 ? 0 : 1;
}
