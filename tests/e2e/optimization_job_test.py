"""OptimizationJobs under `qalam serve` and `qalam run`, and their conversion."""

import unittest

from api_server import EXPERIMENTS, TRIALS, ApiServer, condition
from qalam import QalamTest

JOBS = "/apis/trainer.kubeflow.org/v1alpha1/namespaces/default/optimizationjobs"
TRAIN_JOBS = "/apis/trainer.kubeflow.org/v1alpha1/namespaces/default/trainjobs"
RUNTIMES = "/apis/trainer.kubeflow.org/v1alpha1/namespaces/default/trainingruntimes"

MANIFEST = """apiVersion: trainer.kubeflow.org/v1alpha1
kind: OptimizationJob
metadata:
  name: tune
spec:
  objectives:
  - metric: loss
    direction: Minimize
  searchAlgorithm:
    grid: {}
  parameters:
  - name: x
    searchSpace:
      categorical:
        choices:
        - "1"
        - "2"
        - "3"
  numTrials: 3
  parallelTrials: 2
  trainJobTemplate:
    spec:
      runtimeRef:
        name: plain
      trainer:
        command:
        - sh
        - "-c"
        - "echo loss=$(KUBEFLOW_TRAINER_OPT_X); pwd > where"
"""


def job(script, trials=3, parallel=1, **spec):
    return {"apiVersion": "trainer.kubeflow.org/v1alpha1", "kind": "OptimizationJob", "metadata": {"name": "tune"},
            "spec": {"objectives": [{"metric": "loss"}],
                     "parameters": [{"name": "x", "searchSpace": {"uniform": {"min": "1", "max": "9", "type": "Int"}}}],
                     "numTrials": trials, "parallelTrials": parallel,
                     "trainJobTemplate": {"spec": {"runtimeRef": {"name": "plain"},
                                                   "trainer": {"command": ["sh", "-c", script]}}}, **spec}}


class OptimizationJobTest(QalamTest):
    def until(self, server, wanted, what):
        self.wait_until(lambda: wanted(server.get(f"{JOBS}/tune")), what)
        return server.get(f"{JOBS}/tune")

    def test_a_job_runs_to_its_result_and_takes_everything_with_it(self):
        server = ApiServer(self)
        created = server.post(JOBS, job("echo loss=$KUBEFLOW_TRAINER_OPT_X"))
        self.assertEqual(created["spec"]["searchAlgorithm"], {"random": {}})
        done = self.until(server, lambda j: condition(j, "Complete"), "the job is complete")
        trials = {t["trainJobName"]: t for t in done["status"]["trials"]}
        self.assertEqual(len(trials), 3)
        best = done["status"]["result"]
        values = {name: int(t["parameters"][0]["value"]) for name, t in trials.items()}
        self.assertEqual(int(best["parameters"][0]["value"]), min(values.values()))
        for name, trial in trials.items():
            self.assertEqual(trial["state"], "Succeeded")
            self.assertEqual(trial["metrics"], [{"name": "loss", "value": str(values[name])}])
            train_job = server.get(f"{TRAIN_JOBS}/{name}")
            self.assertTrue(condition(train_job, "Complete"))
            self.assertEqual(train_job["status"]["jobsStatus"][0]["succeeded"], 1)
        experiment = server.get(EXPERIMENTS.format("default") + "/tune")
        self.assertEqual(experiment["metadata"]["ownerReferences"][0]["uid"], created["metadata"]["uid"])
        self.assertEqual(server.call("DELETE", f"{TRAIN_JOBS}/{best['trainJobName']}").code, 405)

        server.call("DELETE", f"{JOBS}/tune", expect=200)
        for path in (JOBS, EXPERIMENTS.format("default"), TRIALS.format("default"), TRAIN_JOBS):
            self.wait_until(lambda p=path: not server.get(p)["items"], f"{path} is empty")

    def test_the_budget_may_be_edited_and_nothing_else(self):
        server = ApiServer(self)
        gate = self.directory / "gate"
        server.post(JOBS, job(f"while [ ! -e {gate} ]; do sleep 0.05; done; echo loss=1", trials=1))
        self.until(server, lambda j: j.get("status", {}).get("trials"), "a trial runs")
        refused = server.call("PATCH", f"{JOBS}/tune", {"spec": {"objectives": [{"metric": "time"}]}})
        self.assertEqual(refused.code, 422, refused.text)
        self.assertIn("only numTrials and parallelTrials", refused.json["message"])
        server.call("PATCH", f"{JOBS}/tune", {"spec": {"numTrials": 2}}, expect=200)
        self.until(server, lambda j: server.get(EXPERIMENTS.format("default") + "/tune")["spec"]["maxTrialCount"] == 2,
                   "the experiment follows")
        gate.touch()
        done = self.until(server, lambda j: condition(j, "Complete"), "the job is complete")
        self.assertEqual(len(done["status"]["trials"]), 2)

    def test_a_job_that_cannot_run_is_refused_with_every_cause(self):
        server = ApiServer(self)
        refused = server.call("POST", JOBS, job("true", parallel=5, searchAlgorithm={"grid": {}}))
        self.assertEqual(refused.code, 422, refused.text)
        self.assertEqual([c["field"] for c in refused.json["details"]["causes"]],
                         ["spec.parameters[0].searchSpace", "spec.parallelTrials"])

    def test_a_runtime_of_the_namespace_fills_what_the_job_leaves_out(self):
        server = ApiServer(self)
        container = {"name": "node", "image": "ignored", "command": ["sh", "-c", "echo loss=$OF_RUNTIME"],
                     "env": [{"name": "OF_RUNTIME", "value": "4"}]}
        server.post(RUNTIMES, {
            "apiVersion": "trainer.kubeflow.org/v1alpha1", "kind": "TrainingRuntime", "metadata": {"name": "mine"},
            "spec": {"mlPolicy": {"numNodes": 1}, "template": {"spec": {"replicatedJobs": [
                {"name": "node", "template": {"spec": {"template": {"spec": {"containers": [container]}}}}}]}}}})
        wanted = job("", trials=1)
        wanted["spec"]["trainJobTemplate"]["spec"] = {"runtimeRef": {"name": "mine", "kind": "TrainingRuntime"}}
        server.post(JOBS, wanted)
        done = self.until(server, lambda j: condition(j, "Complete"), "the job is complete")
        self.assertEqual(done["status"]["trials"][0]["metrics"][0]["value"], "4")

    def test_a_file_runs_without_a_server_and_converts_there_and_back(self):
        (self.directory / "job.yaml").write_text(MANIFEST, encoding="utf-8")
        self.qalam("check", "job.yaml")
        there = self.qalam("convert", "job.yaml", "--to", "katib")
        self.assertEqual(there.stderr, "")
        self.assertEqual(self.qalam("convert", "-", "--to", "optimizationjob", stdin=there.stdout).stdout, MANIFEST)
        self.qalam("run", "job.yaml")
        best = self.experiment()["status"]["currentOptimalTrial"]
        self.assertEqual(best["parameterAssignments"], [{"name": "x", "value": "1"}])
        self.assertFalse((self.directory / "where").exists(), "trials start in directories of their own")
        trial = self.data / "trials" / "default" / "tune" / best["bestTrialName"]
        self.assertEqual((trial / "where").read_text(encoding="utf-8").strip(), str(trial.resolve()))


if __name__ == "__main__":
    unittest.main()
