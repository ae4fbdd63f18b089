"""Trials that report to DBManager themselves: with Qalam's package, with Katib's, and with nothing but gRPC."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import unittest

import grpc

from qalam import ROOT
from reports import ReportsTest
from service import READ, REPLIES, REPORT, api, call

PYTHON = "/usr/bin/python3"
PUSH = {"collector": {"kind": "Push"}}
DELETE = "/api.v1.beta1.DBManager/DeleteObservationLog"
REPLIES[DELETE] = api.DeleteObservationLogReply

# Tells the test where and with which token it may report, and ends when the test says so.
HOST = """
    import json, os, sys
    sys.path.insert(0, os.environ["E2E"])
    from reports import wait_for_file
    name = os.environ["QALAM_TRIAL_NAME"]
    path = os.path.join(os.environ["FOLDER"], name)
    facts = {"name": name, "address": os.environ["QALAM_ADDR"], "token": os.environ["QALAM_TOKEN"]}
    with open(path + ".tmp", "w") as file:
        json.dump(facts, file)
    os.rename(path + ".tmp", path + ".json")
    wait_for_file(path + ".go")
"""


def report(trial, metric="loss", value="1", time="2026-01-02T03:04:05Z"):
    message = api.ReportObservationLogRequest(trial_name=trial)
    row = message.observation_log.metric_logs.add(time_stamp=time)
    row.metric.name, row.metric.value = metric, value
    return message


def bearer(token):
    return [("authorization", f"Bearer {token}")]


class PushTest(ReportsTest):
    def push(self, text, arguments=(), python=PYTHON, **options):
        name = self.script("train.py", textwrap.dedent(text))
        self.write([python, *arguments, name], PUSH, **options)

    def hosts(self, count, **options):
        """A run whose trials wait for us, and what they know."""
        self.environment["E2E"] = os.path.dirname(os.path.abspath(__file__))
        self.push(HOST, trials=count, parallel=count, **options)
        run = self.start("run", "experiment.yaml")
        self.wait_until(lambda: len(list(self.directory.glob("*.json"))) == count, "the trials have started")
        found = [json.loads(path.read_text()) for path in sorted(self.directory.glob("*.json"))]
        self.channel = grpc.insecure_channel(found[0]["address"])
        self.addCleanup(self.channel.close)
        return run, found

    def go(self, host):
        (self.directory / f"{host['name']}.go").touch()

    def test_our_package_needs_nothing_but_the_environment(self):
        self.push("""
            import sys, qalam
            for loss in (3, 2.5, 2):
                qalam.report_metrics({"loss": loss, "epoch": 3 - loss})
            with qalam.Client() as client:
                print(len(client.observation_log("")))
            """)
        self.qalam("run", "experiment.yaml")
        trial, = self.shown()
        self.assertEqual(self.log(trial), [("loss", "3"), ("epoch", "0"), ("loss", "2.5"), ("epoch", "0.5"), ("loss", "2"),
                                           ("epoch", "1")])
        self.assertEqual(self.times, sorted(self.times))
        self.assertEqual(trial["status"]["observation"]["metrics"][0], {"name": "loss", "min": "2", "max": "3", "latest": "2"})
        self.assertEqual(self.qalam("logs", f"tune/{trial['metadata']['name']}").stdout.split(), ["6"])

    def test_katibs_package_unchanged(self):
        self.push("""
            import kubeflow.katib as katib
            for loss in (3, 2.5, 2):
                katib.report_metrics(metrics={"loss": loss, "accuracy": 0.9})
            """, ["-m", "qalam.katib"], python=os.environ["CLIENTS"])
        self.qalam("run", "experiment.yaml")
        trial, = self.shown()
        self.assertEqual(self.log(trial, "loss"), [("loss", "3"), ("loss", "2.5"), ("loss", "2")])
        self.assertEqual(trial["status"]["observation"]["metrics"][0], {"name": "loss", "min": "2", "max": "3", "latest": "2"})

    def test_katibs_package_with_the_namespace_said_in_the_program(self):
        self.push("""
            import os
            from kubeflow.katib import report_metrics
            from kubeflow.katib.utils import utils
            utils.get_current_k8s_namespace = lambda: "default"
            report_metrics(metrics={"loss": 4}, db_manager_address=os.environ["QALAM_ADDR"])
            """, python=os.environ["CLIENTS"])
        self.qalam("run", "experiment.yaml")
        trial, = self.shown()
        self.assertEqual(self.log(trial), [("loss", "4")])

    def test_a_thousand_reports_of_several_processes_are_all_there_in_order(self):
        self.push("""
            import subprocess, sys, qalam
            if len(sys.argv) == 2:
                workers = [subprocess.Popen([sys.executable, sys.argv[0], sys.argv[1], str(i)]) for i in range(4)]
                sys.exit(any([worker.wait() for worker in workers]))
            for i in range(250):
                qalam.report_metrics({"m" + sys.argv[2]: i, "loss": i})
            """)
        self.qalam("run", "experiment.yaml")
        trial, = self.shown()
        rows = self.log(trial)
        for worker in range(4):
            self.assertEqual([value for name, value in rows if name == f"m{worker}"], [str(i) for i in range(250)])
        self.assertEqual(sum(name == "loss" for name, _ in rows), 1000)

    def test_who_may_report_what(self):
        run, (one, two) = self.hosts(2)
        denied, unknown = grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.NOT_FOUND
        unauthenticated = grpc.StatusCode.UNAUTHENTICATED
        mine = {"metadata": bearer(one["token"])}
        self.assertNotEqual(one["token"], two["token"])

        call(self.channel, REPORT, report("whatever", value="1"), **mine)
        call(self.channel, REPORT, report(one["name"], value="2"))
        call(self.channel, REPORT, report(two["name"], value="3"), **mine)
        call(self.channel, REPORT, report(two["name"], value="4"))
        for token in ("", "nonsense", one["token"][:-1], one["token"] + "0"):
            self.assert_code(unauthenticated, call, self.channel, REPORT, report(one["name"]), metadata=bearer(token))
        text = self.assert_code(unknown, call, self.channel, REPORT, report("stranger"))
        self.assertIn("QALAM_TRIAL_NAME", text)
        read = call(self.channel, READ, api.GetObservationLogRequest(), **mine)
        self.assertEqual([row.metric.value for row in read.observation_log.metric_logs], ["1", "2", "3"])
        self.assert_code(denied, call, self.channel, READ, api.GetObservationLogRequest(trial_name=two["name"]), **mine)
        self.assert_code(denied, call, self.channel, READ, api.GetObservationLogRequest(trial_name=one["name"]))
        self.assert_code(denied, call, self.channel, DELETE, api.DeleteObservationLogRequest(trial_name=one["name"]),
                         **mine)
        text = self.assert_code(grpc.StatusCode.INVALID_ARGUMENT, call, self.channel, REPORT,
                                report("", time="yesterday"), **mine)
        self.assertIn("yesterday", text)

        self.go(one)
        self.wait_for_text(f"trial {one['name']} done")
        text = self.assert_code(denied, call, self.channel, REPORT, report("", value="5"), **mine)
        self.assertIn("has ended", text)
        self.assert_code(unknown, call, self.channel, REPORT, report(one["name"], value="5"))
        self.go(two)
        self.assertEqual(self.finish(run)[0], 0)
        logs = {trial["metadata"]["name"]: self.log(trial) for trial in self.shown()}
        self.assertEqual(logs[one["name"]], [("loss", "1"), ("loss", "2"), ("loss", "3")])
        self.assertEqual(logs[two["name"]], [("loss", "4")])

    def test_without_a_report_the_message_says_what_was_expected(self):
        self.push("print('loss=1')")
        self.qalam("run", "experiment.yaml", expect=None)
        trial, = self.shown()
        self.assertEqual(trial["status"]["conditions"][-1]["type"], "MetricsUnavailable")
        self.assertRegex(self.message(trial), r"QALAM_ADDR, which was 127.0.0.1:\d+, and nobody called")
        why = self.qalam("why", f"tune/{trial['metadata']['name']}", expect=None).stdout
        self.assertIn("and nobody called", " ".join(why.split()))
        self.assertIn('qalam.report_metrics({"loss": 0.5})', why)

    def test_reports_of_other_metrics_are_named(self):
        self.push("""
            import qalam
            qalam.report_metrics({"lsos": 1})
            """)
        self.qalam("run", "experiment.yaml", expect=None)
        trial, = self.shown()
        self.assertIn("1 report of lsos", self.message(trial))

    def test_what_a_failed_attempt_reported_does_not_count(self):
        self.push("""
            import os, sys, qalam
            first = not os.path.exists("tried")
            open("tried", "w").close()
            qalam.report_metrics({"loss": 1 if first else 2})
            sys.exit(first)
            """, retries=1)
        self.qalam("run", "experiment.yaml")
        trial, = self.shown()
        self.assertEqual(self.log(trial), [("loss", "2")])

    def test_a_killed_qalam_forgets_the_lost_runs_reports_and_its_token(self):
        run, (lost,) = self.hosts(1)
        call(self.channel, REPORT, report("", value="5"), metadata=bearer(lost["token"]))
        run.send_signal(signal.SIGKILL)
        run.wait()
        (self.directory / f"{lost['name']}.json").unlink()
        run = self.start("run", "experiment.yaml")
        path = self.directory / f"{lost['name']}.json"
        self.wait_until(path.exists, "the trial has started again")
        again = json.loads(path.read_text())
        with grpc.insecure_channel(again["address"]) as channel:
            self.assert_code(grpc.StatusCode.UNAUTHENTICATED, call, channel, REPORT, report("", value="6"),
                             metadata=bearer(lost["token"]))
            call(channel, REPORT, report("", value="7"), metadata=bearer(again["token"]))
        self.go(again)
        self.assertEqual(self.finish(run)[0], 0)
        trial, = self.shown()
        self.assertEqual(self.log(trial), [("loss", "7")])

    def test_rules_see_what_is_reported(self):
        self.push("""
            import os, time, qalam
            first = not os.path.exists("first")
            open("first", "w").close()
            for loss in (3, 2) if first else (8, 9):
                qalam.report_metrics({"loss": loss})
            if not first:
                time.sleep(600)
            """, trials=2, more="""earlyStopping:
    algorithmName: medianstop
    algorithmSettings: [{name: min_trials_required, value: "1"}, {name: start_step, value: "2"}]""")
        self.qalam("run", "experiment.yaml")
        kept, stopped = self.shown()
        self.assertIn("EarlyStopped", [c["type"] for c in stopped["status"]["conditions"]])
        self.assertEqual(self.log(kept), [("loss", "3"), ("loss", "2")])
        self.assertEqual(self.log(stopped), [("loss", "8"), ("loss", "9")])


class KatibModuleTest(unittest.TestCase):
    def test_without_a_program_it_says_what_it_wants(self):
        done = subprocess.run([PYTHON, "-m", "qalam.katib"], cwd=ROOT / "python", capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("usage: python3 -m qalam.katib PROGRAM.py", done.stderr)


if __name__ == "__main__":
    sys.exit(unittest.main())
