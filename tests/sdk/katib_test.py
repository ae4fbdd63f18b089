"""The whole life of experiments through Katib's Python SDK."""

import unittest

import kubeflow.katib as katib
from serving import SdkTest


def train(parameters):
    import os
    import pathlib
    import time

    import probe

    gate = os.environ.get("GATE")
    while gate and not pathlib.Path(gate).exists():
        time.sleep(0.05)
    x = float(parameters["x"])
    for epoch in range(3):
        print(f"epoch={epoch} loss={(x - 0.3) ** 2 + 1 / (1 + epoch)}", flush=True)
    print(f"done with {parameters['optimizer']} and {parameters['units']} {probe.UNIT} of {parameters['kind']}")


class KatibSdkTest(SdkTest):
    def setUp(self):
        super().setUp()
        self.index = self.package_index("probe", "UNIT = 'pieces'\n")
        self.client = katib.KatibClient(config_file=self.kubeconfig)

    def tune(self, name, **arguments):
        self.client.tune(
            name=name, objective=train, objective_metric_name="loss", objective_type="minimize",
            parameters={"x": katib.search.double(min=0, max=1), "units": katib.search.int(min=1, max=8),
                        "optimizer": katib.search.categorical(["sgd", "adam"]), "kind": "network"},
            packages_to_install=["probe"], pip_index_urls=[self.index], resources_per_trial={"cpu": "1"}, **arguments)

    def test_a_python_function_is_tuned_from_creation_to_deletion(self):
        client = self.client
        self.tune("tune", max_trial_count=4, parallel_trial_count=2)
        done = client.wait_for_experiment_condition("tune", timeout=120, polling_interval=1)
        self.assertEqual(done.status.trials_succeeded, 4)
        self.assertTrue(client.is_experiment_succeeded("tune"))
        self.assertFalse(client.is_experiment_running("tune"))
        self.assertEqual([e.metadata.name for e in client.list_experiments()], ["tune"])
        self.assertEqual(client.get_experiment_conditions("tune")[-1].type, "Succeeded")

        trials = client.list_trials(experiment_name="tune")
        self.assertEqual(len(trials), 4)
        values = {t.metadata.name: float(a.value) for t in trials
                  for a in t.spec.parameter_assignments if a.name == "x"}
        best = client.get_optimal_hyperparameters("tune")
        self.assertEqual(best.best_trial_name, min(values, key=lambda name: abs(values[name] - 0.3)))
        details = client.get_success_trial_details("tune")
        self.assertEqual({d["name"] for d in details}, set(values))

        metrics = client.get_trial_metrics(best.best_trial_name, db_manager_address=self.grpc)
        losses = [float(m.metric.value) for m in metrics if m.metric.name == "loss"]
        self.assertEqual(len(losses), 3)
        self.assertEqual(str(min(losses)), best.observation.metrics[0].min)
        log = "\n".join(client.get_job_logs("tune", best.best_trial_name))
        self.assertIn("epoch=2 loss=", log)
        self.assertRegex(log, r"done with (sgd|adam) and [1-8] pieces of network")
        self.assertEqual(client.get_suggestion("tune").status.suggestion_count, 4)
        self.assertFalse((self.directory / "probe.py").exists(), "packages go where only the trial sees them")

        client.delete_experiment("tune")
        self.wait_until(lambda: not client.list_experiments() and not client.list_trials(), "nothing is left")
        with self.assertRaises(RuntimeError):
            client.get_experiment("tune")

    def test_the_budget_is_edited_while_trials_run(self):
        gate = self.directory / "gate"
        self.tune("tune", max_trial_count=2, parallel_trial_count=1, env_per_trial={"GATE": str(gate)})
        self.client.wait_for_experiment_condition("tune", expected_condition="Running", timeout=60, polling_interval=1)
        self.wait_until(lambda: self.client.get_experiment("tune").status.trials_running == 1, "a trial runs")
        self.client.edit_experiment_budget("tune", max_trial_count=3, parallel_trial_count=3)
        gate.touch()
        done = self.client.wait_for_experiment_condition("tune", timeout=120, polling_interval=1)
        self.assertEqual(done.status.trials_succeeded, 3)
        with self.assertRaisesRegex(Exception, "already exists"):
            self.tune("tune", max_trial_count=1)


if __name__ == "__main__":
    unittest.main()
