#!/usr/bin/env python3
"""Population-based training beside random search on a real training, at equal epochs.

    scripts/bench_pbt.py [--qalam build/release/qalam] [--seeds 10] [--first-seed 1]
                         [--population 8] [--generations 8] [--parallel 2]

Both tune examples/pbt/train.py: pbt with POPULATION members for GENERATIONS times 4 epochs, random search with POPULATION
trials that train as many epochs each, with constant parameters. A network of pbt counts with the validation loss at the end
of its trial, one of random search with the lowest after any epoch. Prints a table in Markdown: for each seed the best
loss of both, and the last accuracy of that trial.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
EPOCHS = 4


def experiment(seed, algorithm, strategy, settings, trials, epochs, parallel):
    def space(name, least, most, distribution):
        return {"name": name, "parameterType": "double",
                "feasibleSpace": {"min": least, "max": most, "distribution": distribution}}

    return {
        "apiVersion": "kubeflow.org/v1beta1", "kind": "Experiment", "metadata": {"name": f"{algorithm}-{seed}"},
        "spec": {
            "objective": {"type": "minimize", "objectiveMetricName": "loss", "additionalMetricNames": ["accuracy"],
                          "metricStrategies": [{"name": "loss", "value": strategy},
                                               {"name": "accuracy", "value": "latest"}]},
            "algorithm": {"algorithmName": algorithm, "algorithmSettings": [
                {"name": name, "value": str(value)} for name, value in {"seed": seed, **settings}.items()]},
            "parallelTrialCount": parallel, "maxTrialCount": trials,
            "parameters": [space("learningRate", "0.001", "2", "logUniform"), space("momentum", "0", "0.95", "uniform"),
                           space("weightDecay", "0.00001", "0.1", "logUniform")],
            "trialTemplate": {
                "trialParameters": [{"name": n, "reference": n} for n in ("learningRate", "momentum", "weightDecay")],
                "trialSpec": {"apiVersion": "qalam.dev/v1", "kind": "Process", "spec": {"command": [
                    "/usr/bin/python3", "examples/pbt/train.py", "--learning-rate=${trialParameters.learningRate}",
                    "--momentum=${trialParameters.momentum}", "--weight-decay=${trialParameters.weightDecay}",
                    f"--epochs={epochs}"]}}}}}


def run(qalam, directory, document):
    counted = [(s["name"], s["value"]) for s in document["spec"]["objective"]["metricStrategies"]]
    name = document["metadata"]["name"]
    file = pathlib.Path(directory, f"{name}.yaml")
    file.write_text(json.dumps(document))
    flags = [qalam, "--data-dir", f"{directory}/{name}"]
    subprocess.run([*flags, "run", str(file)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    shown = subprocess.run([*flags, "show", name, "-o", "json"], check=True, capture_output=True, text=True).stdout
    metrics = json.loads(shown)["status"]["currentOptimalTrial"]["observation"]["metrics"]
    return tuple(float(next(m for m in metrics if m["name"] == name)[value]) for name, value in counted)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--qalam", default=ROOT / "build/release/qalam")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--population", type=int, default=8)
    parser.add_argument("--generations", type=int, default=8)
    parser.add_argument("--parallel", type=int, default=2)
    args = parser.parse_args()
    qalam = str(pathlib.Path(args.qalam).resolve())

    settings = {"n_population": args.population, "truncation_threshold": 0.25, "suggestion_trial_dir": "/checkpoints"}
    print("| seed | pbt: loss | accuracy | random: loss | accuracy |\n| ---: | ---: | ---: | ---: | ---: |")
    rows = []
    for seed in range(args.first_seed, args.first_seed + args.seeds):
        with tempfile.TemporaryDirectory(prefix="qalam-bench-pbt-") as directory:
            pbt = run(qalam, directory, experiment(seed, "pbt", "latest", settings, args.population * args.generations, EPOCHS,
                                                   args.parallel))
            rand = run(qalam, directory, experiment(seed, "random", "min", {}, args.population, EPOCHS * args.generations,
                                                    args.parallel))
        rows.append((*pbt, *rand))
        print("| {} | {:.4f} | {:.4f} | {:.4f} | {:.4f} |".format(seed, *rows[-1]), flush=True)
    print("| median | {:.4f} | {:.4f} | {:.4f} | {:.4f} |".format(*map(statistics.median, zip(*rows))))
    wins = sum(row[0] < row[2] for row in rows)
    print(f"\npbt has the lower loss with {wins} of {len(rows)} seeds.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
