"""What is refused, with which code and which text. Clients compare the exact ones; of the others the beginning counts."""

import itertools
import unittest

from contract import ALGORITHMS, ContractTest, api, categorical, discrete, double, experiment, integer, trial

TWO = [double("x", "0", "1"), integer("n", "1", "5")]
ONE = [integer("n", "1", "5")]
GRID = [integer("n", "1", "5"), double("x", "1", "5", "1")]

VALID = [
    ("random", TWO, {}),
    ("random", TWO, {"random_state": "10"}),
    ("random", TWO, {"random_state": " 1_0 "}),  # as Python's int() reads it
    ("random", TWO, {"random_state": "4294967296"}),
    ("tpe", TWO, {"random_state": "10", "gamma": "0.25", "prior_weight": "1.0", "n_EI_candidates": "24"}),
    ("tpe", TWO, {"n_startup_trials": "20", "n_ei_candidates": "10", "random_state": "71"}),
    ("multivariate-tpe", TWO, {"n_startup_trials": "20", "n_ei_candidates": "10", "random_state": "71"}),
    ("cmaes", TWO, {"restart_strategy": "ipop", "sigma": "2", "random_state": "71"}),
    ("cmaes", TWO, {"restart_strategy": "None", "sigma": "0.1"}),
    ("cmaes", TWO, {"restart_strategy": "bipop"}),
    ("cmaes", ONE, {}),
    ("sobol", TWO, {"any_name": "passes"}),
    ("grid", ONE, {"random_state": "10"}),
    ("bayesianoptimization", TWO, {"base_estimator": "GP", "n_initial_points": "10", "acq_func": "gp_hedge",
                                   "acq_optimizer": "auto", "random_state": "10"}),
    *[("bayesianoptimization", TWO, {"n_initial_points": "2", "base_estimator": e, "acq_optimizer": o})
      for e in ("GP", "RF", "ET", "GBRT") for o in ("auto", "sampling", "lbfgs")],
    *[("bayesianoptimization", TWO, {"n_initial_points": "2", "acq_func": f})
      for f in ("gp_hedge", "LCB", "EI", "PI", "EIps", "PIps")],
    ("auto", TWO, {"random_state": "10"}),
    ("pbt", TWO, {"resample_probability": "0.2", "truncation_threshold": "1", "any_name": "passes"}),
    ("hyperband", TWO, {"eta": "3", "any_name": "passes"}),
    ("hyperband", TWO, {"eta": "0"}),
    ("bohb", TWO, {"random_fraction": "0.5", "min_points_in_model": "4"}),
    *[("asha", TWO, {"brackets": "2", "sampler": s}) for s in ("random", "tpe", "bayesianoptimization")],
    ("turbo", TWO, {"random_state": "10"}),
]

# algorithm, parameters, settings, the exact text
REFUSED = [
    ("unknown", TWO, {}, "unknown algorithm name unknown"),
    ("", TWO, {}, "unknown algorithm name "),
    ("RANDOM", TWO, {}, "unknown algorithm name RANDOM"),
    *[(a, GRID, {"unknown_conf": "1111"}, f"unknown setting unknown_conf for algorithm {a}")
      for a in ("asha", "bohb", "random", "tpe", "multivariate-tpe", "cmaes", "grid", "bayesianoptimization", "auto", "turbo")],
    *[(a, GRID, {"random_state": "-1"}, "random_state should be great or equal than zero")
      for a in ("asha", "bohb", "hyperband", "random", "tpe", "grid", "sobol", "bayesianoptimization", "auto", "turbo", "cmaes")],
    ("hyperband", TWO, {"r_l": "0"}, "r_l must be a positive float number."),
    ("hyperband", TWO, {"r_l": "many"}, "r_l must be a positive float number."),
    ("hyperband", TWO, {"resource_name": "steps"}, "resource_name must be the name of a parameter, got 'steps'"),
    ("asha", TWO, {"eta": "1"}, "eta must be greater than 1, got 1"),
    ("bohb", TWO, {"random_fraction": "2"}, "random_fraction must be within 0 .. 1, got 2"),
    ("tpe", TWO, {"gamma": "1.5"}, "gamma should be in the range of (0, 1)"),
    ("tpe", TWO, {"gamma": "0"}, "gamma should be in the range of (0, 1)"),
    ("tpe", TWO, {"n_EI_candidates": "0"}, "n_EI_candidates should be great than zero"),
    ("tpe", TWO, {"prior_weight": "0"}, "prior_weight should be great than zero"),
    ("tpe", TWO, {"n_startup_trials": "-1"}, "n_startup_trials should be greate or equal than zero"),
    ("multivariate-tpe", TWO, {"random_state": "-1"}, "random_state should be greate or equal than zero"),
    ("multivariate-tpe", TWO, {"n_startup_trials": "-1"}, "n_startup_trials should be greate or equal than zero"),
    ("multivariate-tpe", TWO, {"n_ei_candidates": "-1"}, "n_ei_candidates should be greate or equal than zero"),
    ("multivariate-tpe", TWO, {"gamma": "0.2"}, "unknown setting gamma for algorithm multivariate-tpe"),
    ("tpe", TWO, {"n_ei_candidate": "1"}, "unknown setting n_ei_candidate for algorithm tpe"),
    ("pbt", TWO, {"n_population": "4"}, "Param(n_population) should be >= 5"),
    ("cmaes", TWO, {"sigma": "-10", "restart_strategy": "None"}, "sigma should be greate or equal than zero"),
    ("cmaes", TWO, {"restart_strategy": "invalid"}, "restart_strategy invalid is not supported in CMAES optimization"),
    *[("bayesianoptimization", TWO, {name: "unknown"}, f"{name} unknown is not supported in Bayesian optimization")
      for name in ("base_estimator", "acq_func", "acq_optimizer")],
    ("bayesianoptimization", TWO, {"base_estimator": "gp"}, "base_estimator gp is not supported in Bayesian optimization"),
    ("bayesianoptimization", TWO, {"n_initial_points": "-1"}, "n_initial_points should be great or equal than zero"),
]

# algorithm, parameters, settings, how the text begins
REFUSED_IN_SUBSTANCE = [
    ("tpe", TWO, {"prior_weight": "aaa"}, "failed to validate prior_weight(aaa):"),
    ("random", TWO, {"random_state": "1.0"}, "failed to validate random_state(1.0):"),
    ("random", TWO, {"random_state": ""}, "failed to validate random_state():"),
    ("bayesianoptimization", TWO, {"n_initial_points": "ten"}, "failed to validate n_initial_points(ten):"),
    ("pbt", TWO, {"n_population": "many"}, "failed to validate n_population(many):"),
    ("pbt", TWO, {"truncation_threshold": "1.1"}, "Param(truncation_threshold) should be between 0 and 1, inclusive"),
    ("pbt", TWO, {"resample_probability": "-1"}, "Param(resample_probability) should be between 0 and 1, inclusive"),
    ("cmaes", TWO, {"sigma": "wide"}, "failed to validate sigma(wide):"),
    ("grid", [double("x", "1", "5")], {}, "failed to validate parameters(x): Param x step is nil"),
    ("grid", [integer("n", "1", "5", "0.5")], {}, "failed to validate parameters(n): the step of an int"),
]

BAD_SPACES = [
    ([double("x", "one", "2")], "parameter x: min must be a number, got 'one'"),
    ([double("x", "1", "")], "parameter x: max must be a number, got ''"),
    ([double("x", "2", "1")], "parameter x: min must not be above max"),
    ([double("x", "nan", "1")], "parameter x: min must be a finite number"),
    ([integer("n", "1.5", "3")], "parameter n: bounds"),
    ([double("x", "0", "1", "0")], "parameter x: step"),
    ([double("x", "0", "1", "-0.5")], "parameter x: step"),
    ([double("x", "0", "1", distribution="logUniform")], "parameter x: "),
    ([double("x", "-1", "1", distribution="logNormal")], "parameter x: "),
    ([categorical("c")], "parameter c: list must have at least one entry"),
    ([discrete("d", "1", "1")], "parameter d: list has the entry '1' twice"),
    ([integer("n", "1", "2"), integer("n", "1", "2")], "parameter n: two parameters have this name"),
    ([integer("", "1", "2")], "a parameter has no name"),
    ([api.ParameterSpec(name="u")], "parameter u: type must be DOUBLE, INT, DISCRETE or CATEGORICAL, got 0"),
]


class ValidationTest(ContractTest):
    def validate(self, spec):
        return self.suggestion.ValidateAlgorithmSettings(api.ValidateAlgorithmSettingsRequest(experiment=spec), timeout=60)

    def validation_refusal(self, spec):
        request = api.ValidateAlgorithmSettingsRequest(experiment=spec)
        return self.refusal(self.suggestion.ValidateAlgorithmSettings, request)

    def test_valid_settings_pass(self):
        for algorithm, parameters, settings in VALID:
            with self.subTest(algorithm=algorithm, settings=settings):
                self.validate(experiment(algorithm, parameters, settings))

    def test_what_is_valid_also_suggests_with_and_without_results(self):
        for algorithm, parameters, settings in VALID:
            with self.subTest(algorithm=algorithm, settings=settings):
                spec = experiment(algorithm, parameters, settings)
                points = self.suggest(spec, count=3)
                trials = [trial(f"t{i}", p, "SUCCEEDED", {"loss": str(i)}, second=i) for i, p in enumerate(points)]
                self.assertEqual(len(self.suggest(spec, trials, count=2)), 2)

    def test_n_initial_points_may_be_none(self):
        spec = experiment("bayesianoptimization", TWO, {"n_initial_points": "0"})
        self.validate(spec)
        self.assertEqual(len(self.suggest(spec, count=2)), 2)

    def test_refusals_have_the_exact_texts(self):
        for algorithm, parameters, settings, text in REFUSED:
            with self.subTest(algorithm=algorithm, settings=settings):
                self.assertEqual(self.validation_refusal(experiment(algorithm, parameters, settings)), text)

    def test_refusals_of_values_and_spaces_name_them(self):
        for algorithm, parameters, settings, beginning in REFUSED_IN_SUBSTANCE:
            with self.subTest(algorithm=algorithm, settings=settings):
                text = self.validation_refusal(experiment(algorithm, parameters, settings))
                self.assertEqual(text[:len(beginning)], beginning)

    def test_bad_spaces_are_refused_before_and_in_suggesting(self):
        for algorithm, (parameters, beginning) in itertools.product(ALGORITHMS, BAD_SPACES):
            with self.subTest(algorithm=algorithm, beginning=beginning):
                spec = experiment(algorithm, parameters)
                self.assertEqual(self.validation_refusal(spec)[:len(beginning)], beginning)
                request = api.GetSuggestionsRequest(experiment=spec, current_request_number=1, total_request_number=1)
                self.assertEqual(self.refusal(self.suggestion.GetSuggestions, request)[:len(beginning)], beginning)

    def test_a_grid_smaller_than_the_number_of_trials_is_refused(self):
        self.validate(experiment("grid", GRID, most=25))
        self.assertEqual(self.validation_refusal(experiment("grid", GRID, most=26)),
                         "max_trial_count 26 is greater than the number of combinations 25")

    def test_an_unknown_algorithm_is_refused_in_suggesting_too(self):
        request = api.GetSuggestionsRequest(experiment=experiment("unknown", TWO), current_request_number=1)
        self.assertEqual(self.refusal(self.suggestion.GetSuggestions, request), "unknown algorithm name unknown")

    def test_more_than_a_million_values_at_once_are_refused(self):
        request = api.GetSuggestionsRequest(experiment=experiment("random", TWO), current_request_number=2**31 - 1,
                                            total_request_number=2**31 - 1)
        self.assertEqual(self.refusal(self.suggestion.GetSuggestions, request),
                         "current_request_number must be at most 500000 for 2 parameters, got 2147483647")

    def test_very_long_names_do_not_drown_the_status(self):
        text = self.validation_refusal(experiment("x" * 1_000_000, TWO))
        self.assertTrue(text.startswith("unknown algorithm name xxx") and len(text) < 3_000, len(text))


if __name__ == "__main__":
    unittest.main()
