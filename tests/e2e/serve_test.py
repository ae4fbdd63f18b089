"""`qalam serve` over real connections: what is served, to whom, how much at once, and how it ends."""

import json
import re
import signal
import socket
import ssl
import subprocess
import unittest
import urllib.error
import urllib.request

import grpc
from google.protobuf import descriptor_pool, json_format, message_factory

from qalam import ROOT
from service import (READ, REPORT, SUGGEST, VALIDATE, ServiceTest, api, call, check, experiment, health, points,
                     reflection, request, start)

HEAVY = experiment("heavy", "bayesianoptimization", parameters=12)
Code = grpc.StatusCode


class WhatIsServed(ServiceTest):
    def test_health_by_name(self):
        server = self.serve()
        channel = server.channel()
        for name in ("", "manager.v1beta1.Suggestion", "api.v1.beta1.Suggestion", "api.v1.beta1.EarlyStopping",
                     "api.v1.beta1.DBManager", "grpc.health.v1.Health"):
            self.assertEqual(check(channel, name), "SERVING", name)
        self.assertIn("nonsense", self.assert_code(Code.NOT_FOUND, check, channel, "nonsense"))

    def test_watchers_hear_of_the_end(self):
        server = self.serve()
        watch = server.channel().unary_stream("/grpc.health.v1.Health/Watch",
                                              health.HealthCheckRequest.SerializeToString,
                                              health.HealthCheckResponse.FromString)
        known = watch(health.HealthCheckRequest(service="api.v1.beta1.Suggestion"), timeout=60)
        unknown = watch(health.HealthCheckRequest(service="nonsense"), timeout=60)
        self.assertEqual(next(known).status, health.HealthCheckResponse.SERVING)
        self.assertEqual(next(unknown).status, health.HealthCheckResponse.SERVICE_UNKNOWN)
        server.kill()
        self.assertEqual(next(known).status, health.HealthCheckResponse.NOT_SERVING)
        self.assert_code(Code.UNAVAILABLE, next, known)
        self.assertEqual(server.process.wait(timeout=5), 0)

    def test_reflection_tells_how_to_call(self):
        server = self.serve()
        for version in ("v1", "v1alpha"):
            ask = server.channel().stream_stream(
                f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
                reflection.ServerReflectionRequest.SerializeToString,
                reflection.ServerReflectionResponse.FromString)
            listed, symbol, file, unknown = ask(iter([
                reflection.ServerReflectionRequest(list_services=""),
                reflection.ServerReflectionRequest(file_containing_symbol="api.v1.beta1.Suggestion.GetSuggestions"),
                reflection.ServerReflectionRequest(file_by_filename="api.proto"),
                reflection.ServerReflectionRequest(file_containing_symbol="nonsense")]), timeout=10)
            names = {service.name for service in listed.list_services_response.service}
            self.assertLessEqual({"api.v1.beta1.Suggestion", "api.v1.beta1.EarlyStopping", "api.v1.beta1.DBManager",
                                  "grpc.health.v1.Health"}, names)
            self.assertEqual(symbol.file_descriptor_response, file.file_descriptor_response)
            self.assertEqual(len(file.file_descriptor_response.file_descriptor_proto), 1)
            self.assertEqual(unknown.error_response.error_code, Code.NOT_FOUND.value[0])

    def test_a_copy_with_one_service_has_no_other_and_no_data(self):
        server = self.serve("--services", "suggestion")
        channel = server.channel()
        self.assertEqual(len(call(channel, SUGGEST, request(experiment(), count=3)).parameter_assignments), 3)
        self.assert_code(Code.UNIMPLEMENTED, call, channel, READ, api.GetObservationLogRequest(trial_name="t"))
        self.assert_code(Code.NOT_FOUND, check, channel, "api.v1.beta1.DBManager")
        self.assertFalse(self.data.exists())
        self.assertIn("serving suggestion on", server.line)

    def test_a_copy_with_one_algorithm_does_not_know_the_others(self):
        channel = self.serve("--services", "suggestion", "--algorithms", "random,tpe").channel()
        call(channel, SUGGEST, request(experiment(algorithm="tpe")))
        for method, message in ((SUGGEST, request(experiment(algorithm="sobol"))),
                                (VALIDATE, api.ValidateAlgorithmSettingsRequest(
                                    experiment=experiment(algorithm="sobol")))):
            self.assertEqual(self.assert_code(Code.INVALID_ARGUMENT, call, channel, method, message),
                             "unknown algorithm name sobol")

    def test_what_is_reported_is_there_after_a_restart(self):
        report = api.ReportObservationLogRequest(trial_name="t")
        row = report.observation_log.metric_logs.add(time_stamp="2026-01-01T00:00:00.123456789Z")
        row.metric.name, row.metric.value = "loss", "0.5"
        server = self.serve()
        call(server.channel(), REPORT, report)
        server.kill(signal.SIGKILL)
        server.process.wait()
        again = self.serve()
        self.assertEqual(call(again.channel(), READ, api.GetObservationLogRequest(trial_name="t")).observation_log,
                         report.observation_log)

    def test_bytes_that_are_no_request_are_refused(self):
        channel = self.serve("--services", "suggestion").channel()
        for method in (SUGGEST, VALIDATE):
            self.assert_code(Code.INVALID_ARGUMENT, channel.unary_unary(method), b"\x0a\x7f", timeout=10)
        self.assertEqual(check(channel), "SERVING")


class Reflecting:
    """Calls as grpcurl makes them: from JSON, by descriptors that the server itself has handed out."""

    def __init__(self, channel):
        self.channel = channel
        self.pool = descriptor_pool.DescriptorPool()
        self.ask = channel.stream_stream("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
                                         reflection.ServerReflectionRequest.SerializeToString,
                                         reflection.ServerReflectionResponse.FromString)

    def list(self):
        (reply,) = self.ask(iter([reflection.ServerReflectionRequest(list_services="")]), timeout=10)
        return [service.name for service in reply.list_services_response.service]

    def describe(self, symbol):
        (reply,) = self.ask(iter([reflection.ServerReflectionRequest(file_containing_symbol=symbol)]), timeout=10)
        for file in reversed(reply.file_descriptor_response.file_descriptor_proto):
            self.pool.AddSerializedFile(file)
        return self.pool.FindServiceByName(symbol)

    def call(self, method, text):
        service, name = method.split("/")
        found = self.describe(service).methods_by_name[name]
        make = message_factory.MessageFactory(self.pool).GetPrototype
        sent = json_format.Parse(text, make(found.input_type)())
        reply = self.channel.unary_unary(f"/{method}")(sent.SerializeToString(), timeout=10)
        return json_format.MessageToDict(make(found.output_type).FromString(reply))


class Guide(ServiceTest):
    def test_its_commands_work_as_printed(self):
        server = self.serve()
        blocks = re.findall(r"^```\n(.*?)^```$", (ROOT / "docs/serve.md").read_text(encoding="utf-8"), re.M | re.S)
        commands = [found for block in blocks for found in re.findall(
            r"^grpcurl -plaintext(?: -d '([^']*)')?( -d @)?[ \\\n]+127\.0\.0\.1:6789 (\S+)(?: ([\w.]+))?(?: <<'EOF'\n(.*?)^EOF$)?",
            block, re.M | re.S)]
        self.assertEqual(len(commands), 6)
        replies = {}
        for data, _, verb, symbol, document in commands:
            client = Reflecting(server.channel())
            if verb == "list":
                self.assertIn("api.v1.beta1.Suggestion", client.list())
            elif verb == "describe":
                self.assertIn("GetSuggestions", client.describe(symbol).methods_by_name)
            else:
                replies[verb] = client.call(verb, document or data)
        self.assertEqual(replies["grpc.health.v1.Health/Check"], {"status": "SERVING"})
        points_found = replies["api.v1.beta1.Suggestion/GetSuggestions"]["parameterAssignments"]
        self.assertEqual([[a["name"] for a in point["assignments"]] for point in points_found],
                         [["lr", "layers", "optimizer"]] * 2)
        self.assertEqual(replies["api.v1.beta1.DBManager/GetObservationLog"]["observationLog"]["metricLogs"],
                         [{"timeStamp": "2026-01-01T10:00:05Z", "metric": {"name": "loss", "value": "0.4"}}])
        (trials,) = (block for block in blocks if block.startswith('"trials"'))
        json_format.Parse("{" + trials + "}", api.GetSuggestionsRequest())


class Arguments(ServiceTest):
    def test_bad_ones_are_refused_with_what_would_be_right(self):
        (self.directory / "empty").touch()
        for flags, expected in (
                (["--services", "suggestions"], "there are suggestion, early-stopping, db and api"),
                (["--algorithms", "tqe"], "unknown algorithm name tqe; there are"),
                (["--grpc", "0.0.0.0:0"], "give --token-file or --tls-cert, --tls-key and --tls-client-ca"),
                (["--grpc", "[::]:0"], "--insecure"),
                (["--grpc", "nonsense"], "should be like 127.0.0.1:6789"),
                (["--metrics", "0.0.0.0:0"], "--metrics: 0.0.0.0:0 can be reached from other machines"),
                (["--metrics", "9464"], "should be like 127.0.0.1"),
                (["--tls-cert", "cert.pem"], "both --tls-cert and --tls-key"),
                (["--tls-client-ca", "ca.pem"], "both --tls-cert and --tls-key"),
                (["--tls-cert", "empty", "--tls-key", "empty"], "should be a readable PEM file with a certificate"),
                (["--token-file", "missing"], "missing should be a readable file"),
                (["--token-file", "empty"], "it has none"),
                (["--workers", "0"], "--workers"),
                (["--max-message", "3GiB"], "2147483647"),
                (["--max-message", "much"], "--max-message"),
                (["--grace", "soon"], "--grace"),
                (["--keepalive", "25h"], "should be from 1s to 24h"),
                (["--log-level", "loud"], "should be debug, info"),
                (["--log-format", "xml"], "should be text or json")):
            done = self.qalam("serve", "--services", "suggestion", *flags, expect=2)
            self.assertIn(expected, done.stderr, flags)
            self.assertEqual(done.stdout, "")

    def test_an_address_in_use_is_named(self):
        server = self.serve("--services", "suggestion")
        done = self.qalam("serve", "--services", "suggestion", "--grpc", server.address, expect=5)
        self.assertIn(server.address, done.stderr)

    def test_a_data_directory_in_use_is_named(self):
        self.serve()
        done = self.qalam("serve", "--grpc", "127.0.0.1:0", expect=5)
        self.assertIn("qalam.db", done.stderr)

    def test_a_socket_in_the_file_system(self):
        server = self.serve("--services", "suggestion", "--grpc", f"unix:{self.directory}/socket")
        self.assertEqual(server.address, f"unix:{self.directory}/socket")
        self.assertEqual(check(server.channel()), "SERVING")

    def test_insecure_listens_everywhere(self):
        server = self.serve("--services", "suggestion", "--grpc", "0.0.0.0:0", "--insecure")
        self.assertRegex(server.address, r"^0\.0\.0\.0:[1-9]\d+$")
        self.assertEqual(check(server.channel()), "SERVING")


class ManyAtOnce(ServiceTest):
    def test_a_slow_fit_delays_neither_health_nor_other_algorithms(self):
        channel = self.serve("--services", "suggestion", "--workers", 1).channel()
        slow = start(channel, SUGGEST, request(HEAVY, trials=300, count=500))
        for _ in range(5):
            self.assertEqual(check(channel), "SERVING")
            call(channel, SUGGEST, request(experiment(), trials=20))
        self.assertFalse(slow.done())
        slow.cancel()

    def test_overload_is_refused_at_once_and_passes(self):
        channel = self.serve("--services", "suggestion", "--workers", 1, "--max-queue", 1).channel()
        calls = [start(channel, SUGGEST, request(experiment(f"e{i}", "bayesianoptimization", parameters=12),
                                                 trials=200, count=500)) for i in range(4)]
        # One runs and one waits, whichever came first.
        self.wait_until(lambda: sum(slow.done() for slow in calls) == 2, "two calls are refused")
        for refused in filter(lambda slow: slow.done(), calls):
            self.assertEqual(refused.code(), Code.RESOURCE_EXHAUSTED)
            self.assertIn("overloaded: 1 model-fitting calls", refused.details())
        for slow in calls:
            slow.cancel()
        small = request(experiment("small", "bayesianoptimization"), trials=8)
        self.wait_until(lambda: start(channel, SUGGEST, small).code() == Code.OK, "room again")

    def test_a_deadline_stops_the_work(self):
        server = self.serve("--services", "suggestion", "--workers", 1)
        channel = server.channel()
        self.assert_code(Code.DEADLINE_EXCEEDED, call, channel, SUGGEST, request(HEAVY, trials=300, count=500),
                         timeout=0.2)
        # The only worker is free again long before the points could have been found.
        call(channel, SUGGEST, request(experiment("small", "bayesianoptimization"), trials=8), timeout=10)
        server.end()
        ended = [line for line in server.log if "experiment=heavy" in line]
        self.assertEqual(len(ended), 1)
        self.assertIn("code=DEADLINE_EXCEEDED", ended[0])

    def test_cancelling_stops_the_work(self):
        server = self.serve("--services", "suggestion", "--workers", 1)
        channel = server.channel()
        call(channel, SUGGEST, request(experiment()))
        slow = start(channel, SUGGEST, request(HEAVY, trials=300, count=500))
        queued = start(channel, SUGGEST, request(experiment("small", "bayesianoptimization"), trials=8))
        slow.cancel()
        self.assertEqual(len(queued.result(timeout=20).parameter_assignments), 1)

    def test_a_request_that_is_too_large_is_refused(self):
        channel = self.serve("--services", "suggestion", "--max-message", "10KiB").channel()
        call(channel, SUGGEST, request(experiment(), trials=10))
        self.assert_code(Code.RESOURCE_EXHAUSTED, call, channel, SUGGEST, request(experiment(), trials=200))

    def test_large_requests_together_are_bounded(self):
        channel = self.serve("--services", "suggestion", "--workers", 1, "--max-message", "200KiB").channel()
        large = [request(experiment(f"e{i}", "bayesianoptimization", parameters=20), trials=300, count=500)
                 for i in range(5)]
        self.assertGreater(5 * large[0].ByteSize(), 4 * 200 << 10)
        calls = [start(channel, SUGGEST, message) for message in large]
        self.wait_until(lambda: any(slow.done() for slow in calls), "one is refused")
        (refused,) = [slow for slow in calls if slow.done()]
        self.assertEqual(refused.code(), Code.RESOURCE_EXHAUSTED)
        self.assertIn("819200 bytes together", refused.details())
        for slow in calls:
            slow.cancel()

    def fits(self, calls):
        """How many models are fitted for so many calls of one experiment at once."""
        server = self.serve("--services", "suggestion", "--workers", 4, "--metrics", "127.0.0.1:0")
        channel = server.channel()
        message = request(experiment("tune", "bayesianoptimization", parameters=4), trials=60)
        for one in [start(channel, SUGGEST, message) for _ in range(calls)]:
            one.result(timeout=60)
        with urllib.request.urlopen(server.metrics, timeout=10) as response:
            return int(re.search(r"^qalam_model_fits_total (\d+)$", response.read().decode(), re.M).group(1))

    def test_calls_of_one_experiment_wait_for_each_other(self):
        one = self.fits(1)
        self.assertGreater(one, 0)
        self.assertEqual(self.fits(8), one)  # the others find the model that the first has left

    def test_restarts_change_no_answer(self):
        asked = experiment("grows", "bayesianoptimization", settings={"random_state": "7"})

        def answers(restart):
            server, found = self.serve("--services", "suggestion", "--metrics", "127.0.0.1:0"), []
            for trials in (40, 41, 42, 43):
                if restart:
                    server.end()
                    server = self.serve("--services", "suggestion", "--metrics", "127.0.0.1:0")
                found.append(points(call(server.channel(), SUGGEST, request(asked, trials=trials, count=2))))
            return found, urllib.request.urlopen(server.metrics, timeout=10).read().decode()

        kept, metrics = answers(restart=False)
        self.assertEqual(answers(restart=True)[0], kept)
        self.assertRegex(metrics, r'qalam_model_cache_hits_total{cache="factor"} [1-9]')


class Certificates:
    """A CA, and certificates that it has signed."""

    def __init__(self, folder):
        self.folder = folder
        self.run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                 "-subj", "/CN=test CA", "-keyout", "ca.key", "-out", "ca.pem")
        self.ca = (folder / "ca.pem").read_bytes()

    def run(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def sign(self, name):
        """Writes NAME.pem and NAME.key, as a renewal would: each file replaced at once."""
        (self.folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1")
        self.run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                 "-keyout", "new.key", "-out", "new.csr")
        self.run("x509", "-req", "-in", "new.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days",
                 "2", "-extfile", "names", "-out", "new.pem")
        for suffix in ("key", "pem"):
            (self.folder / f"new.{suffix}").rename(self.folder / f"{name}.{suffix}")

    def read(self, name):
        return (self.folder / f"{name}.key").read_bytes(), (self.folder / f"{name}.pem").read_bytes()


class WhoMayCall(ServiceTest):
    TLS = ("--services", "suggestion", "--tls-cert", "server.pem", "--tls-key", "server.key")

    def test_tls_and_a_renewed_certificate(self):
        files = Certificates(self.directory)
        files.sign("server")
        server = self.serve(*self.TLS)
        call(server.channel(grpc.ssl_channel_credentials(files.ca)), SUGGEST, request(experiment()))
        self.assert_code(Code.UNAVAILABLE, check, server.channel(), timeout=5)
        host, port = server.address.split(":")
        first = ssl.get_server_certificate((host, int(port)))
        files.sign("server")
        self.wait_until(lambda: ssl.get_server_certificate((host, int(port))) != first, "the new certificate")
        call(server.channel(grpc.ssl_channel_credentials(files.ca)), SUGGEST, request(experiment()))

    def test_files_that_cannot_be_used_are_passed_over(self):
        files = Certificates(self.directory)
        files.sign("server")
        server = self.serve(*self.TLS)
        key = (self.directory / "server.key").read_text()
        (self.directory / "server.key").write_text("nonsense")
        self.wait_until(lambda: any("server.key should be a readable PEM file" in line for line in server.log), "an error")
        call(server.channel(grpc.ssl_channel_credentials(files.ca)), SUGGEST, request(experiment()))
        (self.directory / "server.key").write_text(key)
        self.wait_until(lambda: any("info the TLS files have changed" in line for line in server.log), "good files")
        call(server.channel(grpc.ssl_channel_credentials(files.ca)), SUGGEST, request(experiment()))

    def test_mutual_tls_wants_a_certificate(self):
        files = Certificates(self.directory)
        files.sign("server")
        files.sign("client")
        server = self.serve(*self.TLS, "--tls-client-ca", "ca.pem")
        key, certificate = files.read("client")
        known = server.channel(grpc.ssl_channel_credentials(files.ca, key, certificate))
        self.assertEqual(len(call(known, SUGGEST, request(experiment())).parameter_assignments), 1)
        self.assert_code(Code.UNAVAILABLE, check, server.channel(grpc.ssl_channel_credentials(files.ca)), timeout=5)

    def test_a_key_of_another_certificate_is_refused(self):
        files = Certificates(self.directory)
        files.sign("server")
        files.sign("client")
        done = self.qalam("serve", *self.TLS[:-1], "client.key", expect=2)
        self.assertIn("client.key is not the key of the certificate in server.pem", done.stderr)

    def test_tokens(self):
        tokens = self.directory / "tokens"
        tokens.write_text("# of the team\nfirst-token\n\nsecond-token\n")
        server = self.serve("--services", "suggestion", "--token-file", tokens, "--metrics", "127.0.0.1:0")
        channel = server.channel()

        def ask(value):
            metadata = () if value is None else (("authorization", value),)
            return start(channel, SUGGEST, request(experiment()), metadata=metadata).code()

        for value in (None, "", "first-token", "Bearer", "Bearer ", "Bearer first-toke", "Bearer first-tokenn",
                      "Bearer # of the team", "Basic first-token"):
            self.assertEqual(ask(value), Code.UNAUTHENTICATED, value)
        for value in ("Bearer first-token", "bearer second-token"):
            self.assertEqual(ask(value), Code.OK, value)
        self.assertEqual(check(channel), "SERVING")  # probes have no token
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(server.metrics, timeout=10)
        self.assertEqual(refused.exception.code, 401)
        refused.exception.close()
        urllib.request.urlopen(urllib.request.Request(
            server.metrics, headers={"Authorization": "Bearer first-token"}), timeout=10).close()

        tokens.write_text("third-token\n")
        self.wait_until(lambda: ask("Bearer third-token") == Code.OK, "the new tokens")
        self.assertEqual(ask("Bearer first-token"), Code.UNAUTHENTICATED)
        tokens.unlink()
        self.assertEqual(ask("Bearer third-token"), Code.OK)


class HowItEnds(ServiceTest):
    def start_slow(self, server, count=500):
        channel = server.channel()
        slow = start(channel, SUGGEST, request(HEAVY, trials=200, count=count))
        call(channel, SUGGEST, request(experiment()))  # it was sent after the slow one, so that one has arrived
        return slow

    def test_calls_under_way_are_finished(self):
        server = self.serve("--services", "suggestion")
        slow = self.start_slow(server, count=100)
        self.assertFalse(slow.done())
        server.kill()
        late = server.channel()
        self.wait_until(lambda: start(late, SUGGEST, request(experiment())).code() == Code.UNAVAILABLE, "no new calls")
        self.assertFalse(slow.done())
        self.assertEqual(len(slow.result(timeout=60).parameter_assignments), 100)
        self.assertEqual(server.process.wait(timeout=60), 0)

    def test_no_calls_are_taken_while_the_api_finishes_its_requests(self):
        server = self.serve("--http", "127.0.0.1:0")
        host, port = re.search(r"https://(\S+):(\d+);", server.process.stdout.readline()).groups()
        with socket.create_connection((host, int(port)), timeout=60) as half:
            half.sendall(b"PUT /readyz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n"
                         b"Expect: 100-continue\r\n\r\n")
            self.assertTrue(half.recv(1000).startswith(b"HTTP/1.1 100 "))
            server.kill()
            late = server.channel()
            self.wait_until(lambda: start(late, SUGGEST, request(experiment())).code() == Code.UNAVAILABLE,
                            "no new calls")
            half.sendall(b"x")
            self.assertTrue(half.recv(1000).startswith(b"HTTP/1.1 "))
        self.assertEqual(server.process.wait(timeout=60), 0)

    def test_but_not_for_ever(self):
        server = self.serve("--services", "suggestion", "--grace", "1s")
        slow = self.start_slow(server)
        self.assertEqual(server.end(signal.SIGINT), 0)
        self.assertIn(slow.code(), (Code.CANCELLED, Code.UNAVAILABLE))

    def test_a_second_signal_ends_it_at_once(self):
        server = self.serve("--services", "suggestion")
        slow = self.start_slow(server)
        server.kill()
        self.wait_until(lambda: any("draining" in line for line in server.log), "draining")
        self.assertEqual(server.end(), 143)
        self.assertEqual(slow.code(), Code.UNAVAILABLE)


class WhatIsSeen(ServiceTest):
    TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    def test_metrics(self):
        server = self.serve("--metrics", "127.0.0.1:0")
        channel = server.channel()
        call(channel, SUGGEST, request(experiment()))
        self.assert_code(Code.INVALID_ARGUMENT, call, channel, SUGGEST, request(experiment(algorithm="nonsense")))
        call(channel, SUGGEST, request(HEAVY, trials=10))
        with urllib.request.urlopen(server.metrics, timeout=10) as response:
            self.assertIn("text/plain; version=0.0.4", response.headers["Content-Type"])
            lines = response.read().decode().splitlines()
        for line in (f'qalam_calls_total{{code="OK",method="{SUGGEST}"}} 2',
                     f'qalam_calls_total{{code="INVALID_ARGUMENT",method="{SUGGEST}"}} 1',
                     f'qalam_call_seconds_count{{method="{SUGGEST}"}} 3',
                     f'qalam_calls_under_way{{method="{SUGGEST}"}} 0',
                     'qalam_queue_length{queue="heavy"} 0'):
            self.assertIn(line, lines)
        self.assertGreaterEqual(float(next(line.split()[1] for line in lines
                                           if line.startswith("qalam_model_fits_total"))), 1)
        with self.assertRaises(urllib.error.HTTPError) as missing:
            urllib.request.urlopen(server.metrics + "x", timeout=10)
        self.assertEqual(missing.exception.code, 404)
        missing.exception.close()

    def test_logs_as_json_and_what_ties_them_to_the_caller(self):
        server = self.serve("--log-format", "json")
        done = start(server.channel(), SUGGEST, request(experiment('odd\n"name"', "tpe"), trials=3),
                     metadata=(("x-request-id", "request-7"), ("traceparent", self.TRACE)))
        self.assertEqual(done.code(), Code.OK)
        trailing = {item.key: item.value for item in done.trailing_metadata()}
        self.assertEqual((trailing["x-request-id"], trailing["traceparent"]), ("request-7", self.TRACE))
        server.end()
        entry = next(entry for entry in map(json.loads, server.log) if entry["message"] == "call")
        self.assertEqual(entry["experiment"], 'odd\n"name"')
        self.assertEqual([entry[key] for key in ("level", "method", "algorithm", "trials", "code", "request_id",
                                                 "traceparent")],
                         ["info", "GetSuggestions", "tpe", 3, "OK", "request-7", self.TRACE])
        self.assertGreater(entry["ms"], 0)

    def test_request_ids_are_made_where_none_is_usable(self):
        channel = self.serve().channel()
        seen = set()
        for metadata in ((), (("x-request-id", "has blank"),), (("x-request-id", "x" * 129),),
                         (("traceparent", "nonsense"),)):
            trailing = {item.key: item.value for item in start(
                channel, SUGGEST, request(experiment()), metadata=metadata).trailing_metadata()}
            self.assertRegex(trailing["x-request-id"], "^[0-9a-f]{32}$")
            self.assertNotIn("traceparent", trailing)
            seen.add(trailing["x-request-id"])
        self.assertEqual(len(seen), 4)

    def test_levels(self):
        report = api.ReportObservationLogRequest(trial_name="t")
        for level, expected in (("debug", ["ReportObservationLog", "GetSuggestions"]), ("info", ["GetSuggestions"]),
                                ("off", [])):
            server = self.serve("--log-level", level)
            channel = server.channel()
            call(channel, REPORT, report)
            call(channel, SUGGEST, request(experiment()))
            server.end()
            methods = [line.split("method=")[1].split()[0] for line in server.log if "method=" in line]
            self.assertEqual(methods, expected)


if __name__ == "__main__":
    unittest.main()
