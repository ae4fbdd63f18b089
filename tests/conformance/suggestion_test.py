"""Suggestion, driven as Katib's controller drives it: whole experiments with every trial in every request."""

import concurrent.futures
import functools
import math
import os
import subprocess
import unittest

import grpc

from contract import (ALGORITHMS, ARCHITECTURE_SEARCHES, ContractTest, api, categorical, discrete, double, experiment,
                      integer, point_of, trial, with_needed)
from points import check_point

MIXED = [
    double("lr", "0.0001", "1", distribution="logUniform"),
    double("momentum", "0.1", "0.9", "0.1"),
    integer("layers", "1", "4"),
    integer("units", "16", "256", "16", distribution="logUniform"),
    discrete("batch", "16", "32", "6.50"),
    categorical("optimizer", "sgd", "adam", "a b", ""),
]
FINITE = [double("lr", "0.0001", "0.1", "0.0001"), *MIXED[1:]]  # what grid can search


def space_for(algorithm):
    return FINITE if algorithm == "grid" else MIXED


def value_of(point):
    """What the trial reports: best at momentum 0.5, few layers, sgd."""
    return (float(point["momentum"]) - 0.5) ** 2 + 0.1 * int(point["layers"]) + (point["optimizer"] != "sgd")


class Controller:
    """Katib's controller and its trials: `parallel` run at once; one ends at a time, the oldest first."""

    # What becomes of the trials, in turns: the condition and what the objective reads.
    OUTCOMES = [("SUCCEEDED", None), ("SUCCEEDED", None), ("FAILED", ""), ("EARLYSTOPPED", None), ("KILLED", ""),
                ("SUCCEEDED", "unavailable"), ("SUCCEEDED", "nan"), ("SUCCEEDED", None), ("METRICSUNAVAILABLE", "unavailable"),
                ("EARLYSTOPPED", "unavailable"), ("UNKNOWN", "")]

    def __init__(self, test, spec, parallel=3, named=None):
        self.test, self.spec, self.parallel = test, spec, parallel
        self.points, self.running, self.trials = [], [], {}
        self.names = named or (lambda i: f"{spec.name}-{i:08x}")

    def sent(self):
        """Metrics-unavailable trials, and early-stopped ones without a value, are not on the wire."""
        left_out = {"METRICSUNAVAILABLE"}
        for t in self.trials.values():
            condition = api.TrialStatus.TrialConditionType.Name(t.status.condition)
            metrics = t.status.observation.metrics
            if condition in left_out or (condition == "EARLYSTOPPED" and metrics[0].value == "unavailable"):
                continue
            yield t

    def request(self, count):
        return api.GetSuggestionsRequest(experiment=self.spec, trials=list(self.sent()), current_request_number=count,
                                         total_request_number=len(self.points) + count)

    def ask(self, count):
        """Asks twice, since a reply can be lost, and starts the trials."""
        request = self.request(count)
        replies = [self.test.suggestion.GetSuggestions(request, timeout=60) for _ in range(2)]
        self.test.assertEqual(replies[0], replies[1], "the same request again")
        self.test.assertEqual(len(replies[0].parameter_assignments), count)
        for assignments in replies[0].parameter_assignments:
            self.start(point_of(assignments.assignments), assignments.trial_name)
        for setting in replies[0].algorithm.algorithm_settings:
            self.feed_back(setting)

    def feed_back(self, setting):
        """Settings of a reply lie over those of the experiment from then on."""
        settings = self.spec.spec.algorithm.algorithm_settings
        for known in settings:
            if known.name == setting.name:
                known.value = setting.value
                return
        settings.append(setting)

    def start(self, point, name=""):
        check_point(self.test, self.spec, point)
        index = len(self.points)
        name = name or self.names(index)
        self.points.append(point)
        self.running.append((index, name))
        self.trials[name] = trial(name, point, "RUNNING", second=index)

    def is_made_again(self, index):
        """Whether it repeats the point of a trial that was killed, as promotions to more of a resource do."""
        return "epochs" in self.points[index] and any(
            self.points[i] == self.points[index] and self.OUTCOMES[i % len(self.OUTCOMES)][0] == "KILLED" for i in range(index))

    def finish_one(self):
        index, name = self.running.pop(0)
        condition, text = self.OUTCOMES[index % len(self.OUTCOMES)]
        value = str(value_of(self.points[index])) if text is None else text
        metrics = {"other": "1e400", "loss": value} if value else {}
        self.trials[name] = trial(name, self.points[index], condition, metrics, second=index)

    def run(self, trials, before_each=lambda: None):
        self.ask(self.parallel)
        while len(self.points) < trials:
            self.finish_one()
            before_each()
            self.ask(1)


def for_each_algorithm(test):
    """Runs `test(self, experiment)` for each of them."""
    @functools.wraps(test)
    def run(self):
        for algorithm in ALGORITHMS:
            with self.subTest(algorithm=algorithm):
                test(self, experiment(algorithm, space_for(algorithm), {"random_state": "71"}))
    return run


def algorithm_of(spec):
    return spec.spec.algorithm.algorithm_name


def search(spec, *parameters):
    spec.spec.parameter_specs.CopyFrom(
        api.ExperimentSpec.ParameterSpecs(parameters=with_needed(algorithm_of(spec), parameters)))


class EveryAlgorithm(ContractTest):
    def test_these_are_all_there_are(self):
        done = subprocess.run([os.environ["QALAM"], "bench", "--algorithms", "?", "--problems", "branin"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.stderr.split("there are all, ")[1].strip().split(", "),
                         sorted(ALGORITHMS + ARCHITECTURE_SEARCHES))

    @for_each_algorithm
    def test_an_experiment_runs_to_its_end_whatever_becomes_of_its_trials(self, spec):
        controller = Controller(self, spec)
        controller.run(trials=26)
        points = [p for i, p in enumerate(controller.points) if not controller.is_made_again(i)]
        if algorithm_of(spec) != "pbt":  # an exploited member trains on with the winner's parameters
            self.assertEqual(len({tuple(p.items()) for p in points}), len(points), "no point twice")

    def test_a_restart_changes_no_answer(self):
        controllers = []
        for algorithm in ALGORITHMS:
            controllers.append(Controller(self, experiment(algorithm, space_for(algorithm), {"random_state": "71"})))
            controllers[-1].run(trials=14)
        requests = [controller.request(2) for controller in controllers]
        before = [self.suggestion.GetSuggestions(request, timeout=60) for request in requests]
        self.restart()
        for request, reply in zip(requests, before):
            with self.subTest(algorithm=algorithm_of(request.experiment)):
                self.assertEqual(self.suggestion.GetSuggestions(request, timeout=60), reply)

    @for_each_algorithm
    def test_the_order_of_the_trials_does_not_matter(self, spec):
        controller = Controller(self, spec)
        controller.run(trials=14)
        request = controller.request(1)
        reply = self.suggestion.GetSuggestions(request, timeout=60)
        turned = api.GetSuggestionsRequest()
        turned.CopyFrom(request)
        del turned.trials[:]
        turned.trials.extend(reversed(request.trials))
        self.assertEqual(self.suggestion.GetSuggestions(turned, timeout=60), reply)

    @for_each_algorithm
    def test_trials_from_elsewhere_are_taken_as_they_are(self, spec):
        odd = [trial("warm", {"lr": "0.01", "momentum": "0.3", "layers": "2", "units": "32", "batch": "16",
                              "optimizer": "adam"}, "SUCCEEDED", {"loss": "0.5"}),
               trial("outside", {"lr": "99", "momentum": "7", "layers": "-1", "units": "x", "batch": "64",
                                 "optimizer": "none"}, "SUCCEEDED", {"loss": "-1e9"}),
               trial("fewer", {"lr": "0.01"}, "SUCCEEDED", {"loss": "0.1"}),
               trial("more", {"lr": "0.01", "elsewhere": "1"}, "FAILED"),
               trial("none", {}, "CREATED"), trial("", {}, "SUCCEEDED", {"loss": "1"}), api.Trial(),
               trial("warm", {}, "FAILED")]  # a name twice
        points = self.suggest(spec, odd * 3, count=3, total=11)
        self.assertEqual(len(points), 3)
        for point in points:
            check_point(self, spec, point)

    @for_each_algorithm
    def test_every_condition_with_every_metric_is_accepted(self, spec):
        values = ["unavailable", "nan", "inf", "-inf", "1e400", "", "Genotype(normal=[])", "0x1p3", "1e-3"]
        point = self.suggest(spec, count=1)[0]
        trials = [trial(f"t{i}-{j}", point, condition, {"loss": value}, second=10 * i + j)
                  for i, condition in enumerate(api.TrialStatus.TrialConditionType.keys())
                  for j, value in enumerate(values)]
        trials += [trial(f"u{i}", point, condition) for i, condition in enumerate(
            api.TrialStatus.TrialConditionType.keys())]
        self.assertEqual(len(self.suggest(spec, trials, count=2)), 2)

    @for_each_algorithm
    def test_counts_and_lists_may_shrink(self, spec):
        controller = Controller(self, spec, parallel=6)
        controller.run(trials=10)
        few = list(controller.sent())[:2]
        for count, total in ((1, 3), (4, 4), (2, 0), (1, 11)):
            self.assertEqual(len(self.suggest(spec, few, count, total)), count)

    @for_each_algorithm
    def test_nothing_asked_is_nothing_answered(self, spec):
        for count in (0, -3):
            self.assertEqual(self.suggest(spec, count=count, total=5), [])

    @for_each_algorithm
    def test_points_of_one_request_differ(self, spec):
        points = self.suggest(spec, count=20)
        self.assertEqual(len({tuple(p.items()) for p in points}), 20)

    @for_each_algorithm
    def test_a_seed_repeats_and_another_one_does_not(self, spec):
        other = experiment(algorithm_of(spec), space_for(algorithm_of(spec)), {"random_state": "72"})
        self.assertEqual(self.suggest(spec, count=5), self.suggest(spec, count=5))
        self.assertNotEqual(self.suggest(spec, count=5), self.suggest(other, count=5))

    @for_each_algorithm
    def test_both_ends_of_ints_and_grids_are_reached(self, spec):
        parameters = [integer("n", "1", "3"), integer("stepped", "1", "10", "4"), double("x", "0.1", "0.5", "0.1"),
                      double("y", "0.01", "0.05", "0.03")]
        search(spec, *parameters)
        points = self.suggest(spec, count=60)
        seen = {name: {p[name] for p in points} for name in points[0]}
        self.assertEqual(seen["n"], {"1", "2", "3"})
        self.assertEqual(seen["stepped"], {"1", "5", "9"})
        self.assertEqual(seen["x"], {"0.1", "0.2", "0.3", "0.4", "0.5"})
        self.assertEqual(seen["y"], {"0.01", "0.04"})

    @for_each_algorithm
    def test_a_range_of_one_value_gives_it(self, spec):
        parameters = [double("x", "0.25", "0.25", "1"), integer("n", "-7", "-7"), categorical("c", "only")]
        search(spec, *parameters)
        points = self.suggest(spec, count=1)
        self.assertEqual([p | {"x": "0.25", "n": "-7", "c": "only"} for p in points], points)

    @for_each_algorithm
    def test_distributions_are_honoured(self, spec):
        """By the share of points in the lower half and in the middle third of the scale. Of the wrong scale, 1 % or 99 % would
        be in the lower half; in the middle third are a third of evenly spread values, and 68 % of a bell's."""
        if algorithm_of(spec) == "grid":  # has every value once
            return
        scales = {"uniform": (float, 1 / 3), "logUniform": (math.log10, 1 / 3), "normal": (float, 0.68),
                  "logNormal": (math.log10, 0.68), None: (float, 1 / 3)}
        search(spec, *[double(f"x-{d}", "0.0001", "1", distribution=d) for d in scales])
        points = self.suggest(spec, count=200)
        for distribution, (scale, expected) in scales.items():
            low, high = scale(0.0001), scale(1)
            places = [(scale(float(p[f"x-{distribution}"])) - low) / (high - low) for p in points]
            half = sum(u < 0.5 for u in places) / len(places)
            third = sum(1 / 3 < u < 2 / 3 for u in places) / len(places)
            # With 200 independent points the standard error of either is 0.035; cmaes looks closer to the middle.
            self.assertAlmostEqual(half, 0.5, delta=0.15, msg=distribution)
            if algorithm_of(spec) != "cmaes":
                self.assertAlmostEqual(third, expected, delta=0.15, msg=distribution)

    @for_each_algorithm
    def test_a_small_space_gives_every_point_before_one_comes_twice(self, spec):
        parameters = [integer("n", "1", "3"), categorical("c", "a", "b")]
        search(spec, *parameters)
        # sobol fills space evenly, and may repeat the values it is cut into; members of pbt are drawn one by one
        if algorithm_of(spec) not in ("sobol", "pbt"):
            self.assertEqual(len({tuple(p.items()) for p in self.suggest(spec, count=6)}), 6)
        if algorithm_of(spec) != "grid":
            self.assertEqual(len(self.suggest(spec, count=9)), 9)


class HyperbandTest(ContractTest):
    """Katib's controller lives through rungs and brackets: its own service stops after the first rung."""

    def run_experiment(self, spec, trials, parallel):
        controller = Controller(self, spec, parallel)
        controller.OUTCOMES = [("SUCCEEDED", None)]
        controller.run(trials)
        while controller.running:
            controller.finish_one()
        return controller.points

    def test_runs_brackets_to_their_end_with_exact_counts(self):
        spec = experiment("hyperband", MIXED, {"r_l": "9", "eta": "3", "random_state": "1"}, parallel=9)
        points = self.run_experiment(spec, trials=40, parallel=9)
        epochs = [p["epochs"] for p in points[:40]]
        self.assertEqual(epochs[:9], ["1"] * 9)
        # Brackets of 9 + 3 + 1, 5 + 1 and 3 trials; what is beyond belongs to the next round.
        self.assertGreaterEqual(epochs.count("3"), 3 + 5)
        self.assertGreaterEqual(epochs.count("9"), 1 + 1 + 3)
        configurations = [tuple(v for n, v in p.items() if n != "epochs") for p in points]
        self.assertLess(len(set(configurations)), len(points), "some were promoted")

    def test_the_parallel_trials_that_katib_demands_are_not_needed(self):
        points = self.run_experiment(experiment("hyperband", MIXED, {"r_l": "9"}, parallel=1), trials=20, parallel=1)
        self.assertEqual(sorted(p["epochs"] for p in points[:13]), ["1"] * 9 + ["3"] * 3 + ["9"])

    def test_settings_returned_are_katibs(self):
        spec = experiment("hyperband", MIXED, {"r_l": "9"}, parallel=9)
        reply = self.suggestion.GetSuggestions(api.GetSuggestionsRequest(
            experiment=spec, current_request_number=9, total_request_number=9), timeout=60)
        returned = {s.name: s.value for s in reply.algorithm.algorithm_settings}
        self.assertEqual({n: returned.get(n) for n in ("eta", "s_max", "r_l", "b_l", "r", "n", "current_s", "current_i")},
                         {"eta": "3", "s_max": "2", "r_l": "9.0", "b_l": "27.0", "r": "1.0", "n": "9", "current_s": "2",
                          "current_i": "0"})

    def test_katibs_example_with_a_resource_of_one_value_runs(self):
        spec = experiment("random", [double("lr", "0.01", "0.03"), integer("num-epochs", "1", "1")], parallel=2, most=2)
        spec.spec.algorithm.algorithm_name = "hyperband"
        for name, value in {"resource_name": "num-epochs", "eta": "2", "r_l": "2"}.items():
            spec.spec.algorithm.algorithm_settings.add(name=name, value=value)
        self.suggestion.ValidateAlgorithmSettings(api.ValidateAlgorithmSettingsRequest(experiment=spec), timeout=60)
        points = self.suggest(spec, count=2)
        trials = [trial(f"t{i}", p, "SUCCEEDED", {"loss": str(i)}, second=i) for i, p in enumerate(points)]
        self.assertEqual(self.suggest(spec, trials), [{"lr": points[0]["lr"], "num-epochs": "2"}])


class SuggestionTest(ContractTest):
    def test_katibs_own_hyperopt_request_is_answered(self):
        """22 parameters with every distribution and odd steps, and trials that teach nothing."""
        parameters = [integer("param-1", "1", "5"), categorical("param-2", "cat1", "cat2", "cat3"),
                      discrete("param-3", "3", "2", "6"), double("param-4", "1", "5")]
        for d in ("uniform", "logUniform", "normal", "logNormal", None):
            parameters += [double(f"double-{d}-stepped", "1", "5", "0.5", distribution=d),
                           double(f"double-{d}", "1", "5", distribution=d),
                           integer(f"int-{d}", "1", "5", "1", distribution=d)]
        spec = experiment("tpe", parameters, {"random_state": "10", "gamma": "0.25", "prior_weight": "1.0",
                                              "n_EI_candidates": "24"}, kind=api.MAXIMIZE)
        trials = [trial(name, {"param-1": "2", "param-2": "cat1", "param-3": "2", "param-4": "3.44"}, "CREATED",
                        {"metric=1": "435", "metric=2": "5643"}) for name in ("test-asfjh", "test-234hs")]
        points = self.suggest(spec, trials, count=2)
        self.assertEqual(len(points), 2)
        for point in points:
            check_point(self, spec, point)

    def test_katibs_own_optuna_requests_are_answered(self):
        """Two calls; the points of the first one come back as trials, byte for byte."""
        parameters = [integer("param-1", "1", "5"), categorical("param-2", "cat1", "cat2", "cat3"),
                      discrete("param-3", "3", "2", "6"), double("param-4", "1", "5", "1"),
                      integer("param-5", "1", "5", "2", distribution="uniform"),
                      integer("param-6", "1", "5", distribution="uniform"),
                      integer("param-7", "1", "5", "2", distribution="logUniform"),
                      integer("param-8", "1", "5", distribution="logUniform"),
                      double("param-9", "1", "11", "2.5", distribution="uniform"),
                      double("param-10", "1", "11", "2.5", distribution="logUniform"),
                      double("param-11", "1", "5", distribution="uniform"),
                      double("param-12", "1", "5", distribution="logUniform")]
        for algorithm, settings in [
                ("tpe", {"n_startup_trials": "20", "n_ei_candidates": "10", "random_state": "71"}),
                ("multivariate-tpe", {"n_startup_trials": "20", "n_ei_candidates": "10", "random_state": "71"}),
                ("cmaes", {"restart_strategy": "ipop", "sigma": "2", "random_state": "71"}),
                ("random", {"random_state": "71"})]:
            with self.subTest(algorithm=algorithm):
                spec = experiment(algorithm, parameters, settings, kind=api.MAXIMIZE)
                spec.spec.objective.objective_metric_name = "metric-2"
                first = self.suggest(spec, count=2, total=0)
                trials = [trial(name, point, "SUCCEEDED", {"metric-1": "435", "metric-2": value})
                          for name, point, value in zip(("test-asfjh", "test-234hs"), first, ("5643", "3028"))]
                second = self.suggest(spec, trials, count=2, total=0)
                for point in first + second:
                    check_point(self, spec, point)
                self.assertEqual(len({tuple(p.items()) for p in first + second}), 4)

    def test_katibs_own_goptuna_and_skopt_requests_are_answered(self):
        parameters = [integer("param-1", "-10", "10"), categorical("param-2", "cat1", "cat2", "cat3"),
                      discrete("param-3", "3", "2", "6"), double("param-4", "-1.5", "5.5")]
        for algorithm in ("cmaes", "tpe", "random", "bayesianoptimization"):
            with self.subTest(algorithm=algorithm):
                spec = experiment(algorithm, parameters, {"random_state": "10"})
                points = self.suggest(spec, [trial("test-asfjh", {}, "CREATED", {"metric=2": "5643"}),
                                             trial("test-234hs", {}, "CREATED", {"metric=2": "3028"})], count=2)
                self.assertEqual(len(points), 2)
                for point in points:
                    check_point(self, spec, point)

    def test_a_grid_is_given_whole_and_its_end_said(self):
        spec = experiment("grid", [double("x", "0.001", "0.01", "0.001"), integer("n", "1", "4"), discrete("d", "3", "2")])
        points, trials = [], []
        while len(points) < 80:
            batch = self.suggest(spec, trials, count=5, total=len(points) + 5)
            trials += [trial(f"t{len(points) + i}", p, "SUCCEEDED", {"loss": "1"}) for i, p in enumerate(batch)]
            points += batch
        self.assertEqual(len({tuple(p.items()) for p in points}), 80)
        self.assertEqual({p["x"] for p in points}, {"0.001", "0.002", "0.003", "0.004", "0.005", "0.006", "0.007", "0.008",
                                                    "0.009", "0.01"})
        self.assertNotEqual(points, sorted(points, key=lambda p: (p["x"], p["n"], p["d"])), "the order is shuffled")
        for count, total in ((1, 81), (5, 82)):
            request = api.GetSuggestionsRequest(experiment=spec, trials=trials, current_request_number=count,
                                                total_request_number=total)
            text = self.refusal(self.suggestion.GetSuggestions, request, grpc.StatusCode.OUT_OF_RANGE)
            self.assertTrue(text.startswith("SpaceExhausted: "), text)

    def test_numbers_are_plain_digits_down_to_1e_7(self):
        spec = experiment("random", [double("x", "0.0000001", "0.00001", distribution="logUniform"),
                                     double("y", "1e-12", "1e-9", distribution="logUniform"),
                                     double("z", "1e14", "9e15")])
        for point in self.suggest(spec, count=50):
            check_point(self, spec, point)
            self.assertNotIn("e", point["x"] + point["z"])
            self.assertIn("e-", point["y"])

    def test_settings_fed_back_by_the_controller_are_accepted(self):
        for algorithm in ALGORITHMS:
            spec = experiment(algorithm, FINITE, {"random_state": "1"})
            reply = self.suggestion.GetSuggestions(api.GetSuggestionsRequest(
                experiment=spec, current_request_number=1, total_request_number=1), timeout=60)
            spec.spec.algorithm.algorithm_settings.extend(reply.algorithm.algorithm_settings)
            self.assertEqual(len(self.suggest(spec, count=1)), 1)

    def test_another_algorithm_or_space_under_the_same_name_is_another_experiment(self):
        first = experiment("random", [double("x", "0", "1")], name="same")
        second = experiment("sobol", [integer("n", "5", "9")], name="same")
        for spec in (first, second, first):
            for point in self.suggest(spec, count=3):
                check_point(self, spec, point)

    def test_experiments_at_the_same_time_do_not_disturb_each_other(self):
        specs = [experiment(algorithm, space_for(algorithm), {"random_state": "3"}, name=f"{algorithm}-{i}")
                 for algorithm in ("random", "tpe", "cmaes", "grid") for i in range(4)]
        alone = [self.suggest(spec, count=4) for spec in specs]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            together = list(pool.map(lambda spec: self.suggest(spec, count=4), specs * 4))
        self.assertEqual(together, alone * 4)

    def test_a_history_of_four_mebibytes_is_read(self):
        spec = experiment("random", [double("x", "0", "1")])
        request = api.GetSuggestionsRequest(experiment=spec, current_request_number=2, total_request_number=57_000)
        model = trial("e1-00000000", {"x": "0.5"}, "SUCCEEDED", {"loss": "1"})
        request.trials.extend([model] * 45_000)
        self.assertGreater(request.ByteSize(), 4 << 20)
        self.assertEqual(len(self.suggestion.GetSuggestions(request, timeout=60).parameter_assignments), 2)


if __name__ == "__main__":
    unittest.main()
