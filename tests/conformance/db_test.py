"""DBManager: what is stored, what is refused, and in which order it comes back."""

import concurrent.futures
import itertools
import signal
import unittest

from contract import RUN, ContractTest, api

YEAR_ONE = "0001-01-01T00:00:00Z"
_names = itertools.count()


def entry(time, value, name="loss"):
    return api.MetricLog(time_stamp=time, metric=api.Metric(name=name, value=value))


def second(i, fraction=""):
    return f"2024-03-04T17:{i // 60:02}:{i % 60:02}{fraction}Z"


class DBTest(ContractTest):
    def setUp(self):
        self.trial = f"trial-{RUN}-{next(_names)}"

    def report(self, *entries, trial=None):
        self.db.ReportObservationLog(api.ReportObservationLogRequest(
            trial_name=self.trial if trial is None else trial, observation_log=api.ObservationLog(metric_logs=entries)),
            timeout=60)

    def read(self, trial=None, metric="", start="", end=""):
        """(time, name, value) of each entry."""
        reply = self.db.GetObservationLog(api.GetObservationLogRequest(
            trial_name=self.trial if trial is None else trial, metric_name=metric, start_time=start, end_time=end),
            timeout=60)
        self.assertTrue(reply.HasField("observation_log"), "clients read it without looking whether it is there")
        return [(e.time_stamp, e.metric.name, e.metric.value) for e in reply.observation_log.metric_logs]

    def delete(self, trial=None):
        self.db.DeleteObservationLog(api.DeleteObservationLogRequest(trial_name=self.trial if trial is None else trial),
                                     timeout=60)

    def values(self, **filters):
        return [value for _, _, value in self.read(**filters)]

    def test_times_come_back_in_utc_without_zeros_at_the_end(self):
        for sent, kept in [("2024-03-04T17:55:08Z", "2024-03-04T17:55:08Z"),
                           ("2024-03-04T17:55:08.120000Z", "2024-03-04T17:55:08.12Z"),
                           ("2024-03-04T17:55:08.123456789Z", "2024-03-04T17:55:08.123456789Z"),
                           ("2024-03-04T17:55:08.000Z", "2024-03-04T17:55:08Z"),
                           ("2024-03-04T19:55:08+02:00", "2024-03-04T17:55:08Z"),
                           ("2024-03-04T09:25:08.5-08:30", "2024-03-04T17:55:08.5Z"),
                           (YEAR_ONE, YEAR_ONE)]:
            with self.subTest(sent=sent):
                trial = f"{self.trial}-{sent}"
                self.report(entry(sent, "1"), trial=trial)
                self.assertEqual(self.read(trial), [(kept, "loss", "1")])

    def test_values_are_any_text(self):
        texts = ["1e-3", "nan", "unavailable", "", "Genotype(normal=[[('a', 0)]])", "\u00e9\n", "x" * 100_000]
        self.report(*[entry(second(i), text) for i, text in enumerate(texts)])
        self.assertEqual(self.values(), texts)

    def test_entries_are_ordered_by_time_and_then_by_arrival(self):
        self.report(entry(second(2), "d"), entry(second(1), "b"))
        self.report(entry(second(1), "c"), entry(YEAR_ONE, "a"), entry(second(2, ".000000001"), "e"))
        self.assertEqual(self.values(), ["a", "b", "c", "d", "e"])

    def test_an_entry_without_time_is_skipped(self):
        self.report(entry("", "lost"), entry(second(1), "kept"), api.MetricLog())
        self.assertEqual(self.values(), ["kept"])

    def test_a_time_that_cannot_be_read_refuses_the_whole_request(self):
        for bad in ("2024", "2024-03-04T17:55:08", "2024-03-04T17:55:08+0000", "yesterday", "2024-02-30T00:00:00Z"):
            with self.subTest(time=bad):
                request = api.ReportObservationLogRequest(trial_name=self.trial, observation_log=api.ObservationLog(
                    metric_logs=[entry(second(1), "1"), entry(bad, "2")]))
                text = self.refusal(self.db.ReportObservationLog, request)
                self.assertIn("metric_logs[1].time_stamp", text)
                self.assertIn(bad, text)
        self.assertEqual(self.read(), [])

    def test_missing_messages_are_no_crash(self):
        self.db.ReportObservationLog(api.ReportObservationLogRequest(trial_name=self.trial), timeout=60)
        self.db.ReportObservationLog(api.ReportObservationLogRequest(), timeout=60)
        self.report()
        request = api.ReportObservationLogRequest(trial_name=self.trial, observation_log=api.ObservationLog(
            metric_logs=[entry(second(1), "1"), api.MetricLog(time_stamp=second(2))]))
        self.assertIn("metric_logs[1].metric", self.refusal(self.db.ReportObservationLog, request))
        self.assertEqual(self.read(), [])

    def test_many_entries_at_once_are_stored(self):
        self.report(*[entry(second(i // 1000, f".{i:06}"), str(i)) for i in range(20_000)])
        self.assertEqual(self.values(), [str(i) for i in range(20_000)])

    def test_empty_and_long_names_are_names(self):
        for trial, metric in [("", "loss"), (self.trial, ""), ("t" * 1_000, "m" * 1_000)]:
            self.addCleanup(self.delete, trial)
            self.report(entry(second(1), "1", metric), trial=trial)
            self.assertEqual(self.read(trial), [(second(1), metric, "1")])

    def test_filters_hold_together_and_both_ends_belong(self):
        for i in range(6):
            self.report(entry(second(i), str(i)), entry(second(i), f"a{i}", "accuracy"))
        self.assertEqual(self.values(metric="loss"), ["0", "1", "2", "3", "4", "5"])
        self.assertEqual(self.values(metric="loss", start=second(1), end=second(3)), ["1", "2", "3"])
        self.assertEqual(self.values(metric="accuracy", start="2024-03-04T19:00:04+02:00"), ["a4", "a5"])
        self.assertEqual(self.values(end=second(0)), ["0", "a0"])
        self.assertEqual(self.values(metric="loss", start=second(3, ".000000001"), end=second(4, ".999999999")), ["4"])
        self.assertEqual(self.values(metric="Loss"), [])
        self.assertEqual(self.values(start=second(3), end=second(1)), [])

    def test_a_filter_that_cannot_be_read_is_refused(self):
        for field in ("start_time", "end_time"):
            request = api.GetObservationLogRequest(trial_name=self.trial, **{field: "noon"})
            self.assertIn(field, self.refusal(self.db.GetObservationLog, request))

    def test_unknown_trials_are_empty_and_may_be_deleted(self):
        self.assertEqual(self.read("nobody"), [])
        self.delete("nobody")

    def test_a_delete_removes_one_trial(self):
        self.report(entry(second(1), "1"))
        self.report(entry(second(1), "2"), trial=self.trial + "-other")
        self.delete()
        self.assertEqual(self.read(), [])
        self.assertEqual(self.read(self.trial + "-other"), [(second(1), "loss", "2")])

    def test_equal_entries_of_one_report_are_all_kept(self):
        self.report(entry(YEAR_ONE, "0.5"), entry(YEAR_ONE, "0.5"), entry(YEAR_ONE, "0.5"))
        self.assertEqual(self.values(), ["0.5", "0.5", "0.5"])

    def test_a_report_that_comes_again_does_not_double(self):
        entries = [entry(second(1), "1"), entry(second(1), "1"), entry(second(2), "2")]
        self.report(*entries)
        self.report(*entries)
        self.assertEqual(self.values(), ["1", "1", "2"])

    def test_reports_from_many_sides_at_once_are_all_there(self):
        def send(worker):
            for i in range(20):
                self.report(*[entry(second(i, f".{worker:02}{j}"), f"{worker}-{i}-{j}") for j in range(5)])
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(send, range(8)))
        self.assertEqual(len(set(self.values())), 8 * 20 * 5)

    def test_what_was_acknowledged_survives_a_kill(self):
        self.report(entry(second(1), "1"), entry(second(2), "2"))
        self.restart()
        self.assertEqual(self.values(), ["1", "2"])

    def test_what_was_acknowledged_survives_a_stop(self):
        self.report(entry(second(1), "1"))
        if self.server:
            self.channel.close()
            self.server.restart(signal.SIGTERM)
            self.connect()
        self.assertEqual(self.values(), ["1"])


if __name__ == "__main__":
    unittest.main()
