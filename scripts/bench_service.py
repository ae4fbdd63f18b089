#!/usr/bin/env python3
"""How fast `qalam serve` answers over loopback, and whether it stays well under load.

    scripts/bench_service.py                     latency by algorithm, time to start, memory
    scripts/bench_service.py --soak 60           500 experiments from 8 clients for a minute

Starts the program itself (build/release/qalam, or --qalam PATH). Needs python3-grpcio, python3-protobuf and protoc.
Requests have 10 parameters of all types and are serialised beforehand, so the times are those of client library,
loopback and server. "cpu" is the server's share (median): on a busy machine it is what the times would be on an idle one.
"""

import argparse
import importlib
import pathlib
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import grpc

ROOT = pathlib.Path(__file__).resolve().parents[1]
SUGGEST = "/api.v1.beta1.Suggestion/GetSuggestions"
REPORT = "/api.v1.beta1.DBManager/ReportObservationLog"
ALGORITHMS = ["random", "sobol", "grid", "tpe", "multivariate-tpe", "cmaes", "bayesianoptimization", "turbo", "auto"]


def compile_contract():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["protoc", f"--proto_path={ROOT}/proto", f"--python_out={folder}", "api.proto"], check=True)
        sys.path.insert(0, folder)
        try:
            return importlib.import_module("api_pb2")
        finally:
            sys.path.remove(folder)


api = compile_contract()


class Server:
    def __init__(self, program, *flags):
        self.folder = tempfile.TemporaryDirectory()
        begin = time.perf_counter()
        self.process = subprocess.Popen([program, "serve", "--http", "none", "--grpc", "127.0.0.1:0", "--data-dir", self.folder.name,
                                         "--log-level", "warning", *flags], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.start_ms = 1e3 * (time.perf_counter() - begin)
        self.address = re.search(r"on (\S+:\d+)", line).group(1)
        self.channel = grpc.insecure_channel(self.address, [("grpc.max_receive_message_length", -1)])
        self.suggest = self.channel.unary_unary(SUGGEST)  # bytes in, bytes out

    def memory_mb(self, field="VmRSS"):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(re.search(rf"{field}:\s+(\d+) kB", status).group(1)) / 1e3

    def cpu_ms(self):
        """Time on processors, of all threads: what a call costs even while others use the machine."""
        total = 0
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            total += int((task / "schedstat").read_text(encoding="ascii").split()[0])
        return total / 1e6

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self.process.stdout.close()
        self.folder.cleanup()


def experiment(name, algorithm):
    message = api.Experiment(name=name)
    spec = message.spec
    spec.algorithm.algorithm_name = algorithm
    spec.algorithm.algorithm_settings.add(name="random_state", value="1")
    spec.objective.type = api.MINIMIZE
    spec.objective.objective_metric_name = "loss"
    spec.max_trial_count, spec.parallel_trial_count = 2_000, 4

    def add(parameter, kind, low="", high="", step="", values=(), distribution=api.UNIFORM):
        space = spec.parameter_specs.parameters.add(name=parameter, parameter_type=kind).feasible_space
        space.min, space.max, space.step, space.distribution = low, high, step, distribution
        space.list.extend(values)

    stepped = algorithm == "grid"  # which needs to know how many values there are
    add("learning_rate", api.DOUBLE, "0.00001", "0.1", "0.001" if stepped else "", distribution=api.LOG_UNIFORM)
    add("weight_decay", api.DOUBLE, "0.000001", "0.01", "0.001" if stepped else "", distribution=api.LOG_UNIFORM)
    add("momentum", api.DOUBLE, "0.5", "0.99", "0.01" if stepped else "")
    add("dropout", api.DOUBLE, "0", "0.5", "0.05")
    add("layers", api.INT, "1", "8")
    add("width", api.INT, "16", "512", "16")
    add("warmup", api.INT, "0", "1000", "100" if stepped else "")
    add("batch", api.DISCRETE, values=["16", "32", "64", "128"])
    add("optimizer", api.CATEGORICAL, values=["adam", "sgd", "rmsprop"])
    add("activation", api.CATEGORICAL, values=["relu", "gelu", "tanh"])
    return message


def add_trial(request, number, rng):
    trial = request.trials.add(name=f"{request.experiment.name}-{number:08x}")
    trial.spec.objective.CopyFrom(request.experiment.spec.objective)
    trial.status.condition = api.TrialStatus.SUCCEEDED
    clock = f"{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z"
    trial.status.start_time, trial.status.completion_time = f"2026-01-01T{clock}", f"2026-01-02T{clock}"
    loss = 0.0
    for parameter in request.experiment.spec.parameter_specs.parameters:
        space = parameter.feasible_space
        if space.list:
            index = rng.randrange(len(space.list))
            value, text = index / len(space.list), space.list[index]
        else:
            low, high, value = float(space.min), float(space.max), rng.random()
            if space.step:
                steps = int((high - low) / float(space.step) + 1e-9)
                number_text = low + round(value * steps) * float(space.step)
            elif space.distribution == api.LOG_UNIFORM:
                number_text = low * (high / low) ** value
            else:
                number_text = low + value * (high - low)
            text = str(round(number_text)) if parameter.parameter_type == api.INT else f"{number_text:.10g}"
        trial.spec.parameter_assignments.assignments.add(name=parameter.name, value=text)
        loss += (value - 0.4) ** 2
    trial.status.observation.metrics.add(name="loss", value=repr(loss + 0.01 * rng.random()))


def request_of(name, algorithm, trials, seed=0):
    rng = random.Random(seed)
    request = api.GetSuggestionsRequest(experiment=experiment(name, algorithm), current_request_number=1,
                                        total_request_number=trials + 1)
    for number in range(trials):
        add_trial(request, number, rng)
    return request


def measure(server, payload):
    """Milliseconds that a call takes, and how many of them the server computes."""
    cpu, begin = server.cpu_ms(), time.perf_counter()
    server.suggest(payload, timeout=60)
    return 1e3 * (time.perf_counter() - begin), server.cpu_ms() - cpu


def row(name, trials, pairs, bound):
    times, cpu = sorted(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)
    median, high = statistics.median(times), times[int(0.99 * (len(times) - 1))]
    verdict = "" if bound is None else f"< {bound} ms: {'yes' if median < bound else 'NO'}"
    print(f"{name:32} {trials:6} trials {len(times):5} calls   p50 {median:7.2f} ms   p99 {high:7.2f} ms   "
          f"cpu {cpu:7.2f} ms   {verdict}", flush=True)


def latency(program, calls):
    starts = []
    for _ in range(5):
        with Server(program) as server:
            starts.append(server.start_ms)
    print(f"start to serving: {statistics.median(starts):.0f} ms (< 100)")
    with Server(program) as server:
        idle = server.memory_mb()
        for algorithm, trials, bound in (("random", 200, 4), ("sobol", 200, None), ("grid", 200, None), ("tpe", 200, 4),
                                         ("multivariate-tpe", 200, None), ("cmaes", 200, 4), ("random", 1_000, 3),
                                         ("tpe", 1_000, None), ("cmaes", 1_000, None)):
            payload = request_of(f"{algorithm}-{trials}", algorithm, trials).SerializeToString()
            for _ in range(5):
                measure(server, payload)
            row(algorithm, trials, [measure(server, payload) for _ in range(calls)], bound)
            if trials == 1_000 and algorithm == "random":
                print(f"{'':32} {len(payload)} bytes a request")
        for algorithm, cold, next_call in (("bayesianoptimization", 250, 30), ("turbo", None, None),
                                           ("auto", None, None)):
            first, grown = [], []
            for seed in range(max(3, calls // 20)):
                request = request_of(f"{algorithm}-{seed}", algorithm, 200, seed)
                first.append(measure(server, request.SerializeToString()))
                rng = random.Random(-seed)
                for number in range(200, 205):
                    add_trial(request, number, rng)
                    request.total_request_number += 1
                    grown.append(measure(server, request.SerializeToString()))
            row(f"{algorithm}, nothing kept", 200, first, cold)
            row(f"{algorithm}, one trial more", 200, grown, next_call)
        print(f"memory: {idle:.0f} MB idle, {server.memory_mb():.0f} MB after all algorithms (< 60), "
              f"{server.memory_mb('VmHWM'):.0f} MB at most")


def soak(program, seconds, experiments, clients):
    """Each client takes experiments in turn, asks, reports, and lets the history grow up to 60 trials."""
    with Server(program) as server:
        end = time.monotonic() + seconds
        counts, errors = [0] * clients, []

        def client(index):
            rng = random.Random(index)
            suggest, report = server.channel.unary_unary(SUGGEST), server.channel.unary_unary(REPORT)
            mine = [request_of(f"e{number}", ALGORITHMS[number % len(ALGORITHMS)], 0)
                    for number in range(index, experiments, clients)]
            while time.monotonic() < end:
                request = mine[counts[index] % len(mine)]
                try:
                    reply = api.GetSuggestionsReply.FromString(suggest(request.SerializeToString(), timeout=60))
                    assert len(reply.parameter_assignments) == 1
                    if len(request.trials) >= 60:
                        del request.trials[:]
                    add_trial(request, len(request.trials), rng)
                    request.total_request_number = len(request.trials) + 1
                    log = api.ReportObservationLogRequest(trial_name=request.trials[-1].name)
                    entry = log.observation_log.metric_logs.add(time_stamp="2026-01-01T00:00:00Z")
                    entry.metric.name, entry.metric.value = "loss", str(rng.random())
                    report(log.SerializeToString(), timeout=60)
                except (grpc.RpcError, AssertionError) as error:
                    errors.append(repr(error))
                counts[index] += 1

        threads = [threading.Thread(target=client, args=(index,)) for index in range(clients)]
        for thread in threads:
            thread.start()
        samples = []
        while any(thread.is_alive() for thread in threads):
            time.sleep(min(5, seconds / 4))
            samples.append(server.memory_mb())
            print(f"{sum(counts):7} calls of each kind   {len(errors)} errors   {samples[-1]:.0f} MB", flush=True)
        for thread in threads:
            thread.join()
        print(f"{experiments} experiments, {clients} clients, {sum(counts) / seconds:.0f} calls of each kind a second, "
              f"{len(errors)} errors; memory {samples[len(samples) // 2]:.0f} MB half-way, {samples[-1]:.0f} MB at the end")
        for error in errors[:5]:
            print(error, file=sys.stderr)
        return 1 if errors else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--qalam", default=str(ROOT / "build/release/qalam"), help="the program")
    parser.add_argument("--calls", type=int, default=200, help="calls an algorithm")
    parser.add_argument("--soak", type=float, metavar="SECONDS", help="run the load instead")
    parser.add_argument("--experiments", type=int, default=500)
    parser.add_argument("--clients", type=int, default=8)
    arguments = parser.parse_args()
    if arguments.soak:
        sys.exit(soak(arguments.qalam, arguments.soak, arguments.experiments, arguments.clients))
    latency(arguments.qalam, arguments.calls)


if __name__ == "__main__":
    main()
