"""An Experiment with earlyStopping: the controller asks for rules and keeps them with the trials."""

import json
import unittest

from qalam import QalamTest

EXPERIMENT = """
apiVersion: kubeflow.org/v1beta1
kind: Experiment
metadata: {name: tune}
spec:
  objective: {type: minimize, objectiveMetricName: loss}
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
      spec: {command: [sh, -c, "for loss in 4 2 9; do echo loss=$loss; done; : ${trialParameters.x}"]}
"""


class EarlyStoppingTest(QalamTest):
    def write(self, least):
        (self.directory / "experiment.yaml").write_text(EXPERIMENT.replace("MIN", least))

    def test_rules_of_earlier_trials_are_kept_with_later_ones(self):
        self.write("1")
        done = self.qalam("run", "experiment.yaml")
        self.assertIn("note: early stopping", done.stderr)
        rule = {"name": "loss", "value": "3", "comparison": "greater", "startStep": 2}  # the mean of 4 and 2
        trials = [json.loads(self.qalam("show", f"tune/{t['trial']}", "-o", "json").stdout) for t in self.trials()]
        self.assertEqual([t["spec"].get("earlyStoppingRules", []) for t in trials], [[], [rule], [rule]])

    def test_bad_settings_are_refused_before_anything_starts(self):
        self.write("0")
        done = self.qalam("run", "experiment.yaml", expect=2)
        self.assertIn("spec.earlyStopping: min_trials_required must be greater than zero (>0)", done.stderr)
        done = self.qalam("check", "experiment.yaml", expect=2)
        self.assertIn("experiment.yaml:8: spec.earlyStopping: ", done.stderr + done.stdout)


if __name__ == "__main__":
    unittest.main()
