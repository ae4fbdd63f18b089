#!/usr/bin/env python3
"""Measures the time from the value that condemns a trial being written to SIGTERM arriving at its program.

The first trial is good and sets the rule; every other one writes other metrics for a while, then one hopeless value of the
objective, and waits for the signal.

usage: scripts/bench_stop.py [--qalam build/release/qalam] [--trials 50] [--parallel 1] [--lines 0]
"""

import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile

EXPERIMENT = """
apiVersion: kubeflow.org/v1beta1
kind: Experiment
metadata: {{name: stop}}
spec:
  objective: {{type: minimize, objectiveMetricName: loss, additionalMetricNames: [speed]}}
  algorithm: {{algorithmName: random}}
  earlyStopping:
    algorithmName: medianstop
    algorithmSettings: [{{name: min_trials_required, value: "1"}}, {{name: start_step, value: "1"}}]
  parallelTrialCount: {parallel}
  maxTrialCount: {trials}
  parameters: [{{name: x, parameterType: double, feasibleSpace: {{min: "0", max: "1"}}}}]
  trialTemplate:
    trialParameters: [{{name: x, reference: x}}]
    trialSpec:
      apiVersion: qalam.dev/v1
      kind: Process
      spec: {{command: [{python}, -I, -S, {probe}, {folder}, "{lines}", "${{trialParameters.x}}"]}}
"""

# Lines go out fifty times a second, so that the programs themselves cost little.
PROBE = """
import os, random, signal, sys, time
folder, lines = sys.argv[1], int(sys.argv[2])
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
try:
    os.mkdir(folder + "/first")
except FileExistsError:
    pass
else:
    os.write(1, b"loss=0\\n")
    sys.exit()
chatter = b"speed=1.5\\n" * (lines // 50)
end = time.monotonic() + (0.3 if os.path.exists(folder + "/stopped") else 4) + random.random() / 2
while time.monotonic() < end:
    if chatter: os.write(1, chatter)
    time.sleep(0.02 if chatter else 0.01 * random.random())
written = time.monotonic_ns()
os.write(1, b"loss=9\\n")
while not signal.sigtimedwait({signal.SIGTERM}, 0.02):
    if chatter: os.write(1, chatter)
    if time.monotonic_ns() - written > 30e9: sys.exit("no signal within 30 s")
with open(folder + "/stopped", "a") as out:
    out.write(f"{(time.monotonic_ns() - written) / 1e6}\\n")
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--qalam", default="build/release/qalam")
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--parallel", type=int, default=1)
    parser.add_argument("--lines", type=int, default=0, help="lines a second that each trial writes besides")
    arguments = parser.parse_args()
    binary = pathlib.Path(arguments.qalam).resolve()
    with tempfile.TemporaryDirectory(prefix="qalam-bench-stop-") as folder:
        probe = pathlib.Path(folder, "probe.py")
        probe.write_text(PROBE, encoding="utf-8")
        experiment = pathlib.Path(folder, "experiment.yaml")
        experiment.write_text(EXPERIMENT.format(parallel=arguments.parallel, trials=arguments.trials + 1, probe=probe,
                                                python=sys.executable, folder=folder, lines=arguments.lines),
                              encoding="utf-8")
        subprocess.run([binary, "run", "--quiet", experiment], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        times = sorted(map(float, pathlib.Path(folder, "stopped").read_text(encoding="utf-8").split()))
    if len(times) != arguments.trials:
        sys.exit(f"{len(times)} of {arguments.trials} trials were stopped")
    print(f"{len(times)} trials, {arguments.parallel} in parallel, {arguments.lines} lines/s each: "
          f"p50 {statistics.median(times):.1f} ms, p99 {times[int(0.99 * (len(times) - 1))]:.1f} ms, "
          f"max {times[-1]:.1f} ms")


if __name__ == "__main__":
    main()
