#!/usr/bin/env python3
"""Time per suggestion of other libraries beside ours, in one run on one machine, one thread each.

    bench_peers.py --qalam build/release/qalam [--algorithms all] [--trials 200,1000] [-o FILE.csv]

`make bench-peers` installs the libraries of bench_peers.txt into a virtual environment and calls this.

The problem is that of `qalam bench --latency`: ten mixed parameters, a history of random points with a smooth loss.
"nothing cached" is the first suggestion after the history was handed over as a whole; "grown by one" is the next one,
after one more result. Milliseconds of processor time, medians.
"""

import argparse
import csv
import math
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
warnings.filterwarnings("ignore")

# Name, kind, low, high, logarithmic; as LatencySpace() in bench/latency.cc.
FLOATS = [("x0", 0, 1, False), ("x1", -5, 10, False), ("x2", 1e-5, 1, True), ("x3", 1e-6, 1e-1, True)]
INTS = [("n0", 1, 16, False), ("n1", 0, 100, False), ("n2", 16, 1024, True)]
CHOICES = [("c0", "abcd"), ("c1", "abcd"), ("c2", "abcd")]
SECONDS_PER_CELL = 20  # no further repetition after this time


def draw(rng):
    """A random point and its quantiles."""
    point, quantiles = {}, []
    for name, low, high, log in FLOATS + INTS:
        u = rng.random()
        quantiles.append(u)
        value = math.exp(math.log(low) + u * math.log(high / low)) if log else low + u * (high - low)
        point[name] = value if name.startswith("x") else min(max(round(value), low), high)
    for name, choices in CHOICES:
        index = rng.randrange(len(choices))
        quantiles.append((index + 0.5) / len(choices))
        point[name] = choices[index]
    return point, quantiles


def loss(quantiles):
    return sum((u - 0.4) ** 2 + 0.02 * math.sin(20 * u) for u in quantiles)


def history(trials, repetition):
    rng = random.Random(f"{trials}-{repetition}")
    points = [draw(rng) for _ in range(trials)]
    return [(point, loss(quantiles)) for point, quantiles in points]


class Optuna:
    def __init__(self, sampler, seed):
        import optuna
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        distributions = optuna.distributions
        self.create_trial = optuna.trial.create_trial
        self.space = {name: distributions.FloatDistribution(low, high, log=log) for name, low, high, log in FLOATS}
        self.space |= {name: distributions.IntDistribution(low, high, log=log) for name, low, high, log in INTS}
        self.space |= {name: distributions.CategoricalDistribution(list(choices)) for name, choices in CHOICES}
        self.study = optuna.create_study(sampler=getattr(optuna.samplers, sampler)(seed=seed))

    def load(self, trials):
        self.study.add_trials([self.create_trial(params=point, distributions=self.space, value=value)
                               for point, value in trials])

    def suggest(self):
        self.trial = self.study.ask(fixed_distributions=self.space)

    def tell(self, value):
        self.study.tell(self.trial, value)


class Hyperopt:
    def __init__(self, seed):
        import hyperopt
        from hyperopt import hp
        from hyperopt.base import Domain
        self.hyperopt, self.seed = hyperopt, seed
        space = {}
        for name, low, high, log in FLOATS:
            space[name] = hp.loguniform(name, math.log(low), math.log(high)) if log else hp.uniform(name, low, high)
        for name, low, high, log in INTS:
            space[name] = (hp.qloguniform(name, math.log(low), math.log(high), 1) if log
                           else hp.uniformint(name, low, high))
        for name, choices in CHOICES:
            space[name] = hp.choice(name, list(choices))
        self.domain = Domain(lambda point: 0.0, space)
        self.trials = hyperopt.Trials()

    def document(self, number, point, value):
        values = {name: ["abcd".index(v)] if isinstance(v, str) else [v] for name, v in point.items()}
        misc = {"tid": number, "cmd": ("domain_attachment", "FMinIter_Domain"), "workdir": None,
                "idxs": {name: [number] for name in values}, "vals": values}
        document = self.trials.new_trial_docs([number], [None], [{"status": "ok", "loss": value}], [misc])[0]
        document["state"] = self.hyperopt.JOB_STATE_DONE
        return document

    def load(self, trials):
        self.trials.insert_trial_docs([self.document(number, point, value)
                                       for number, (point, value) in enumerate(trials)])
        self.trials.refresh()

    def suggest(self):
        number = self.trials.new_trial_ids(1)
        self.open = self.hyperopt.tpe.suggest(number, self.domain, self.trials, self.seed, verbose=False)

    def tell(self, value):
        for document in self.open:
            document["state"] = self.hyperopt.JOB_STATE_DONE
            document["result"] = {"loss": value, "status": "ok"}
        self.trials.insert_trial_docs(self.open)
        self.trials.refresh()


class Skopt:
    """The settings of Katib's bayesianoptimization service. Fitting happens on telling, so that is measured, too."""

    def __init__(self, seed):
        import skopt
        prior = {True: "log-uniform", False: "uniform"}
        dimensions = [skopt.space.Real(low, high, prior=prior[log]) for _, low, high, log in FLOATS]
        dimensions += [skopt.space.Integer(low, high, prior=prior[log]) for _, low, high, log in INTS]
        dimensions += [skopt.space.Categorical(list(choices)) for _, choices in CHOICES]
        self.optimizer = skopt.Optimizer(dimensions, base_estimator="GP", acq_func="gp_hedge", random_state=seed)

    def load(self, trials):
        self.pending = [list(point.values()) for point, _ in trials], [value for _, value in trials]

    def suggest(self):
        self.optimizer.tell(*self.pending)
        self.point = self.optimizer.ask()

    def tell(self, value):
        self.pending = [self.point], [value]


class Cmaes:
    """The library alone: all parameters as reals, no history to hand over. A suggestion includes its share of the
    update after a generation."""

    def __init__(self, seed):
        import cmaes
        import numpy
        self.optimizer = cmaes.CMA(mean=numpy.full(10, 0.5), sigma=1 / 6, bounds=numpy.array([[0, 1]] * 10), seed=seed)

    def load(self, trials):
        self.generation()

    def generation(self):
        solutions = []
        for _ in range(self.optimizer.population_size):
            point = self.optimizer.ask()
            solutions.append((point, loss(point)))
        self.optimizer.tell(solutions)

    def suggest(self):
        self.generation()

    def tell(self, value):
        pass

    def suggestions(self):
        return self.optimizer.population_size


PEERS = {
    "optuna random": lambda seed: Optuna("RandomSampler", seed),
    "optuna tpe": lambda seed: Optuna("TPESampler", seed),
    "hyperopt tpe": Hyperopt,
    "cmaes": Cmaes,
    "scikit-optimize GP": Skopt,
}


def measure_once(make, trials, repetition):
    peer = make(repetition)
    peer.load(history(trials, repetition))
    count = peer.suggestions() if hasattr(peer, "suggestions") else 1
    times = []
    for value in (0.5, 0.6):
        start = time.process_time()
        peer.suggest()
        times.append(1000 * (time.process_time() - start) / count)
        peer.tell(value)
    return times


def measure_peers(lengths, patience):
    for name, make in PEERS.items():
        last = None  # length and milliseconds of the cell before
        for trials in lengths:
            if last and last[1] / 1000 * (trials / last[0]) ** 2 > patience:
                yield name, trials, math.nan, math.nan
                continue
            pairs, start = [], time.monotonic()
            while len(pairs) < 5 and (not pairs or time.monotonic() - start < SECONDS_PER_CELL):
                pairs.append(measure_once(make, trials, len(pairs)))
            cold, grown = (statistics.median(times) for times in zip(*pairs))
            last = trials, cold + grown
            yield name, trials, cold, grown
            print(f"{name} with {trials} trials", file=sys.stderr)


def measure_ours(qalam, algorithms, lengths):
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        subprocess.run([qalam, "-q", "bench", "--latency", "--algorithms", algorithms, "--latency-trials",
                        ",".join(map(str, lengths)), "-o", file.name], check=True, stdout=subprocess.DEVNULL)
        with open(file.name, encoding="utf-8", newline="") as results:
            rows = list(csv.DictReader(results))
    for row in rows:
        yield f"qalam {row['optimizer']}", int(row["trials"]), float(row["cold_ms"]), float(row["grown_ms"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--qalam", required=True)
    parser.add_argument("--algorithms", default="all")
    parser.add_argument("--trials", default="200,1000")
    parser.add_argument("--patience", type=float, default=600, metavar="SECONDS",
                        help="leave out a cell that would take longer, by quadratic growth from the one before")
    parser.add_argument("-o", "--output")
    options = parser.parse_args()
    lengths = [int(text) for text in options.trials.split(",")]

    rows = [*measure_ours(options.qalam, options.algorithms, lengths), *measure_peers(lengths, options.patience)]
    print(f"| library | {' | '.join(f'{n} trials, nothing cached | {n} trials, grown by one' for n in lengths)} |")
    print("|---" + "|---:" * (2 * len(lengths)) + "|")
    for name in dict.fromkeys(row[0] for row in rows):
        cells = ["too long" if math.isnan(ms) else f"{ms:.3g}" for row in rows if row[0] == name for ms in row[2:]]
        print(f"| {name} | {' | '.join(cells)} |")
    if options.output:
        with open(options.output, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["optimizer", "trials", "cold_ms", "grown_ms"])
            writer.writerows((name, n, f"{cold:.4g}", f"{grown:.4g}") for name, n, cold, grown in rows)


if __name__ == "__main__":
    main()
