"""qalam bench, as scripts rely on it."""

import csv
import gzip
import re
import signal
import subprocess
import sys
import time
import unittest

from qalam import BINARY, ROOT, QalamTest

TIMES = {"cpu_s", "rss_mb", *(f"ms_at_{n}" for n in (10, 25, 50, 100, 200, 500, 1000))}


class BenchTest(QalamTest):
    def rows(self, name):
        with open(self.directory / name, encoding="utf-8", newline="") as file:
            return [{key: value for key, value in row.items() if key not in TIMES} for row in csv.DictReader(file)]

    def bench(self, *flags, **options):
        return self.qalam("bench", *flags, **options)

    def test_results_depend_neither_on_threads_nor_on_an_interruption(self):
        flags = ["--algorithms", "random,sobol", "--problems", "suite", "--seeds", "0-4", "--budget", "150", "--batch", "3"]
        once = self.bench(*flags, "--threads", "1", "-o", "once.csv")
        process = subprocess.Popen([BINARY, "bench", *flags, "--threads", "2", "-o", "twice.csv"], cwd=self.directory,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None:
            partial = self.directory / "twice.csv"
            if partial.exists() and partial.read_text().count("\n") > 20:
                process.send_signal(signal.SIGKILL)
            time.sleep(0.001)
        process.wait()
        twice = self.bench(*flags, "--threads", "3", "-o", "twice.csv")
        self.assertEqual(len(self.rows("once.csv")), 220)
        self.assertEqual(self.rows("once.csv"), self.rows("twice.csv"))
        self.assertEqual(once.stdout, twice.stdout)

    def test_writes_a_report_that_needs_no_network(self):
        self.bench("--algorithms", "random,sobol", "--problems", "bbob-2,ackley-3+noise=0.1", "--seeds", "0-2", "--budget",
                   "30", "--shift-seed", "5", "--target-regret", "1", "--report", "out")
        html = (self.directory / "out/report.html").read_text()
        self.assertIn("<svg", html)
        self.assertIsNone(re.search(r"<script|src=|href=", html))
        text = (self.directory / "out/REPORT.md").read_text()
        for part in ("Friedman", "bbob-f24-2+shift=5", "Evaluations to a regret of 1", "Data profile"):
            self.assertIn(part, text)
        for plot in re.findall(r"\((plots/[^)]+)\)", text):
            self.assertTrue((self.directory / "out" / plot).exists(), plot)

    def test_sets_compressed_results_of_others_beside(self):
        self.bench("--algorithms", "other=random", "--problems", "hartmann3", "--seeds", "0-3", "--budget", "50", "-o",
                   "other.csv")
        with gzip.open(self.directory / "other.csv.gz", "wb") as file:
            file.write((self.directory / "other.csv").read_bytes())
        done = self.bench("--algorithms", "sobol", "--problems", "hartmann3", "--seeds", "0-3", "--budget", "50",
                          "--compare", "other.csv.gz", "-o", "mine.jsonl")
        self.assertIn("| other ", done.stdout)
        self.assertEqual(len((self.directory / "mine.jsonl").read_text().splitlines()), 4)

    def test_measures_an_outside_service(self):
        server = subprocess.Popen([sys.executable, ROOT / "examples/external-suggestion/server.py", "--listen",
                                   "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
        try:
            address = re.search(r"listens on (\S+)", server.stdout.readline()).group(1)
            self.bench("--service", f"outside=climb={address}", "--problems", "sphere-2,hpo_bowl", "--seeds", "0-2",
                       "--budget", "20", "--batch", "2", "-o", "service.csv")
        finally:
            server.terminate()
            server.wait()
            server.stdout.close()
        rows = self.rows("service.csv")
        self.assertEqual([row["optimizer"] for row in rows], ["outside"] * 6)
        self.assertEqual({row["evals"] for row in rows}, {"20"})

    def test_reports_a_service_that_is_away(self):
        done = self.bench("--service", "climb=127.0.0.1:1", "--problems", "sphere-2", "--seeds", "0", "--budget", "2",
                          expect=1)
        self.assertIn("failed: climb on sphere-2, seed 0: ", done.stderr)

    def test_takes_a_program_and_a_table_of_the_user(self):
        done = self.bench("--algorithms", "grid", "--program", "echo noise; echo loss $(( {n} * {n} ))", "--param",
                          "n=-4..4", "--best", "0", "--seeds", "0", "--budget", "9")
        self.assertIn("program: median regret", done.stdout)
        self.assertRegex(done.stdout, r"\| grid +\| +1 \| +0 \[0, 0\] \|")
        example = ROOT / "examples/quick-process"
        done = self.bench("--algorithms", "sobol", "--program", f"{sys.executable} {example}/branin.py {{x}} {{y}}",
                          "--space", example / "experiment.yaml", "--best", "0.397887", "--seeds", "0", "--budget", "8")
        self.assertIn("program: median regret", done.stdout)
        (self.directory / "space.yaml").write_text(self.qalam(
            "run", "--dry-run", "-o", "yaml", "--objective", "max:score", "--param", "x=0..10", "--max-trials", "5", "--",
            "echo", "score={x}").stdout)
        done = self.bench("--algorithms", "grid", "--program", "echo {x}", "--space", "space.yaml", "--seeds", "0", "--budget",
                          "11")
        self.assertIn("-10 [-10, -10]", done.stdout)
        (self.directory / "runs.csv").write_text("lr,opt,loss\n0.1,a,3\n0.2,a,2\n0.1,b,1\n0.2,b,4\n")
        done = self.bench("--algorithms", "grid", "--table", "runs.csv", "--seeds", "0", "--budget", "4")
        self.assertRegex(done.stdout, r"\| grid +\| +1 \| 1.000 \|")

    def test_measures_the_time_of_a_suggestion(self):
        done = self.bench("--latency", "--algorithms", "random,sobol", "--latency-trials", "10,100", "-o", "latency.csv")
        self.assertEqual(len(done.stdout.splitlines()), 6)
        with open(self.directory / "latency.csv", encoding="utf-8") as file:
            self.assertEqual([row["trials"] for row in csv.DictReader(file)], ["10", "100", "10", "100"])

    def test_names_the_flag_that_is_wrong(self):
        for flags, words in [
                (["--algorithms", "sobel"], ["--algorithms", "\"sobel\"", "sobol"]),
                (["--algorithms", "random", "--problems", "nothing"], ["--problems", "\"nothing\"", "--list"]),
                (["--algorithms", "random", "--seeds", "x"], ["--seeds", "\"x\"", "0-9"]),
                (["--algorithms", "random", "--budget", "0"], ["--budget", "0 should be from 1"]),
                (["--algorithms", "random", "--budget", "many"], ["--budget", "many"]),
                (["--algorithms", "random", "--service", "here"], ["--service", "\"here\"", "NAME=HOST:PORT"]),
                (["--algorithms", "random", "--program", "echo 1"], ["--program", "--param"]),
                (["--algorithms", "random", "--param", "x=0..1"], ["--param", "--program"]),
                (["--algorithms", "random", "--program", "echo 1", "--param", "x=1..0"], ["--param"]),
                ([], ["--algorithms"]),
        ]:
            with self.subTest(flags=flags):
                done = self.bench(*flags, expect=2)
                for word in words:
                    self.assertIn(word, done.stderr)
                self.assertEqual(done.stdout, "")
        self.bench("--algorithms", "random", "--table", "missing.csv", expect=3)


if __name__ == "__main__":
    unittest.main()
