"""Runs the built binary (named by $QALAM) in a directory of its own."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

BINARY = os.environ["QALAM"]
ROOT = pathlib.Path(__file__).resolve().parents[2]



def printing(seconds=0):
    return ["sh", "-c", f"sleep {seconds}; echo loss=$0", "{x}"]


class QalamTest(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="qalam-e2e-"))
        self.data = self.directory / ".qalam"
        self.marker = f"qalam-e2e-{self.directory.name}"
        self.environment = {**os.environ, "QALAM_E2E": self.marker, "NO_COLOR": "1", "LC_ALL": "C.UTF-8"}
        self.environment.pop("QALAM_DATA_DIR", None)

    def tearDown(self):
        shutil.rmtree(self.directory, ignore_errors=True)

    def qalam(self, *arguments, expect=0, cwd=None, stdin=None):
        """The finished process; fails unless it exits with `expect` (None: anything)."""
        done = subprocess.run([BINARY, *map(str, arguments)], cwd=cwd or self.directory, env=self.environment,
                              input=stdin, capture_output=True, text=True, timeout=300, check=False)
        if expect is not None and done.returncode != expect:
            self.fail(f"qalam {' '.join(map(str, arguments))} exited with {done.returncode}, not {expect}\n"
                      f"--- stdout\n{done.stdout}\n--- stderr\n{done.stderr}")
        return done

    def start(self, *arguments):
        """A process whose standard error goes to a file, where `wait_for_text` looks for it."""
        self.said = self.directory / "stderr.txt"
        with open(self.said, "w", encoding="utf-8") as err:
            process = subprocess.Popen([BINARY, *map(str, arguments)], cwd=self.directory, env=self.environment,
                                       stdout=subprocess.DEVNULL, stderr=err)
        self.addCleanup(process.kill)
        return process

    def wait_for_text(self, text):
        self.wait_until(lambda: text in self.said.read_text(), f"\"{text}\" on standard error")

    def finish(self, process, seconds=60):
        """Exit code and standard error."""
        return process.wait(timeout=seconds), self.said.read_text()

    def quick(self, *flags, name="tune", trials=4, parallel=2, seconds=0, command=None, seed=7):
        """Arguments of a run in the quick form."""
        seed_flags = [] if seed is None else ["--seed", seed]
        return ["run", "--name", name, "--objective", "min:loss", "--param", "x=0.0..1.0", "--max-trials", trials,
                "--parallel", parallel, *seed_flags, *flags, "--", *(command or printing(seconds))]

    def experiment(self, name="tune"):
        return json.loads(self.qalam("show", name, "-o", "json").stdout)

    def trials(self, name="tune"):
        return [json.loads(line) for line in self.qalam("export", name, "--format", "jsonl").stdout.splitlines()]

    def wait_until(self, condition, what, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition():
                return
            time.sleep(0.02)
        self.fail(f"not within {seconds} s: {what}")

    def survivors(self):
        """Processes of this test's runs that are still alive: they carry the marker in their environment."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                if self.marker.encode() in (entry / "environ").read_bytes():
                    found.append((entry.name, (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()))
            except OSError:
                continue
        return found

    def assert_nothing_survives(self, seconds=20):
        self.wait_until(lambda: not self.survivors(), f"processes end: {self.survivors()}", seconds)

