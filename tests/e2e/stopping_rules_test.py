"""Rules other than medianstop end real programs; what that saved is told at the end of a run, by show, and in JSON."""

import json
import unittest

from qalam import QalamTest

EXPERIMENT = """
apiVersion: kubeflow.org/v1beta1
kind: Experiment
metadata: {name: tune}
spec:
  objective: {type: minimize, objectiveMetricName: loss, additionalMetricNames: [memory]}
  algorithm: {algorithmName: random, algorithmSettings: [{name: random_state, value: "1"}]}
  earlyStopping:
    algorithmName: RULE
    algorithmSettings:
SETTINGS
  parallelTrialCount: 1
  maxTrialCount: 2
  parameters: [{name: x, parameterType: double, feasibleSpace: {min: "0", max: "1"}}]
  trialTemplate:
    trialParameters: [{name: x, reference: x}]
    trialSpec:
      apiVersion: qalam.dev/v1
      kind: Process
      spec: {command: [sh, program.sh, "${trialParameters.x}"]}
"""

# The first trial comes to its end; the second goes on for ever if nobody stops it.
FIRST_ENDS = 'for v in 5 4 3; do echo loss=$v memory=1; done\nmkdir first 2>/dev/null && exit\n'
ANNOTATION = "qalam.dev/early-stopping-report"


class StoppingRulesTest(QalamTest):
    def write(self, rule, settings, program):
        lines = "\n".join(f'      - {{name: {name}, value: "{value}"}}' for name, value in settings.items())
        text = EXPERIMENT.replace("RULE", rule).replace("SETTINGS", lines)
        (self.directory / "experiment.yaml").write_text(text, encoding="utf-8")
        (self.directory / "program.sh").write_text(f"cd {self.directory}\n{program}", encoding="utf-8")

    def run_it(self, rule, settings, program, *flags):
        self.write(rule, settings, program)
        return self.qalam("run", "experiment.yaml", *flags)

    def stopped(self):
        """What the table of the experiment says of the trial that was stopped."""
        trials = self.trials()
        self.assertEqual(sorted(trial["status"] for trial in trials), ["EarlyStopped", "Succeeded"])
        name = next(trial["trial"] for trial in trials if trial["status"] == "EarlyStopped")
        return self.qalam("show", f"tune/{name}").stdout

    def test_patience_ends_what_does_not_improve(self):
        said = self.run_it("patience", {"patience": 3, "min_delta": 0.5},
                           FIRST_ENDS + "for v in 2.6 2.7 2.8; do echo loss=$v; done; sleep 600").stderr
        self.assertIn("reports_since_improvement(loss, 0.5) 3 at report 6 is greater than 2 (patience)", self.stopped())
        self.assertEqual(min(float(trial["metrics"]["loss"]["min"]) for trial in self.trials()), 2.6)
        self.assertIn("by stopping 1 of 2 trials early", said)
        self.assertIn("the best trial is one that was stopped early", said)

    def test_threshold_looks_at_another_metric(self):
        self.run_it("threshold", {"metric": "memory", "comparison": "greater", "value": 8},
                    FIRST_ENDS + "echo memory=9; sleep 600")
        self.assertIn("memory 9 at report 4 is greater than 8 (threshold)", self.stopped())

    def test_asha_compares_with_what_others_had_at_the_same_report(self):
        self.run_it("asha", {"eta": 2}, "mkdir first 2>/dev/null && echo loss=5 && echo loss=1 && exit\necho loss=9; sleep 600")
        self.assertIn("best loss 9 at report 1 is worse than 5 (asha)", self.stopped())

    def test_a_running_trial_ends_one_that_runs_beside_it(self):
        self.write("asha", {"eta": 2}, "trap 'touch done; exit' TERM\n"
                   "if mkdir first 2>/dev/null; then echo loss=1; while ! [ -e done ]; do sleep 0.1; done; exit; fi\n"
                   "echo loss=9; while true; do sleep 0.1; done")
        self.qalam("run", "experiment.yaml", "--parallel", 2)
        self.assertIn("best loss 9 at report 1 is worse than 1 (asha)", self.stopped())

    def test_the_report_is_the_same_everywhere(self):
        done = self.run_it("threshold", {"value": 3.5, "start_step": 2},
                           "mkdir first 2>/dev/null && echo loss=9 && echo loss=1 && exit\n"
                           "echo loss=9; echo loss=8; sleep 600", "-o", "json")
        self.assertIn("by stopping 1 of 2 trials early", done.stderr)
        self.assertIn("\nrisk    under the newest rules 0 of 1 finished trial would have been stopped\n", done.stderr)
        printed = json.loads(done.stdout)["metadata"]["annotations"][ANNOTATION]
        self.assertEqual(self.experiment()["metadata"]["annotations"][ANNOTATION], printed)
        report = json.loads(printed)
        self.assertEqual((report["stoppedTrials"], report["finishedTrials"]), (1, 1))
        self.assertEqual(report["replay"], {"trials": 1, "stopped": 0, "best": 1, "bestReplayed": 1, "bestLost": False})
        self.assertIsNone(report["lookAlikes"])
        self.assertIn("Saved ", self.qalam("show", "tune").stdout)
        again = self.directory / "again.yaml"
        again.write_text(self.qalam("show", "tune", "-o", "yaml").stdout, encoding="utf-8")
        self.qalam("check", again)  # an annotation, so the printed resource is still one

    def test_a_misspelt_setting_or_metric_is_found_before_anything_runs(self):
        self.write("patience", {"patiense": 3}, "exit 1")
        said = self.qalam("check", "experiment.yaml", expect=2).stderr
        self.assertIn('unknown setting patiense for algorithm patience; did you mean "patience"?', said)
        self.assertIn("spec.earlyStopping", said)
        self.write("hyperband-stop", {"eta": 3}, "exit 1")
        said = self.qalam("check", "experiment.yaml", expect=2).stderr
        self.assertIn("r_l must be given: how often a trial reports that runs to its end", said)
        self.write("threshold", {"metric": "memry", "comparison": "greater", "value": 8}, "exit 1")
        said = self.qalam("run", "experiment.yaml", expect=2).stderr
        self.assertIn("metric 'memry' is not one of the experiment's; did you mean \"memory\"?", said)
        self.assertFalse((self.directory / "first").exists())


if __name__ == "__main__":
    unittest.main()
