"""Programs that misbehave, and a clock that jumps: each has one documented outcome."""

import json
import os
import pathlib
import signal
import textwrap
import time
import unittest

from qalam import QalamTest


def python(code):
    return ["/usr/bin/python3", "-c", textwrap.dedent(code), "{x}"]


def shell(script):
    return ["sh", "-c", script, "{x}"]


class FaultsTest(QalamTest):
    def one_trial(self, command, *flags, expect=0):
        """The only trial of an experiment, with its conditions by type."""
        self.qalam(*self.quick(*flags, trials=1, parallel=1, command=command), expect=expect)
        return self.only_trial()

    def only_trial(self):
        trial = self.trials()[0]
        shown = json.loads(self.qalam("show", "tune", trial["trial"], "-o", "json").stdout)
        trial["conditions"] = {condition["type"]: condition for condition in shown["status"]["conditions"]}
        return trial

    def assert_state(self, trial, state, text=""):
        self.assertEqual(trial["status"], state, trial["conditions"])
        self.assertIn(text, trial["conditions"][state]["message"])

    def losses(self, trial):
        return [point["value"] for point in trial["curve"] if point["metric"] == "loss"]

    def printed(self, end):
        """How many trials have an output that ends so."""
        return sum(log.read_text().endswith(end) for log in self.data.glob("trials/*/*/*/output.log"))

    def test_a_child_that_keeps_the_output_open_is_ended_with_the_program(self):
        trial = self.one_trial(shell("(trap '' TERM; sleep 600; echo loss=9) & echo loss=1"))
        self.assert_state(trial, "Succeeded")
        self.assertEqual(self.losses(trial), [1])
        self.assert_nothing_survives(seconds=1)

    def test_a_daemon_that_left_its_session_is_ended_as_well(self):
        trial = self.one_trial(shell("setsid sh -c 'setsid sleep 600 & sleep 600' & echo loss=1"))
        self.assert_state(trial, "Succeeded")
        self.assert_nothing_survives(seconds=1)

    def test_what_was_printed_before_the_output_was_closed_counts(self):
        trial = self.one_trial(shell("echo loss=1; exec >&- 2>&-; sleep 0.3"))
        self.assert_state(trial, "Succeeded")
        self.assertEqual(self.losses(trial), [1])

    def test_without_any_output_metrics_are_unavailable(self):
        trial = self.one_trial(shell("exec >&- 2>&-; sleep 0.1"), expect=6)
        self.assert_state(trial, "MetricsUnavailable", "there was no output")

    def test_values_between_binary_output_are_found(self):
        trial = self.one_trial(python("""
            import os, sys
            for k in range(20):
                sys.stdout.buffer.write(os.urandom(100_000).replace(b"loss", b"") + b"\\n")
                sys.stdout.buffer.write(b"\\0\\xff\\xfe loss=%d \\xc0\\n" % k)
            sys.stdout.buffer.write(b"loss=20 without an end of line")
        """))
        self.assert_state(trial, "Succeeded")
        self.assertEqual(self.losses(trial), list(range(21)))

    def test_a_signal_is_named(self):
        for number in (signal.SIGSEGV, signal.SIGKILL):
            with self.subTest(signal=number):
                self.tearDown()
                self.setUp()
                trial = self.one_trial(shell(f"echo loss=1; kill -{int(number)} $$"), expect=None)
                self.assert_state(trial, "Failed", f"killed by signal {int(number)}")

    def test_a_program_that_the_kernel_kills_for_its_cpu_time_has_failed(self):
        trial = self.one_trial(shell("echo loss=1; ulimit -t 1; while :; do :; done"), expect=None)
        self.assert_state(trial, "Failed", "killed by signal")

    def test_a_program_that_ignores_term_is_killed_after_its_time(self):
        started = time.monotonic()
        trial = self.one_trial(shell("trap '' TERM; echo loss=1; while :; do sleep 0.1; done"), "--timeout-per-trial",
                               "1s", expect=None)
        self.assert_state(trial, "Failed", "DeadlineExceeded")
        self.assertLess(time.monotonic() - started, 30)
        self.assert_nothing_survives(seconds=1)

    def test_a_clock_that_jumps_ends_nothing_and_loses_nothing(self):
        library = next(iter(sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)
        self.assertIsNotNone(library, "libfaketime is not installed")
        clock = self.directory / "clock"
        clock.write_text("+0")
        self.environment |= {"LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1",
                             "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        # Each value is written once the clock has been set, and a trial may take a minute: far less than the jumps.
        program = shell(f"for k in 1 2 3; do until [ -e {self.directory}/step$k ]; do sleep 0.01; done; echo loss=$k; done")
        process = self.start(*self.quick("--timeout-per-trial", "1m", trials=2, parallel=2, command=program))
        self.wait_until(lambda: self.printed("") == 2, "two trials run")
        for k, offset in enumerate(("+2h", "-3h", "+2d"), start=1):
            clock.write_text(offset)
            (self.directory / f"step{k}").touch()
            self.wait_until(lambda last=f"loss={k}\n": self.printed(last) == 2, f"both trials print value {k}")
        self.assertEqual(self.finish(process)[0], 0, self.said.read_text())
        del self.environment["LD_PRELOAD"]
        for trial in self.trials():
            self.assertEqual((trial["status"], self.losses(trial)), ("Succeeded", [1, 2, 3]))
            self.assertGreaterEqual(trial["durationSeconds"], 0)


if __name__ == "__main__":
    unittest.main()
