#!/usr/bin/env python3
"""What a trial costs beyond the program it runs: qalam and Optuna on the same 1,000 trials, in one run.

Each trial is /bin/echo printing one metric; two run at a time; both tools draw at random and keep everything in SQLite.
Optuna is looked up in the interpreter given with --optuna-python (a virtual environment with `pip install optuna`).
Prints wall time, CPU time and peak memory of each, and a bare posix_spawn + wait of the program for scale.
"""

import argparse
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time

OPTUNA = """
import subprocess, sys, optuna
optuna.logging.set_verbosity(optuna.logging.WARNING)

def objective(trial):
    x = trial.suggest_float("x", 0.0, 1.0)
    out = subprocess.run(["/bin/echo", f"loss={x}"], capture_output=True, text=True, check=True).stdout
    return float(out.split("=")[1])

study = optuna.create_study(storage=f"sqlite:///{sys.argv[2]}", sampler=optuna.samplers.RandomSampler(seed=1))
study.optimize(objective, n_trials=int(sys.argv[1]), n_jobs=2)
print(optuna.__version__, len(study.trials))
"""


def measure(command, cwd):
    """Wall and CPU seconds of a process with its children, and its peak resident memory in MB."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    out, err = process.communicate()
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode != 0:
        sys.exit(f"{command[0]} failed: {out}{err}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, out


def with_peak_memory(command):
    # getrusage of a child counts the largest process of the whole tree, so each tool is measured below its own /usr/bin/time.
    return ["/usr/bin/env", "python3", "-c",
            "import json,resource,subprocess,sys\n"
            "code = subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL).returncode\n"
            "json.dump(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, open(sys.argv[1], 'w'))\n"
            "sys.exit(code)", "peak.json", *command]


def bare_spawns(count):
    start = time.monotonic()
    null = os.open(os.devnull, os.O_WRONLY)
    for _ in range(count):
        pid = os.posix_spawn("/bin/echo", ["/bin/echo", "loss=0.5"], os.environ,
                             file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)])
        os.waitpid(pid, 0)
    return time.monotonic() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--qalam", default="build/release/qalam")
    parser.add_argument("--optuna-python", help="interpreter that has Optuna; without it only qalam is measured")
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    qalam = str(pathlib.Path(options.qalam).resolve())
    n = options.trials

    print(f"{n} trials of /bin/echo, 2 at a time, {os.cpu_count()} CPUs; best of {options.repeat}")
    bare = min(bare_spawns(n) for _ in range(options.repeat))
    print(f"{'bare spawn and wait, one after another':42} {bare / n * 1e3:7.2f} ms/trial")
    tools = {"qalam": [qalam, "-q", "run", "--objective", "min:loss", "--param", "x=0.0..1.0", "--algorithm", "random", "--max-trials", str(n),
                       "--parallel", "2", "--seed", "1", "--", "/bin/echo", "loss={x}"]}
    if options.optuna_python:
        tools["optuna"] = [options.optuna_python, "-c", OPTUNA, str(n), "study.db"]
    wall = {}
    directories = []  # removed at the end: ext4 is slow to make files where many have just been deleted
    for name, command in tools.items():
        runs = []
        for _ in range(options.repeat):
            directories.append(tempfile.mkdtemp(prefix="qalam-bench-"))
            seconds, cpu, _ = measure(with_peak_memory(command), directories[-1])
            peak = json.loads(pathlib.Path(directories[-1], "peak.json").read_text())
            runs.append((seconds, cpu, peak))
        seconds, cpu, peak = min(runs)
        wall[name] = seconds
        print(f"{name:42} {seconds / n * 1e3:7.2f} ms/trial {cpu / n * 1e3:7.2f} ms CPU/trial (programs included) "
              f"{peak:6.1f} MB peak")
    print(f"qalam beyond the bare spawn: {(wall['qalam'] - bare) / n * 1e6:.0f} us/trial")
    if "optuna" in wall:
        print(f"optuna / qalam: {wall['optuna'] / wall['qalam']:.1f}")
    for directory in directories:
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()
