"""A suggestion service in another language stands in for an algorithm name."""

import re
import subprocess
import sys
import unittest

from qalam import ROOT, QalamTest


class OutsideServiceTest(QalamTest):
    def test_its_points_are_tried_and_its_verdict_counts(self):
        server = subprocess.Popen([sys.executable, ROOT / "examples/external-suggestion/server.py", "--listen",
                                   "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
        try:
            address = re.search(r"listens on (\S+)", server.stdout.readline()).group(1)
            flags = ["--algorithm", "climb", "--suggestion", f"climb={address}"]
            self.qalam(*self.quick(*flags, trials=6, seed=None))
            self.assertEqual(self.experiment()["status"]["trialsSucceeded"], 6)
            bad = self.qalam(*self.quick(*flags, "--setting", "no_such_setting=1", name="bad", seed=None), expect=2)
            self.assertIn("no_such_setting", bad.stderr)
        finally:
            server.terminate()
            server.wait()
            server.stdout.close()

    def test_one_that_is_away_is_waited_for_and_named(self):
        done = self.qalam(*self.quick("--algorithm", "climb", "--suggestion", "climb=127.0.0.1:1", "--timeout", "4s"),
                          expect=124)
        self.assertIn("resume with", done.stderr)
        self.assertNotIn("trialsFailed", self.experiment()["status"])

    def test_an_unknown_algorithm_is_refused_with_those_there_are(self):
        done = self.qalam(*self.quick("--algorithm", "sobel"), expect=2)
        self.assertIn("sobol", done.stderr)


if __name__ == "__main__":
    unittest.main()
