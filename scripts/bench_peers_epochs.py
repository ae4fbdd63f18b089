#!/usr/bin/env python3
"""Multi-fidelity search of other libraries on the recorded learning curves, for `qalam bench --epochs`.

    bench_peers_epochs.py [--peers LIST] [--problems mlp_digits,mlp_diabetes] [--seeds 0-19] [--epochs 2700] -o FILE.csv

`make bench-peers-epochs` installs the libraries of bench_peers_epochs.txt into a virtual environment and calls this. Then
`qalam bench --epochs 2700 --batch 4 --algorithms random,asha --compare FILE.csv` sets the results beside.

The workers, the clock and the cost are those of `qalam bench`: an epoch takes one unit times the trial's slowness, exp(Z / 2); each
worker gets its next trial as soon as it is free; a trial that is paused goes on later and pays for the further epochs only; the
run ends with its last epoch, in the middle of trials. What counts is the lowest loss that any trial reported after any epoch.
Optuna is told that loss of trials that ran to the end. Runs that are in the file already are not repeated.
"""

import argparse
import csv
import datetime
import heapq
import itertools
import json
import logging
import math
import os
import pathlib
import random
import sys
import time
import warnings

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
warnings.filterwarnings("ignore")

COLUMNS = ["optimizer", "problem", "seed", "batch", "evals", "cpu_s", "curve", "mode", "time", "times"]
ETA = 3


class Table:
    """A grid with a curve for each point; parameters are level indices and names of categories, as Qalam's algorithms see them."""

    def __init__(self, folder, name):
        description = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        self.name = name
        self.levels = {p["name"]: [str(level) for level in p["levels"]] for p in description["params"]}
        self.categorical = {p["name"] for p in description["params"] if p["kind"] == "categorical"}
        with open(folder / f"{name}.csv", encoding="utf-8", newline="") as file:
            self.curves = [[float(row[epoch]) for epoch in description["curve"]] for row in csv.DictReader(file)]
        self.epochs = len(self.curves[0])
        self.best = min(map(min, self.curves))

    def curve(self, point):
        row = 0
        for name, levels in self.levels.items():
            row = row * len(levels) + (levels.index(point[name]) if name in self.categorical else int(point[name]))
        return self.curves[row]


class Job:
    """A trial under way: its curve, the epochs it has run and those it is to run by then."""

    def __init__(self, handle, curve, last):
        self.handle, self.curve, self.last = handle, curve, last
        self.done = 0
        self.slowness = None


class Optuna:
    def __init__(self, sampler, pruner, table, seed):
        import optuna
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        pruners = {"hyperband": lambda: optuna.pruners.HyperbandPruner(1, table.epochs, ETA),
                   "halving": lambda: optuna.pruners.SuccessiveHalvingPruner(1, ETA),
                   "median": optuna.pruners.MedianPruner}
        samplers = {"tpe": optuna.samplers.TPESampler, "random": optuna.samplers.RandomSampler}
        self.pruned = optuna.trial.TrialState.PRUNED
        self.table = table
        # The name decides the brackets of HyperbandPruner.
        self.study = optuna.create_study(sampler=samplers[sampler](seed=seed), pruner=pruners[pruner](),
                                         study_name=f"study-{seed}")
        distributions = optuna.distributions
        self.space = {name: distributions.CategoricalDistribution(levels) if name in table.categorical
                      else distributions.IntDistribution(0, len(levels) - 1) for name, levels in table.levels.items()}

    def start(self):
        trial = self.study.ask(self.space)
        return Job(trial, self.table.curve(trial.params), self.table.epochs)

    def ends(self, job, loss):
        job.handle.report(loss, job.done)
        if job.done == job.last:
            self.study.tell(job.handle, min(job.curve))
        elif job.handle.should_prune():
            self.study.tell(job.handle, state=self.pruned)
        else:
            return False
        return True


class SyneTune:
    def __init__(self, scheduler, table, seed, **options):
        logging.disable(logging.WARNING)
        from syne_tune.backend.trial_status import Trial
        from syne_tune.config_space import choice, randint
        from syne_tune.optimizer import baselines
        from syne_tune.optimizer.scheduler import SchedulerDecision
        self.new_trial, self.goes_on = Trial, SchedulerDecision.CONTINUE
        self.table = table
        space = {name: choice(levels) if name in table.categorical else randint(0, len(levels) - 1)
                 for name, levels in table.levels.items()}
        self.scheduler = getattr(baselines, scheduler)(
            space | {"epochs": table.epochs}, metric="loss", mode="min", resource_attr="epoch",
            max_resource_attr="epochs", grace_period=1, reduction_factor=ETA, random_seed=seed, **options)
        self.jobs = []

    def start(self):
        suggestion = self.scheduler.suggest(len(self.jobs))
        if suggestion is None:
            return None
        if suggestion.spawn_new_trial_id:
            trial = self.new_trial(len(self.jobs), suggestion.config, datetime.datetime.now())
            self.scheduler.on_trial_add(trial)
            self.jobs.append(Job(trial, self.table.curve(trial.config), 0))
        job = self.jobs[suggestion.checkpoint_trial_id if not suggestion.spawn_new_trial_id else -1]
        config = suggestion.config or job.handle.config
        job.last = int(config.get("epochs", self.table.epochs))
        return job

    def ends(self, job, loss):
        result = {"loss": loss, "epoch": job.done}
        if self.scheduler.on_trial_result(job.handle, result) != self.goes_on:
            return True
        if job.done < job.last:
            return False
        self.scheduler.on_trial_complete(job.handle, result)
        return True


PEERS = {f"optuna-{sampler}-{pruner}": lambda table, seed, s=sampler, p=pruner: Optuna(s, p, table, seed)
         for sampler in ("random", "tpe") for pruner in ("hyperband", "halving", "median")}
PEERS |= {
    "synetune-asha": lambda table, seed: SyneTune("ASHA", table, seed, type="promotion"),
    "synetune-asha-stopping": lambda table, seed: SyneTune("ASHA", table, seed, type="stopping"),
    "synetune-hyperband": lambda table, seed: SyneTune("ASHA", table, seed, type="promotion", brackets=4),
    "synetune-bohb": lambda table, seed: SyneTune("BOHB", table, seed, type="promotion"),
    "synetune-mobster": lambda table, seed: SyneTune("MOBSTER", table, seed, type="promotion"),
}


def run(peer, table, seed, epochs, workers):
    """Improvements (epoch, regret, time) and the time of the whole run."""
    speeds = random.Random(f"speed-{seed}")
    order = itertools.count()
    queue, curve, best, clock, spent = [], [], math.inf, 0.0, 0
    idle = workers
    while spent < epochs:
        while idle:
            job = peer.start()
            if job is None:
                break
            if job.slowness is None:
                job.slowness = math.exp(speeds.gauss(0, 0.5)) if workers > 1 else 1
            heapq.heappush(queue, (clock + job.slowness, next(order), job))
            idle -= 1
        if not queue:
            break
        clock, _, job = heapq.heappop(queue)
        loss = job.curve[job.done]
        job.done += 1
        spent += 1
        if loss < best:
            best = loss
            curve.append((spent, max(0.0, loss - table.best), clock))
        if peer.ends(job, loss):
            idle += 1
        else:
            heapq.heappush(queue, (clock + job.slowness, next(order), job))
    return curve, clock, spent


def numbers(text):
    for part in text.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=pathlib.Path, default=pathlib.Path(__file__).parent.parent / "bench" / "tables")
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--problems", default="mlp_digits,mlp_diabetes")
    parser.add_argument("--seeds", default="0-19")
    parser.add_argument("--epochs", type=int, default=2700)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    options = parser.parse_args()

    done = set()
    if options.output.exists():
        with open(options.output, encoding="utf-8", newline="") as file:
            done = {tuple(row[name] for name in COLUMNS[:4]) + (row["evals"],) for row in csv.DictReader(file)}
    with open(options.output, "a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if file.tell() == 0:
            writer.writerow(COLUMNS)
        tables = [Table(options.tables, name) for name in options.problems.split(",")]
        for seed, name, table in itertools.product(numbers(options.seeds), options.peers.split(","), tables):
            if (name, table.name, str(seed), str(options.batch), str(options.epochs)) in done:
                continue
            start = time.process_time()
            curve, clock, spent = run(PEERS[name](table, seed), table, seed, options.epochs, options.batch)
            writer.writerow([name, table.name, seed, options.batch, spent, f"{time.process_time() - start:.3f}",
                             ";".join(f"{epoch}:{regret:.6g}" for epoch, regret, _ in curve), "epochs", f"{clock:.6g}",
                             ";".join(f"{at:.6g}" for *_, at in curve)])
            file.flush()
            print(f"{name} on {table.name}, seed {seed}: {curve[-1][1]:.4g}", file=sys.stderr)


if __name__ == "__main__":
    main()
