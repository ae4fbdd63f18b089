#!/usr/bin/env python3
"""What it costs to collect many metrics, and that nothing is lost: trials side by side that each print numbered lines.

Runs one experiment whose trials are tests/metrics/print_metrics, then reads every observation log back and compares it
with what was printed: every value once, in order. Prints CPU time and peak memory of qalam itself, beside the programs'.
With --full-disk MB the database is on a file system of its own of that size (needs root), of which another file takes the
rest for --full-seconds while the trials run; what they print goes elsewhere.
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
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_and_memory(pid):
    """CPU seconds of a process without its children, and its peak resident memory in MB; None when it is gone."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    peak = next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)
    return (int(fields[11]) + int(fields[12])) / TICKS, peak


def fill_disk(directory, after, seconds):
    time.sleep(after)
    blocker = directory / "blocker"
    with open(blocker, "wb") as file:
        try:
            while True:
                file.write(bytes(1 << 16))
                file.flush()
        except OSError:
            pass
    print(f"disk full at {time.strftime('%X')}, {shutil.disk_usage(directory).free} bytes left")
    time.sleep(seconds)
    blocker.unlink()
    print(f"disk has room again at {time.strftime('%X')}")


def check(trial, lines):
    values = [int(point["value"]) for point in trial["curve"] if point["metric"] == "loss"]
    if values == list(range(lines)):
        return None
    missing = len(set(range(lines)) - set(values))
    return f"{trial['trial']} ({trial['status']}): {len(values)} of {lines} values, {missing} missing"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--qalam", default="build/release/qalam")
    parser.add_argument("--trials", type=int, default=64)
    parser.add_argument("--rate", type=int, default=1000, help="lines a second of each trial")
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--full-disk", type=int, metavar="MB")
    parser.add_argument("--full-seconds", type=float, default=5)
    options = parser.parse_args()
    qalam = str(pathlib.Path(options.qalam).resolve())
    subprocess.run(["cmake", "--build", "--preset", "release", "--target", "print_metrics"], cwd=ROOT, check=True,
                   stdout=subprocess.DEVNULL)
    program = str(ROOT / "build/release/tests/metrics/print_metrics")

    work = pathlib.Path(tempfile.mkdtemp(prefix="qalam-metrics-"))
    data = work / "data"
    data.mkdir()
    try:
        if options.full_disk:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={options.full_disk}m", "qalam", str(data)], check=True)
            for directory in (work / "trials", data / "trials"):
                directory.mkdir()
            subprocess.run(["mount", "--bind", str(work / "trials"), str(data / "trials")], check=True)
        start = time.monotonic()
        process = subprocess.Popen(
            [qalam, "run", "--data-dir", str(data), "--name", "tune", "--objective", "max:loss", "--param", "x=0.0..1.0",
             "--max-trials", str(options.trials), "--parallel", str(options.trials), "--algorithm", "random", "--",
             program, str(options.rate), str(options.seconds), "{x}"], cwd=work)
        if options.full_disk:
            threading.Thread(target=fill_disk, args=(data, options.seconds / 4, options.full_seconds), daemon=True).start()
        used = (0.0, 0.0)
        while process.poll() is None:
            now = cpu_and_memory(process.pid)
            used = tuple(map(max, used, now)) if now else used
            time.sleep(0.1)
        wall = time.monotonic() - start
        everything = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu, peak = used
        lines = options.rate * options.seconds
        print(f"{options.trials} trials x {lines} lines in {wall:.1f} s, exit code {process.returncode}")
        print(f"qalam: {cpu:.2f} s CPU ({100 * cpu / wall:.0f}% of a core, {1e6 * cpu / lines / options.trials:.1f} us a line), "
              f"{peak:.1f} MB at most; all with the programs {everything.ru_utime + everything.ru_stime:.2f} s CPU")
        exported = subprocess.run([qalam, "export", "tune", "--format", "jsonl", "--data-dir", str(data)], check=True,
                                  stdout=subprocess.PIPE, text=True).stdout
        trials = [json.loads(line) for line in exported.splitlines()]
        wrong = [problem for trial in trials if (problem := check(trial, lines))]
        print(f"{len(trials) - len(wrong)} of {len(trials)} observation logs hold every value once and in order")
        for problem in wrong[:10]:
            print(problem)
        return 1 if wrong or len(trials) != options.trials else 0
    finally:
        if options.full_disk:
            subprocess.run(["umount", "--recursive", str(data)], check=False)
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
