"""What is kept of trials' metrics: through retries, kills, imports and retention."""

import gzip
import itertools
import sqlite3
import threading
import unittest

import grpc

from service import READ, REPORT, ServiceTest, api, call

Code = grpc.StatusCode
NO_TIME = "0001-01-01T00:00:00Z"

DUMP = """-- MySQL dump 10.13  Distrib 8.0.29, for Linux (x86_64)
CREATE TABLE `observation_logs` (
  `trial_name` varchar(255) NOT NULL,
  `id` int NOT NULL AUTO_INCREMENT,
  `time` datetime(6) DEFAULT NULL,
  `metric_name` varchar(255) NOT NULL,
  `value` text NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB;
INSERT INTO `observation_logs` VALUES ('random-1',1,'2024-03-04 17:55:08.120000','loss','0.31'),
('random-1',2,'2024-03-04 17:55:09.000000','loss','0.3'),('darts-1',3,'0001-01-01 00:00:00.000000','genotype','it\\'s');
"""


def report(trial, *entries):
    message = api.ReportObservationLogRequest(trial_name=trial)
    for time, metric, value in entries:
        entry = message.observation_log.metric_logs.add(time_stamp=time)
        entry.metric.name, entry.metric.value = metric, value
    return message


def read(channel, trial):
    reply = call(channel, READ, api.GetObservationLogRequest(trial_name=trial))
    return [(entry.time_stamp, entry.metric.name, entry.metric.value) for entry in reply.observation_log.metric_logs]


class ObservationsTest(ServiceTest):
    def serve(self, *flags):
        return super().serve("--services", "db", *flags)

    def test_a_repeated_report_is_stored_once(self):
        channel = self.serve().channel()
        timed = report("t", ("2024-01-01T00:00:00.000000001Z", "loss", "1"), ("2024-01-01T00:00:00Z", "loss", "1"))
        untimed = report("u", (NO_TIME, "loss", "1"), (NO_TIME, "loss", "1"))
        for message in (timed, timed, untimed, untimed):
            call(channel, REPORT, message)
        self.assertEqual(len(read(channel, "t")), 2)
        self.assertEqual(len(read(channel, "u")), 2)
        for key in ("a", "a", "b", None, None):
            call(channel, REPORT, report("single", (NO_TIME, "loss", "1")),
                 metadata=[("idempotency-key", key)] if key else None)
        self.assertEqual(len(read(channel, "single")), 4)

    def test_no_acknowledged_point_is_lost_to_a_kill_under_load(self):
        acknowledged = {}

        def client(address, name, numbers):
            channel = grpc.insecure_channel(address)
            try:
                for number in numbers:
                    call(channel, REPORT, report(name, *((NO_TIME, "loss", f"{number}.{i}") for i in range(100))))
                    acknowledged[name].append(number)
                    if len(acknowledged[name]) % 5 == 0:
                        read(channel, name)
            except grpc.RpcError:
                pass  # what was under way may be stored, or not
            finally:
                channel.close()

        for generation in range(3):
            server = self.serve()
            threads = []
            for worker in range(8):
                name = f"{generation}-{worker}"
                acknowledged[name] = []
                threads.append(threading.Thread(target=client, args=(server.address, name, itertools.count())))
            for thread in threads:
                thread.start()
            while min(len(acknowledged[f"{generation}-{worker}"]) for worker in range(8)) < 8:
                threads[0].join(timeout=0.01)
                self.assertTrue(threads[0].is_alive(), "a report failed before the kill")
            server.process.kill()
            for thread in threads:
                thread.join()
            server.process.wait()
        channel = self.serve().channel()
        for name, numbers in acknowledged.items():
            values = [value for _, _, value in read(channel, name)]
            expected = [f"{number}.{i}" for number in numbers for i in range(100)]
            self.assertEqual(values[:len(expected)], expected, name)
            self.assertIn(len(values) - len(expected), (0, 100), "a report is stored as a whole, or not at all")

    def test_a_dump_is_imported_once_however_often(self):
        plain, compressed = self.directory / "katib.sql", self.directory / "katib.sql.gz"
        plain.write_text(DUMP)
        compressed.write_bytes(gzip.compress(DUMP.encode()))
        self.assertIn("3 points of 2 trials\n", self.qalam("import", plain).stderr)
        self.assertIn("3 points of 2 trials, 3 of them stored before", self.qalam("import", compressed).stderr)
        self.assertIn("3 of them stored before", self.qalam("import", "-", stdin=DUMP).stderr)
        self.assertEqual(self.qalam("-q", "import", plain).stderr, "")
        server = self.serve()
        channel = server.channel()
        self.assertEqual(read(channel, "random-1"), [("2024-03-04T17:55:08.12Z", "loss", "0.31"),
                                                     ("2024-03-04T17:55:09Z", "loss", "0.3")])
        self.assertEqual(read(channel, "darts-1"), [(NO_TIME, "genotype", "it's")])
        self.assertIn(str(server.process.pid), self.qalam("import", plain, expect=5).stderr)

    def test_what_is_wrong_with_a_dump_is_said(self):
        bad = self.directory / "bad.sql"
        bad.write_text(DUMP + "INSERT INTO `observation_logs` VALUES ('t',4,'noon','loss','1');")
        self.assertRegex(self.qalam("import", bad, expect=2).stderr, r"bad\.sql: line 12: time is 'noon'")
        bad.write_text(DUMP[:-30])
        self.assertIn("not complete", self.qalam("import", bad, expect=2).stderr)
        bad.write_text("SELECT 1;")
        self.assertIn("holds no rows of a table observation_logs", self.qalam("import", bad).stderr)
        self.qalam("import", self.directory / "none.sql", expect=3)
        self.qalam("import", expect=2)

    def test_old_observations_are_forgotten_when_asked_to(self):
        server = self.serve()
        for trial in ("old", "new"):
            call(server.channel(), REPORT, report(trial, (NO_TIME, "loss", "1")))
        self.assertEqual(server.end(), 0)
        with sqlite3.connect(self.data / "qalam.db") as database:
            database.execute("UPDATE observation_logs SET changed = changed - 31 * 86400 WHERE trial_key = 'old'")
        database.close()
        server = self.serve()
        self.assertEqual(len(read(server.channel(), "old")), 1)
        server.end()
        server = self.serve("--retain-observations", "30d")
        self.wait_until(lambda: not read(server.channel(), "old"), "the old observations to be gone")
        self.assertEqual(len(read(server.channel(), "new")), 1)
        server.end()
        self.assertIn("retention trials=1", "".join(server.log))
        for flags in (["--retain-observations", "soon"], ["--max-points-per-trial", "-1"]):
            self.assertIn(flags[0], self.qalam("serve", *flags, expect=2).stderr)

    def test_a_trial_has_no_more_points_than_allowed(self):
        channel = self.serve("--max-points-per-trial", "2").channel()
        call(channel, REPORT, report("t", (NO_TIME, "loss", "1")))
        text = self.assert_code(Code.RESOURCE_EXHAUSTED, call, channel, REPORT,
                                report("t", (NO_TIME, "loss", "2"), (NO_TIME, "loss", "3")))
        self.assertIn("3 points, 2 are allowed", text)
        self.assertEqual(len(read(channel, "t")), 1)


if __name__ == "__main__":
    unittest.main()
