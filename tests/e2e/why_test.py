"""Exit codes of trials, and `qalam why` on real programs that fail, hang or print what is not understood."""

import json
import os
import signal
import unittest

from qalam import QalamTest

PROCESS = """
apiVersion: kubeflow.org/v1beta1
kind: Experiment
metadata: {name: tune}
spec:
  objective: {type: minimize, objectiveMetricName: loss}
  algorithm: {algorithmName: random, algorithmSettings: [{name: random_state, value: "1"}]}
  parallelTrialCount: 1
  maxTrialCount: 1
  COLLECTOR
  parameters: [{name: x, parameterType: double, feasibleSpace: {min: "0", max: "1"}}]
  trialTemplate:
    trialSpec:
      apiVersion: qalam.dev/v1
      kind: Process
      spec: {command: [sh, -c, 'COMMAND', "${trialParameters.x}"] SPEC}
"""


class WhyTest(QalamTest):
    def run_one(self, command, spec="", collector="", expect=6):
        text = PROCESS.replace("COMMAND", command.replace("'", "''")).replace("SPEC", spec)
        (self.directory / "experiment.yaml").write_text(text.replace("COLLECTOR", collector))
        return self.qalam("run", "experiment.yaml", expect=expect)

    def why(self, *arguments):
        return json.loads(self.qalam("why", *(arguments or ("tune",)), "-o", "json").stdout)

    def trial(self):
        name = self.trials()[0]["trial"]
        return json.loads(self.qalam("show", f"tune/{name}", "-o", "json").stdout)

    def cause_of_one(self, command, **options):
        """The first cause found for the one trial of an experiment."""
        self.run_one(command, **options)
        cause = self.why(f"tune/{self.trials()[0]['trial']}")["causes"][0]
        self.qalam("rm", "tune")
        return cause


class ExitCodeTest(WhyTest):
    def test_75_is_tried_again_with_the_same_parameters_in_the_same_directory(self):
        done = self.run_one("cd $QALAM_TRIAL_DIR; echo $0 >>tries; [ $(wc -l <tries) = 3 ] || { echo loss=9; exit 75; }; "
                            "echo loss=$(tail -1 tries)", expect=0)
        trial = self.trial()
        tries = next(self.data.glob("trials/*/*/*/tries")).read_text().split()
        self.assertEqual(len(set(tries)), 1)
        self.assertEqual(trial["metadata"]["annotations"]["qalam.dev/attempts"], "3")
        metric = trial["status"]["observation"]["metrics"][0]
        self.assertEqual(metric["max"], tries[0])  # 9 of the attempts before does not count
        shown = self.qalam("show", f"tune/{trial['metadata']['name']}").stdout
        self.assertIn("Attempts    3; before: exit code 75, tried again", shown)
        self.assertNotIn("failed", done.stderr)

    def test_75_for_ever_is_a_temporary_failure(self):
        self.run_one("echo busy; exit 75", spec=", requeues: 1")
        trial = self.trial()
        last = trial["status"]["conditions"][-1]
        self.assertEqual((last["type"], last["reason"]), ("Failed", "TrialFailed. Job reason: TemporaryFailure"))
        self.assertIn('exit code 75 (tried again 1 times); the last line of output was "busy"', last["message"])
        self.assertEqual(self.why()["causes"][0]["cause"], "temporary-failure")

    def test_65_fails_at_once_and_does_not_use_up_the_allowed_failures(self):
        command = ["sh", "-c", "[ {x} != 0.5 ] && { echo too large; exit 65; }; echo loss=1"]
        self.qalam("run", "--name", "tune", "--objective", "min:loss", "--param", "x=categorical:0.5,0.6,0.7",
                   "--algorithm", "grid", "--max-trials", 3, "--retries", 5, "--", *command)
        self.assertEqual(sorted(t["status"] for t in self.trials()), ["Failed", "Failed", "Succeeded"])
        cause = self.why()["causes"][0]
        self.assertEqual((cause["cause"], cause["evidence"]), ("infeasible", ["too large"]))

        text = PROCESS.replace("COMMAND", "exit 65").replace("SPEC", "").replace("COLLECTOR", "maxFailedTrialCount: 1")
        (self.directory / "e.yaml").write_text(text.replace("name: tune", "name: all").replace(
            "maxTrialCount: 1", "maxTrialCount: 2"))
        self.qalam("run", "e.yaml", expect=6)
        self.assertEqual(len(self.trials("all")), 2)


class CauseTest(WhyTest):
    def test_programs_that_end_badly(self):
        cause = self.cause_of_one("echo starting; exec python3 -c \"import math; math.log(0)\"")
        self.assertEqual(cause["cause"], "exit-code")
        self.assertEqual(cause["facts"]["exitCode"], 1)
        self.assertIn("ValueError", cause["evidence"][-1])
        cause = self.cause_of_one("kill -SEGV $$")
        self.assertEqual((cause["cause"], cause["facts"]["signal"]), ("signal", 11))
        self.assertIn("the program crashed", cause["text"])
        cause = self.cause_of_one("sh -c \"kill -9 \\$\\$\"; exit $?")
        self.assertEqual((cause["cause"], cause["facts"]["exitCode"]), ("exit-code", 137))
        self.assertIn("signal 9", cause["text"])
        cause = self.cause_of_one("echo begun; sleep 1000", spec=", timeoutSeconds: 1")
        self.assertEqual((cause["cause"], cause["evidence"]), ("timeout", ["begun"]))
        cause = self.cause_of_one("no-such-program-here")
        self.assertEqual((cause["cause"], cause["facts"]["exitCode"]), ("exit-code", 127))
        self.assertIn("no-such-program-here", cause["evidence"][-1])

    def test_a_program_that_is_not_there(self):
        self.qalam("run", "--name", "tune", "--objective", "min:loss", "--param", "x=0..1", "--max-trials", 1, "--parallel",
                   1, "--", "no-such-program-here", "{x}", expect=6)
        cause = self.why()["causes"][0]
        self.assertEqual((cause["cause"], cause["facts"]["exitCode"]), ("not-started", 127))
        self.assertIn("PATH=", cause["evidence"][0])

    def test_memory_errors(self):
        self.run_one("exec python3 -c \"b'x' * (1 << 34)\"", spec=", resources: {memory: 200Mi}")
        causes = [c["cause"] for c in self.why()["causes"]]
        self.assertIn(causes, [["out-of-memory"],                          # with a cgroup
                               ["exit-code", "likely-out-of-memory"]])     # without one allocations fail

    def test_output_without_the_metric(self):
        cause = self.cause_of_one("echo loss: 0.5")
        self.assertEqual((cause["cause"], cause["evidence"]), ("near-miss", ["loss: 0.5"]))
        self.assertEqual(self.cause_of_one(":")["cause"], "no-output")
        cause = self.cause_of_one("echo training; echo done")
        self.assertEqual((cause["cause"], cause["evidence"]), ("not-printed", ["training", "done"]))
        cause = self.cause_of_one("echo loss=nan")
        self.assertEqual((cause["cause"], cause["facts"]["value"]), ("value-not-finite", "nan"))
        files = "metricsCollectorSpec: {collector: {kind: File}, source: {fileSystemPath: {path: /no/such/m.log}}}"
        self.assertEqual(self.cause_of_one("echo loss=1", collector=files)["cause"], "file-not-written")
        cause = self.cause_of_one("echo \"{\\\"loss\\\": 0.5}\" >$QALAM_METRICS_FILE", collector=files)
        self.assertEqual((cause["cause"], cause["paste"]), ("near-miss", ["format: JSON"]))

    def test_advice_is_good_advice(self):
        """An Experiment changed as told reads the value."""
        self.run_one("echo Loss: 0.25")
        cause = self.why()["causes"][0]
        self.assertEqual(cause["cause"], "near-miss")
        metrics_format = next(line for line in cause["paste"] if line.startswith("metricsFormat: "))
        text = (self.directory / "experiment.yaml").read_text()
        text = text.replace("objectiveMetricName: loss", cause["paste"][0]).replace("name: tune", "name: told")
        text = text.replace("  parallelTrialCount", "  metricsCollectorSpec: {collector: {kind: StdOut}, source: {filter: {%s}}}\n"
                            "  parallelTrialCount" % metrics_format)
        (self.directory / "told.yaml").write_text(text)
        self.qalam("run", "told.yaml")
        self.assertEqual(self.trials("told")[0]["metrics"]["Loss"]["latest"], 0.25)

    def test_where_failures_cluster(self):
        self.qalam(*self.quick("--algorithm", "random", trials=40, parallel=4, seed=3,
                               command=["sh", "-c", "case {x} in 0.[6-9]*) exit 1;; esac; echo loss={x}"]))
        cause = next(c for c in self.why()["causes"] if c["cause"] == "failure-region")
        self.assertTrue(cause["facts"]["region"].startswith("x >= 0.6"), cause)
        self.assertEqual(cause["facts"]["failedInside"], cause["facts"]["inside"])
        self.assertEqual(cause["facts"]["failedOutside"], 0)

    def test_text_fits_a_terminal_and_show_leads_there(self):
        done = self.run_one("echo loss: 0.5")
        self.assertIn("why     qalam why tune", done.stderr)
        self.assertIn("Why         qalam why tune", self.qalam("show", "tune").stdout)
        for line in self.qalam("why", "tune").stdout.splitlines():
            self.assertTrue(len(line) <= 80 or "metricsFormat:" in line, line)
        self.qalam("why", "nope", expect=3)
        self.qalam("why", "tune", "-o", "csv", expect=2)


class WaitingTest(WhyTest):
    def test_an_experiment_that_somebody_runs_or_nobody(self):
        running = self.start(*self.quick(trials=2, parallel=1, command=["sh", "-c", "echo begun {x}; sleep 1000"]))
        self.wait_until(lambda: (self.data / "qalam.db").exists() and self.qalam("logs", self.first(), expect=None).stdout,
                        "the first trial prints")
        self.assertEqual(self.why()["causes"], [])
        self.assertIn("running", self.why()["state"].lower())
        pid = self.stop_its_shell()
        cause = self.why()["causes"][0]
        self.assertEqual((cause["cause"], cause["paste"]), ("process-stopped", [f"kill -CONT {pid}"]))
        running.kill()
        running.wait()
        self.wait_until(lambda: [c["cause"] for c in self.why()["causes"]] == ["nobody-runs-it"], "nobody runs it")
        self.assertEqual(self.why(self.first())["causes"][0]["paste"], ["qalam run tune"])
        self.assert_nothing_survives()

    def test_a_trial_that_waits_for_its_next_attempt(self):
        running = self.start(*self.quick(trials=1, parallel=1, command=["sh", "-c", "echo busy {x}; exit 75"]))
        self.wait_until(lambda: "waiting-for-retry" in self.causes_so_far(), "it waits")
        running.kill()
        running.wait()

    def test_a_service_that_cannot_be_reached(self):
        running = self.start(*self.quick("--suggestion", "random=127.0.0.1:1", "--algorithm", "random", trials=1,
                                         parallel=1))
        self.wait_until(lambda: "suggestion-delayed" in self.causes_so_far(), "it waits for the service")
        running.kill()
        running.wait()

    def causes_so_far(self):
        done = self.qalam("why", "tune", "-o", "json", expect=None)
        return [c["cause"] for c in json.loads(done.stdout)["causes"]] if done.returncode == 0 else []

    def first(self):
        names = self.qalam("show", "tune", "-o", "name", expect=None).stdout.split()
        return f"tune/{names[0]}" if names else "tune/none"

    def stop_its_shell(self):
        """Stops the trial's `sh`; its pid."""
        for pid, command in self.survivors():
            if "echo begun" in command and command.startswith("sh"):
                os.kill(int(pid), signal.SIGSTOP)
                return int(pid)
        self.fail(f"no shell among {self.survivors()}")


if __name__ == "__main__":
    unittest.main()
