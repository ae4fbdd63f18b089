"""Conditional parameters and constraints, from the file to the best trial."""

import json
import unittest

from qalam import QalamTest

EXPERIMENT = """\
apiVersion: kubeflow.org/v1beta1
kind: Experiment
metadata:
  name: tune
  annotations:
    qalam.dev/conditions: |
      momentum: optimizer == sgd
    qalam.dev/constraints: |
      layers + width <= 6
      latency <= {latency}
spec:
  maxTrialCount: 10
  parallelTrialCount: 2
  objective:
    type: minimize
    objectiveMetricName: loss
    additionalMetricNames: [latency]
    {goal}
  algorithm:
    algorithmName: {algorithm}
    algorithmSettings: [{{name: seed, value: "3"}}]
  parameters:
    - {{name: optimizer, parameterType: categorical, feasibleSpace: {{list: [sgd, adam]}}}}
    - {{name: momentum, parameterType: double, feasibleSpace: {{min: "0", max: "1"}}}}
    - {{name: layers, parameterType: int, feasibleSpace: {{min: "1", max: "8"}}}}
    - {{name: width, parameterType: int, feasibleSpace: {{min: "1", max: "8"}}}}
  trialTemplate:
    primaryContainerName: main
    trialParameters:
      - {{name: optimizer, reference: optimizer}}
      - {{name: momentum, reference: momentum}}
      - {{name: layers, reference: layers}}
      - {{name: width, reference: width}}
    trialSpec:
      apiVersion: qalam.dev/v1
      kind: Process
      spec:
        command: [sh, -c, 'echo loss=$((8 - $0)); echo latency=$(($0 + 2 * $1))', "${{trialParameters.layers}}",
                  "${{trialParameters.width}}", "${{trialParameters.optimizer}}", "${{trialParameters.momentum}}"]
"""


class ConstraintsTest(QalamTest):
    def write(self, latency=6, algorithm="tpe", goal="", change=None):
        text = EXPERIMENT.format(latency=latency, algorithm=algorithm, goal=goal)
        if change:
            self.assertIn(change[0], text)
            text = text.replace(*change)
        (self.directory / "e.yaml").write_text(text)

    @staticmethod
    def latency(values):
        return int(values["layers"]) + 2 * int(values["width"])

    def parameters(self):
        return [trial["parameters"] for trial in self.trials()]

    def test_every_trial_keeps_the_rules_and_the_best_one_the_bounds(self):
        self.write(latency=5)
        done = self.qalam("run", "e.yaml")
        for values in self.parameters():
            self.assertLessEqual(int(values["layers"]) + int(values["width"]), 6)
            if values["optimizer"] == "adam":
                self.assertEqual(float(values["momentum"]), 0.5)
        trials = [(8 - int(v["layers"]), self.latency(v)) for v in self.parameters()]
        kept = min(loss for loss, latency in trials if latency <= 5)
        self.assertLess(min(loss for loss, _ in trials), kept, "no trial shows the difference")
        optimal = self.experiment()["status"]["currentOptimalTrial"]
        metrics = {metric["name"]: metric for metric in optimal["observation"]["metrics"]}
        self.assertEqual(float(metrics["loss"]["latest"]), kept)
        self.assertRegex(done.stderr, rf"\nbest +loss={kept} ")
        self.assertIn(optimal["bestTrialName"], self.qalam("best", "tune", "-o", "json").stdout)

    def test_without_a_trial_that_keeps_them_there_is_a_nearest_and_no_best(self):
        self.write(latency=1, goal="goal: 7")
        done = self.qalam("run", "e.yaml", expect=None)
        self.assertRegex(done.stderr, r"\nnearest +loss=")
        least = min(map(self.latency, self.parameters()))
        self.assertIn(f"no trial keeps all constraints: latency is {least}, at most 1 is allowed", done.stderr)
        self.assertIn("all 10 trials are done", done.stderr)  # the goal of 7 was not reached by a trial that counts
        best = self.qalam("best", "tune", "-o", "env", expect=6)
        self.assertIn("no trial of tune keeps all constraints", best.stderr)
        self.assertIn("(infeasible)", self.qalam("ls").stdout)
        self.assertIn("Nearest", self.qalam("show", "tune").stdout)

    def test_the_best_of_imported_trials_keeps_the_bounds_too(self):
        self.write(latency=6)
        (self.directory / "t.csv").write_text("optimizer,momentum,layers,width,loss,latency\n"
                                              "sgd,0.5,4,1,4,40\nsgd,0.5,2,2,6,6\nsgd,0.5,3,2,5,7\n")
        self.qalam("import", "t.csv", "--experiment", "e.yaml", "--name", "copy")
        self.assertEqual(self.experiment("copy")["status"]["currentOptimalTrial"]["bestTrialName"], "copy-00002")

    def test_check_says_what_is_wrong_with_an_entry_and_where(self):
        self.write(change=("layers + width <= 6", "layers + widht <= 6"))
        refused = self.qalam("check", "e.yaml", expect=2).stderr
        self.assertIn("metadata.annotations", refused)
        self.assertIn("e.yaml:8", refused)
        self.assertIn("entry 'layers + widht <= 6': there is no parameter or metric widht; did you mean \"width\"?", refused)
        self.qalam("run", "e.yaml", expect=2)
        self.write(change=("optimizer == sgd", "optimizer == sdg"))
        self.assertIn("'sdg' is not in the list of optimizer; did you mean \"sgd\"?",
                      self.qalam("check", "e.yaml", expect=2).stderr)
        self.write(change=("layers + width <= 6", "layers + width <= 1"))
        self.assertIn("its left side is 2 at least", self.qalam("check", "e.yaml", expect=2).stderr)

    def test_a_grid_tries_every_effective_combination_once(self):
        self.write(algorithm="grid", change=('min: "0", max: "1"', 'min: "0", max: "1", step: "0.5"'))
        text = (self.directory / "e.yaml").read_text().replace("maxTrialCount: 10", "parallelTrialCount: 6")
        (self.directory / "e.yaml").write_text(text.replace("  parallelTrialCount: 2\n", ""))
        self.qalam("run", "e.yaml")
        seen = [json.dumps(values, sort_keys=True) for values in self.parameters()]
        self.assertEqual(len(seen), len(set(seen)))
        self.assertEqual(len(seen), 15 * (3 + 1))  # pairs of layers and width; momentum for sgd, and adam


if __name__ == "__main__":
    unittest.main()
