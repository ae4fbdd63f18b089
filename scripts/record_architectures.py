#!/usr/bin/env python3
"""Trains every architecture of a small space with examples/enas/train.py and records how good each becomes:

    /usr/bin/python3 scripts/record_architectures.py bench/architectures/digits.csv.gz

3 layers of 6 operations, each joined with earlier outputs or not: 6^3 * 2^3 = 1,728 architectures, each trained twice from
different weights; some 7 minutes on one core. scripts/bench_enas.py searches the table.
"""

import csv
import gzip
import io
import itertools
import json
import os
import pathlib
import sys
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # before NumPy starts its threads, which such small matrices do not repay

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "examples/enas"))
import train  # noqa: E402

LAYERS, EPOCHS, SEEDS = 3, 10, (0, 1)
OPERATIONS = [
    ("dense", {"units": ["4", "12"], "activation": ["relu", "tanh"]}),
    ("pooling", {"size": ["4"]}),
    ("identity", {"of": ["all"]}),
]


def nas_config():
    """What the Experiment says, as on the wire."""
    return {
        "graphConfig": {"numLayers": LAYERS, "inputSizes": [8, 8, 1], "outputSizes": [10]},
        "operations": {"operation": [
            {"operationType": kind, "parameterSpecs": {"parameters": [
                {"name": name, "parameterType": "CATEGORICAL", "feasibleSpace": {"list": values}}
                for name, values in parameters.items()]}}
            for kind, parameters in OPERATIONS]},
    }


def choices():
    """(type, parameters) of every operation, in the order of their ids."""
    for kind, parameters in OPERATIONS:
        for values in itertools.product(*parameters.values()):
            yield kind, dict(zip(parameters, values))


def architectures():
    bits = [[list(b) for b in itertools.product((0, 1), repeat=layer)] for layer in range(LAYERS)]
    ids = range(sum(1 for _ in choices()))
    for layers in itertools.product(*[itertools.product(ids, bits[layer]) for layer in range(LAYERS)]):
        yield [[operation, *skips] for operation, skips in layers]


def main():
    config = {"input_sizes": [8, 8, 1], "output_sizes": [10], "embedding": {
        str(i): {"opt_id": i, "opt_type": kind, "opt_params": values} for i, (kind, values) in enumerate(choices())}}
    started = time.monotonic()
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["architecture", "accuracy", "loss"])
    for number, architecture in enumerate(architectures(), 1):
        ends = [list(train.train(architecture, config, EPOCHS, seed))[-1] for seed in SEEDS]
        accuracy, loss = (sum(values) / len(ends) for values in zip(*ends))
        table.writerow([json.dumps(architecture), f"{accuracy:.5f}", f"{loss:.5f}"])
        if number % 100 == 0:
            print(f"{number} architectures, {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    with open(sys.argv[1], "wb") as file, gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as packed:
        packed.write(out.getvalue().encode())


if __name__ == "__main__":
    main()
