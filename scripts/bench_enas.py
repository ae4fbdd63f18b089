#!/usr/bin/env python3
"""Architectures that `enas` finds, beside as many drawn at random, in a table of trained ones (scripts/record_architectures.py):

    /usr/bin/python3 scripts/bench_enas.py --seeds 20 --trials 200 controller_learning_rate=0.0005 controller_train_steps=10

Starts the program itself (build/release/qalam, or $QALAM) and asks it over gRPC as Katib's controller does, with
--parallel trials running at once. Neither search tries an architecture twice. Needs python3-grpcio, python3-protobuf, protoc.
"""

import argparse
import csv
import gzip
import os
import pathlib
import random
import statistics
import sys
import time

from google.protobuf import json_format

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/conformance"))
os.environ.setdefault("QALAM", str(ROOT / "build/release/qalam"))

import contract  # noqa: E402
import record_architectures  # noqa: E402

TABLE = ROOT / "bench/architectures/digits.csv.gz"


def read_table():
    with gzip.open(TABLE, "rt") as file:
        return {row["architecture"]: float(row["accuracy"]) for row in csv.DictReader(file)}


def experiment(seed, settings):
    made = contract.experiment("enas", [], {**settings, "seed": str(seed)}, name=f"enas-{seed}", kind=contract.api.MAXIMIZE)
    made.spec.objective.objective_metric_name = "accuracy"
    json_format.ParseDict(record_architectures.nas_config(), made.spec.nas_config)
    return made


class Client(contract.ContractTest):
    """The connection of the tests."""


def search(table, seed, settings, trials, parallel):
    """Accuracies in the order of the trials."""
    asked, ended, values = experiment(seed, settings), [], []
    running = []
    while len(values) < trials:
        count = min(parallel - len(running), trials - len(values) - len(running))
        history = ended + [contract.trial(name, point, "RUNNING") for name, point in running]
        if count > 0:
            for point in Client.suggest(Client, asked, history, count, total=len(history) + count, timeout=600):
                running.append((f"t{len(ended) + len(running)}", point))
        name, point = running.pop(0)
        values.append(table[point["architecture"]])
        ended.append(contract.trial(name, point, "SUCCEEDED", {"accuracy": str(values[-1])}, second=len(ended)))
    return values


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--parallel", type=int, default=1)
    parser.add_argument("settings", nargs="*", metavar="NAME=VALUE")
    args = parser.parse_args()
    table = read_table()
    ranking = sorted(table.values(), reverse=True)
    Client.setUpClass()
    seeds = range(1, args.seeds + 1)
    runs = {"random": [random.Random(seed).sample(list(table.values()), args.trials) for seed in seeds]}
    began = time.monotonic()
    try:
        settings = dict(setting.split("=", 1) for setting in args.settings)
        runs["enas"] = [search(table, seed, settings, args.trials, args.parallel) for seed in seeds]
    finally:
        Client.tearDownClass()
    seconds = (time.monotonic() - began) / args.seeds
    print(f"{len(table)} architectures, best {ranking[0]:.4f}, median {statistics.median(ranking):.4f}; {args.seeds} seeds; "
          f"enas: {seconds:.1f} s per search of {args.trials} trials\n")
    print("| trials | search | best accuracy, mean | its place in the table, median | better than a random search "
          "| mean of the last 25 trials |")
    print("| --- | --- | --- | --- | --- | --- |")
    for trials in (t for t in (25, 50, 100, 150, 200, 300) if t <= args.trials):
        for name, found in runs.items():
            best = [max(values[:trials]) for values in found]
            place = statistics.median(1 + sum(value > b for value in ranking) for b in best)
            wins = statistics.mean((b > a) + (b == a) / 2 for b in best for a in (max(r[:trials]) for r in runs["random"]))
            late = statistics.mean(statistics.mean(values[trials - 25:trials]) for values in found)
            print(f"| {trials} | {name} | {statistics.mean(best):.4f} | {place:g} | {wins:.2f} | {late:.4f} |")


if __name__ == "__main__":
    main()
