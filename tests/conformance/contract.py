"""Katib's contracts as a client sees them: stubs made from proto/api.proto at test time, a server to talk to, and short
ways to write messages.

The server is the binary named by $QALAM. With QALAM_ADDRESS=host:port a server that runs already is asked instead; tests
that restart it are skipped then.
"""

import importlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import unittest

import grpc

ROOT = pathlib.Path(__file__).resolve().parents[2]
ADDRESS = os.environ.get("QALAM_ADDRESS")


def _generate():
    with tempfile.TemporaryDirectory() as directory:
        plugin = subprocess.run(["which", "grpc_python_plugin"], capture_output=True, text=True, check=True).stdout.strip()
        subprocess.run(["protoc", f"-I{ROOT / 'proto'}", f"--plugin=protoc-gen-grpc_python={plugin}",
                        f"--python_out={directory}", f"--grpc_python_out={directory}", "api.proto"], check=True)
        sys.path.insert(0, directory)
        try:
            return importlib.import_module("api_pb2"), importlib.import_module("api_pb2_grpc")
        finally:
            sys.path.remove(directory)


api, api_grpc = _generate()
ALGORITHMS = ("asha", "auto", "bayesianoptimization", "bohb", "cmaes", "grid", "hyperband", "multivariate-tpe", "nsga2", "pbt", "random", "sobol",
              "tpe", "turbo")
NEEDED_SETTINGS = {  # by algorithm
    **{name: {"resource_name": "epochs", "r_l": "9"} for name in ("asha", "bohb", "hyperband")},
    "pbt": {"suggestion_trial_dir": "/opt/katib/data", "n_population": "5", "truncation_threshold": "0.4"},
}
ARCHITECTURE_SEARCHES = ("darts", "enas")  # these take no parameters
RUN = os.urandom(4).hex()  # part of names, so that a server may be asked twice
INVALID = grpc.StatusCode.INVALID_ARGUMENT


class Server:
    """The binary, on a free port of loopback unless the flags say another address."""

    def __init__(self, *flags, environment=None):
        self.directory = tempfile.TemporaryDirectory(prefix="qalam-conformance-")
        self.flags = flags
        self.environment = {**os.environ, **(environment or {})}
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [os.environ["QALAM"], "--data-dir", self.directory.name, "serve", "--http", "none", "--log-level", "warning",
             *([] if any(f.startswith("--grpc=") for f in self.flags) else ["--grpc=127.0.0.1:0"]), *self.flags],
            stdout=subprocess.PIPE, text=True, env=self.environment)
        line = self.process.stdout.readline()
        found = re.match(r"serving .* on (\S+)$", line.strip())
        if not found:
            raise AssertionError(f"the server did not start: {line!r}, exit code {self.process.wait()}")
        self.address = found.group(1)

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait(60)
        self.process.stdout.close()

    def restart(self, how=signal.SIGKILL):
        self.stop(how)
        self.start()

    def close(self):
        self.stop()
        self.directory.cleanup()


class ContractTest(unittest.TestCase):
    """One server for a class; `self.suggestion`, `self.early_stopping` and `self.db` are stubs."""

    @classmethod
    def setUpClass(cls):
        cls.server = None if ADDRESS else Server()
        cls.connect()

    @classmethod
    def tearDownClass(cls):
        cls.channel.close()
        if cls.server:
            cls.server.close()

    @classmethod
    def connect(cls):
        cls.channel = grpc.insecure_channel(ADDRESS or cls.server.address)
        cls.suggestion = api_grpc.SuggestionStub(cls.channel)
        cls.early_stopping = api_grpc.EarlyStoppingStub(cls.channel)
        cls.db = api_grpc.DBManagerStub(cls.channel)

    @classmethod
    def restart(cls):
        if not cls.server:
            raise unittest.SkipTest("QALAM_ADDRESS names a server of somebody else")
        cls.channel.close()
        cls.server.restart()
        cls.connect()

    def refusal(self, call, request, code=INVALID):
        """The text with which a call is refused; fails unless the status code is `code`."""
        with self.assertRaises(grpc.RpcError) as raised:
            call(request, timeout=60)
        self.assertEqual(raised.exception.code(), code, raised.exception.details())
        return raised.exception.details()

    def suggest(self, experiment, trials=(), count=1, total=None, timeout=60):
        """The points of one GetSuggestions as dictionaries from name to text."""
        request = api.GetSuggestionsRequest(experiment=experiment, trials=trials, current_request_number=count,
                                            total_request_number=total if total is not None else len(trials) + count)
        reply = self.suggestion.GetSuggestions(request, timeout=timeout)
        return [point_of(assignments.assignments) for assignments in reply.parameter_assignments]


def point_of(assignments):
    return {a.name: a.value for a in assignments}


DISTRIBUTIONS = {None: api.DISTRIBUTION_UNSPECIFIED, "uniform": api.UNIFORM, "logUniform": api.LOG_UNIFORM,
                 "normal": api.NORMAL, "logNormal": api.LOG_NORMAL}


def number(kind, name, low, high, step="", distribution=None):
    return api.ParameterSpec(name=name, parameter_type=kind, feasible_space=api.FeasibleSpace(
        min=low, max=high, step=step, distribution=DISTRIBUTIONS[distribution]))


def double(*arguments, **options):
    return number(api.DOUBLE, *arguments, **options)


def integer(*arguments, **options):
    return number(api.INT, *arguments, **options)


def categorical(name, *entries):
    return api.ParameterSpec(name=name, parameter_type=api.CATEGORICAL, feasible_space=api.FeasibleSpace(list=entries))


def discrete(name, *entries):
    return api.ParameterSpec(name=name, parameter_type=api.DISCRETE, feasible_space=api.FeasibleSpace(list=entries))


def objective(kind=api.MINIMIZE, metric="loss"):
    return api.ObjectiveSpec(type=kind, objective_metric_name=metric)


def with_needed(algorithm, parameters):
    """These, and the one that the algorithm's settings name."""
    return [*parameters, *([integer("epochs", "1", "9")] if "resource_name" in NEEDED_SETTINGS.get(algorithm, {}) else [])]


def experiment(algorithm, parameters, settings=(), name="e1", kind=api.MINIMIZE, parallel=3, most=0):
    return api.Experiment(name=name, spec=api.ExperimentSpec(
        parameter_specs=api.ExperimentSpec.ParameterSpecs(parameters=with_needed(algorithm, parameters)),
        objective=objective(kind), parallel_trial_count=parallel, max_trial_count=most,
        algorithm=api.AlgorithmSpec(algorithm_name=algorithm, algorithm_settings=[
            api.AlgorithmSetting(name=n, value=v)
            for n, v in {**NEEDED_SETTINGS.get(algorithm, {}), **dict(settings)}.items()])))


def architecture_search(algorithm, operations, settings=(), layers=3, inputs=(32, 32, 3), outputs=(10,), kind=api.MAXIMIZE):
    """`operations` are pairs of a type and its parameters."""
    made = experiment(algorithm, [], settings, kind=kind)
    nas = made.spec.nas_config
    nas.graph_config.CopyFrom(api.GraphConfig(num_layers=layers, input_sizes=inputs, output_sizes=outputs))
    nas.operations.SetInParent()
    for operation_type, parameters in operations:
        nas.operations.operation.add(operation_type=operation_type).parameter_specs.parameters.extend(parameters)
    return made


def trial(name, point, condition="SUCCEEDED", metrics=(), second=0):
    """As the controller sends it: values byte for byte, times in whole seconds."""
    ended = condition not in ("CREATED", "RUNNING")
    return api.Trial(
        name=name,
        spec=api.TrialSpec(objective=objective(), parameter_assignments=api.TrialSpec.ParameterAssignments(
            assignments=[api.ParameterAssignment(name=n, value=v) for n, v in point.items()])),
        status=api.TrialStatus(
            start_time=f"2026-01-01T10:{second // 60 % 60:02}:{second % 60:02}Z",
            completion_time=f"2026-01-01T11:{second // 60 % 60:02}:{second % 60:02}Z" if ended else "",
            condition=api.TrialStatus.TrialConditionType.Value(condition),
            observation=api.Observation(metrics=[api.Metric(name=n, value=v) for n, v in dict(metrics).items()])))
