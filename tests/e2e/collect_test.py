"""qalam-collect around real commands: what passes through it, what is stored, and what happens when things go wrong."""

import concurrent.futures
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

import grpc

from service import READ, REPORT, ServiceTest, api, call

COLLECT = os.environ["QALAM_COLLECT"]
NO_TIME = "0001-01-01T00:00:00Z"
Code = grpc.StatusCode


# Two scalars, framed as TensorBoard writes them.
EVENT_WRITER = """
import os, struct

def crc(data):
    value = 0xffffffff
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x82f63b78 if value & 1 else 0)
    value ^= 0xffffffff
    return struct.pack('<I', ((value >> 15 | value << 17) + 0xa282ead8) & 0xffffffff)

def field(tag, data):
    return bytes([tag, len(data)]) + data

os.mkdir('events')
with open('events/events.out.tfevents.1', 'wb') as file:
    for step, value in enumerate((0.5, 0.25)):
        scalar = field(0x0a, b'loss') + b'\\x15' + struct.pack('<f', value)
        event = b'\\x09' + struct.pack('<d', 1.7e9 + step) + b'\\x10' + bytes([step]) + field(0x2a, field(0x0a, scalar))
        size = struct.pack('<Q', len(event))
        file.write(size + crc(size) + event + crc(event))
print('written')
"""

# Ends when it was asked twice.
ENDPOINT = """
import http.server, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'loss 3.5\\n')
    def log_message(self, *_):
        pass

server = http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Handler)
server.handle_request()
server.handle_request()
"""


class PlainServices:
    """DBManager as Katib has it, which stores whatever comes as often as it comes, and an EarlyStopping service."""

    def __init__(self, test, answer=None):
        self.answer = answer  # (code, text) instead of storing
        self.calls, self.points = 0, []
        self.stopped = threading.Event()
        self.points_when_stopped = None
        self.server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
        self.server.add_generic_rpc_handlers((
            grpc.method_handlers_generic_handler("api.v1.beta1.DBManager", {
                "ReportObservationLog": grpc.unary_unary_rpc_method_handler(
                    self.report, api.ReportObservationLogRequest.FromString, lambda m: m.SerializeToString())}),
            grpc.method_handlers_generic_handler("api.v1.beta1.EarlyStopping", {
                "SetTrialStatus": grpc.unary_unary_rpc_method_handler(
                    self.stop, api.SetTrialStatusRequest.FromString, lambda m: m.SerializeToString())})))
        self.address = f"127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        self.server.start()
        test.addCleanup(lambda: self.server.stop(0).wait())

    def report(self, request, context):
        self.calls += 1
        if self.answer:
            context.abort(*self.answer)
        self.points += [(entry.metric.name, entry.metric.value) for entry in request.observation_log.metric_logs]
        return api.ReportObservationLogReply()

    def stop(self, request, _):
        self.points_when_stopped = list(self.points)
        self.stopped_trial = request.trial_name
        self.stopped.set()
        return api.SetTrialStatusReply()


def shell(text):
    return ["sh", "-c", text]


def python(text):
    return [sys.executable, "-u", "-c", text]


class CollectTest(ServiceTest):
    def setUp(self):
        super().setUp()
        self.spool = self.directory / "spool"
        for name in ("QALAM_ADDR", "QALAM_TOKEN", "QALAM_TLS_CA", "QALAM_TRIAL_NAME", "KATIB_TRIAL_NAME"):
            self.environment.pop(name, None)

    def database(self, *flags):
        return self.serve("--services", "db", *flags)

    def stored(self, server, trial="t"):
        reply = call(server.channel(use_local_subchannel_pool=1), READ, api.GetObservationLogRequest(trial_name=trial))
        return [(entry.metric.name, entry.metric.value) for entry in reply.observation_log.metric_logs]

    def arguments(self, server, command, *options):
        address = server if isinstance(server, str) else server.address
        return [COLLECT, "--server", address, "--trial", "t", "--objective", "loss", "--spool", str(self.spool),
                *map(str, options), "--", *map(str, command)]

    def launch(self, server, command, *options, **popen):
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **popen}
        process = subprocess.Popen(self.arguments(server, command, *options), cwd=self.directory,
                                   env=self.environment, **streams)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                stream.close()

    def collect(self, server, command, *options, expect=0):
        """Output and error output of a finished wrapper."""
        process = self.launch(server, command, *options)
        out, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, expect, err.decode())
        return out, err.decode()

    def send(self, *arguments, expect=0):
        done = subprocess.run([COLLECT, "--send", *map(str, arguments)], cwd=self.directory, env=self.environment,
                              capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, expect, done.stderr)
        return done.stderr

    def spools(self):
        return sorted(self.spool.iterdir()) if self.spool.exists() else []

    def spooled_bytes(self):
        return sum(path.stat().st_size for path in self.spool.glob("*/*.points"))


class PassingThroughTest(CollectTest):
    def test_a_hundred_thousand_lines_are_passed_on_and_stored_exactly(self):
        server = self.database()
        program = "import sys\nfor i in range(100000): sys.stdout.write(f'step {i} loss={i}.5 other={i}\\n')"
        out, err = self.collect(server, python(program))
        self.assertEqual(out, b"".join(b"step %d loss=%d.5 other=%d\n" % (i, i, i) for i in range(100000)))
        self.assertEqual(err, "")
        self.assertEqual(self.stored(server), [("loss", f"{i}.5") for i in range(100000)])
        self.assertEqual(self.spools(), [])

    def test_binary_output_is_unchanged_and_its_lines_count(self):
        data = bytes(range(256)) * 4000 + b"\nloss=1\n\xff\x00loss=2\nloss=3"
        (self.directory / "data").write_bytes(data)
        server = self.database()
        out, _ = self.collect(server, ["cat", "data"])
        self.assertEqual(out, data)
        self.assertEqual(self.stored(server)[-3:], [("loss", "1"), ("loss", "2"), ("loss", "3")])

    def test_output_and_error_output_stay_apart_and_lines_of_both_are_read(self):
        server = self.database()
        out, err = self.collect(server, shell("printf los; printf 'loss=2\\n' >&2; sleep 0.2; printf 's=1\\n'"))
        self.assertEqual((out, err), (b"loss=1\n", "loss=2\n"))
        self.assertEqual(self.stored(server), [("loss", "2"), ("loss", "1")])

    def test_the_order_of_both_outputs_stays_where_they_are_one_file(self):
        server = self.database()
        program = "import os\nfor i in range(2000): os.write(1 + i % 2, b'loss=%d\\n' % i)"
        with open(self.directory / "out", "wb") as out:
            self.launch(server, python(program), stdout=out, stderr=out).wait(timeout=60)
        expected = [f"loss={i}" for i in range(2000)]
        self.assertEqual((self.directory / "out").read_text().split(), expected)
        self.assertEqual([f"{name}={value}" for name, value in self.stored(server)], expected)

    def test_a_line_is_passed_on_at_once(self):
        process = self.launch(self.database(), shell("echo first; read wait; echo $wait"), stdin=subprocess.PIPE)
        self.assertEqual(process.stdout.readline(), b"first\n")
        process.stdin.write(b"input passes, too\n")
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), b"input passes, too\n")
        self.assertEqual(process.wait(timeout=60), 0)

    def test_every_word_of_the_command_is_kept(self):
        words = ["a b", "$HOME", "", "--server", "--", "'\"", "-t"]
        out, _ = self.collect(self.database(), python("import sys; print(sys.argv[1:])") + words)
        self.assertEqual(out.decode().strip(), str(words))

    def test_values_are_stored_while_the_command_runs(self):
        server = self.database()
        process = self.launch(server, shell("echo loss=1; read wait; exit 0"), stdin=subprocess.PIPE)
        self.wait_until(lambda: self.stored(server) == [("loss", "1")], "the first value")
        process.stdin.close()
        self.assertEqual(process.wait(timeout=60), 0)

    def test_without_the_objective_there_is_one_row_that_says_so(self):
        server = self.database()
        self.collect(server, shell("echo nothing"))
        self.assertEqual(self.stored(server), [("loss", "unavailable")])

    def test_files_are_read_as_text_and_json(self):
        server = self.database()
        log, lines = self.directory / "log", self.directory / "lines"
        out, _ = self.collect(server, shell(f"echo loss=7; echo loss=1 > {log}"), "--collector", "File", "--path", log)
        self.assertEqual(out, b"loss=7\n")
        self.assertEqual(self.stored(server), [("loss", "1")])
        command = shell(f"""echo '{{"loss": 0.5, "acc": "3", "timestamp": "2026-01-01T00:00:00Z"}}' > {lines}""")
        self.collect(server, command, "--trial", "j", "--collector", "File", "--path", lines, "--format", "JSON",
                     "--metric", "acc")
        self.assertEqual(self.stored(server, "j"), [("loss", "0.5"), ("acc", "3")])

    def test_event_files_are_read(self):
        server = self.database()
        out, _ = self.collect(server, python(EVENT_WRITER), "--collector", "TensorFlowEvent", "--path", "events")
        self.assertEqual(out, b"written\n")
        self.assertEqual([value for _, value in self.stored(server)], ["0.5", "0.25"])

    def test_metrics_of_an_endpoint_are_scraped(self):
        server = self.database()
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.collect(server, python(ENDPOINT) + [str(port)], "--collector", "PrometheusMetric", "--port", port)
        self.assertEqual(self.stored(server)[0], ("loss", "3.5"))

    def test_a_pattern_of_files_is_read(self):
        server = self.database()
        self.collect(server, shell("mkdir logs; echo loss=1 > logs/a.txt; echo loss=2 > logs/b.md"), "--collector", "File",
                     "--path", "logs/*.txt")
        self.assertEqual(self.stored(server), [("loss", "1")])

    def test_filters_and_other_metrics(self):
        server = self.database()
        self.collect(server, shell("echo 'loss: 4 x acc=9'; echo acc=5"), "--metric", "acc",
                     "--filter", r"(\w+): (\d+)", "--filter", r"(acc)=(\d)")
        self.assertEqual(self.stored(server), [("loss", "4"), ("acc", "9"), ("acc", "5")])

    def test_what_the_environment_and_katib_say_is_understood(self):
        server = self.database()
        command = ["--", "sh", "-c", "echo 'loss=1 acc=2'; echo $QALAM_TRIAL_NAME"]
        self.environment.update(QALAM_ADDR=server.address, QALAM_TRIAL_NAME="named", TMPDIR=str(self.directory))
        out = subprocess.run([COLLECT, "--objective", "loss", *command], env=self.environment, timeout=60,
                             capture_output=True, check=True).stdout
        self.assertEqual(out, b"loss=1 acc=2\nnamed\n")
        self.assertEqual(self.stored(server, "named"), [("loss", "1")])
        del self.environment["QALAM_ADDR"], self.environment["QALAM_TRIAL_NAME"]
        subprocess.run([COLLECT, "-t", "katib", "-m", "loss;acc", "-o-type", "minimize", "-s-db", server.address,
                        "-f", r"(loss|acc)=(\d)", "-format=TEXT", "-w", "false", "-path", "/unused", *command],
                       env=self.environment, timeout=60, check=True, stdout=subprocess.DEVNULL)
        self.assertEqual(self.stored(server, "katib"), [("loss", "1"), ("acc", "2")])


class EndingTest(CollectTest):
    def test_the_exit_code_is_the_commands(self):
        server = self.database()
        for command, code in ((shell("exit 0"), 0), (shell("exit 75"), 75), (shell("kill -9 $$"), 137),
                              (shell("kill -TERM $$"), 143), (["./no-such-program"], 127), ([self.directory], 126)):
            _, err = self.collect(server, command, expect=code)
            self.assertEqual(bool(err), code in (126, 127), err)
        self.assertEqual(self.spools(), [])

    def test_wrong_arguments_are_refused_before_anything_runs(self):
        good = {"--server": "h:1", "--trial": "t", "--objective": "loss", "--type": "minimize"}
        cases = [({"--server": None}, "QALAM_ADDR"), ({"--trial": None}, "QALAM_TRIAL_NAME"),
                 ({"--objective": None}, "--objective"), ({"--server": "here"}, "HOST:PORT"),
                 ({"--stop-rule": "loss;1"}, "'loss;0.5;greater;4'"), ({"--stop-rule": "x;1;less;1"}, "x"),
                 ({"--stop-rule": "loss;1;less;1", "--type": None}, "--type"), ({"--filter": "(x"}, "(x"),
                 ({"--collector": "Push"}, "StdOut"), ({"--collector": "File"}, "--path"),
                 ({"--wait": "soon"}, "--wait"), ({"--evaluate": "often"}, "every or once"),
                 ({"--tls-ca": "/none"}, "/none"), ({"--tls-cert": "/none"}, "--tls-key"),
                 ({"--nonsense": "1"}, "--nonsense"), ({"--spool-limit": "lots"}, "--spool-limit")]
        for changes, words in cases:
            options = [word for name, value in {**good, **changes}.items() if value for word in (name, value)]
            done = subprocess.run([COLLECT, *options, "--", "touch", "ran"], env=self.environment, text=True,
                                  cwd=self.directory, capture_output=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 2, f"{changes}: {done.stderr}")
            self.assertIn(words, done.stderr)
        self.assertFalse((self.directory / "ran").exists())
        for arguments in ([], ["--objective", "loss", "true"], ["--send", "d", "--", "true"]):
            done = subprocess.run([COLLECT, *arguments], env=self.environment, capture_output=True, timeout=60,
                                  check=False)
            self.assertEqual(done.returncode, 2, done.stderr)
        self.environment["QALAM_TOKEN"] = "secret"
        done = subprocess.run([COLLECT, "--server", "far:1", "--objective", "loss", "--", "true"], text=True,
                              env=self.environment, capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("clear text", done.stderr)
        self.assertNotIn("secret", done.stderr)

    def test_signals_reach_the_whole_process_group(self):
        server = self.database()
        trap = "; ".join(f"trap 'echo {name}' {name}" for name in ("USR1", "USR2", "HUP", "INT"))
        program = f"{trap}; trap 'echo TERM; exit 3' TERM; (trap 'echo child' USR1; echo ready; while :; do sleep 0.05; done) & " \
                  "while :; do sleep 0.05; done"
        process = self.launch(server, shell(program))
        self.assertEqual(process.stdout.readline(), b"ready\n")
        process.send_signal(signal.SIGUSR1)
        self.assertEqual(sorted(process.stdout.readline() for _ in range(2)), [b"USR1\n", b"child\n"])
        for name in ("USR2", "HUP", "INT", "TERM"):
            process.send_signal(getattr(signal, f"SIG{name}"))
            self.assertEqual(process.stdout.readline(), f"{name}\n".encode())
        self.assertEqual(process.wait(timeout=60), 3)

    def test_a_stopped_wrapper_stops_the_command_and_both_go_on(self):
        server = self.database()
        process = self.launch(server, shell("echo $$; read wait; echo loss=1"), stdin=subprocess.PIPE)
        command = int(process.stdout.readline())

        def state(pid):
            return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]

        process.send_signal(signal.SIGTSTP)
        self.wait_until(lambda: state(process.pid) == state(command) == "T", "both stand still")
        process.send_signal(signal.SIGCONT)
        process.stdin.write(b"go on\n")
        process.stdin.flush()
        self.assertEqual(process.wait(timeout=60), 0)
        self.assertEqual(self.stored(server), [("loss", "1")])

    def test_a_grandchild_that_keeps_the_pipe_holds_nothing_up(self):
        server = self.database()
        begin = time.monotonic()
        process = self.launch(server, shell("(sleep 0.5; echo loss=2; exec sleep 60) & echo loss=1"))
        self.assertEqual(process.wait(timeout=30), 0)
        self.assertLess(time.monotonic() - begin, 20)
        self.assertEqual(self.stored(server), [("loss", "1"), ("loss", "2")])
        for pid, _ in self.survivors():
            os.kill(int(pid), signal.SIGKILL)

    def test_a_command_that_closes_its_output_goes_on(self):
        process = self.launch(self.database(), shell("echo loss=1; exec >&- 2>&-; sleep 0.3; exit 4"))
        self.assertEqual(process.wait(timeout=60), 4)

    def test_when_nobody_reads_the_output_the_command_is_told(self):
        server = self.database()
        process = self.launch(server, shell("trap '' PIPE; echo loss=1; while echo loss=2; do :; done; exit 9"))
        self.assertEqual(process.stdout.readline(), b"loss=1\n")
        process.stdout.close()
        self.assertEqual(process.wait(timeout=60), 9)

    def test_the_command_ends_with_a_killed_wrapper_unless_told_otherwise(self):
        server = self.database()
        for options, lives in (((), False), (("--outlive", "--collector", "None"), True)):
            ready, alive = self.directory / "ready", self.directory / "alive"
            process = self.launch(server, shell(f"echo $$ > {ready}.tmp; mv {ready}.tmp {ready}; read x; echo > {alive}"),
                                  *options, stdin=subprocess.PIPE)
            self.wait_until(ready.exists, "the command runs")
            command = int(ready.read_text())
            ready.unlink()
            process.kill()
            process.wait()
            if lives:
                process.stdin.write(b"x\n")
                process.stdin.flush()
                self.wait_until(alive.exists, "the command goes on")
            else:
                self.wait_until(lambda: str(command) not in [pid for pid, _ in self.survivors()], "the command ends")


class StoppingTest(CollectTest):
    RULE = ("--type", "minimize", "--stop-rule", "loss;0.5;greater;3")

    def test_a_rule_ends_the_command_and_the_service_is_told_after_the_last_point(self):
        services = PlainServices(self)
        program = "import time\nfor i in range(1000):\n  print(f'loss={0.9 if i > 1 else 0.8}')\n  time.sleep(0.02)"
        out, err = self.collect(services, python(program), *self.RULE, "--early-stopping", services.address)
        self.assertIn("stopped early: best loss 0.8 at report 3 is greater than 0.5", err)
        self.assertTrue(services.stopped.is_set())
        self.assertEqual(services.stopped_trial, "t")
        values = [line.partition(b"=")[2].decode() for line in out.splitlines()]
        self.assertGreaterEqual(len(values), 3)
        self.assertLess(len(values), 1000)
        self.assertEqual(services.points, [("loss", value) for value in values])
        self.assertEqual(services.points_when_stopped, services.points)

    def test_all_rules_must_be_met_and_once_means_once(self):
        services = PlainServices(self)
        lines = "for v in 1 2 3 4; do echo loss=$v; sleep 0.1; done; exit 7"
        self.collect(services, shell(lines), *self.RULE, "--stop-rule", "acc;1;less;0", "--metric", "acc", expect=7)
        lines = "for v in 1 0.1 0.2 9; do echo loss=$v; done; sleep 0.5; exit 7"
        self.collect(services, shell(lines), "--type", "maximize", "--stop-rule", "loss;5;greater;2", "--evaluate", "once",
                     expect=7)
        self.collect(services, shell(lines), "--type", "maximize", "--stop-rule", "loss;5;greater;2",
                     "--exit-code-when-stopped", "70", expect=70)

    def test_a_command_that_ignores_term_is_killed_after_the_grace(self):
        services = PlainServices(self)
        program = "trap '' TERM; for i in 1 2 3; do echo loss=1; done; while :; do sleep 0.05; echo alive; done"
        begin = time.monotonic()
        self.collect(services, shell(program), *self.RULE, "--grace", "0.5s", "--exit-code-when-stopped", "42", expect=42)
        self.assertGreater(time.monotonic() - begin, 0.5)
        self.assertEqual(services.points, [("loss", "1")] * 3)
        self.assertEqual(self.survivors(), [])

    def test_children_have_the_grace_too_when_their_shell_ends_at_once(self):
        services = PlainServices(self)
        child = "import signal, time\ndef end(*_):\n  time.sleep(2.3); print('loss=77'); raise SystemExit\n" \
                "signal.signal(signal.SIGTERM, end)\nfor i in range(3): print('loss=1')\ntime.sleep(60)"
        (self.directory / "child.py").write_text(child)
        self.collect(services, shell(f"{sys.executable} -u child.py; true"), *self.RULE)
        self.assertEqual(services.points[-1], ("loss", "77"))


class AwayTest(CollectTest):
    """Servers that are not there, or refuse."""

    def restarted(self, server):
        """The same server again: same address, same data."""
        server.process.kill()
        server.process.wait()
        return lambda: self.database("--grpc", server.address)

    def test_a_server_that_comes_and_goes_gets_every_point_once_and_in_order(self):
        server = self.database()
        program = "import time\nfor i in range(400):\n  print(f'loss={i}'); time.sleep(0.005)\n"
        process = self.launch(server, python(program))
        for _ in range(2):
            before = len(self.stored(server))
            self.wait_until(lambda: len(self.stored(server)) > before + 10, "points arrive")
            again = self.restarted(server)
            spooled = self.spooled_bytes()
            self.wait_until(lambda: self.spooled_bytes() > spooled + 500, "points gather on disk")
            server = again()
        self.assertEqual(process.wait(timeout=60), 0)
        self.assertEqual(self.stored(server), [("loss", str(i)) for i in range(400)])
        self.assertEqual(self.spools(), [])

    def test_after_the_end_it_goes_on_trying_for_a_while(self):
        server = self.database()
        again = self.restarted(server)
        process = self.launch(server, shell("echo loss=1; echo loss=2; exit 5"), "--wait", "60s")
        process.stdout.read()
        server = again()
        self.assertEqual(process.wait(timeout=60), 5)
        self.assertEqual(self.stored(server), [("loss", "1"), ("loss", "2")])
        self.assertEqual(process.stderr.read(), b"")

    def test_what_could_not_be_delivered_is_sent_by_the_command_that_it_prints(self):
        server = self.database()
        again = self.restarted(server)
        _, err = self.collect(server, shell("echo loss=1; echo loss=2; exit 3"), "--wait", "0", expect=3)
        command = re.search(r"not delivered: 2 points .*: qalam-collect --send (.*)$", err).group(1)
        self.assertIn("points are left", self.send(*command.split(), "--wait", "0", expect=5))
        server = again()
        self.assertIn("2 points of trial t sent", self.send(*command.split()))
        self.assertEqual(self.stored(server), [("loss", "1"), ("loss", "2")])
        self.send(*command.split(), expect=3)
        self.assertEqual(self.spools(), [])

    def test_points_survive_a_killed_wrapper_and_are_sent_once(self):
        server = self.database()
        program = "import time\nfor i in range(3000):\n  print(f'loss={i}', flush=True); time.sleep(0.002)\n"
        process = self.launch(server, python(program))
        self.wait_until(lambda: len(self.stored(server)) > 50, "points arrive")
        again = self.restarted(server)
        seen = [process.stdout.readline() for _ in range(600)]
        process.kill()
        passed_on = len(seen) + len(process.communicate()[0].splitlines())
        server = again()
        # A second wrapper in the same directory, whose spool is in use.
        other = self.launch("127.0.0.1:9", shell("echo loss=0; read wait"), "--wait", "0", stdin=subprocess.PIPE)
        other.stdout.readline()
        self.assertIn("still runs", self.send(self.spool, "--server", server.address, "--wait", "5s", expect=4))
        other.stdin.close()
        other.wait(timeout=60)
        values = self.stored(server)
        self.assertEqual(values, [("loss", str(i)) for i in range(len(values))])
        self.assertGreater(len(values), 500)
        self.assertGreater(len(values), passed_on - 500, "no more than a moment's output is missing")
        self.send(self.spool, "--server", server.address)
        self.assertEqual(self.spools(), [])

    def test_a_plain_dbmanager_gets_everything_in_requests_it_can_take(self):
        services = PlainServices(self)
        self.collect(services, python("for i in range(30000): print(f'loss={i}')"))
        self.assertEqual(services.points, [("loss", str(i)) for i in range(30000)])
        self.assertGreaterEqual(services.calls, 30000 / 16383)

    def test_a_refused_token_is_said_once_and_the_points_are_kept(self):
        (self.directory / "tokens").write_text("right\n")
        server = self.database("--token-file", self.directory / "tokens")
        self.environment["QALAM_TOKEN"] = "wrong"
        begin = time.monotonic()
        _, err = self.collect(server, shell("for i in 1 2 3; do echo loss=$i; sleep 0.2; done"))
        self.assertLess(time.monotonic() - begin, 30, "the end does not wait")
        self.assertEqual(err.count("UNAUTHENTICATED"), 2, err)  # at once, and why points are left
        self.environment["QALAM_TOKEN"] = "right"
        self.send(self.spool)
        channel = server.channel()
        reply = call(channel, READ, api.GetObservationLogRequest(trial_name="t"),
                     metadata=[("authorization", "Bearer right")])
        self.assertEqual([entry.metric.value for entry in reply.observation_log.metric_logs], ["1", "2", "3"])

    def test_tls_with_a_certificate_and_a_token_of_our_own(self):
        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], cwd=self.directory, check=True, capture_output=True)

        for name in ("ca", "stranger", "us"):
            openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key",
                    "-out", f"{name}.pem", "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1")
        (self.directory / "token").write_text("right\n")
        server = self.database("--tls-cert", "ca.pem", "--tls-key", "ca.key", "--tls-client-ca", "us.pem",
                               "--token-file", "token")
        files = ("--tls-cert", "us.pem", "--tls-key", "us.key", "--token-file", "token")
        _, err = self.collect(server, shell("echo loss=1"), *files, "--tls-ca", "stranger.pem", "--wait", "0")
        self.assertIn("not delivered: 1 point (UNAVAILABLE", err)
        self.assertIn("1 point of trial t sent", self.send(self.spool, *files, "--tls-ca", "ca.pem"))
        _, err = self.collect(server, shell("echo loss=2"), *files, "--tls-ca", "ca.pem")
        self.assertEqual(err, "")
        self.assertEqual(self.spools(), [])

    def test_a_report_that_is_refused_is_said_once_and_lost(self):
        services = PlainServices(self, answer=(Code.INVALID_ARGUMENT, "no such metric"))
        _, err = self.collect(services, shell("for i in 1 2 3; do echo loss=$i; sleep 0.3; done"))
        self.assertEqual(err.count("no such metric"), 1)
        self.assertIn("lost: 3 points", err)
        self.assertEqual(self.spools(), [])

    def test_a_full_spool_never_harms_the_command(self):
        program = "for i in range(20000): print(f'loss={i}')\nraise SystemExit(4)"
        out, err = self.collect("127.0.0.1:9", python(program), "--spool-limit", "100KiB", "--wait", "0", expect=4)
        self.assertEqual(len(out.splitlines()), 20000)
        self.assertEqual(err.count("the spool is full"), 1)
        lost, kept = (int(re.search(rf"{what}: (\d+) points", err).group(1)) for what in ("lost", "not delivered"))
        self.assertEqual(lost + kept, 20000)
        self.assertGreater(kept, 1000)
        server = self.database()
        self.send(self.spool, "--server", server.address)
        values = [int(value) for _, value in self.stored(server)]
        self.assertEqual(len(values), kept)
        self.assertEqual(values, sorted(values))
        self.assertEqual(values[:1000], list(range(1000)))

    def test_without_a_spool_directory_memory_must_do(self):
        server = self.database()
        _, err = self.collect(server, shell("echo loss=1"), "--spool", "/dev/null/x")
        self.assertIn("wait in memory", err)
        self.assertEqual(self.stored(server), [("loss", "1")])
        _, err = self.collect("127.0.0.1:9", shell("echo loss=1"), "--spool", "/dev/null/x", "--wait", "0")
        self.assertIn("lost: 1 point\n", err)

    def test_term_ends_the_wait_for_a_server(self):
        process = self.launch("127.0.0.1:9", shell("echo loss=1; exit 6"), "--wait", "10m")
        self.assertEqual(process.stdout.read(), b"loss=1\n", "the output ends with the command")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=30), 6)
        self.assertIn(b"not delivered: 1 point ", process.stderr.read())


EXPERIMENT = """
apiVersion: kubeflow.org/v1beta1
kind: Experiment
metadata: {name: tune}
spec:
  objective: {type: minimize, objectiveMetricName: loss}
  algorithm: {algorithmName: random}
  parallelTrialCount: 2
  maxTrialCount: 4
  metricsCollectorSpec: {collector: {kind: Push}}
  parameters: [{name: x, parameterType: double, feasibleSpace: {min: "0", max: "1"}}]
  trialTemplate:
    trialParameters: [{name: x, reference: x}]
    trialSpec:
      apiVersion: qalam.dev/v1
      kind: Process
      spec: {command: [COLLECT, --objective, loss, --, sh, -c, "echo x=$0 loss=1; echo loss=$0", "${trialParameters.x}"]}
"""


class WithinAnExperimentTest(CollectTest):
    def test_a_trial_of_qalam_run_needs_neither_address_nor_name_nor_token(self):
        (self.directory / "experiment.yaml").write_text(EXPERIMENT.replace("COLLECT", COLLECT))
        self.qalam("run", "experiment.yaml")
        trials = self.trials()
        self.assertEqual(len(trials), 4)
        for trial in trials:
            self.assertEqual(trial["metrics"]["loss"]["latest"], trial["parameters"]["x"])
            self.assertEqual(len(trial["curve"]), 2)


if __name__ == "__main__":
    unittest.main()
