"""The whole life of optimization jobs through Kubeflow's Python SDK."""

import unittest

from kubeflow.common.types import KubernetesBackendConfig
from kubeflow.optimizer import GridSearch, Objective, OptimizerClient, RandomSearch, Search, TrialConfig
from kubeflow.trainer import CustomTrainer, TrainerClient, TrainJobTemplate
from serving import SdkTest


def train(lr, units):
    import os

    import probe

    # Two nodes are two processes of one here.
    assert os.environ["WORLD_SIZE"] == "2", os.environ["WORLD_SIZE"]
    if os.environ["RANK"] == "0":
        for epoch in range(2):
            print(f"loss={(float(lr) - 0.1) ** 2 + 1 / (1 + epoch)}", flush=True)
        print(f"trained {units} {probe.UNIT}", flush=True)


def train_alone(units):
    print(f"loss={10 - int(units)}")


class KubeflowSdkTest(SdkTest):
    def setUp(self):
        super().setUp()
        config = KubernetesBackendConfig(config_file=self.kubeconfig, namespace="default")
        self.client = OptimizerClient(config)
        self.trainer = TrainerClient(config)

    def nothing_is_left(self):
        try:
            return not self.client.list_jobs() and not self.trainer.list_jobs()
        except RuntimeError:  # it asks for the TrainJobs of trials that are gone by then
            return False

    def test_a_python_function_is_optimized_from_creation_to_deletion(self):
        client = self.client
        self.assertIn("torch-distributed", [r.name for r in self.trainer.list_runtimes()])
        index = self.package_index("probe", "UNIT = 'pieces'\n")
        name = client.optimize(
            TrainJobTemplate(trainer=CustomTrainer(func=train, num_nodes=2, packages_to_install=["probe"],
                                                   pip_index_urls=[index])),
            search_space={"lr": Search.loguniform(0.01, 0.5), "units": Search.choice([2, 4])},
            trial_config=TrialConfig(num_trials=3, parallel_trials=2), objectives=[Objective(metric="loss")],
            algorithm=RandomSearch(random_state=7))
        job = client.wait_for_job_status(name, timeout=120, polling_interval=1)
        self.assertEqual(job.status, "Complete")
        self.assertEqual([j.name for j in client.list_jobs()], [name])
        job = client.get_job(name)
        self.assertEqual(len(job.trials), 3)
        for trial in job.trials:
            self.assertEqual(trial.trainjob.status, "Complete")
            self.assertEqual([s.name for s in trial.trainjob.steps], ["node-0"])
            self.assertEqual(trial.trainjob.num_nodes, 2)
        best = client.get_best_results(name)
        nearest = min((t.parameters["lr"] for t in job.trials), key=lambda lr: abs(float(lr) - 0.1))
        self.assertEqual(best.parameters["lr"], nearest)
        self.assertEqual(best.metrics[0].name, "loss")
        log = list(client.get_job_logs(name))
        self.assertEqual(len([line for line in log if line.startswith("loss=")]), 2)
        self.assertRegex(log[-1], "trained [24] pieces")
        self.assertEqual(list(self.trainer.get_job_logs(job.trials[0].name)), list(
            client.get_job_logs(name, trial_name=job.trials[0].name)))
        self.assertIn("JobCreated", [e.reason for e in client.get_job_events(name)])
        client.delete_job(name)
        self.wait_until(self.nothing_is_left, "nothing is left")

    def test_the_function_runs_with_the_runtime_that_the_template_names(self):
        name = self.client.optimize(
            TrainJobTemplate(trainer=CustomTrainer(func=train_alone), runtime=self.trainer.get_runtime("plain")),
            search_space={"units": Search.choice([2, 4, 8])},
            trial_config=TrialConfig(num_trials=3, parallel_trials=3), algorithm=GridSearch())
        self.client.wait_for_job_status(name, timeout=120, polling_interval=1)
        self.assertEqual(self.client.get_best_results(name).parameters, {"units": "8"})

    def test_a_function_that_raises_fails_the_job(self):
        name = self.client.optimize(
            TrainJobTemplate(trainer=CustomTrainer(func=train_alone), runtime=self.trainer.get_runtime("plain")),
            search_space={"units": Search.choice(["no number", "none either"])},
            trial_config=TrialConfig(num_trials=2, parallel_trials=1, max_failed_trials=1))
        with self.assertRaisesRegex(RuntimeError, "is Failed"):
            self.client.wait_for_job_status(name, timeout=60, polling_interval=1)
        trial = self.client.get_job(name).trials[0]
        self.assertEqual(trial.trainjob.status, "Failed")
        self.assertIn("ValueError", "\n".join(self.client.get_job_logs(name, trial_name=trial.name)))


if __name__ == "__main__":
    unittest.main()
