#!/usr/bin/env python3
"""Hypervolume of Optuna's samplers on the problems of `qalam bench --problems front`.

    bench_front_peers.py [--samplers nsga2,gp,random] [--problems zdt1,dtlz2-2] [--seeds 0-4] [--budget 200] -o FILE.csv

Install scripts/bench_front_peers.txt into a virtual environment and run this with its Python (torch and scipy are for
Optuna's Gaussian process only). The file has the form of the results of `qalam bench`, which reads it with --compare: what is
missing of the front's hypervolume after each evaluation that lowered it. References and best values as in
bench/front_problem.h. One thread; samplers have their defaults. Runs that are in the file already are not repeated.
"""

import argparse
import bisect
import csv
import math
import os
import resource
import time
import warnings

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
warnings.filterwarnings("ignore")

COLUMNS = ["optimizer", "problem", "seed", "batch", "evals", "cpu_s", "rss_mb", "curve", "mode"]


def mean_of_rest(x):
    return sum(x[1:]) / (len(x) - 1)


def zdt1(x):
    g = 1 + 9 * mean_of_rest(x)
    return [x[0], g * (1 - math.sqrt(x[0] / g))]


def zdt2(x):
    g = 1 + 9 * mean_of_rest(x)
    return [x[0], g * (1 - (x[0] / g) ** 2)]


def zdt3(x):
    g = 1 + 9 * mean_of_rest(x)
    return [x[0], g * (1 - math.sqrt(x[0] / g) - x[0] / g * math.sin(10 * math.pi * x[0]))]


def zdt4(x):
    g = 1 + sum(10 + v * v - 10 * math.cos(4 * math.pi * v) for v in x[1:])
    return [x[0], g * (1 - math.sqrt(x[0] / g))]


def zdt6(x):
    first = 1 - math.exp(-4 * x[0]) * math.sin(6 * math.pi * x[0]) ** 6
    g = 1 + 9 * mean_of_rest(x) ** 0.25
    return [first, g * (1 - (first / g) ** 2)]


def dtlz2(x, losses):
    g = sum((v - 0.5) ** 2 for v in x[losses - 1 :])
    values = []
    for i in range(losses):
        value = 1 + g
        for j in range(losses - i - 1):
            value *= math.cos(x[j] * math.pi / 2)
        if i > 0:
            value *= math.sin(x[losses - i - 1] * math.pi / 2)
        values.append(value)
    return values


def zdt6_front():
    least = 0.2807753191
    return 110 + 10 * (1 - least) + (1 - least**3) / 3


# Function, bounds, reference, hypervolume of the front.
PROBLEMS = {
    "zdt1": (zdt1, [(0, 1)] * 30, [11, 11], 120 + 2 / 3),
    "zdt2": (zdt2, [(0, 1)] * 30, [11, 11], 120 + 1 / 3),
    "zdt3": (zdt3, [(0, 1)] * 30, [11, 11], 128.77811613069076),
    "zdt4": (zdt4, [(0, 1)] + [(-5, 5)] * 9, [11, 11], 120 + 2 / 3),
    "zdt6": (zdt6, [(0, 1)] * 10, [11, 11], zdt6_front()),
    "dtlz2-2": (lambda x: dtlz2(x, 2), [(0, 1)] * 11, [1.1] * 2, 1.1**2 - math.pi / 4),
    "dtlz2-3": (lambda x: dtlz2(x, 3), [(0, 1)] * 12, [1.1] * 3, 1.1**3 - math.pi / 6),
}


def area(points, reference):
    """Hypervolume of two losses, by a sweep."""
    volume, height = 0.0, reference[1]
    for x, y in sorted(points):
        if x < reference[0] and y < height:
            volume += (reference[0] - x) * (height - y)
            height = y
    return volume


def hypervolume(points, reference):
    """Two losses, or three in slices along the last."""
    if len(reference) == 2:
        return area(points, reference)
    inside = sorted((p for p in points if p[2] < reference[2]), key=lambda p: p[2])
    volume, flat = 0.0, []
    for i, point in enumerate(inside):
        bisect.insort(flat, (point[0], point[1]))
        end = inside[i + 1][2] if i + 1 < len(inside) else reference[2]
        volume += area(flat, reference[:2]) * (end - point[2])
    return volume


def sampler_of(optuna, name, seed):
    return {
        "nsga2": lambda: optuna.samplers.NSGAIISampler(seed=seed),
        "gp": lambda: optuna.samplers.GPSampler(seed=seed, deterministic_objective=True),
        "random": lambda: optuna.samplers.RandomSampler(seed=seed),
        "tpe": lambda: optuna.samplers.TPESampler(seed=seed),
    }[name]()


def run(optuna, sampler, problem, seed, budget):
    function, bounds, reference, best = PROBLEMS[problem]
    study = optuna.create_study(directions=["minimize"] * len(reference), sampler=sampler_of(optuna, sampler, seed))
    front, curve, lowest = [], [], math.inf
    begin = time.process_time()
    for evaluation in range(1, budget + 1):
        trial = study.ask()
        losses = function([trial.suggest_float(f"x{i}", low, high) for i, (low, high) in enumerate(bounds)])
        study.tell(trial, losses)
        if any(all(a <= b for a, b in zip(other, losses)) for other in front):
            continue
        front = [other for other in front if not all(a <= b for a, b in zip(losses, other))] + [losses]
        regret = max(0.0, best - hypervolume(front, reference))
        if regret < lowest:
            lowest = regret
            curve.append(f"{evaluation}:{regret:.6g}")
    return {
        "optimizer": f"optuna-{sampler}",
        "problem": problem,
        "seed": seed,
        "batch": 1,
        "evals": budget,
        "cpu_s": f"{time.process_time() - begin:.3f}",
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "curve": ";".join(curve),
        "mode": "sync",
    }


def seeds_of(text):
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samplers", default="nsga2,gp", help="of nsga2, gp, tpe, random")
    parser.add_argument("--problems", default=",".join(PROBLEMS))
    parser.add_argument("--seeds", default="0-4")
    parser.add_argument("--budget", type=int, default=200)
    parser.add_argument("-o", "--output", required=True)
    options = parser.parse_args()

    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    done = set()
    if os.path.exists(options.output):
        with open(options.output, newline="") as file:
            done = {(row["optimizer"], row["problem"], row["seed"], row["evals"]) for row in csv.DictReader(file)}
    with open(options.output, "a", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        if file.tell() == 0:
            writer.writeheader()
        for seed in seeds_of(options.seeds):
            for sampler in options.samplers.split(","):
                for problem in options.problems.split(","):
                    if (f"optuna-{sampler}", problem, str(seed), str(options.budget)) in done:
                        continue
                    writer.writerow(run(optuna, sampler, problem, seed, options.budget))
                    file.flush()


if __name__ == "__main__":
    main()
