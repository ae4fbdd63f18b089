"""The Custom collector: a command beside the trial that prints or reports metrics."""

import textwrap
import unittest

from reports import ReportsTest

# Three lines that turn what a program writes into metrics, and a fourth that reports what came last.
SHELL = """
    trap 'sed -n "s/.*error \\([0-9.]*\\).*/loss=\\1/p" "$QALAM_PRIMARY_LOG"; exit 0' TERM
    touch "$FOLDER/ready"
    while :; do sleep 0.05; done
"""
WAIT_FOR_COLLECTOR = "while [ ! -e $FOLDER/ready ]; do sleep 0.01; done; "


class CustomTest(ReportsTest):
    def custom(self, program, collector, source=None, **options):
        spec = {"collector": {"kind": "Custom", "customCollector": {"name": "watcher", **collector}}}
        if source:
            spec["source"] = source
        self.write(["sh", "-c", program], spec, **options)

    def test_a_shell_script_is_a_collector(self):
        self.custom(WAIT_FOR_COLLECTOR + "echo error 0.5; echo error 0.25", {"command": ["sh", "-c", textwrap.dedent(SHELL)]})
        self.qalam("run", "experiment.yaml")
        trial, = self.shown()
        self.assertEqual(self.log(trial), [("loss", "0.5"), ("loss", "0.25")])
        self.assertEqual(trial["status"]["observation"]["metrics"][0]["min"], "0.25")

    def test_a_collector_may_report_to_dbmanager_and_finds_the_metrics_file(self):
        self.script("collect.py", textwrap.dedent("""
            import signal, sys, qalam
            open("ready", "w").close()
            signal.sigwait([signal.SIGTERM])
            for line in open(sys.argv[1]):
                qalam.report_metrics({"loss": float(line)})
            """))
        self.custom(WAIT_FOR_COLLECTOR + "echo 4 > /katib/m.txt; echo 3 >> /katib/m.txt",
                    {"command": ["/usr/bin/python3", "collect.py"], "args": ["/katib/m.txt"]},
                    {"fileSystemPath": {"path": "/katib/m.txt", "kind": "File"}})
        # Blocked before the signal can come, so that none is lost while Python starts.
        text = (self.directory / "collect.py").read_text()
        (self.directory / "collect.py").write_text(
            "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])\n" + text)
        self.qalam("run", "experiment.yaml")
        trial, = self.shown()
        self.assertEqual(self.log(trial), [("loss", "4.0"), ("loss", "3.0")])

    def test_its_output_is_read_with_the_filter(self):
        self.custom("while [ ! -e $FOLDER/said ]; do sleep 0.01; done",
                    {"command": ["sh", "-c", "echo '{loss: 7}'; echo loss=8; touch $FOLDER/said; sleep 600"]},
                    {"filter": {"metricsFormat": ["{(\\w+): ([0-9.]+)}"]}})
        self.qalam("run", "experiment.yaml")
        trial, = self.shown()
        self.assertEqual(self.log(trial), [("loss", "7")])

    def test_without_it_the_trial_goes_on_and_the_message_tells_its_end(self):
        self.custom("while ! grep -q watcher $FOLDER/over 2>/dev/null; do sleep 0.01; done; echo done",
                    {"command": ["sh", "-c", "echo no such device; echo watcher > $FOLDER/over; exit 3"]})
        self.qalam("run", "experiment.yaml", expect=None)
        trial, = self.shown()
        self.assertEqual(trial["status"]["conditions"][-1]["type"], "MetricsUnavailable")
        self.assertIn('its last line was "no such device"', self.message(trial))
        self.assertIn("exit code 3", self.message(trial))

    def test_one_that_cannot_start_is_named_in_the_message(self):
        self.custom("echo done", {"command": ["no-such-collector"]})
        self.qalam("run", "experiment.yaml", expect=None)
        trial, = self.shown()
        self.assertIn("no-such-collector", self.message(trial))

    def test_a_failed_program_shows_its_own_last_line(self):
        self.custom("echo out of paper; exit 4", {"command": ["sh", "-c", "echo collecting; sleep 600"]})
        self.qalam("run", "experiment.yaml", expect=None)
        trial, = self.shown()
        self.assertEqual(trial["status"]["conditions"][-1]["type"], "Failed")
        self.assertIn('exit code 4; the last line of output was "out of paper"', self.message(trial))
        self.assert_nothing_survives()


if __name__ == "__main__":
    unittest.main()
