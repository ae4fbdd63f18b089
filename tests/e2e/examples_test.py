"""Every example Experiment runs as it is."""

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

    def test_quick_process(self):
        self.run_example("quick-process")
        self.assertTrue(self.best())

    def test_grid(self):
        self.run_example("grid")
        self.assertTrue(self.best())

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
