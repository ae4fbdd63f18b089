"""Programs that write their metrics with the real libraries: the observation log holds exactly what was written."""

import datetime
import json
import pathlib
import socket
import sqlite3
import textwrap
import unittest

import pypi
from qalam import QalamTest

REQUIREMENTS = pathlib.Path(__file__).with_name("collectors_requirements.txt")

EXPERIMENT = """
apiVersion: kubeflow.org/v1beta1
kind: Experiment
metadata: {name: tune}
spec:
  objective: {type: minimize, objectiveMetricName: OBJECTIVE, additionalMetricNames: ADDITIONAL}
  algorithm: {algorithmName: random, algorithmSettings: [{name: random_state, value: "1"}]}
  parallelTrialCount: TRIALS
  maxTrialCount: TRIALS
  metricsCollectorSpec: COLLECTOR
  parameters: [{name: x, parameterType: double, feasibleSpace: {min: "0", max: "1"}}]
  trialTemplate:
    trialParameters: [{name: x, reference: x}]
    trialSpec:
      apiVersion: qalam.dev/v1
      kind: Process
      spec: {command: COMMAND}
"""


def events(path="/logs"):
    return {"collector": {"kind": "TensorFlowEvent"}, "source": {"fileSystemPath": {"path": path, "kind": "Directory"}}}


def files(path, kind="File", form="TEXT"):
    return {"collector": {"kind": "File"}, "source": {"fileSystemPath": {"path": path, "kind": kind, "format": form}}}


def scrape(port):
    return {"collector": {"kind": "PrometheusMetric"}, "source": {"httpGet": {"port": port, "path": "/metrics"}}}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class CollectorsTest(QalamTest):
    @classmethod
    def setUpClass(cls):
        cls.packages = pypi.install(REQUIREMENTS)

    def setUp(self):
        super().setUp()
        self.environment["PYTHONPATH"] = str(self.packages)

    def collect(self, collector, program, *arguments, metrics=("loss",), trials=1):
        """Runs `trials` trials of a Python program at once; their points as (time, metric, value)."""
        (self.directory / "train.py").write_text(textwrap.dedent(program))
        text = EXPERIMENT.replace("OBJECTIVE", json.dumps(metrics[0])).replace("ADDITIONAL", json.dumps(metrics[1:]))
        text = text.replace("TRIALS", str(trials)).replace("COLLECTOR", json.dumps(collector))
        text = text.replace("COMMAND", json.dumps(["/usr/bin/python3", "train.py", *arguments, "${trialParameters.x}"]))
        (self.directory / "experiment.yaml").write_text(text)
        self.qalam("run", "experiment.yaml", expect=None)
        logs = []
        for trial in sorted(entry["trial"] for entry in self.trials()):
            self.shown = json.loads(self.qalam("show", f"tune/{trial}", "-o", "json").stdout)
            logs.append(self.points(self.shown["metadata"]["uid"]))
        return logs

    def points(self, uid):
        with sqlite3.connect(f"file:{self.data}/qalam.db?mode=ro", uri=True) as database:
            rows = database.execute("SELECT seconds, nanoseconds, metric, value FROM points JOIN observation_logs ON "
                                    "log_id = observation_logs.id WHERE trial_key = ? ORDER BY 1, 2, arrival",
                                    [uid]).fetchall()
        database.close()
        return [(seconds + nanoseconds / 1e9, metric, value) for seconds, nanoseconds, metric, value in rows]

    def message(self):
        return self.shown["status"]["conditions"][-1]["message"]

    def test_event_files_of_tensorboardx(self):
        logs = self.collect(events(), """
            import sys, time
            from tensorboardX import SummaryWriter
            with SummaryWriter(sys.argv[1] + "/train") as train, SummaryWriter(sys.argv[1] + "/val") as val:
                for step in range(50):
                    train.add_scalar("loss", 1 / (step + 1), step, walltime=1700000000.25 + step)
                    train.add_histogram("weights", [1.0, 2.0, float(step)], step)
                    train.add_text("note", "loss=9", step)
                    if step % 10 == 9:
                        val.add_scalar("loss", step / 3, step, walltime=1700000000.5 + step)
                        val.flush()
                        time.sleep(0.03)
            """, "/logs", metrics=("val/loss", "train/loss"), trials=2)
        train = [(1700000000.25 + step, "train/loss", 1 / (step + 1)) for step in range(50)]
        val = [(1700000000.5 + step, "val/loss", step / 3) for step in range(9, 50, 10)]
        for log in logs:
            self.assertEqual([(time, name) for time, name, _ in log], [(time, name) for time, name, _ in sorted(train + val)])
            for (_, _, text), (_, _, value) in zip(log, sorted(train + val)):
                self.assertAlmostEqual(float(text), value, delta=1e-7 * value)  # single precision
                self.assertLessEqual(len(text), 12)

    def test_event_files_of_tensorboard_2(self):
        [log] = self.collect(events("/logs/run/"), """
            import sys
            from tensorboard.summary import Writer
            writer = Writer(sys.argv[1].removeprefix("--to="))
            for step in range(20):
                writer.add_scalar("loss", step * 0.1, step, wall_time=1700000000 + step * 0.001)
                writer.add_scalar("loss_total", 99, step)
            writer.close()
            """, "--to=/logs/run")
        self.assertEqual([value for _, _, value in log], ["0"] + [f"{step * 0.1:.7g}" for step in range(1, 20)])
        for step, (time, _, _) in enumerate(log):
            self.assertAlmostEqual(time, 1700000000 + step * 0.001, places=5)

    def test_event_files_without_the_metric_say_which_tags_there_were(self):
        self.collect(events(), """
            import sys
            from tensorboardX import SummaryWriter
            with SummaryWriter(sys.argv[1]) as writer:
                writer.add_scalar("Loss/train", 1, 0)
            """, "/logs")
        self.assertIn("objective loss was never reported: the event files held 1 scalars, with the tags Loss/train",
                      self.message())

    def test_no_event_file_at_all(self):
        self.collect(events(), "print('hello')", "/logs")
        self.assertIn("objective loss was never reported: there was no event file", self.message())

    def test_samples_of_prometheus_client(self):
        port = free_port()
        logs = self.collect(scrape(port), """
            import os, sys, time
            from prometheus_client import Gauge, start_http_server
            loss = Gauge("loss", "of the epoch", ["phase"])
            epochs = Gauge("epoch", "how many")
            port = int(sys.argv[1].removeprefix("--port="))
            assert port == int(os.environ["QALAM_METRICS_PORT"])
            start_http_server(port, addr="127.0.0.1")
            for step in range(1, 4):
                loss.labels("train").set(9)
                loss.labels("val").set(step / 4)
                epochs.set(step)
                time.sleep(2.2)
            """, f"--port={port}", metrics=('loss{phase="val"}', "epoch"), trials=2)
        for log in logs:
            for metric, values in (('loss{phase="val"}', ["0.25", "0.5", "0.75"]), ("epoch", ["1.0", "2.0", "3.0"])):
                found = [(time, value) for time, name, value in log if name == metric]
                self.assertEqual([value for _, value in found], values)
                for (earlier, _), (later, _) in zip(found, found[1:]):
                    self.assertGreater(later - earlier, 1)
            now = datetime.datetime.now(datetime.timezone.utc).timestamp()
            self.assertTrue(all(now - 120 < time <= now for time, _, _ in log), log)

    def test_nobody_listens(self):
        self.collect(scrape(free_port()), "import time; time.sleep(0.5)")
        self.assertIn("objective loss was never reported: no scrape was answered: http://127.0.0.1:", self.message())
        self.assertIn("Connection refused", self.message())

    def test_logs_that_rotate(self):
        logs = self.collect(files("/logs/train.log*"), """
            import logging, logging.handlers, sys
            handler = logging.handlers.RotatingFileHandler(sys.argv[1], maxBytes=5000, backupCount=400)
            logger = logging.getLogger("train")
            logger.addHandler(handler)
            for step in range(20000):
                logger.warning("2024-01-01T%02d:%02d:%02dZ loss=%d", step // 3600, step // 60 % 60, step % 60, step)
            """, "/logs/train.log", trials=2)
        for log in logs:
            self.assertEqual([value for _, _, value in log], [str(step) for step in range(20000)])

    def test_every_file_of_a_directory_with_its_own_times(self):
        [log] = self.collect(files("/out", kind="Directory", form="JSON"), """
            import json, os, pathlib
            for rank in range(3):
                folder = pathlib.Path(os.environ["QALAM_METRICS_DIR"], f"rank{rank}")
                folder.mkdir()
                with open(folder / "metrics.jsonl", "w") as out:
                    for step in range(100):
                        line = {"loss": step + rank / 4, "timestamp": 1700000000 + step * 4 + rank}
                        out.write(json.dumps(line) + "\\n")
            """)
        self.assertEqual(log, [(1700000000.0 + step * 4 + rank, "loss", f"{step + rank / 4}")
                               for step in range(100) for rank in range(3)])


if __name__ == "__main__":
    unittest.main()
