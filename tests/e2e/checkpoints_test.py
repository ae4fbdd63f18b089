"""Trials that go on from others' checkpoints: promotions by a suggestion service, a kill in the middle, what cannot be copied."""

import json
import signal
import unittest
from concurrent import futures

import grpc

from qalam import QalamTest
from service import api

PARENT = "qalam.dev/parent"
# Trains `epochs` in all, an epoch at a time, on from what it finds.
PROGRAM = """
d=$QALAM_CHECKPOINT_DIR; e=$(cat $d/epoch 2>/dev/null || echo 0); echo "from $e"
while [ $e -lt $0 ]; do sleep 0.1; e=$((e+1)); echo $e >$d/next && mv $d/next $d/epoch; done
echo loss=$1
"""


class Halving:
    """A suggestion service: four points for 2 epochs each, the better two for 4, the best one for 8."""

    def __init__(self, parent_of=lambda name: name):
        self.parent_of = parent_of
        handlers = {name: grpc.unary_unary_rpc_method_handler(function, request.FromString, reply.SerializeToString)
                    for name, function, request, reply in (
                        ("GetSuggestions", self.suggest, api.GetSuggestionsRequest, api.GetSuggestionsReply),
                        ("ValidateAlgorithmSettings", lambda *_: api.ValidateAlgorithmSettingsReply(),
                         api.ValidateAlgorithmSettingsRequest, api.ValidateAlgorithmSettingsReply))}
        self.server = grpc.server(futures.ThreadPoolExecutor(2))
        self.server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler("api.v1.beta1.Suggestion", handlers),))
        self.address = f"127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        self.server.start()

    def suggest(self, request, context):
        reply = api.GetSuggestionsReply()
        rungs = {}
        for trial in request.trials:
            rungs.setdefault(int(trial.spec.labels["qalam.dev/rung"]), []).append(trial)
        number = len(request.trials)
        for number in range(number, number + request.current_request_number):
            rung = 0 if number < 4 else 1 if number < 6 else 2
            point = reply.parameter_assignments.add(trial_name=f"tune-{number}")
            point.labels["qalam.dev/bracket"], point.labels["qalam.dev/rung"] = "0", str(rung)
            x = str(number / 10)
            if rung > 0:
                done = [t for t in rungs[rung - 1] if t.status.condition == api.TrialStatus.SUCCEEDED]
                done.sort(key=lambda t: float(t.status.observation.metrics[0].value))
                best = done[number - (4 if rung == 1 else 6)]
                point.labels[PARENT] = self.parent_of(best.name)
                x = next(a.value for a in best.spec.parameter_assignments.assignments if a.name == "x")
            point.assignments.add(name="epochs", value=str(2 << rung))
            point.assignments.add(name="x", value=x)
        return reply

    def stop(self):
        self.server.stop(None).wait()


class CheckpointsTest(QalamTest):
    def serve(self, trials=7, **options):
        service = Halving(**options)
        self.addCleanup(service.stop)
        return ["run", "--name", "tune", "--objective", "min:loss", "--param", "epochs=1..8", "--param", "x=0.0..1.0",
                "--algorithm", "halving", "--suggestion", f"halving={service.address}", "--max-trials", trials, "--parallel", 1,
                "--", "sh", "-c", PROGRAM, "{epochs}", "{x}"]

    def output(self, number):
        return (self.data / f"trials/default/tune/tune-{number}/output.log").read_text()

    def test_a_promotion_goes_on_where_its_parent_stopped(self):
        self.qalam(*self.serve())
        trials = {trial["trial"]: trial for trial in self.trials()}
        self.assertEqual({trial["status"] for trial in trials.values()}, {"Succeeded"})
        starts = [self.output(number).splitlines()[0] for number in range(7)]
        self.assertEqual(starts, ["from 0"] * 4 + ["from 2"] * 2 + ["from 4"])
        stages = json.loads(self.experiment()["metadata"]["annotations"]["qalam.dev/stages-report"])
        self.assertEqual([(s["bracket"], s["rung"], s["trials"], s["promoted"]) for s in stages],
                         [(0, 0, 4, 2), (0, 1, 2, 1), (0, 2, 1, 0)])
        self.assertRegex(self.qalam("show", "tune").stdout, r"BRACKET +RUNG +TRIALS +FINISHED +PROMOTED +best loss +TRIAL\n")
        shown = json.loads(self.qalam("show", "tune/6", "-o", "json").stdout)
        self.assertEqual(json.loads(shown["metadata"]["annotations"]["qalam.dev/lineage-report"]), ["tune-0", "tune-4", "tune-6"])

    def test_promotions_of_our_own_algorithms_go_on(self):
        for algorithm in ("asha", "bohb", "hyperband"):
            with self.subTest(algorithm=algorithm):
                self.qalam("run", "--name", algorithm, "--objective", "min:loss", "--param", "epochs=1..9", "--param",
                           "x=0.0..1.0", "--algorithm", algorithm, "--setting", "resource_name=epochs", "--setting", "r_l=9",
                           "--seed", 1, "--max-trials", 20, "--parallel", 3, "--", "sh", "-c", PROGRAM, "{epochs}", "{x}")
                trials = {trial["trial"]: trial for trial in self.trials(algorithm)}
                promoted = 0
                for name, trial in trials.items():
                    shown = json.loads(self.qalam("show", f"{algorithm}/{name}", "-o", "json").stdout)
                    parent = shown["metadata"]["labels"].get(PARENT)
                    before = trials[parent]["parameters"] if parent else {"epochs": 0, "x": trial["parameters"]["x"]}
                    self.assertEqual(before["x"], trial["parameters"]["x"])
                    output = (self.data / f"trials/default/{algorithm}/{name}/output.log").read_text()
                    self.assertEqual(output.splitlines()[0], f"from {before['epochs']}")
                    promoted += parent is not None
                self.assertGreater(promoted, 2)
                stages = json.loads(self.experiment(algorithm)["metadata"]["annotations"]["qalam.dev/stages-report"])
                self.assertEqual(sum(stage["trials"] for stage in stages), 20)
                self.assertEqual(sum(stage["promoted"] for stage in stages), promoted)

    def test_a_trial_that_is_run_again_goes_on_with_its_own(self):
        arguments = self.serve()
        process = self.start(*arguments)
        epoch = self.data / "trials/default/tune/tune-6/checkpoint/epoch"
        self.wait_until(lambda: epoch.exists() and int(epoch.read_text() or 0) >= 6, "the last trial trains")
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.assert_nothing_survives()
        reached = epoch.read_text().strip()
        self.qalam(*arguments)
        starts = [line for line in self.output(6).splitlines() if line.startswith("from")]
        self.assertEqual(starts, ["from 4", f"from {reached}"])

    def test_what_cannot_be_copied_fails_the_trial_and_says_why(self):
        self.qalam(*self.serve(trials=5, parent_of=lambda name: "tune-99"), expect=None)
        reason = json.loads(self.qalam("show", "tune/4", "-o", "json").stdout)["status"]["conditions"][-1]
        self.assertEqual(reason["reason"], "TrialFailed. Job reason: CheckpointUnavailable")
        self.assertIn("its parent tune-99 is no other trial of this experiment", reason["message"])

    def test_a_copy_that_has_no_room_is_tried_again(self):
        arguments = self.serve()
        process = self.start(*arguments)
        fourth = self.data / "trials/default/tune/tune-4"
        self.wait_until(lambda: self.data.joinpath("trials/default/tune/tune-3").exists(), "the first rung runs")
        fourth.write_text("a file where the trial's directory should be")
        self.wait_until(lambda: "CheckpointDelayed" in self.qalam("show", "tune/4", expect=None).stdout, "it says why it waits")
        fourth.unlink()
        self.assertEqual(self.finish(process)[0], 0)
        self.assertEqual(self.output(4).splitlines()[0], "from 2")


if __name__ == "__main__":
    unittest.main()
