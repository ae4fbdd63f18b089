"""Ctrl-C, TERM, stop, timeout, and going on afterwards."""

import json
import signal
import time
import unittest

from qalam import QalamTest


class InterruptTest(QalamTest):
    def running(self, *flags, seconds=1.0, **options):
        process = self.start(*self.quick(*flags, seconds=seconds, trials=20, **options))
        self.wait_until(lambda: (self.data / "qalam.db").exists() and self.count("trialsRunning") == 2, "two trials run")
        return process

    def count(self, field):
        shown = self.qalam("show", "tune", "-o", "json", expect=None)
        return json.loads(shown.stdout).get("status", {}).get(field, 0) if shown.returncode == 0 else 0

    def test_first_ctrl_c_lets_running_trials_finish(self):
        process = self.running()
        process.send_signal(signal.SIGINT)
        code, err = self.finish(process)
        self.assertEqual(code, 130, err)
        self.assertIn("resume with", err)
        self.assertEqual(self.count("trialsSucceeded"), self.count("trials"))
        self.assertGreaterEqual(self.count("trialsSucceeded"), 2)
        self.assert_nothing_survives()

    def test_second_ctrl_c_interrupts_and_a_resume_runs_the_same_parameters(self):
        process = self.running(seconds=60)
        before = {trial["trial"]: trial["parameters"] for trial in self.trials()}
        process.send_signal(signal.SIGINT)
        self.wait_for_text("no new trials")
        process.send_signal(signal.SIGINT)
        code, err = self.finish(process)
        self.assertEqual(code, 130, err)
        self.assertEqual(self.count("trialsFailed"), 0)
        self.assert_nothing_survives()
        arguments = self.quick(seconds=60, trials=20)
        resumed = self.start(*arguments)
        self.wait_until(lambda: len(self.survivors()) >= 4, "trials run again")
        after = {trial["trial"]: trial["parameters"] for trial in self.trials()}
        self.assertEqual(before, after)
        resumed.send_signal(signal.SIGTERM)
        self.assertEqual(self.finish(resumed)[0], 143)
        self.assert_nothing_survives()

    def test_third_ctrl_c_leaves_at_once_and_nothing_survives(self):
        stubborn = ["sh", "-c", "trap '' TERM; while :; do sleep 1; done; echo loss=$0", "{x}"]
        process = self.running(command=stubborn)
        for text in ("no new trials", "ending the running trials"):
            process.send_signal(signal.SIGINT)
            self.wait_for_text(text)
        asked = time.monotonic()
        process.send_signal(signal.SIGINT)
        self.assertEqual(self.finish(process)[0], 130)
        self.assertLess(time.monotonic() - asked, 2)
        self.assert_nothing_survives()

    def test_term_ends_with_143(self):
        process = self.running(seconds=60)
        process.send_signal(signal.SIGTERM)
        code, err = self.finish(process)
        self.assertEqual(code, 143, err)
        self.assert_nothing_survives()

    def test_timeout_ends_with_124(self):
        done = self.qalam(*self.quick("--timeout", "1s", seconds=60), expect=124)
        self.assertIn("resume with", done.stderr)
        self.assert_nothing_survives()

    def test_stop_from_another_process(self):
        process = self.running()
        self.qalam("stop", "tune")
        self.assertEqual(self.finish(process)[0], 130)
        self.qalam("stop", "tune", expect=3)

    def test_stop_now_from_another_process(self):
        process = self.running(seconds=60)
        self.qalam("stop", "tune", "--now")
        self.assertEqual(self.finish(process)[0], 143)
        self.assert_nothing_survives()

    def test_a_second_run_is_told_who_holds_the_data(self):
        process = self.running(seconds=60)
        second = self.qalam(*self.quick(name="other"), expect=5)
        self.assertIn(str(process.pid), second.stderr)
        self.assertIn("tune", self.qalam("ls").stdout)  # looking works meanwhile
        process.send_signal(signal.SIGTERM)
        self.finish(process)


if __name__ == "__main__":
    unittest.main()
