"""EarlyStopping: settings, the rule of medianstop, and what happens when DBManager does not answer."""

import itertools
import socket
import unittest

import grpc

from contract import ADDRESS, RUN, ContractTest, api, double, experiment, trial

_numbers = itertools.count()


def spec_of(name, settings=()):
    return api.EarlyStoppingSpec(algorithm_name=name, algorithm_settings=[
        api.EarlyStoppingSetting(name=n, value=v) for n, v in dict(settings).items()])


VALID = [{}, {"evaluate": "once"}, {"evaluate": "every"}, {"statistic": "best"}, {"min_trials_required": "2", "start_step": "5"}, {"min_trials_required": "1", "start_step": "1"},
         {"statistic": "median"}, {"statistic": "mean"}, {"start_step": " 7 "}]

# algorithm, settings, the exact text
REFUSED = [
    ("unknown", {}, "unknown algorithm name unknown"),
    ("", {}, "unknown algorithm name "),
    ("medianstop", {"unknown_conf": "100"}, "unknown setting unknown_conf for algorithm medianstop"),
    ("medianstop", {"min_trials_required": "0"}, "min_trials_required must be greater than zero (>0)"),
    ("medianstop", {"min_trials_required": "-3"}, "min_trials_required must be greater than zero (>0)"),
    ("medianstop", {"start_step": "0"}, "start_step must be greater or equal than one (>=1)"),
    ("medianstop", {"evaluate": "never"}, "evaluate must be every or once, got 'never'"),
    ("threshold", {}, "value must be given: the number to compare with"),
    ("threshold", {"value": "1", "evaluate": "never"}, "evaluate must be every or once, got 'never'"),
    ("threshold", {"value": "1", "metric": "memory"},
     "comparison must be given with metric: on which side of value 'memory' is worse"),
    ("patience", {"patience": "0"}, "patience must be greater than zero (>0)"),
    ("patience", {"statistic": "mean"}, "unknown setting statistic for algorithm patience"),
    ("medianstop", {"statistic": "mode"}, "statistic must be median, mean or best, got 'mode'"),
]

REFUSED_IN_SUBSTANCE = [
    ({"min_trials_required": "three"}, "failed to validate min_trials_required(three):"),
    ({"start_step": "1.5"}, "failed to validate start_step(1.5):"),
    ({"start_step": ""}, "failed to validate start_step():"),
]


class EarlyStoppingTest(ContractTest):
    def setUp(self):
        self.number = next(_numbers)
        self.logged = set()
        self.address = self.channel_address()

    @classmethod
    def channel_address(cls):
        return ADDRESS or cls.server.address

    def name(self, i):
        return f"e{RUN}-{self.number}-{i}"

    def log(self, trial_name, values, metric="loss", first=0):
        self.db.ReportObservationLog(api.ReportObservationLogRequest(
            trial_name=trial_name, observation_log=api.ObservationLog(metric_logs=[
                api.MetricLog(time_stamp=f"2024-03-04T17:55:{first + i:02}Z", metric=api.Metric(name=metric, value=v))
                for i, v in enumerate(values)])), timeout=60)

    def rules(self, curves, settings=(), kind=api.MINIMIZE, condition="SUCCEEDED", address=None, extra=()):
        """(name, value, comparison, start_step) of each rule, after trials that reported `curves`."""
        trials = []
        for i, curve in enumerate(curves):
            if i not in self.logged:
                self.log(self.name(i), curve)
                self.logged.add(i)
            trials.append(trial(self.name(i), {"x": "0.5"}, condition, {"loss": "1"}, second=i))
        return self.ask([*trials, *extra], settings, kind, address)

    def ask(self, trials, settings=(), kind=api.MINIMIZE, address=None, name="medianstop"):
        request = self.request(trials, settings, kind, address, name)
        reply = self.early_stopping.GetEarlyStoppingRules(request, timeout=60)
        return [(r.name, r.value, api.ComparisonType.Name(r.comparison), r.start_step) for r in reply.early_stopping_rules]

    def request(self, trials, settings=(), kind=api.MINIMIZE, address=None, name="medianstop"):
        spec = experiment("random", [double("x", "0", "1")], kind=kind)
        spec.spec.early_stopping.CopyFrom(spec_of(name, settings))
        return api.GetEarlyStoppingRulesRequest(experiment=spec, trials=trials,
                                                db_manager_address=self.address if address is None else address)

    def validate(self, name, settings):
        return api.ValidateEarlyStoppingSettingsRequest(early_stopping=spec_of(name, settings))

    def test_valid_settings_pass(self):
        for settings in VALID:
            with self.subTest(settings=settings):
                self.early_stopping.ValidateEarlyStoppingSettings(self.validate("medianstop", settings), timeout=60)

    def test_refusals_have_the_exact_texts(self):
        call = self.early_stopping.ValidateEarlyStoppingSettings
        for name, settings, text in REFUSED:
            with self.subTest(name=name, settings=settings):
                self.assertEqual(self.refusal(call, self.validate(name, settings)), text)
        for settings, beginning in REFUSED_IN_SUBSTANCE:
            with self.subTest(settings=settings):
                self.assertEqual(self.refusal(call, self.validate("medianstop", settings))[:len(beginning)], beginning)
        self.assertEqual(self.refusal(call, api.ValidateEarlyStoppingSettingsRequest()), "unknown algorithm name ")

    def test_katibs_own_request_is_answered(self):
        request = api.GetEarlyStoppingRulesRequest(
            experiment=api.Experiment(name="test"), trials=[api.Trial(name="test-asfjh"), api.Trial(name="test-234hs")],
            db_manager_address="katib-db-manager.kubeflow:6789")
        self.assertEqual(self.early_stopping.GetEarlyStoppingRules(request, timeout=1).early_stopping_rules[:], [])

    def test_the_rule_is_the_median_of_the_first_reports(self):
        curves = [["0.1", "0.2", "0.3", "0.4", "99"], ["0.9"] * 4, ["0.5", "0.5"]]
        self.assertEqual(self.rules(curves), [("loss", "0.5", "GREATER", 4)])
        self.assertEqual(self.rules(curves, kind=api.MAXIMIZE), [("loss", "0.5", "LESS", 4)])
        self.assertEqual(self.rules(curves, kind=api.UNKNOWN), [("loss", "0.5", "GREATER", 4)])

    def test_the_median_of_the_best_of_the_first_reports(self):
        curves = [["0.1", "0.2", "0.05", "0.4", "0"], ["0.9"] * 4, ["0.5", "0.3"]]
        self.assertEqual(self.rules(curves, {"statistic": "best"}), [("loss", "0.3", "GREATER", 4)])
        self.assertEqual(self.rules(curves, {"statistic": "best"}, kind=api.MAXIMIZE), [("loss", "0.5", "LESS", 4)])

    def test_evaluate_belongs_to_the_collector_and_changes_no_rule(self):
        for evaluate in ("every", "once"):
            self.assertEqual(self.rules([["1"], ["2"], ["4"]], {"evaluate": evaluate}), [("loss", "2", "GREATER", 4)])

    def test_a_threshold_holds_from_the_first_trial_on(self):
        settings = {"value": "0.5", "start_step": "3"}
        self.assertEqual(self.ask([], settings, name="threshold"), [("loss", "0.5", "GREATER", 3)])
        self.assertEqual(self.ask([], settings, api.MAXIMIZE, name="threshold"), [("loss", "0.5", "LESS", 3)])
        settings = {"value": "8e9", "metric": "bytes", "comparison": "greater"}
        self.assertEqual(self.ask([], settings, name="threshold"), [("bytes", "8000000000", "GREATER", 1)])

    def test_patience_is_a_rule_on_a_derived_metric(self):
        self.assertEqual(self.ask([], name="patience"), [("reports_since_improvement(loss)", "4", "GREATER", 1)])
        self.assertEqual(self.ask([], {"patience": "2", "min_delta": "0.01", "start_step": "9"}, name="patience"),
                         [("reports_since_improvement(loss, 0.01)", "1", "GREATER", 9)])

    def test_the_mean_of_means_is_katibs(self):
        self.assertEqual(self.rules([["0.5"], ["0.5"], ["0.75"]], {"statistic": "mean", "start_step": "1"}),
                         [("loss", "0.5833333333333334", "GREATER", 1)])

    def test_an_even_number_of_trials_has_its_middle_between_two(self):
        self.assertEqual(self.rules([["1"], ["2"], ["4"], ["100"]]), [("loss", "3", "GREATER", 4)])

    def test_reports_count_in_the_order_of_time(self):
        self.log(self.name(0), ["8", "9"], first=30)
        self.log(self.name(0), ["1", "2"], first=10)
        self.assertEqual(self.ask([trial(self.name(0), {}, "SUCCEEDED")], {"min_trials_required": "1", "start_step": "2"}),
                         [("loss", "1.5", "GREATER", 2)])

    def test_other_metrics_do_not_count(self):
        self.log(self.name(0), ["100"], metric="accuracy")
        self.log(self.name(0), ["3"], first=20)
        self.assertEqual(self.ask([trial(self.name(0), {}, "SUCCEEDED")], {"min_trials_required": "1"}),
                         [("loss", "3", "GREATER", 4)])

    def test_too_few_trials_have_no_rule(self):
        self.assertEqual(self.rules([["1"], ["2"]]), [])
        self.assertEqual(self.rules([["1"], ["2"]], {"min_trials_required": "2"}), [("loss", "1.5", "GREATER", 4)])

    def test_trials_that_did_not_succeed_do_not_count(self):
        for condition in api.TrialStatus.TrialConditionType.keys():
            if condition == "SUCCEEDED":
                continue
            with self.subTest(condition=condition):
                self.assertEqual(self.rules([["1"]] * 4, condition=condition), [])

    def test_trials_without_usable_reports_are_left_out(self):
        curves = [["1"], ["3"], ["5"], [], ["unavailable"], ["2", "nan"], ["inf"], [""]]
        self.assertEqual(self.rules(curves), [("loss", "3", "GREATER", 4)])

    def test_a_request_without_trials_or_with_strange_ones_is_answered(self):
        self.assertEqual(self.ask([]), [])
        strange = [api.Trial(), trial("", {}, "SUCCEEDED"), trial("nobody", {}, "SUCCEEDED")]
        self.assertEqual(self.rules([["1"], ["2"], ["6"]], extra=strange * 2), [("loss", "2", "GREATER", 4)])

    def test_the_answer_is_the_same_again_and_in_any_order_and_after_a_restart(self):
        first = self.rules([["0.1"], ["0.2"], ["0.7"]], {"statistic": "mean"})
        trials = [trial(self.name(i), {"x": "0.5"}, "SUCCEEDED", second=i) for i in range(3)]
        self.assertEqual(self.ask(trials, {"statistic": "mean"}), first)
        self.assertEqual(self.ask(trials[::-1], {"statistic": "mean"}), first)
        self.restart()
        self.address = self.channel_address()
        self.assertEqual(self.ask(trials, {"statistic": "mean"}), first)

    def test_experiments_with_other_settings_do_not_share_them(self):
        curves = [["1", "5"], ["2", "6"], ["3", "7"]]
        self.assertEqual(self.rules(curves, {"start_step": "1"}), [("loss", "2", "GREATER", 1)])
        self.assertEqual(self.rules(curves, {"start_step": "2"}), [("loss", "4", "GREATER", 2)])
        self.assertEqual(self.rules(curves, {"min_trials_required": "4"}), [])

    def test_bad_settings_are_refused_here_too(self):
        request = self.request([], {"start_step": "0"})
        self.assertEqual(self.refusal(self.early_stopping.GetEarlyStoppingRules, request),
                         "start_step must be greater or equal than one (>=1)")

    def test_an_address_that_is_none_is_refused(self):
        for address in ("katib-db-manager", "a:b:1", "unix:/tmp/x", "host:0"):
            with self.subTest(address=address):
                request = self.request([trial("t", {}, "SUCCEEDED")], address=address)
                self.assertEqual(self.refusal(self.early_stopping.GetEarlyStoppingRules, request),
                                 f"db_manager_address must be HOST:PORT, got '{address}'")

    def test_an_empty_address_is_this_process(self):
        self.assertEqual(self.rules([["1"], ["2"], ["3"]], address=""), [("loss", "2", "GREATER", 4)])

    def test_nobody_at_the_address_is_said_at_once_and_the_next_call_works(self):
        with socket.socket() as bound:  # bound, and not listening
            bound.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{bound.getsockname()[1]}"
            request = self.request([trial("t", {}, "SUCCEEDED")], address=address)
            text = self.refusal(self.early_stopping.GetEarlyStoppingRules, request, grpc.StatusCode.UNAVAILABLE)
        self.assertIn(address, text)
        self.assertEqual(self.rules([["1"], ["2"], ["3"]]), [("loss", "2", "GREATER", 4)])

    def test_somebody_mute_at_the_address_does_not_outlast_the_deadline(self):
        with socket.socket() as mute:
            mute.bind(("127.0.0.1", 0))
            mute.listen()
            request = self.request([trial("t", {}, "SUCCEEDED")], address=f"127.0.0.1:{mute.getsockname()[1]}")
            with self.assertRaises(grpc.RpcError) as raised:
                self.early_stopping.GetEarlyStoppingRules(request, timeout=0.3)
            self.assertEqual(raised.exception.code(), grpc.StatusCode.DEADLINE_EXCEEDED)

    def test_a_stopped_trial_needs_a_name_that_somebody_knows(self):
        call = self.early_stopping.SetTrialStatus
        self.assertIn("trial_name", self.refusal(call, api.SetTrialStatusRequest()))
        text = self.refusal(call, api.SetTrialStatusRequest(trial_name="nobody"), grpc.StatusCode.NOT_FOUND)
        self.assertIn("nobody", text)


if __name__ == "__main__":
    unittest.main()
