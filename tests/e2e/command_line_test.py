"""The commands of one machine, as scripts rely on them."""

import csv
import io
import json
import os
import pty
import re
import shlex
import subprocess
import unittest

from qalam import BINARY, QalamTest


class CommandLineTest(QalamTest):
    def test_a_new_user_gets_a_result_from_init(self):
        self.qalam("init", "first")
        first = self.directory / "first"
        self.qalam("check", "experiment.yaml", cwd=first)
        planned = self.qalam("plan", "experiment.yaml", cwd=first)
        self.assertIn("first suggestions", planned.stdout)
        done = self.qalam("run", "experiment.yaml", cwd=first)
        self.assertIn("best", done.stderr)
        self.assertEqual(done.stdout, "")
        self.qalam("init", "first", expect=4)

    def test_the_same_seed_gives_the_same_parameters_byte_for_byte(self):
        for name in ("a", "b"):
            self.qalam(*self.quick("--param", "n=1..9", "--param", "lr=log:1e-5..1e-1", "--param", "o=p,q", name=name,
                                   trials=12, parallel=1, command=["sh", "-c", "echo loss=$0", "{x}", "{n}{lr}{o}"]))
        texts = [json.dumps([trial["parameters"] for trial in self.trials(name)]) for name in ("a", "b")]
        self.assertEqual(texts[0], texts[1])

    def test_json_at_the_end_is_the_experiment_with_its_status(self):
        done = self.qalam(*self.quick("-o", "json"))
        experiment = json.loads(done.stdout)
        self.assertEqual(experiment["kind"], "Experiment")
        self.assertEqual(experiment["status"]["trialsSucceeded"], 4)
        self.assertEqual(experiment["status"]["conditions"][-1]["type"], "Succeeded")

    def test_progress_is_one_line_per_event_when_nobody_looks(self):
        done = self.qalam(*self.quick())
        ended = [line for line in done.stderr.splitlines() if re.match(r"\d\d:\d\d:\d\d trial \S+ done loss=", line)]
        self.assertEqual(len(ended), 4, done.stderr)
        self.assertNotIn("\033", done.stderr)

    def test_quiet_says_nothing(self):
        done = self.qalam("-q", *self.quick())
        self.assertEqual(done.stdout + done.stderr, "")

    def test_on_a_terminal_there_is_a_live_view(self):
        leader, follower = pty.openpty()
        environment = {**self.environment, "TERM": "xterm", "COLUMNS": "72"}
        process = subprocess.Popen([BINARY, *map(str, self.quick(seconds=0.3))], cwd=self.directory, env=environment,
                                   stdout=subprocess.PIPE, stderr=follower)
        os.close(follower)
        shown = b""
        while True:
            try:
                chunk = os.read(leader, 65536)
            except OSError:
                break
            if not chunk:
                break
            shown += chunk
        os.close(leader)
        out, _ = process.communicate()
        self.assertEqual(process.returncode, 0)
        self.assertEqual(out, b"")
        self.assertIn(b"\033[", shown)
        self.assertIn("best", shown.decode())

    def test_dry_run_prints_what_runs_as_well_from_a_file(self):
        shown = self.qalam(*self.quick("--dry-run", "-o", "yaml"))
        self.assertFalse(self.data.exists())
        (self.directory / "tune.yaml").write_text(shown.stdout)
        self.qalam("run", "tune.yaml")
        self.qalam(*self.quick())  # the same experiment: nothing is left to do
        self.assertEqual(self.experiment()["status"]["trials"], 4)

    def test_another_specification_under_the_name_is_a_conflict_with_the_difference(self):
        self.qalam(*self.quick())
        done = self.qalam(*self.quick("--param", "y=1..3", command=["sh", "-c", "echo loss=$0", "{x}", "{y}"]), expect=4)
        self.assertIn("spec.parameters", done.stderr)

    def test_a_larger_budget_goes_on(self):
        self.qalam(*self.quick())
        self.qalam(*self.quick(trials=7))
        self.assertEqual(self.experiment()["status"]["trialsSucceeded"], 7)
        self.qalam(*self.quick(trials=5), expect=4)

    def test_a_stored_experiment_can_be_named(self):
        self.qalam(*self.quick())
        self.qalam("run", "tune")
        self.qalam("run", "nobody", expect=3)

    def test_all_errors_of_a_file_come_at_once_with_their_lines(self):
        (self.directory / "bad.yaml").write_text(
            "apiVersion: kubeflow.org/v1beta1\nkind: Experiment\nmetadata:\n  name: Bad\nspec:\n"
            "  objectiv:\n    type: up\n  maxTrialCount: none\n  parameters:\n  - name: x\n    parameterType: dubble\n")
        done = self.qalam("check", "bad.yaml", expect=2)
        for text in ("bad.yaml:6", "objective", "bad.yaml:8", "bad.yaml:11", "double"):
            self.assertIn(text, done.stderr)
        self.qalam("run", "bad.yaml", expect=2)
        self.assertFalse(self.data.exists())

    def test_exit_codes(self):
        self.qalam("show", "nobody", expect=3)
        self.qalam("run", "missing.yaml", expect=3)
        self.qalam("frobnicate", expect=2)
        self.qalam("run", expect=2)
        failing = ["sh", "-c", "exit 3", "{x}"]
        self.qalam(*self.quick(name="fails", command=failing), expect=6)
        silent = ["sh", "-c", "echo nothing", "{x}"]
        self.qalam(*self.quick(name="silent", command=silent), expect=6)
        self.qalam("--data-dir", "/proc/nowhere", *self.quick(), expect=5)
        self.qalam(*self.quick("--setting", "nonsense=1", name="settings"), expect=2)

    def test_missing_metrics_are_explained(self):
        self.qalam(*self.quick(command=["sh", "-c", "echo Loss: $0", "{x}"]), expect=6)
        name = self.trials()[0]["trial"]
        shown = self.qalam("show", "tune", name).stdout
        self.assertIn("Loss: ", shown)

    def test_reading_commands(self):
        self.qalam(*self.quick())
        self.assertIn("tune", self.qalam("ls").stdout)
        self.assertEqual(len(self.qalam("ls", "-o", "csv").stdout.splitlines()), 2)
        best = self.qalam("best", "tune", "-o", "env").stdout
        self.assertRegex(best, r"^x=\S+\n$")
        name = self.qalam("best", "tune", "-o", "name").stdout.strip().split("/")[-1]
        self.assertIn("loss=", self.qalam("logs", f"tune/{name}").stdout)
        self.assertIn("loss=", self.qalam("logs", f"tune/{name}", "-f").stdout)
        rows = list(csv.DictReader(io.StringIO(self.qalam("export", "tune", "--format", "csv").stdout)))
        self.assertEqual(len(rows), 4)
        self.assertEqual({row["status"] for row in rows}, {"Succeeded"})
        self.assertTrue(all(float(row["loss"]) == float(row["x"]) for row in rows))
        self.assertEqual(json.loads(self.qalam("show", "tune", name, "-o", "json").stdout)["kind"], "Trial")

    def test_the_shown_command_line_can_be_pasted(self):
        done = self.qalam(*self.quick())
        line = next(line for line in done.stderr.splitlines() if "echo loss=$0" in line)
        command = line[line.index("sh -c"):]
        self.assertEqual(shlex.split(command)[:2], ["sh", "-c"])
        out = subprocess.run(command, shell=True, capture_output=True, text=True, check=True).stdout
        self.assertIn("loss=", out)

    def test_rm_deletes_everything_of_it(self):
        self.qalam(*self.quick())
        self.qalam(*self.quick(name="kept"))
        self.qalam("rm", "tune")
        self.qalam("show", "tune", expect=3)
        self.qalam("rm", "tune", expect=3)
        self.assertFalse((self.data / "trials/default/tune").exists())
        self.assertTrue((self.data / "trials/default/kept").exists())
        self.qalam(*self.quick())  # the name is free again

    def test_trials_get_slots_names_and_gpus(self):
        command = ["sh", "-c", "echo gpu=$CUDA_VISIBLE_DEVICES slot=$QALAM_SLOT $QALAM_EXPERIMENT $QALAM_TRIAL_NAME; "
                               "sleep 0.3; echo loss=$0", "{x}"]
        self.qalam(*self.quick("--gpus", "0,1,2,3", command=command))
        seen = set()
        for trial in self.trials():
            text = self.qalam("logs", f"tune/{trial['trial']}").stdout
            self.assertIn(f"tune {trial['trial']}", text)
            seen.add(re.search(r"gpu=(\S+) slot=(\d)", text).groups())
        self.assertEqual(seen, {("0,1", "0"), ("2,3", "1")})

    def test_small_commands(self):
        self.assertRegex(self.qalam("version").stdout, r"\d+\.\d+")
        self.assertIn("complete", self.qalam("completion", "bash").stdout)
        for command in ("init", "check", "plan", "run", "ls", "show", "best", "logs", "stop", "export", "rm", "version",
                        "completion"):
            self.assertIn("Examples:", self.qalam(command, "--help").stdout)


if __name__ == "__main__":
    unittest.main()
