"""Population-based training through a whole life: programs that train and checkpoint, failures, and kill -9 of Qalam."""

import json
import random
import re
import signal
import subprocess
import unittest

from service import SUGGEST, ServiceTest, api, call, experiment

POPULATION = 5
TRIALS = 40
EPOCHS = 3  # of a trial
SETTINGS = ("--algorithm", "pbt", "--setting", f"n_population={POPULATION}", "--setting", "truncation_threshold=0.4",
            "--setting", "suggestion_trial_dir=/opt/katib/data", "--param", "rate=log:0.001..0.5")

# Linear regression by gradient descent, on from the checkpoint; every seventh trial fails after it has trained a little.
# `line` has a name for every trial that has trained these weights, and `epoch` tells how long.
PROGRAM = """
import json, os, pathlib, sys, time
state, rate, me = pathlib.Path(sys.argv[1], "state.json"), float(sys.argv[2]), os.environ["QALAM_TRIAL_NAME"]
now = json.loads(state.read_text()) if state.exists() else {"weights": [0.0, 0.0], "epoch": 0, "line": []}
if not now["line"] or now["line"][-1] != me:
    now["line"].append(me)
points = [(i / 10, 3 * i / 10 - 1) for i in range(-10, 11)]
while now["epoch"] < EPOCHS * len(now["line"]):
    for x, y in points:
        error = now["weights"][0] * x + now["weights"][1] - y
        now["weights"] = [now["weights"][0] - rate * error * x, now["weights"][1] - rate * error]
    now["epoch"] += 1
    unfinished = state.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(now))
    os.replace(unfinished, state)
    time.sleep(0.02)
    if int(me.split("-n")[1].split("-")[0]) % 7 == 4:
        sys.exit("out of luck")
print("line=" + ">".join(now["line"]), "epoch=%d" % now["epoch"])
print("loss=%r" % sum((now["weights"][0] * x + now["weights"][1] - y) ** 2 for x, y in points))
""".replace("EPOCHS", str(EPOCHS))


class PbtTest(ServiceTest):
    def arguments(self, *flags, trials=TRIALS):
        program = self.directory / "train.py"
        program.write_text(PROGRAM)
        return ["run", "--name", "tune", "--objective", "min:loss", "--seed", 3, "--max-trials", trials, "--parallel", 3,
                *SETTINGS, *flags, "--", "python3", program, "/opt/katib/data", "{rate}"]

    def resources(self):
        """Trials by name, in order of their numbers."""
        trials = [json.loads(self.qalam("show", f"tune/{trial['trial']}", "-o", "json").stdout) for trial in self.trials()]
        trials.sort(key=lambda trial: int(re.search(r"-n(\d+)", trial["metadata"]["name"]).group(1)))
        return {trial["metadata"]["name"]: trial for trial in trials}

    def directory_of(self, name):
        return self.data / "trials" / "default" / "tune" / name

    def label(self, trial, name):
        return trial["metadata"]["labels"].get(f"pbt.suggestion.katib.kubeflow.org/{name}")

    def check_population(self, trials):
        parameters = {name: trial["spec"]["parameterAssignments"] for name, trial in trials.items()}
        by_generation, exploited = {}, 0
        for name, trial in trials.items():
            generation, parent = int(self.label(trial, "generation")), self.label(trial, "parent")
            by_generation.setdefault(generation, []).append(name)
            self.assertEqual(parent is None, generation == 0, name)
            chain = [name]
            while (ancestor := self.label(trials[chain[0]], "parent")) is not None:
                chain.insert(0, ancestor)
            self.assertEqual(len(chain), generation + 1, name)
            if generation > 0:
                self.assertEqual(json.loads(trial["metadata"]["annotations"]["qalam.dev/lineage-report"]), chain)
                exploited += parameters[name] == parameters[parent]
            if trial["status"]["conditions"][-1]["type"] != "Succeeded":
                continue
            # The weights are those of the parents: all of them, each for its epochs, no more and no fewer.
            output = (self.directory_of(name) / "output.log").read_text()
            self.assertEqual(re.findall(r"line=(\S+)", output)[-1], ">".join(chain))
            self.assertEqual(re.findall(r"epoch=(\d+)", output)[-1], str(EPOCHS * len(chain)))
        self.assertGreaterEqual(max(by_generation), 3, "it came that far")
        self.assertGreater(exploited, 0)
        for generation in range(max(by_generation)):
            good = [n for n in by_generation[generation] if trials[n]["status"]["conditions"][-1]["type"] == "Succeeded"]
            self.assertGreaterEqual(len(good), POPULATION)
        # Members that failed were run again, with the same parameters and parent, unless their generation was complete then.
        failed = [name for name, trial in trials.items() if trial["status"]["conditions"][-1]["type"] == "Failed"]
        again = [(name, other) for name in failed for other in trials if other != name
                 and parameters[other] == parameters[name]
                 and self.label(trials[other], "generation") == self.label(trials[name], "generation")
                 and self.label(trials[other], "parent") == self.label(trials[name], "parent")]
        self.assertGreater(len(failed), 2)
        self.assertTrue(again)

    def test_a_whole_life_with_kills(self):
        rng = random.Random(5)
        arguments = self.arguments()
        kills = 0
        while kills < 12:
            process = self.start(*arguments)
            try:
                process.wait(timeout=rng.uniform(0.1, 1.5))
                break
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
        self.qalam(*arguments)
        self.assertGreaterEqual(kills, 3)
        self.assertEqual(self.experiment()["status"]["trials"], TRIALS)
        trials = self.resources()
        self.check_population(trials)
        # Given more trials it would go on, so what may become a parent is kept, and the best trial's.
        best = self.experiment()["status"]["currentOptimalTrial"]["bestTrialName"]
        newest = max(int(self.label(trial, "generation")) for trial in trials.values())
        recent = {name for name, trial in trials.items() if int(self.label(trial, "generation")) > newest - 3}
        kept = {path.parent.name for path in self.data.glob("trials/default/tune/*/checkpoint")}
        self.assertLessEqual(recent | {best}, kept)
        self.assertLess(len(kept - recent), 4, "those that were the best for a while, at most")
        self.assertEqual(list(self.data.glob("trials/default/tune/*/*.partial")), [])
        self.assert_nothing_survives()

    def test_generations_and_lineage_are_shown(self):
        self.qalam(*self.arguments(trials=16))
        shown = self.qalam("show", "tune").stdout
        self.assertRegex(shown, r"GENERATION +TRIALS +FINISHED +PARENTS +best loss +TRIAL\n +0 ")
        stages = json.loads(self.experiment()["metadata"]["annotations"]["qalam.dev/stages-report"])
        self.assertEqual(sum(stage["trials"] for stage in stages), 16)
        printed = self.directory / "printed.yaml"
        printed.write_text(self.qalam("show", "tune", "-o", "yaml").stdout)
        self.qalam("check", printed)
        last = list(self.resources())[-1]
        self.assertRegex(self.qalam("show", f"tune/{last}").stdout, rf"GOES ON FROM(.*\n)+{last} ")

    def test_a_stock_katib_finds_the_folders_on_its_volume(self):
        """Katib's controller sends no labels back, and asks again when a reply was lost; trials write on the volume."""
        volume = self.directory / "volume"
        server = self.serve("--checkpoints", volume)
        asked = experiment(algorithm="pbt", settings={"n_population": "5", "truncation_threshold": "0.4",
                                                      "suggestion_trial_dir": "/opt/katib/data"})
        request = api.GetSuggestionsRequest(experiment=asked)
        parents = {}
        for number in range(20):
            request.current_request_number, request.total_request_number = 1, number + 1
            for _ in range(2):
                point = call(server.channel(), SUGGEST, request).parameter_assignments[0]
            self.assertNotIn(point.trial_name, parents)
            parent = point.labels.get("pbt.suggestion.katib.kubeflow.org/parent")
            parents[point.trial_name] = parent
            line = volume / "tune" / point.trial_name / "line"
            self.assertEqual(line.exists(), parent is not None)
            if parent is not None:
                self.assertEqual(line.read_text(), (volume / "tune" / parent / "line").read_text())
            with open(line, "a", encoding="utf-8") as file:
                file.write(point.trial_name + "\n")
            trial = request.trials.add(name=point.trial_name)
            trial.spec.parameter_assignments.assignments.extend(point.assignments)
            trial.status.condition = api.TrialStatus.SUCCEEDED
            trial.status.observation.metrics.add(name="loss", value=str((number * 7) % 5))
        self.assertEqual(sum(parent is not None for parent in parents.values()), 15)
        server.end()

    def test_missing_settings_are_refused_before_anything_runs(self):
        done = self.qalam("run", "--name", "tune", "--objective", "min:loss", "--algorithm", "pbt", "--param", "x=0..1",
                          "--", "true", "{x}", expect=2)
        self.assertIn("Required params missing: suggestion_trial_dir, n_population, truncation_threshold", done.stderr)


if __name__ == "__main__":
    unittest.main()
