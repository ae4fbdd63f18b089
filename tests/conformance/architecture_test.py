"""Architecture searches: the texts that training containers parse, by code that reads them as those do, and what is refused."""

import json
import unittest

from google.protobuf import json_format

from contract import (ContractTest, api, architecture_search as search, categorical, discrete, double, experiment, integer,
                      trial)

CONVOLUTION = ("convolution", [categorical("filter_size", "3", "5"), integer("num_filter", "32", "96", "32"),
                               categorical("stride", "1")])
REDUCTION = ("reduction", [categorical("reduction_type", "max_pooling"), integer("pool_size", "2", "3", "1")])
DROPOUT = ("dropout", [double("rate", "0.1", "0.3", "0.1"), discrete("seed", "1", "2")])
SEPARABLE = ("separable_convolution", [categorical("filter_size", "3", "5")])
SKIP = ("skip_connection", [categorical("filter_size", "3", "5")])


def read(text):
    return json.loads(text.replace("'", '"'))


def build(point):
    """The network as a training container finds its way through it: of each layer its inputs, and what it does."""
    architecture, config = read(point["architecture"]), read(point["nn_config"])
    layers = []
    for number in range(config["num_layers"]):
        operation, *bits = architecture[number]
        inputs = [i for i in range(number) if bits[i]] + [number]
        entry = config["embedding"][str(operation)]
        assert entry["opt_id"] == operation
        layers.append((inputs, entry["opt_type"], entry["opt_params"]))
    return config["input_sizes"], layers, config["output_sizes"][-1]


class EnasTest(ContractTest):
    quick = {"controller_hidden_size": "8", "controller_train_steps": "5"}

    def assignments(self, asked, trials=(), count=1):
        request = api.GetSuggestionsRequest(experiment=asked, trials=trials, current_request_number=count,
                                            total_request_number=len(trials) + count)
        return self.suggestion.GetSuggestions(request, timeout=60).parameter_assignments

    def test_the_texts_build_networks(self):
        asked = search("enas", [CONVOLUTION, REDUCTION, DROPOUT], self.quick)
        values = {"convolution": {"filter_size": {"3", "5"}, "num_filter": {32, 64, 96}, "stride": {"1"}},
                  "reduction": {"reduction_type": {"max_pooling"}, "pool_size": {2, 3}},
                  "dropout": {"rate": {0.1, 0.2, 0.3}, "seed": {"1", "2"}}}
        seen = set()
        for point in self.suggest(asked, count=60):
            self.assertEqual(list(point), ["architecture", "nn_config"])
            inputs, layers, outputs = build(point)
            self.assertEqual((inputs, len(layers), outputs), ([32, 32, 3], 3, 10))
            for _, kind, parameters in layers:
                seen.add(kind)
                self.assertEqual(list(parameters), list(values[kind]))
                for name, value in parameters.items():
                    self.assertIn(value, values[kind][name])
                    self.assertIn(type(value), {type(v) for v in values[kind][name]})
        self.assertEqual(seen, set(values))

    def test_the_texts_are_those_of_the_contract(self):
        """Ids count from 0 over the operations, with the last parameter fastest."""
        operations = [CONVOLUTION, REDUCTION]
        point = self.suggest(search("enas", operations, self.quick, layers=1), count=1)[0]
        kinds = [("convolution", {"filter_size": f, "num_filter": n, "stride": "1"}) for f in ("3", "5") for n in (32, 64, 96)]
        kinds += [("reduction", {"reduction_type": "max_pooling", "pool_size": n}) for n in (2, 3)]
        operation = read(point["architecture"])[0][0]
        self.assertEqual(point["architecture"], f"[[{operation}]]")
        kind, parameters = kinds[operation]
        self.assertEqual(point["nn_config"], json.dumps({
            "num_layers": 1, "input_sizes": [32, 32, 3], "output_sizes": [10],
            "embedding": {str(operation): {"opt_id": operation, "opt_type": kind, "opt_params": parameters}},
        }).replace('"', "'"))

    def test_it_answers_at_every_call_whatever_became_of_its_points(self):
        asked = search("enas", [CONVOLUTION, REDUCTION], self.quick, kind=api.MINIMIZE)
        asked.spec.objective.objective_metric_name = "loss"
        first = self.suggest(asked, count=3)
        self.assertEqual(first, self.suggest(asked, count=3))
        failed = [trial(f"f{i}", point, "FAILED") for i, point in enumerate(first)]
        self.assertEqual(len(self.suggest(asked, failed, count=2)), 2)
        mixed = [trial("a", first[0], "SUCCEEDED", {"loss": "0.5"}), trial("b", first[1], "SUCCEEDED", {"loss": "unavailable"}),
                 trial("c", first[2], "RUNNING"), trial("stranger", {"lr": "0.1"}, "SUCCEEDED", {"loss": "1"})]
        for count in (1, 3, 7):
            self.assertEqual(len(self.suggest(asked, mixed, count=count)), count)
        again = self.suggest(asked, mixed, count=1)
        self.restart()
        self.assertEqual(self.suggest(asked, mixed, count=1), again)

    def test_the_case_of_katibs_own_test(self):
        asked = search("enas", [("convolution", [categorical("filter_size", "5"), categorical("num_filter", "128"),
                                                 categorical("stride", "1", "2")]),
                                ("reduction", [categorical("reduction_type", "max_pooling"),
                                               integer("pool_size", "2", "3", "1")])], layers=4, inputs=(32, 32, 8))
        told = [trial("first", {"architecture": "[[3], [0, 1], [0, 0, 1], [2, 1, 0, 0]]", "nn_config": "x"}, "SUCCEEDED",
                      {"loss": "0.99"}),
                trial("second", {"architecture": "[[1], [0, 1], [2, 1, 1], [2, 1, 1, 0]]", "nn_config": "x"}, "SUCCEEDED",
                      {"loss": "0.9"})]
        self.assertEqual(len(self.suggest(asked, told, count=2)), 2)


class DartsTest(ContractTest):
    def test_the_texts_are_those_of_the_contract_at_every_call(self):
        asked = search("darts", [SEPARABLE, SKIP], {"num_epoch": "10", "batch_size": "None", "num_epochs": "2"})
        expected = {
            "algorithm-settings": json.dumps({
                "num_epochs": "2", "w_lr": 0.025, "w_lr_min": 0.001, "w_momentum": 0.9, "w_weight_decay": 0.0003,
                "w_grad_clip": 5.0, "alpha_lr": 0.0003, "alpha_weight_decay": 0.001, "batch_size": None, "num_workers": 4,
                "init_channels": 16, "print_step": 50, "num_nodes": 4, "stem_multiplier": 3, "num_epoch": "10"}),
            "search-space": '["separable_convolution_3x3", "separable_convolution_5x5", "skip_connection"]',
            "num-layers": "3"}
        for count in (1, 1, 2):
            for point in self.suggest(asked, count=count):
                self.assertEqual(list(point), list(expected))
                self.assertEqual(point, {name: text.replace('"', "'") for name, text in expected.items()})

    def test_apostrophes_survive(self):
        asked = search("darts", [SEPARABLE], {"note": "it's \"so\" é"})
        self.assertEqual(read(self.suggest(asked)[0]["algorithm-settings"].replace("\\'", '\\"'))["note"], "it's \"so\" é")

    def test_the_settings_of_katibs_own_test(self):
        valid = {"num_epoch": "10", "w_lr": "0.01", "w_lr_min": "0.01", "alpha_lr": "0.01", "w_weight_decay": "0.25",
                 "alpha_weight_decay": "0.25", "w_momentum": "0.9", "w_grad_clip": "5.0", "batch_size": "100",
                 "num_workers": "0", "init_channels": "1", "print_step": "100", "num_nodes": "4", "stem_multiplier": "3"}
        for settings in (valid, {"batch_size": "None"}):
            self.suggestion.ValidateAlgorithmSettings(api.ValidateAlgorithmSettingsRequest(
                experiment=search("darts", [SEPARABLE], settings)), timeout=60)
        for name, value in (("num_epochs", "0"), ("w_lr", "-0.1"), ("alpha_weight_decay", "-0.02"), ("w_momentum", "-0.8"),
                            ("batch_size", "0"), ("print_step", "0")):
            text = self.refusal(self.suggestion.ValidateAlgorithmSettings, api.ValidateAlgorithmSettingsRequest(
                experiment=search("darts", [SEPARABLE], {name: value})))
            self.assertTrue(text.startswith(f"{name} should be "), text)


class ValidationTest(ContractTest):
    def refused(self, asked):
        return self.refusal(self.suggestion.ValidateAlgorithmSettings, api.ValidateAlgorithmSettingsRequest(experiment=asked))

    def accepted(self, asked):
        self.suggestion.ValidateAlgorithmSettings(api.ValidateAlgorithmSettingsRequest(experiment=asked), timeout=60)

    def test_the_graph_comes_first_then_operations_then_settings(self):
        bad = {"controller_temperature": "-1"}
        broken = [("", [])]
        for asked, text in (
                (search("enas", broken, bad, inputs=(), outputs=(), layers=0), "Missing InputSizes in GraphConfig:\n"),
                (search("enas", broken, bad, outputs=(), layers=0), "Missing OutputSizes in GraphConfig:\n"),
                (search("enas", broken, bad, layers=0), "Missing NumLayers in GraphConfig:\n"),
                (search("enas", broken, bad), "Missing operationType in Operation:\n"),
                (search("enas", [REDUCTION], bad), "Algorithm Setting controller_temperature: -1 with float type must be in "),
                (experiment("enas", [], {}), "Missing InputSizes in GraphConfig:\n")):
            self.assertTrue(self.refused(asked).startswith(text), self.refused(asked))
        self.accepted(search("darts", [SEPARABLE], inputs=(), outputs=(), layers=0))

    def test_operations_are_checked_in_katibs_order(self):
        nameless, typeless = categorical("", "1"), api.ParameterSpec(name="p")
        for algorithm in ("enas", "darts"):
            for parameters, text in (
                    ([], "Missing ParameterConfigs in Operation:\noperation_type: \"x\"\n"),
                    ([nameless], "Missing Name in ParameterConfig:\n"),
                    ([typeless], "Missing ParameterType in ParameterConfig:\nname: \"p\"\n"),
                    ([categorical("p")], "Missing List in ParameterConfig.feasibleSpace:\nname: \"p\"\n"),
                    ([discrete("p")], "Missing List in ParameterConfig.feasibleSpace:\n"),
                    ([integer("p", "", "")], "Missing Max and Min in ParameterConfig.feasibleSpace:\n"),
                    ([double("p", "", "", "1")], "Missing Max and Min in ParameterConfig.feasibleSpace:\n"),
                    *[([double("p", "1", "2", step)], "Step parameter should be > 0 in ParameterConfig.feasibleSpace:\n")
                      for step in ("", "0", "-1", "x")],
                    ([integer("p", "low", "2")], "parameter p: min must be a number, got 'low'"),
                    ([integer("p", "1", "1000000")], "parameter p of an operation has more than 10000 values")):
                text_of = self.refused(search(algorithm, [REDUCTION, ("x", parameters)]))
                self.assertTrue(text_of.startswith(text), text_of)

    def test_what_katib_accepts_is_accepted(self):
        odd = ("x", [categorical("c", "3", "5"), integer("n", "3", "2", "1"), double("x", "3.0", "1.0", "0.1")])
        for algorithm in ("enas", "darts"):
            self.accepted(search(algorithm, [odd]))
            self.accepted(search(algorithm, []))
        nothing = api.GetSuggestionsRequest(experiment=search("enas", [odd]), current_request_number=1)
        self.assertIn("at least one layer and one operation", self.refusal(self.suggestion.GetSuggestions, nothing))

    def test_parameters_and_architectures_are_two_things(self):
        self.assertIn("give it a nasConfig instead of parameters", self.refused(experiment("enas", [integer("n", "1", "2")])))
        other = search("random", [REDUCTION])
        self.assertEqual(self.refused(other), "algorithm random does not search with a nasConfig; these do: darts, enas")

    def test_requests_have_a_size(self):
        request = api.GetSuggestionsRequest(experiment=search("darts", [SEPARABLE]), current_request_number=10_001)
        self.assertIn("at most 10000 for architectures", self.refusal(self.suggestion.GetSuggestions, request))

    def test_the_message_follows(self):
        asked = search("enas", [("x", [integer("p", "", "")])])
        spec = asked.spec.nas_config.operations.operation[0].parameter_specs.parameters[0]
        text = self.refused(asked).split("\n", 1)[1]
        self.assertEqual(text.strip(), str(spec).strip())
        self.assertEqual(json_format.MessageToDict(spec)["name"], "p")


if __name__ == "__main__":
    unittest.main()
