"""Experiments whose trials report by themselves, and what the observation log then holds."""

import json
import os

from qalam import ROOT
from service import READ, ServiceTest, api, call

TEMPLATE = """
apiVersion: kubeflow.org/v1beta1
kind: Experiment
metadata: {{name: tune}}
spec:
  objective: {{type: minimize, objectiveMetricName: loss}}
  algorithm: {{algorithmName: random, algorithmSettings: [{{name: random_state, value: "1"}}]}}
  parallelTrialCount: {parallel}
  maxTrialCount: {trials}
  parameters: [{{name: x, parameterType: double, feasibleSpace: {{min: "0", max: "1"}}}}]
  {more}
  metricsCollectorSpec: {collector}
  trialTemplate:
    trialParameters: [{{name: x, reference: x}}]
    trialSpec:
      apiVersion: qalam.dev/v1
      kind: Process
      spec: {spec}
"""


class ReportsTest(ServiceTest):
    def setUp(self):
        super().setUp()
        self.environment["PYTHONPATH"] = str(ROOT / "python")
        self.environment["FOLDER"] = str(self.directory)

    def write(self, command, collector, trials=1, parallel=1, more="", **spec):
        spec["command"] = [*command, "${trialParameters.x}"]
        (self.directory / "experiment.yaml").write_text(TEMPLATE.format(
            parallel=parallel, trials=trials, more=more, collector=json.dumps(collector), spec=json.dumps(spec)))

    def script(self, name, text):
        (self.directory / name).write_text(text)
        return name

    def shown(self):
        """Trials as they are stored, in order of creation."""
        return [json.loads(self.qalam("show", f"tune/{t['trial']}", "-o", "json").stdout) for t in self.trials()]

    def log(self, trial, metric=""):
        """The observation log of a trial: (metric, value), in order."""
        server = self.serve("--data-dir", self.data, "--services", "db")
        try:
            reply = call(server.channel(), READ,
                         api.GetObservationLogRequest(trial_name=trial["metadata"]["uid"], metric_name=metric))
        finally:
            server.close()
        self.times = [row.time_stamp for row in reply.observation_log.metric_logs]
        return [(row.metric.name, row.metric.value) for row in reply.observation_log.metric_logs]

    @staticmethod
    def message(trial):
        return trial["status"]["conditions"][-1]["message"]


def wait_for_file(path, seconds=60):
    """For the programs of trials."""
    import time

    end = time.monotonic() + seconds
    while not os.path.exists(path):
        if time.monotonic() > end:
            raise TimeoutError(path)
        time.sleep(0.01)
