"""report_metrics, and reading back, against a real server."""

import math
import os
import time
import unittest
from datetime import datetime, timedelta, timezone
from unittest import mock

from support import ServedTest, qalam


class ObservationsTest(ServedTest):
    def report(self, metrics, **keywords):
        qalam.report_metrics(metrics, self.server.address, **keywords)

    def test_a_script_finds_trial_and_address_in_its_environment(self):
        for variable in ("KATIB_TRIAL_NAME", "QALAM_TRIAL_NAME"):
            with mock.patch.dict(os.environ, {variable: variable.lower(), "QALAM_ADDR": self.server.address}):
                before = datetime.now(timezone.utc) - timedelta(microseconds=1)
                qalam.report_metrics({"loss": 0.25, "epoch": 3})
                qalam.report_metrics({"loss": "1e-3"})
            log = self.client.observation_log(variable.lower())
            self.assertEqual([(entry.metric, entry.text, entry.value) for entry in log],
                             [("loss", "0.25", 0.25), ("epoch", "3", 3.0), ("loss", "0.001", 0.001)])
            self.assertEqual(log[0].timestamp, log[1].timestamp)
            for entry in log:
                self.assertLessEqual(before, entry.time)
                self.assertLessEqual(entry.time, datetime.now(timezone.utc))

    def test_times_are_what_was_said(self):
        moment = datetime(2026, 5, 1, 12, 3, 11, 250000, tzinfo=timezone(timedelta(hours=2)))
        for stamp in (moment, moment.timestamp(), int(moment.timestamp()), datetime(1, 1, 1, tzinfo=timezone.utc),
                      datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=timezone.utc)):
            self.report({"loss": 1}, trial="times", timestamp=stamp)
        log = self.client.observation_log("times")
        self.assertEqual(sorted({entry.timestamp for entry in log}),
                         ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "2026-05-01T10:03:11.25Z",
                          "2026-05-01T10:03:11Z"])
        self.assertIsNone(log[0].time)
        self.assertEqual(log[-1].time, moment)
        naive = datetime(2026, 5, 1, 12, 0)
        with mock.patch.dict(os.environ, {"TZ": "Etc/GMT-3"}):
            time.tzset()
            self.addCleanup(time.tzset)
            self.report({"loss": 1}, trial="naive", timestamp=naive)
        self.assertEqual(self.client.observation_log("naive")[0].timestamp, "2026-05-01T09:00:00Z")

    def test_filters(self):
        for second in range(5):
            self.client.report("filter", {"loss": second, "accuracy": -second}, timestamp=second)
        values = [entry.value for entry in self.client.observation_log("filter", "loss", start=1, end=3)]
        self.assertEqual(values, [1, 2, 3])
        self.assertEqual(len(self.client.observation_log("filter")), 10)
        self.client.delete_observations("filter")
        self.assertEqual(self.client.observation_log("filter"), [])
        self.client.delete_observations("filter")

    def test_what_is_wrong_is_said_before_anything_is_sent(self):
        with mock.patch.dict(os.environ):
            os.environ.pop("KATIB_TRIAL_NAME", None)
            os.environ.pop("QALAM_TRIAL_NAME", None)
            with self.assertRaisesRegex(ValueError, "KATIB_TRIAL_NAME"):
                self.report({"loss": 1})
        for metrics, stamp, problem in [
                ({"loss": "high"}, None, "metric loss must be a number, got 'high'"),
                ({"loss": None}, None, "metric loss must be a number"),
                ({}, None, "nothing to report"),
                ({"loss": 1}, "yesterday", "timestamp must be a datetime"),
                ({"loss": 1}, 1e300, "timestamp"),
        ]:
            with self.assertRaisesRegex(ValueError, problem):
                self.report(metrics, trial="wrong", timestamp=stamp)
        self.assertEqual(self.client.observation_log("wrong"), [])

    def test_a_server_that_is_away_is_named(self):
        begun = time.monotonic()
        with self.assertRaisesRegex(qalam.Unavailable, "^127.0.0.1:1: "):
            qalam.report_metrics({"loss": 1}, "127.0.0.1:1", trial="a")
        self.assertLess(time.monotonic() - begun, 10)
        with self.assertRaises(RuntimeError):
            qalam.report_metrics({"loss": 1}, trial="a", db_manager_address="127.0.0.1:1", timeout=0.5)
        with qalam.Client("127.0.0.1:1") as client, self.assertRaisesRegex(qalam.Unavailable, "127.0.0.1:1: not reach"):
            client.wait_ready(0.05)
        self.client.wait_ready()

    def test_frame(self):
        try:
            import pandas  # pylint: disable=import-outside-toplevel
        except ImportError:
            self.skipTest("pandas is not installed")
        self.assertEqual(list(self.client.observations("nobody").columns), ["time", "metric", "value", "text"])
        self.client.report("frame", {"loss": 0.5}, timestamp=1.25)
        self.client.report("frame", {"loss": math.nan}, timestamp=datetime(1, 1, 1, tzinfo=timezone.utc))
        frame = self.client.observations("frame", "loss")
        self.assertTrue(pandas.isna(frame["time"][0]))
        self.assertTrue(pandas.isna(frame["value"][0]))
        self.assertEqual(frame["time"][1], pandas.Timestamp("1970-01-01T00:00:01.25Z"))
        self.assertEqual(frame["value"][1], 0.5)


if __name__ == "__main__":
    unittest.main()
