"""A suggestion service of your own, in Python: a local search named `climb` behind Katib's gRPC contract.

The first points are random. Later ones are steps from the best trial so far, most of them small. Nothing is kept
between two requests: the experiment and all its trials come with each of them, so the service may be restarted at
any time.

    /usr/bin/python3 examples/external-suggestion/server.py --listen 127.0.0.1:6789

Needs python3-grpcio, python3-protobuf and protoc (Debian: apt-get install python3-grpcio protobuf-compiler).
"""

import argparse
import importlib
import math
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
from concurrent import futures

try:
    import grpc
except ImportError as error:
    sys.exit(f"{error}: {sys.executable} has no gRPC. On Debian: apt-get install python3-grpcio, "
             "and run this with /usr/bin/python3.")

CONTRACT = pathlib.Path(__file__).resolve().parents[2] / "proto" / "api.proto"
SETTINGS = {"startup": (4, 1, 1000), "step": (0.15, 0.001, 1.0), "random_state": (0, 0, 2**31)}


def load_messages(contract):
    """The message classes of the contract, compiled by protoc into a folder that is gone again afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["protoc", f"--proto_path={contract.parent}", f"--python_out={folder}", contract.name],
                       check=True)
        sys.path.insert(0, folder)
        try:
            return importlib.import_module("api_pb2")
        finally:
            sys.path.remove(folder)


class Refused(Exception):
    """The experiment's settings or parameters cannot be used; the text says why."""


def read_settings(experiment):
    values = {name: default for name, (default, _, _) in SETTINGS.items()}
    for setting in experiment.spec.algorithm.algorithm_settings:
        if setting.name not in SETTINGS:
            raise Refused(f"unknown setting {setting.name!r}: must be one of {', '.join(SETTINGS)}")
        default, low, high = SETTINGS[setting.name]
        try:
            value = type(default)(setting.value)
        except ValueError:
            raise Refused(f"{setting.name}: {setting.value!r} is no {type(default).__name__}") from None
        if not low <= value <= high:
            raise Refused(f"{setting.name}: {setting.value} is not in [{low}, {high}]")
        values[setting.name] = value
    return values


class Axis:
    """One parameter as a stretch of [0, 1): texts to positions and back."""

    def __init__(self, pb, spec):
        space, self.name = spec.feasible_space, spec.name
        self.choices = list(space.list)
        self.is_int = spec.parameter_type == pb.INT
        self.is_choice = spec.parameter_type in (pb.CATEGORICAL, pb.DISCRETE)
        if self.is_choice:
            if not self.choices:
                raise Refused(f"{self.name}: the list is empty")
            return
        try:
            self.low, self.high = float(space.min), float(space.max)
        except ValueError:
            raise Refused(f"{self.name}: min {space.min!r} and max {space.max!r} must be numbers") from None
        self.log = space.distribution in (pb.LOG_UNIFORM, pb.LOG_NORMAL)
        if self.low > self.high or (self.log and self.low <= 0):
            raise Refused(f"{self.name}: {space.min}..{space.max} is no usable range")

    def text(self, u):
        if self.is_choice:
            return self.choices[int(u * len(self.choices))]
        if self.log:
            value = math.exp(math.log(self.low) + u * (math.log(self.high) - math.log(self.low)))
        else:
            value = self.low + u * (self.high - self.low)
        value = min(max(value, self.low), self.high)
        return str(round(value)) if self.is_int else repr(value)

    def position(self, text):
        if self.is_choice:
            return (self.choices.index(text) + 0.5) / len(self.choices)
        if self.low == self.high:
            return 0.5
        value = float(text)
        if self.log:
            return (math.log(value) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        return (value - self.low) / (self.high - self.low)

    def step(self, u, width, rng):
        if self.is_choice:
            return rng.random() if rng.random() < width else u
        moved = abs(u + rng.gauss(0.0, width)) % 2.0  # reflected at both ends
        return min(moved if moved < 1.0 else 2.0 - moved, 1.0 - 1e-12)


class ClimbService:
    def __init__(self, pb):
        self.pb = pb

    def axes(self, experiment):
        axes = [Axis(self.pb, spec) for spec in experiment.spec.parameter_specs.parameters]
        if not axes:
            raise Refused("the experiment has no parameters")
        return axes

    def validate(self, request, context):
        try:
            read_settings(request.experiment)
            self.axes(request.experiment)
        except Refused as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"climb: {error}")
        return self.pb.ValidateAlgorithmSettingsReply()

    def suggest(self, request, context):
        try:
            settings, axes = read_settings(request.experiment), self.axes(request.experiment)
        except Refused as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"climb: {error}")
        results = self.results(request)
        reply = self.pb.GetSuggestionsReply()
        for number in range(request.current_request_number):
            index = request.total_request_number - request.current_request_number + number
            rng = random.Random(f"{settings['random_state']}/{index}")
            if len(results) < settings["startup"]:
                point = [rng.random() for _ in axes]
            else:
                best = min(results, key=lambda result: result[0])[1]
                width = settings["step"] * 0.5 ** rng.randrange(4)
                point = [axis.step(axis.position(best[axis.name]), width, rng) for axis in axes]
            assignments = reply.parameter_assignments.add().assignments
            for axis, u in zip(axes, point):
                assignments.add(name=axis.name, value=axis.text(u))
        return reply

    def results(self, request):
        """(value to minimise, assignments) of every trial that has succeeded with a number."""
        objective = request.experiment.spec.objective
        sign = -1.0 if objective.type == self.pb.MAXIMIZE else 1.0
        found = []
        for trial in request.trials:
            if trial.status.condition != self.pb.TrialStatus.SUCCEEDED:
                continue
            for metric in trial.status.observation.metrics:
                try:
                    value = float(metric.value)
                except ValueError:
                    continue
                if metric.name == objective.objective_metric_name and math.isfinite(value):
                    point = {a.name: a.value for a in trial.spec.parameter_assignments.assignments}
                    found.append((sign * value, point))
        return found

    def handler(self):
        pb = self.pb
        methods = {
            "GetSuggestions": (self.suggest, pb.GetSuggestionsRequest),
            "ValidateAlgorithmSettings": (self.validate, pb.ValidateAlgorithmSettingsRequest),
        }
        return grpc.method_handlers_generic_handler("api.v1.beta1.Suggestion", {
            name: grpc.unary_unary_rpc_method_handler(function, request_deserializer=request.FromString,
                                                      response_serializer=lambda reply: reply.SerializeToString())
            for name, (function, request) in methods.items()
        })


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--listen", default="127.0.0.1:6789", help="HOST:PORT; port 0 picks a free one")
    parser.add_argument("--proto", type=pathlib.Path, default=CONTRACT, help="the contract, api.proto")
    args = parser.parse_args()

    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    server.add_generic_rpc_handlers((ClimbService(load_messages(args.proto)).handler(),))
    port = server.add_insecure_port(args.listen)
    server.start()
    print(f"climb listens on {args.listen.rsplit(':', 1)[0]}:{port}", flush=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: server.stop(grace=1))
    server.wait_for_termination()


if __name__ == "__main__":
    main()
