"""kill -9 at random moments of one experiment: every trial is accounted for at the end, nothing survives."""

import json
import random
import signal
import sqlite3
import subprocess
import time
import unittest

from qalam import QalamTest

KILLS = 60
TRIALS = 700
# Points that depend on their number alone. Those of a model depend on which of the parallel trials ends first.
ALGORITHM = ("--algorithm", "random")


class KillTest(QalamTest):
    def test_sixty_kills_lose_nothing(self):
        # Each run leaves a line: the trial's name and its parameter.
        log = self.directory / "runs.log"
        program = ["sh", "-c", f'sleep 0.05; echo loss=$0; echo "$QALAM_TRIAL_NAME $0" >> {log}', "{x}"]
        arguments = self.quick(*ALGORITHM, trials=TRIALS, parallel=3, command=program)
        rng = random.Random(1)
        kills = 0
        finished_before = {}
        while kills < KILLS:
            process = self.start(*arguments)
            # From the first milliseconds of opening the database up to a few trials into the run.
            try:
                process.wait(timeout=rng.choice([0.01, 0.05, 0.1, 0.2, 0.4]) * rng.uniform(0.2, 1.8))
                process.wait()
                break
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
            if kills % 10 == 0 and (self.data / "qalam.db").exists():
                self.check_kept(finished_before)
        self.assertGreaterEqual(kills, 50, "the experiment ended before it was killed 50 times: give it more trials")

        self.qalam(*arguments)
        experiment = self.experiment()
        self.assertEqual(experiment["status"]["trialsSucceeded"], TRIALS)
        self.assertEqual(experiment["status"]["trials"], TRIALS)
        trials = self.trials()
        self.assertEqual(len({trial["trial"] for trial in trials}), TRIALS)
        self.assertEqual({trial["status"] for trial in trials}, {"Succeeded"})
        self.check_kept(finished_before)

        # Run again: the same parameters every time, and a finished trial never.
        runs = {}
        for line in log.read_text().splitlines():
            name, x = line.split()
            runs.setdefault(name, []).append(x)
        self.assertEqual(set(runs), {trial["trial"] for trial in trials})
        for name, values in runs.items():
            self.assertEqual(len(set(values)), 1, name)

        # The same suggestions as a run without kills has.
        self.qalam(*self.quick(*ALGORITHM, name="calm", trials=TRIALS, parallel=3, command=program))
        calm = [trial["parameters"] for trial in self.trials("calm")]
        self.assertEqual([trial["parameters"] for trial in trials], calm)

        self.assertEqual(sqlite3.connect(self.data / "qalam.db").execute("PRAGMA integrity_check").fetchone(), ("ok",))
        self.assert_nothing_survives()

    def check_kept(self, finished_before):
        """What was finished once stays as it was."""
        shown = self.qalam("export", "tune", "--format", "jsonl", expect=None)
        if shown.returncode != 0:
            return
        for line in shown.stdout.splitlines():
            trial = json.loads(line)
            if trial["status"] == "Succeeded":
                fingerprint = (trial["parameters"], trial["end"])
                before = finished_before.setdefault(trial["trial"], fingerprint)
                self.assertEqual(before, fingerprint, trial["trial"])

    def test_a_killed_run_takes_its_processes_with_it(self):
        deep = ["sh", "-c", "(setsid sh -c 'trap \"\" TERM; sleep 300; sleep 300' &) ; sleep 300; echo loss=$0", "{x}"]
        process = self.start(*self.quick(command=deep))
        self.wait_until(lambda: len(self.survivors()) >= 6, "the trials and their children run")
        process.send_signal(signal.SIGKILL)
        process.wait()
        started = time.monotonic()
        self.assert_nothing_survives(seconds=15)
        self.assertLess(time.monotonic() - started, 15)


if __name__ == "__main__":
    unittest.main()
