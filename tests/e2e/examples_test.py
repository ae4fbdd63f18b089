"""Every example Experiment runs as it is."""

import csv
import json
import re
import subprocess
import sys
import unittest

from qalam import ROOT, QalamTest


class ExamplesTest(QalamTest):
    def run_example(self, name, *flags, expect=0):
        return self.qalam("--data-dir", self.data, "run", f"examples/{name}/experiment.yaml", *flags, cwd=ROOT, expect=expect)

    def best(self):
        listed = self.qalam("ls", "-o", "name").stdout.split()
        self.assertEqual(len(listed), 1)
        name = listed[0].split("/")[-1]
        return self.experiment(name)["status"]["currentOptimalTrial"]["bestTrialName"]

    def test_all_examples_are_known_to_this_test(self):
        known = {name[len("test_"):].replace("_", "-") for name in dir(self) if name.startswith("test_")}
        there = {path.parent.name for path in (ROOT / "examples").glob("*/experiment.yaml")}
        self.assertLessEqual(there, known)

    def test_conditional(self):
        self.run_example("conditional")
        metrics = self.experiment("conditional")["status"]["currentOptimalTrial"]["observation"]["metrics"]
        self.assertLessEqual(float(next(m["latest"] for m in metrics if m["name"] == "megaflops")), 0.04)

    def test_digits(self):
        self.run_example("digits")
        self.assertTrue(self.best())

    def test_early_stopping(self):
        said = self.run_example("early-stopping").stderr
        self.assertRegex(said, r"\nsaved   about .* of trial time, by stopping \d+ of 20 trials early")
        self.assertIn("\nrisk    under the newest rules ", said)
        self.assertIn("early-stopping finished: all 20 trials are done", said)
        annotation = self.experiment("early-stopping")["metadata"]["annotations"]["qalam.dev/early-stopping-report"]
        report = json.loads(annotation)
        self.assertGreater(report["stoppedTrials"], 0)
        self.assertGreater(report["trialSecondsUsed"], 0)
        self.assertEqual(report["stoppedTrials"] + report["finishedTrials"], 20)

    def test_pbt(self):
        self.run_example("pbt")
        best = self.best()
        self.assertTrue((self.data / f"trials/default/pbt/{best}/checkpoint/network.npz").exists())

    def test_ending(self):
        said = self.run_example("ending").stderr
        self.assertIn("more trials are not worth their cost. EndRuleMet: the chance that any trial would improve the best loss ", said)
        experiment = self.experiment("ending")
        last = experiment["status"]["conditions"][-1]
        self.assertEqual((last["type"], last["status"], last["reason"]), ("Succeeded", "True", "EndRuleMet"))
        self.assertLess(experiment["status"]["trials"], 100)
        loss = experiment["status"]["currentOptimalTrial"]["observation"]["metrics"][0]["min"]
        self.assertLess(float(loss), 0.397887 + 0.05)

    def test_pareto(self):
        said = self.run_example("pareto").stderr
        self.assertRegex(said, r"\nfront +\d+ of 30 trials; hypervolume 0\.\d+ of the box from accuracy=")
        front = self.qalam("best", "pareto", "-o", "name").stdout.split()
        self.assertGreater(len(front), 3)
        rows = {row["trial"]: row for row in csv.DictReader(self.qalam("export", "pareto").stdout.splitlines())}
        self.assertEqual({name for name, row in rows.items() if row["pareto_front"] == "true"}, set(front))
        # The first of those with the best accuracy; a later one may have fewer weights.
        self.assertEqual(rows[self.best()]["accuracy"], max(rows[name]["accuracy"] for name in front))

    def test_quick_process(self):
        self.run_example("quick-process")
        self.assertTrue(self.best())

    def test_grid(self):
        self.run_example("grid")
        self.assertTrue(self.best())

    def test_enas(self):
        said = self.run_example("enas", "--max-trials", 6).stderr
        self.assertRegex(said, r"accuracy=0\.\d+")
        table = self.qalam("show", "enas").stdout
        self.assertRegex(table, r"(?m)^NAME +STATUS +accuracy +architecture ")
        self.assertEqual(len(set(re.findall(r"\[\[\d\], \[\d, [01]\], \[\d, [01], [01]\]\]  ", table))), 6)

    def test_darts(self):
        self.run_example("darts")
        best = self.experiment("darts")["status"]["currentOptimalTrial"]
        genotype = [m for m in best["observation"]["metrics"] if m["name"] == "Best-Genotype"][0]["latest"]
        self.assertRegex(genotype, r"^Genotype\(layers=\[('\w+'(, )?){3}\]\)$")
        self.assertIn(genotype, self.qalam("show", "darts").stdout)

    def test_sobol(self):
        self.run_example("sobol")
        self.assertTrue(self.best())

    def test_json_metrics(self):
        self.run_example("json-metrics")
        self.assertTrue(self.best())

    def test_push(self):
        self.run_example("push")
        self.assertTrue(self.best())

    def test_custom_collector(self):
        self.run_example("custom-collector")
        self.assertTrue(self.best())

    def test_tensorboard(self):
        self.run_example("tensorboard")
        self.assertTrue(self.best())

    def test_resume(self):
        self.run_example("resume")
        self.run_example("resume", "--max-trials", 9)
        self.assertTrue(self.best())

    def test_successive_halving(self):
        self.run_example("successive-halving")
        trials = self.trials("successive-halving")
        self.assertEqual(len(trials), 69)
        epochs = [int(t["parameters"].pop("epochs")) for t in trials]
        self.assertGreaterEqual(epochs.count(27), 4)
        configurations = {json.dumps(t["parameters"], sort_keys=True) for t in trials}
        self.assertLess(len(configurations), 55, "at least 15 of the trials are promotions")

    def test_warm_start(self):
        self.run_example("warm-start")
        self.assertTrue(self.best())
        self.assertIn("2 of 2 points tried", self.qalam("show", "first").stdout)
        self.qalam("--data-dir", self.data, "run", "examples/warm-start/later.yaml", "--warm-start", "first", cwd=ROOT)
        self.assertRegex(self.qalam("show", "later").stdout, r"first: \d+ of 20 finished trials .*nothing known of decay")

    def test_external_suggestion(self):
        server = subprocess.Popen([sys.executable, ROOT / "examples/external-suggestion/server.py", "--listen",
                                   "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
        try:
            address = re.search(r"listens on (\S+)", server.stdout.readline()).group(1)
            self.run_example("external-suggestion", "--suggestion", f"climb={address}")
            self.assertTrue(self.best())
        finally:
            server.terminate()
            server.wait()
            server.stdout.close()


if __name__ == "__main__":
    unittest.main()
