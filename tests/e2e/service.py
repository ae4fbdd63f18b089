"""`qalam serve` as a process of a test, and calls to it as a client in any language would make them."""

import importlib
import re
import signal
import subprocess
import sys
import tempfile
import threading

import grpc

from qalam import BINARY, ROOT, QalamTest


def compile_contract():
    with tempfile.TemporaryDirectory() as folder:
        protos = [f"{ROOT}/proto/{name}.proto" for name in ("api", "health", "reflection")]
        subprocess.run(["protoc", f"--proto_path={ROOT}/proto", f"--python_out={folder}", *protos], check=True)
        sys.path.insert(0, folder)
        try:
            return [importlib.import_module(f"{name}_pb2") for name in ("api", "health", "reflection")]
        finally:
            sys.path.remove(folder)


api, health, reflection = compile_contract()

SUGGEST = "/api.v1.beta1.Suggestion/GetSuggestions"
VALIDATE = "/api.v1.beta1.Suggestion/ValidateAlgorithmSettings"
REPORT = "/api.v1.beta1.DBManager/ReportObservationLog"
READ = "/api.v1.beta1.DBManager/GetObservationLog"
REPLIES = {SUGGEST: api.GetSuggestionsReply, VALIDATE: api.ValidateAlgorithmSettingsReply,
           REPORT: api.ReportObservationLogReply, READ: api.GetObservationLogReply,
           "/api.v1.beta1.EarlyStopping/SetTrialStatus": api.SetTrialStatusReply,
           "/grpc.health.v1.Health/Check": health.HealthCheckResponse}


def experiment(name="tune", algorithm="random", parameters=2, settings=None):
    message = api.Experiment(name=name)
    message.spec.algorithm.algorithm_name = algorithm
    for key, value in (settings or {}).items():
        message.spec.algorithm.algorithm_settings.add(name=key, value=value)
    message.spec.objective.type = api.MINIMIZE
    message.spec.objective.objective_metric_name = "loss"
    for i in range(parameters):
        space = message.spec.parameter_specs.parameters.add(name=f"x{i}", parameter_type=api.DOUBLE).feasible_space
        space.min, space.max = "0", "1"
    return message


def request(asked, trials=0, count=1, **settings):
    """Asks for `count` points after `trials` trials that have succeeded, with values of no meaning."""
    message = api.GetSuggestionsRequest(experiment=asked, current_request_number=count,
                                        total_request_number=trials + count)
    for number in range(trials):
        trial = message.trials.add(name=f"t{number}")
        trial.status.condition = api.TrialStatus.SUCCEEDED
        trial.status.start_time = f"2026-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z"
        loss = 0
        for i, parameter in enumerate(asked.spec.parameter_specs.parameters):
            value = (number * (0.618034 + 0.1 * i) + 0.3 * i) % 1
            loss += (value - 0.3) ** 2 * (1 + i % 3) + 0.1 * abs((7 * value) % 1 - 0.5)
            trial.spec.parameter_assignments.assignments.add(name=parameter.name, value=repr(value))
        trial.status.observation.metrics.add(name="loss", value=repr(loss))
    return message


class Server:
    """Lines of the log are in `log`, as they are written."""

    def __init__(self, test, *flags):
        address = [] if "--grpc" in flags else ["--grpc", "127.0.0.1:0"]
        http = [] if "--http" in flags or "--services" in flags else ["--http", "none"]
        self.process = subprocess.Popen([BINARY, "serve", *address, *http, *map(str, flags)],
                                        cwd=test.directory, env=test.environment, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.log, self.channels = [], []
        self.line = self.process.stdout.readline()
        found = re.search(r"serving .*? on (\S+?)(?:, metrics on (\S+))?$", self.line)
        if not found:
            self.process.kill()
            test.fail(f"not serving: {self.line}{self.process.communicate()[1]}")
        self.address, self.metrics = found.groups()
        self.reader = threading.Thread(target=lambda: self.log.extend(self.process.stderr), daemon=True)
        self.reader.start()
        test.addCleanup(self.close)

    def channel(self, credentials=None, **options):
        options = [(f"grpc.{key}", value) for key, value in options.items()]
        made = (grpc.secure_channel(self.address, credentials, options) if credentials
                else grpc.insecure_channel(self.address, options))
        self.channels.append(made)
        return made

    def kill(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def end(self, number=signal.SIGTERM):
        """The exit code after a signal; then the log is complete."""
        self.kill(number)
        code = self.process.wait(timeout=60)
        self.reader.join(timeout=60)
        return code

    def close(self):
        for channel in self.channels:
            channel.close()
        self.process.kill()
        self.process.wait()
        self.reader.join(timeout=60)
        self.process.stdout.close()
        self.process.stderr.close()


def start(channel, method, message, timeout=60, metadata=None):
    """A future of the call."""
    stub = channel.unary_unary(method, lambda m: m.SerializeToString(), REPLIES[method].FromString)
    return stub.future(message, timeout=timeout, metadata=metadata, wait_for_ready=False)


def call(channel, method, message, **options):
    return start(channel, method, message, **options).result()


def check(channel, service="", timeout=10):
    reply = call(channel, "/grpc.health.v1.Health/Check", health.HealthCheckRequest(service=service), timeout=timeout)
    return health.HealthCheckResponse.ServingStatus.Name(reply.status)


def points(reply):
    return [{a.name: a.value for a in point.assignments} for point in reply.parameter_assignments]


class ServiceTest(QalamTest):
    def serve(self, *flags):
        return Server(self, *flags)

    def assert_code(self, code, function, *arguments, **options):
        """The text of the error, which must have the code."""
        with self.assertRaises(grpc.RpcError) as caught:
            function(*arguments, **options)
        self.assertEqual(caught.exception.code(), code, caught.exception.details())
        return caught.exception.details()
