"""An Experiment with earlyStopping: rules are kept with the trials, and end a trial with the value that condemns it."""

import concurrent.futures
import json
import re
import signal
import sys
import threading
import time
import unittest

import grpc

from qalam import QalamTest
from service import READ, api

EXPERIMENT = """
apiVersion: kubeflow.org/v1beta1
kind: Experiment
metadata: {name: tune}
spec:
  objective: {type: minimize, objectiveMetricName: loss, additionalMetricNames: [lag]}
  algorithm: {algorithmName: random, algorithmSettings: [{name: random_state, value: "1"}]}
  earlyStopping:
    algorithmName: medianstop
    algorithmSettings: [{name: min_trials_required, value: "MIN"}, {name: start_step, value: "2"}]
  parallelTrialCount: 1
  maxTrialCount: 3
  parameters: [{name: x, parameterType: double, feasibleSpace: {min: "0", max: "1"}}]
  trialTemplate:
    trialParameters: [{name: x, reference: x}]
    trialSpec:
      apiVersion: qalam.dev/v1
      kind: Process
      spec: {command: [sh, program.sh, "${trialParameters.x}"]}
"""

# The first trial is good; the others are hopeless and never end by themselves.
FIRST_IS_GOOD = """
echo "$QALAM_TRIAL_NAME" >> starts
if mkdir "first-$QALAM_EXPERIMENT" 2>/dev/null; then echo loss=4; echo loss=2; exit; fi
"""
HOPELESS = FIRST_IS_GOOD + """
trap 'echo loss=1.5; exit 3' TERM
echo loss=9; echo loss=8
sleep 600 & wait
"""
STUBBORN = FIRST_IS_GOOD + """
trap '' TERM
echo loss=9; echo loss=8
while :; do sleep 1; done
"""
PUSHED = "metricsCollectorSpec: {collector: {kind: Push}}\n  trialTemplate:"
PUSH = """
import grpc, os, signal
def report(loss):
    with grpc.insecure_channel(os.environ["QALAM_ADDR"]) as channel, open(f"loss-{loss}", "rb") as message:
        channel.unary_unary("/api.v1.beta1.DBManager/ReportObservationLog")(
            message.read(), metadata=[("authorization", "Bearer " + os.environ["QALAM_TOKEN"])])
try:
    os.mkdir("first-pushed")
except FileExistsError:
    report(9), report(8), signal.pause()
else:
    report(4), report(2)
"""
WHY = "best loss 8 at report 2 is greater than 3 (medianstop)"  # 3 is the mean of 4 and 2


def evaluate(value):
    return "algorithmSettings: [{name: min", f"algorithmSettings: [{{name: evaluate, value: {value}}}, {{name: min"


class Rules:
    """An early-stopping service of somebody else, whose rules the test changes."""

    def __init__(self):
        self.lock = threading.Lock()
        self.rules, self.requests, self.curves = [], [], []
        self.server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=2))
        methods = {"GetEarlyStoppingRules": (self.get, api.GetEarlyStoppingRulesRequest),
                   "ValidateEarlyStoppingSettings": (self.validate, api.ValidateEarlyStoppingSettingsRequest)}
        self.server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("api.v1.beta1.EarlyStopping", {
            name: grpc.unary_unary_rpc_method_handler(call, request_deserializer=request.FromString,
                                                      response_serializer=lambda reply: reply.SerializeToString())
            for name, (call, request) in methods.items()}),))
        self.address = f"127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        self.server.start()

    def get(self, request, _):
        curves = self.read_curves(request)
        with self.lock:
            self.requests.append(request)
            self.curves.append(curves)
            return api.GetEarlyStoppingRulesReply(early_stopping_rules=self.rules)

    def read_curves(self, request):
        with grpc.insecure_channel(request.db_manager_address) as channel:
            read = channel.unary_unary(READ, request_serializer=lambda message: message.SerializeToString(),
                                       response_deserializer=api.GetObservationLogReply.FromString)
            metric = request.experiment.spec.objective.objective_metric_name
            return {trial.name: tuple(row.metric.value for row in read(
                        api.GetObservationLogRequest(trial_name=trial.name, metric_name=metric),
                        timeout=10).observation_log.metric_logs)
                    for trial in request.trials if trial.status.condition == api.TrialStatus.SUCCEEDED}

    def validate(self, request, _):
        with self.lock:
            self.requests.append(request)
        return api.ValidateEarlyStoppingSettingsReply()

    def set(self, **rule):
        with self.lock:
            self.rules = [api.EarlyStoppingRule(**rule)]


class EarlyStoppingTest(QalamTest):
    def write(self, program, *changes, least="1"):
        text = EXPERIMENT.replace("MIN", least)
        for before, after in changes:
            self.assertIn(before, text)
            text = text.replace(before, after)
        (self.directory / "experiment.yaml").write_text(text)
        (self.directory / "program.sh").write_text(program)

    def trial(self, number, name="tune"):
        found = self.trials(name)[number]
        return json.loads(self.qalam("show", f"{name}/{found['trial']}", "-o", "json").stdout)

    def statuses(self, name="tune"):
        return [trial["status"] for trial in self.trials(name)]

    def stopping(self, trial):
        return [c for c in trial["status"]["conditions"] if c["type"] == "EarlyStopped"][0]

    def test_rules_of_earlier_trials_are_kept_with_later_ones(self):
        self.write("for loss in 4 2 9; do echo loss=$loss; done")
        self.qalam("run", "experiment.yaml")
        rule = {"name": "loss", "value": "3", "comparison": "greater", "startStep": 2}  # the mean of 4 and 2
        rules = [self.trial(number)["spec"].get("earlyStoppingRules", []) for number in range(3)]
        self.assertEqual(rules, [[], [rule], [rule]])

    def test_a_hopeless_trial_is_ended_and_counts(self):
        for retain in ("false", "true"):
            name = f"retain-{retain}"
            self.write(HOPELESS, ("name: tune", f"name: {name}"),
                       ("trialTemplate:", f"trialTemplate:\n    retain: {retain}"))
            done = self.qalam("run", "experiment.yaml")
            self.assertIn(f"stopped early loss=1.5: {WHY}", done.stderr)
            self.assertEqual(self.statuses(name), ["Succeeded", "EarlyStopped", "EarlyStopped"])
            trial = self.trial(1, name)
            condition = self.stopping(trial)
            self.assertEqual((condition["reason"], condition["message"]),
                             ("TrialEarlyStopped", f"Trial is early stopped: {WHY}"))
            self.assertEqual(trial["status"]["observation"]["metrics"][0]["min"], "1.5", "what TERM made it write counts")
            status = self.experiment(name)["status"]
            self.assertEqual(status["trialsEarlyStopped"], 2)
            self.assertEqual(status["currentOptimalTrial"]["bestTrialName"], trial["metadata"]["name"])
            shown = self.qalam("show", f"{name}/{trial['metadata']['name']}").stdout
            self.assertIn(f"EarlyStopped: {WHY}", shown)
            self.assertIn("2 stopped early", self.qalam("show", name).stdout)
        self.assert_nothing_survives()

    def test_one_that_ignores_the_signal_is_killed_after_the_grace_period(self):
        self.write(STUBBORN, ("maxTrialCount: 3", "maxTrialCount: 2"))
        begin = time.monotonic()
        self.qalam("run", "experiment.yaml")
        self.assertGreater(time.monotonic() - begin, 9)
        self.assertEqual(self.statuses(), ["Succeeded", "EarlyStopped"])
        self.assertEqual(self.trial(1)["status"]["observation"]["metrics"][0]["min"], "8")
        self.assert_nothing_survives()

    def test_a_stopped_trial_is_not_run_again_after_a_crash(self):
        self.write(STUBBORN, ("maxTrialCount: 3", "maxTrialCount: 2"))
        process = self.start("run", "experiment.yaml")
        self.wait_until(lambda: "EarlyStopped" in self.qalam("show", "tune", expect=None).stdout, "it is marked")
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.qalam("run", "experiment.yaml")
        self.assertEqual(self.statuses(), ["Succeeded", "EarlyStopped"])
        starts = (self.directory / "starts").read_text().split()
        self.assertEqual(len(starts), len(set(starts)), "each trial was started once")
        self.assert_nothing_survives()

    def test_rules_see_values_of_a_json_file(self):
        collector = """metricsCollectorSpec:
    collector: {kind: File}
    source: {fileSystemPath: {path: /tmp/metrics.json, format: JSON, kind: File}}
  trialTemplate:"""
        program = HOPELESS.replace("echo loss=", "write ")
        program = 'write() { echo "{\\"loss\\": $1}" >> "$QALAM_METRICS_FILE"; }' + program
        self.write(program, ("trialTemplate:", collector))
        self.qalam("run", "experiment.yaml")
        self.assertEqual(self.statuses(), ["Succeeded", "EarlyStopped", "EarlyStopped"])
        self.assertEqual(self.stopping(self.trial(1))["message"], f"Trial is early stopped: {WHY}")

    def test_rules_see_values_that_are_pushed(self):
        for loss in (9, 8, 4, 2):
            entry = api.MetricLog(time_stamp=f"2026-01-01T00:00:0{9 - loss}Z", metric=api.Metric(name="loss", value=str(loss)))
            report = api.ReportObservationLogRequest(observation_log=api.ObservationLog(metric_logs=[entry]))
            (self.directory / f"loss-{loss}").write_bytes(report.SerializeToString())
        (self.directory / "push.py").write_text(PUSH)
        self.write(f"exec {sys.executable} push.py", ("trialTemplate:", PUSHED))
        self.qalam("run", "experiment.yaml")
        self.assertEqual(self.statuses(), ["Succeeded", "EarlyStopped", "EarlyStopped"])
        self.assertEqual(self.stopping(self.trial(1))["message"], f"Trial is early stopped: {WHY}")

    def test_a_rule_that_fires_on_the_very_last_value(self):
        self.write(FIRST_IS_GOOD + "echo loss=9; echo loss=8", ("maxTrialCount: 3", "maxTrialCount: 20"),
                   ("parallelTrialCount: 1", "parallelTrialCount: 4"))
        self.qalam("run", "experiment.yaml")
        for trial in self.trials():
            self.assertIn(trial["status"], ("Succeeded", "EarlyStopped"))
            self.assertIn(trial["metrics"]["loss"]["min"], (2, 8))
            self.assertEqual(len(trial["curve"]), 2)

    def test_bad_settings_are_refused_before_anything_starts(self):
        self.write("true", least="0")
        done = self.qalam("run", "experiment.yaml", expect=2)
        self.assertIn("spec.earlyStopping: min_trials_required must be greater than zero (>0)", done.stderr)
        done = self.qalam("check", "experiment.yaml", expect=2)
        self.assertIn("experiment.yaml:8: spec.earlyStopping: ", done.stderr + done.stdout)
        self.write("true", evaluate("twice"))
        done = self.qalam("run", "experiment.yaml", expect=2)
        self.assertIn("evaluate must be every or once, got 'twice'", done.stderr)

    def outside(self, program, *changes):
        service = Rules()
        self.addCleanup(service.server.stop, 0)
        # "slow" is not ours: whatever it is called, the outside service answers for it.
        self.write(program, ("algorithmName: medianstop", "algorithmName: slow"),
                   ("parallelTrialCount: 1", "parallelTrialCount: 2"), *changes)
        return service, ["run", "experiment.yaml", "--early-stopping", f"slow={service.address}"]

    def test_rules_of_an_outside_service_reach_trials_that_run(self):
        # Both begin without a rule. The good one ends once the other has reported, and with that the rules are asked for.
        program = """
if mkdir first 2>/dev/null; then echo loss=1; until [ -e go ]; do sleep 0.02; done; exit; fi
echo loss=7; touch seen; sleep 600 & wait
"""
        service, run = self.outside(program, ("maxTrialCount: 3", "maxTrialCount: 2"))
        process = self.start(*run)
        self.wait_until(lambda: (self.directory / "seen").exists(), "the hopeless one runs")
        service.set(name="loss", value="6", comparison=api.GREATER, start_step=1)
        (self.directory / "go").touch()
        code, _ = self.finish(process)
        self.assertEqual(code, 0)
        stopped = next(trial for trial in self.trials() if trial["status"] == "EarlyStopped")
        shown = json.loads(self.qalam("show", f"tune/{stopped['trial']}", "-o", "json").stdout)
        self.assertEqual(self.stopping(shown)["message"],
                         "Trial is early stopped: best loss 7 at report 1 is greater than 6 (slow)")
        self.assertNotIn("earlyStoppingRules", shown["spec"], "as it was written")
        self.assertIn(api.TrialStatus.SUCCEEDED, [trial.status.condition for trial in service.requests[-1].trials])

    def test_an_outside_service_reads_curves_by_the_names_of_trials_as_katibs_does(self):
        service, run = self.outside("for loss in 9 8 7; do echo loss=$loss; done")
        self.qalam(*run)
        ended = service.curves[-1]
        self.assertTrue(ended)
        self.assertEqual(set(ended.values()), {("9", "8", "7")})

    def test_what_is_ours_alone_is_not_sent_and_a_rule_on_an_unknown_metric_stops_nothing(self):
        program = "for loss in 9 8 7; do echo loss=$loss; done"
        service, run = self.outside(program, evaluate("once"))
        service.set(name="accuracy", value="6", comparison=api.GREATER, start_step=1)
        self.qalam(*run)
        self.assertEqual(self.statuses(), ["Succeeded"] * 3)
        names = {setting.name for request in service.requests for setting in
                 (request.experiment.spec.early_stopping if hasattr(request, "experiment")
                  else request.early_stopping).algorithm_settings}
        self.assertEqual(names, {"min_trials_required", "start_step"})


if __name__ == "__main__":
    unittest.main()
