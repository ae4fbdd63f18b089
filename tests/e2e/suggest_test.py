"""qalam suggest: stateless ask and tell. The examples of docs/suggest.md run as printed."""

import json
import os
import pathlib
import re
import subprocess
import unittest

from qalam import BINARY, ROOT, QalamTest

SPACE = ["--objective", "min:loss", "--param", "x=-5.0..5.0", "--param", "k=1..3", "--param", "opt=adam,sgd"]


def documented():
    """(language, text) of each block of code in the page."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", (ROOT / "docs/suggest.md").read_text(encoding="utf-8"), re.M | re.S)


class SuggestTest(QalamTest):
    def suggest(self, *flags, **keywords):
        return self.qalam("suggest", *SPACE, *flags, **keywords)

    def points(self, *flags, **keywords):
        return json.loads(self.suggest("-o", "json", *flags, **keywords).stdout)

    def shell(self, script):
        os.makedirs(self.directory / "bin", exist_ok=True)
        link = self.directory / "bin/qalam"
        if not link.exists():
            link.symlink_to(pathlib.Path(BINARY).resolve())
        environment = {**self.environment, "PATH": f"{link.parent}:/usr/bin:/bin"}
        return subprocess.run(script, cwd=self.directory, env=environment, capture_output=True, text=True,
                              timeout=120, check=False)

    def test_the_page_s_examples_print_what_it_says(self):
        blocks, checked = documented(), 0
        for (language, text), (next_language, shown) in zip(blocks, blocks[1:] + [("", "")]):
            if language == "sh":
                done = self.shell(["sh", "-eu", "-c", text])
            elif language == "python":
                done = self.shell(["/usr/bin/python3", "-c", text])
            else:
                continue
            self.assertEqual((done.returncode, done.stderr), (0, ""), text)
            if not next_language and language == "sh" and not text.startswith(":"):
                self.assertEqual(done.stdout, shown, text)
                checked += 1
        self.assertEqual(checked, 3)
        history = (self.directory / "history.jsonl").read_text().splitlines()
        self.assertEqual(len(history), 16)

    def test_the_same_input_gives_the_same_suggestions_in_every_form(self):
        first = self.points("--count", 3)
        self.assertEqual(first, self.points("--count", 3))
        self.assertEqual(len({json.dumps(point) for point in first}), 3)
        lines = self.suggest("--count", 3, "-o", "jsonl").stdout.splitlines()
        self.assertEqual([json.loads(line) for line in lines], first)
        table = self.suggest("--count", 3, "--no-headers").stdout.splitlines()
        self.assertEqual([line.split(",")[0] for line in table], ["experiment-1", "experiment-2", "experiment-3"])
        import yaml  # pylint: disable=import-outside-toplevel
        self.assertEqual(yaml.safe_load(self.suggest("--count", 3, "-o", "yaml").stdout), first)
        words = self.suggest("--count", 3, "-o", "args").stdout.splitlines()
        self.assertRegex(words[0], r"^--x=\S+ --k=[123] --opt=(adam|sgd)$")

    def test_an_export_goes_on_as_the_run_would(self):
        flags = ["--name", "tune", "--algorithm", "tpe", "--seed", "3", "--max-trials", "12", "--parallel", "1", *SPACE]
        self.qalam("run", *flags, "--", "sh", "-c", "awk \"BEGIN { print \\\"loss=\\\" ($0) ^ 2 + $1 }\" # $2",
                   "{x}", "{k}", "{opt}")
        whole = self.trials()
        self.assertEqual(len(whole), 12)
        for form in ("csv", "jsonl"):
            lines = self.qalam("export", "tune", "--format", form).stdout.splitlines(keepends=True)
            head = "".join(lines[:11 + (form == "csv")])
            done = self.qalam("suggest", *flags, "--history", "-", "-o", "jsonl", stdin=head)
            self.assertEqual(done.stderr, "")
            self.assertEqual(json.loads(done.stdout)["parameters"], whole[11]["parameters"])

    def test_running_trials_count(self):
        first = self.points("--algorithm", "sobol")[0]["parameters"]
        history = "".join(json.dumps(point) + "\n" for point in self.points("--algorithm", "sobol", "--count", 2))
        third = self.points("--algorithm", "sobol", "--history", "-", stdin=history)[0]
        self.assertEqual(third["trial"], "experiment-3")
        self.assertNotEqual(third["parameters"], first)

    def test_a_file_needs_no_template_and_flags_override_it(self):
        experiment = {"apiVersion": "kubeflow.org/v1beta1", "kind": "Experiment", "metadata": {"name": "tune"},
                      "spec": {"objective": {"type": "minimize", "objectiveMetricName": "loss"},
                               "algorithm": {"algorithmName": "random"},
                               "parameters": [{"name": "x", "parameterType": "double",
                                               "feasibleSpace": {"min": "0", "max": "1"}}]}}
        file = self.directory / "experiment.json"
        file.write_text(json.dumps(experiment))
        done = self.qalam("suggest", "-f", file, "-o", "json")
        self.assertEqual(json.loads(done.stdout)[0]["trial"], "tune-1")
        other = self.qalam("suggest", "-f", "-", "--seed", 5, "-o", "json", stdin=file.read_text())
        self.assertNotEqual(other.stdout, done.stdout)
        shipped = self.qalam("suggest", "-f", ROOT / "examples/digits/experiment.yaml", "-o", "args")
        self.assertRegex(shipped.stdout, r"--learning-rate=\S+ ")
        experiment["spec"]["parameters"][0]["feasibleSpace"]["max"] = "-1"
        file.write_text(json.dumps(experiment))
        self.assertIn("experiment.json:", self.qalam("suggest", "-f", file, expect=2).stderr)

    def test_a_finite_space_ends(self):
        flags = ["suggest", "--objective", "min:loss", "--param", "opt=a,b,c", "--algorithm", "grid"]
        done = self.qalam(*flags, "--count", 9)
        self.assertEqual(len(done.stdout.splitlines()), 4)
        self.assertIn("only 3 points left", done.stderr)
        done = self.qalam(*flags, "--history", "-", stdin="opt,loss\na,1\nb,2\nc,3\n", expect=3)
        self.assertIn("every point of the space has been tried", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_bad_input_is_named(self):
        for flags, code, text in [
                (["--count", "0"], 2, "--count must be 1 or more"),
                (["-o", "table"], 2, "-o must be csv, json, jsonl, yaml or args"),
                (["--algorithm", "tpee"], 2, "tpe"),
                (["--setting", "nonsense=1"], 2, "unknown setting nonsense"),
                (["--history", "none.csv"], 3, "none.csv"),
                (["--history", "-", "--serve-stdio"], 2, "standard input"),
                (["--suggestion", "far=127.0.0.1:1", "--algorithm", "far"], 5, ""),
                (["--history", "-"], 2, "standard input:2: column x: Invalid value: \"9\": must be a number from -5 to 5"),
        ]:
            with self.subTest(flags=flags):
                done = self.suggest(*flags, stdin="x,k,opt,loss\n9,1,adam,2\n", expect=code)
                self.assertIn(text, done.stderr)
                self.assertEqual(done.stdout, "")
        self.assertIn("-f experiment.yaml", self.qalam("suggest", expect=2).stderr)

    def test_a_conversation_gives_what_single_calls_give(self):
        process = subprocess.Popen([BINARY, "suggest", *SPACE, "--algorithm", "tpe", "--seed", "3", "--serve-stdio"],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=self.environment)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)

        def call(request):
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        history = ""
        for i in range(14):
            [asked] = call({"ask": 1})["suggestions"]
            self.assertEqual(asked, self.points("--algorithm", "tpe", "--seed", 3, "--history", "-", stdin=history)[0])
            told = {"trial": asked["trial"], "status": "failed"} if i == 3 else {
                "trial": asked["trial"], "metrics": {"loss": asked["parameters"]["x"] ** 2}}
            self.assertEqual(call({"tell": told, "id": i})["id"], i)
            self.assertIn("error", call({"tell": {"trial": "nobody"}}))
            history = "".join(json.dumps(trial) + "\n" for trial in call({"trials": True})["trials"])
        process.stdin.close()
        self.assertEqual(process.wait(timeout=20), 0)


if __name__ == "__main__":
    unittest.main()
