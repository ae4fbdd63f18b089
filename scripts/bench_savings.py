#!/usr/bin/env python3
"""What early stopping saves and costs on real training: runs examples/early-stopping with and without it, seed by seed.

With the random algorithm both runs of a seed try the same points, so that they differ in what was stopped alone. Epochs are
the values in the observation log. Prints a Markdown table.
"""

import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def experiment(seed, trials, settings):
    """The example as text; without early stopping if `settings` is None, else with these besides its own."""
    text = (ROOT / "examples/early-stopping/experiment.yaml").read_text(encoding="utf-8")
    text = re.sub(r'(random_state, value: )"\d+"', rf'\1"{seed}"', text)
    text = re.sub(r"maxTrialCount: \d+", f"maxTrialCount: {trials}", text)
    if settings is None:
        return re.sub(r"  earlyStopping:\n(    .*\n)+", "", text)
    more = "".join('      - {{name: {}, value: "{}"}}\n'.format(*setting.split("=", 1)) for setting in settings)
    return re.sub(r"(  earlyStopping:\n(?:    .*\n)+)", lambda block: block.group(1) + more, text)


def run(binary, text):
    """Epochs, best accuracy, trials stopped, trial-seconds, and the report of the run on standard error."""
    with tempfile.TemporaryDirectory(prefix="qalam-stopping-") as directory:
        qalam = [binary, "--data-dir", f"{directory}/data"]
        file = pathlib.Path(directory, "experiment.yaml")
        file.write_text(text, encoding="utf-8")
        done = subprocess.run([*qalam, "run", file], cwd=ROOT, text=True, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, check=True)
        lines = subprocess.run([*qalam, "export", "early-stopping", "--format", "jsonl"], cwd=ROOT, text=True,
                               stdout=subprocess.PIPE, check=True).stdout.splitlines()
    records = [json.loads(line) for line in lines]
    curves = [[p for p in record.get("curve", []) if p["metric"] == "accuracy"] for record in records]
    return {"epochs": sum(map(len, curves)), "best": max(float(p["value"]) for curve in curves for p in curve),
            "stopped": sum(record["status"] == "EarlyStopped" for record in records),
            "seconds": sum(record.get("durationSeconds") or 0 for record in records), "said": done.stderr}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--qalam", default=os.environ.get("QALAM", ROOT / "build/release/qalam"))
    parser.add_argument("--seeds", default="1-5", help="as in 1-5")
    parser.add_argument("--setting", action="append", default=[], metavar="NAME=VALUE", help="of medianstop")
    parser.add_argument("--trials", type=int, default=20)
    args = parser.parse_args()
    print("| seed | epochs without stopping | with it | share | trials stopped | best without | with |\n|---|---:|---:|---:|---:|---:|---:|",
          flush=True)
    shares, differences = [], []
    first, last = (args.seeds.split("-") * 2)[:2]
    for seed in range(int(first), int(last) + 1):
        plain = run(args.qalam, experiment(seed, args.trials, None))
        stopped = run(args.qalam, experiment(seed, args.trials, args.setting))
        shares.append(stopped["epochs"] / plain["epochs"])
        differences.append(stopped["best"] - plain["best"])
        print(f"| {seed} | {plain['epochs']} | {stopped['epochs']} | {shares[-1]:.0%} | {stopped['stopped']} of "
              f"{args.trials} | {plain['best']:.4f} | {stopped['best']:.4f} |", flush=True)
        print(f"seed {seed}: {plain['seconds']:.0f} trial-seconds without, {stopped['seconds']:.0f} with\n"
              + stopped["said"].split("\ntook", 1)[-1], file=sys.stderr, flush=True)
    error = statistics.stdev(differences) / len(differences) ** 0.5 if len(differences) > 1 else 0
    print(f"\nShare of epochs {statistics.mean(shares):.0%}; best accuracy with minus without "
          f"{statistics.mean(differences):+.4f} ± {error:.4f}.")


if __name__ == "__main__":
    main()
