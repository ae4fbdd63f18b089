"""A search whose trials your own Python program runs: four workers ask and tell, and any of them may fail.

    qalam serve --data-dir /tmp/qalam &
    pip install ./python
    python3 examples/ask-tell-python/tune.py --trials 40

Every trial is in branin.jsonl as soon as it is known. End the program at any time, start it again, and it goes on; trials
that were running are run again.
"""

import argparse
import math
from concurrent.futures import ThreadPoolExecutor, wait, FIRST_COMPLETED

import qalam

SPACE = {
    "x": qalam.Float(-5.0, 10.0),
    "y": qalam.Float(0.0, 15.0),
}


def branin(x, y):
    """Its least value, 0.397887, is taken at three points."""
    if x < -4.5 and y < 0.5:
        raise ValueError("the simulation does not converge here")
    a = y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6
    return a**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--history", default="branin.jsonl")
    args = parser.parse_args()

    with qalam.Client() as client, ThreadPoolExecutor(args.workers) as pool:
        study = client.study("branin", SPACE, "min:value", seed=1, parallel=args.workers, max_trials=args.trials,
                             history=args.history)
        running = {}

        def start(trial):
            running[pool.submit(branin, **trial.params)] = trial

        for trial in study.trials:
            if trial.state is qalam.TrialState.RUNNING:
                start(trial)
        while True:
            free = min(args.workers - len(running), args.trials - len(study.trials))
            for trial in study.ask(free) if free > 0 else ():
                start(trial)
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                trial = running.pop(future)
                if future.exception() is None:
                    study.tell(trial, {"value": future.result()})
                else:
                    study.fail(trial)
        study.close()
        print(f"{len(study.trials)} trials; best {study.best.metrics['value']:.6f} at {study.best.params}")


if __name__ == "__main__":
    main()
