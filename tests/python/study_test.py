"""Ask and tell against a real server."""

import json
import math
import re
import resource
import signal
import subprocess
import sys
import threading
import unittest

from support import BINARY, ROOT, Server, ServedTest, qalam

SPACE = {
    "x": qalam.Float(-5.0, 5.0),
    "lr": qalam.Float(1e-5, 1e-1, distribution="logUniform"),
    "k": qalam.Int(1, 9, step=2),
    "batch": qalam.Discrete([16, 0.5, 64]),
    "opt": qalam.Categorical(["adam", "sgd"]),
    "flag": qalam.Categorical([True, False]),
}


def loss_of(trial):
    return trial["x"] ** 2 + trial["k"] / 10 + (trial["opt"] == "sgd")


class StudyTest(ServedTest):
    def study(self, name="tune", **keywords):
        return self.client.study(name, SPACE, "min:loss", **keywords)

    def test_values_have_the_types_of_the_space(self):
        study = self.study(algorithm="random")
        for trial in study.ask(30):
            self.assertEqual([type(trial[name]) for name in ("x", "lr", "k", "opt", "flag")],
                             [float, float, int, str, bool])
            self.assertIn(trial["batch"], [16, 0.5, 64])
            self.assertIn(trial["k"], [1, 3, 5, 7, 9])
        self.assertEqual(len({trial["k"] for trial in study.trials}), 5)
        self.assertEqual(len({trial["flag"] for trial in study.trials}), 2)

    def test_the_best_is_found_and_results_steer_the_search(self):
        for algorithm in ("auto", "tpe", "bayesianoptimization"):
            study = self.study(algorithm=algorithm, seed=1)
            for _ in range(15):
                for trial in study.ask(2):
                    study.tell(trial, loss_of(trial))
            values = [trial.metrics["loss"] for trial in study.trials]
            self.assertEqual(study.best.metrics["loss"], min(values), algorithm)
            self.assertLess(sum(values[20:]), sum(values[:10]), algorithm)

    def test_maximize(self):
        study = self.client.study("up", SPACE, "max:accuracy", metrics=["loss"], algorithm="random")
        first, second, third = study.ask(3)
        study.tell(first, {"accuracy": 0.5, "loss": 3})
        study.tell(second, {"accuracy": 0.9})
        study.tell(third, {"accuracy": math.inf})
        self.assertIs(study.best, second)
        self.assertEqual(third.state, qalam.TrialState.METRICS_UNAVAILABLE)

    def test_a_study_answers_as_the_command_does(self):
        flags = [BINARY, "suggest", "--name", "tune", "--objective", "min:loss", "--param", "x=-5.0..5.0", "--param",
                 "lr=log:1e-5..1e-1", "--param", "k=1..9/2", "--param", "batch=discrete:16,0.5,64", "--param",
                 "opt=adam,sgd", "--param", "flag=true,false", "--seed", "3", "-o", "json"]
        for algorithm in ("tpe", "bayesianoptimization", "sobol"):
            study = self.study(algorithm=algorithm, seed=3)
            saved = self.directory / f"{algorithm}.jsonl"
            for i in range(14):
                study.save(saved)
                done = subprocess.run([*flags, "--algorithm", algorithm, "--history", saved], check=True,
                                      capture_output=True, text=True)
                self.assertEqual(done.stderr, "")
                [told] = json.loads(done.stdout)
                [trial] = study.ask()
                self.assertEqual(trial.name, told["trial"])
                self.assertEqual({name: SPACE[name].to_text(value) for name, value in trial.params.items()},
                                 {name: SPACE[name].to_text(value) for name, value in told["parameters"].items()})
                if i % 5 == 3:
                    study.fail(trial)
                elif i % 7 != 5:  # some go on running
                    study.tell(trial, loss_of(trial))

    def test_an_experiment_s_file_gives_a_study(self):
        try:
            import yaml  # pylint: disable=import-outside-toplevel
        except ImportError:
            self.skipTest("PyYAML is not installed")
        for example in ("digits", "grid", "sobol"):
            file = ROOT / f"examples/{example}/experiment.yaml"
            with open(file, encoding="utf-8") as text:
                study = self.client.study_from(yaml.safe_load(text))
            done = subprocess.run([BINARY, "suggest", "-f", file, "-o", "json"], check=True, capture_output=True, text=True)
            [told] = json.loads(done.stdout)
            [trial] = study.ask()
            self.assertEqual(trial.name, told["trial"])
            self.assertEqual(trial.params, told["parameters"], example)
        spec = {"objective": {"objectiveMetricName": "l", "type": "minimize"},
                "algorithm": {"algorithmName": "random", "algorithmSettings": [{"name": "qalam.dev/enqueue", "value": "x=0.25"}]},
                "parameters": [{"name": "x", "parameterType": "double", "feasibleSpace": {"min": "0", "max": "1"}}]}
        annotated = {"metadata": {"name": "a", "annotations": {"qalam.dev/enqueue": "x=0.75"}}, "spec": spec}
        [trial] = self.client.study_from(annotated).ask()
        self.assertEqual(trial.params, {"x": 0.75})  # annotations go before settings, as in Qalam's controller
        for broken, problem in [
                ({}, "'spec' is missing"),
                ({"metadata": {"name": "a"}, "spec": {"objective": {"objectiveMetricName": "l", "type": "minimize"},
                                                      "parameters": [{"name": "x", "parameterType": "double"}]}},
                 "parameter x: 'min' is missing"),
                ({"metadata": {"name": "a"}, "spec": {"objective": {"objectiveMetricName": "l", "type": "minimize"},
                                                      "parameters": [{"name": "x", "parameterType": "float"}]}},
                 "parameter x: parameterType must be double"),
        ]:
            with self.assertRaisesRegex(ValueError, problem):
                self.client.study_from(broken)

    def test_a_restarted_server_answers_alike(self):
        server = Server(str(self.directory / "data"))
        with qalam.Client(server.address) as client:
            ours = client.study("tune", SPACE, "min:loss", algorithm="tpe", seed=3)
            other = self.study(algorithm="tpe", seed=3)
            for i in range(14):
                if i == 12:
                    server.stop()
                    server = Server(str(self.directory / "data"), address=server.address)
                [a], [b] = ours.ask(), other.ask()
                self.assertEqual(a.params, b.params)
                ours.tell(a, loss_of(a))
                other.tell(b, loss_of(b))
        server.stop()

    def test_a_finite_space_ends(self):
        study = self.client.study("few", {"opt": qalam.Categorical("abc".split() + ["x", "y"])}, "min:loss",
                                  algorithm="grid")
        self.assertEqual(sorted(trial["opt"] for trial in study.ask(50)), ["abc", "x", "y"])
        for count in (1, 2, 50):
            with self.assertRaises(qalam.SpaceExhausted):
                study.ask(count)

    def test_a_history_file_goes_on_where_it_was(self):
        file = self.directory / "tune.jsonl"
        whole = self.study(algorithm="tpe", seed=3)
        with self.study(algorithm="tpe", seed=3, history=file) as first:
            for _ in range(12):
                for study in (whole, first):
                    [trial] = study.ask()
                    study.tell(trial, loss_of(trial))
            [left_running], _ = first.ask(), whole.ask()
        with open(file, "a", encoding="utf-8") as torn:
            torn.write('{"trial": "tune-99", "para')
        with self.study(algorithm="tpe", seed=3, history=file) as again:
            self.assertEqual([trial.params for trial in again.trials], [trial.params for trial in first.trials])
            self.assertEqual(again.best.name, first.best.name)
            self.assertEqual(again.tell(left_running.name, 0.5).state, qalam.TrialState.SUCCEEDED)
            whole.tell("tune-13", 0.5)
            self.assertEqual(again.ask()[0].params, whole.ask()[0].params)
        lines = file.read_text(encoding="utf-8").splitlines()
        self.assertEqual(len(lines), 12 * 2 + 3)
        for line in lines:
            json.loads(line)

    def test_a_history_file_has_one_writer(self):
        file = self.directory / "tune.jsonl"
        with self.study(history=file):
            with self.assertRaisesRegex(BlockingIOError, "tune.jsonl is the history of another study"):
                self.study(history=file)
        self.study(history=file).close()

    def test_a_full_disk_leaves_no_half_line(self):
        study = self.study(history=self.directory / "tune.jsonl")
        self.addCleanup(study.close)
        limit = resource.getrlimit(resource.RLIMIT_FSIZE)
        study.ask()
        before = (self.directory / "tune.jsonl").read_bytes()
        handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 10, limit[1]))
            with self.assertRaises(OSError):
                study.tell("tune-1", 0.5)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)
            signal.signal(signal.SIGXFSZ, handler)
        self.assertEqual((self.directory / "tune.jsonl").read_bytes(), before)
        study.tell("tune-1", 0.5)
        again = self.study()
        again.load(self.directory / "tune.jsonl")
        self.assertEqual(again.best.metrics, {"loss": 0.5})

    def test_save_and_load_keep_everything(self):
        study = self.study(metrics=["accuracy"])
        a, b, c, d = study.ask(4)
        study.tell(a, {"loss": 1.0, "accuracy": math.nan})
        study.fail(b)
        study.kill(c)
        study.tell(d, {"loss": 2}, state="early-stopped")
        study.add({**a.params, "x": 1}, 0.25, name="mine")
        study.add({**a.params, "x": 2})
        study.save(self.directory / "saved.jsonl")
        copy = self.study(metrics=["accuracy"])
        copy.load(self.directory / "saved.jsonl")
        self.assertEqual(len(copy.trials), 6)
        for was, now in zip(study.trials, copy.trials):
            self.assertEqual((now.name, now.number, now.params, now.state), (was.name, was.number, was.params, was.state))
            self.assertEqual(repr(now.metrics), repr(was.metrics))
        self.assertEqual(copy.best.name, "mine")

    def test_load_names_the_line_and_adds_nothing(self):
        for text, problem in [
                ('{"trial": "a", "parameters": {"x": 9}}', ":2: x: must be from -5.0 to 5.0, got 9"),
                ('{"trial": "a"}', ":2: trial 'a' has no parameters"),
                ("[]", ":2: must be a JSON object, got list"),
                ('{"trial": "good", "status": "done"}', ":2: status must be one of"),
                ('{"trial": "good", "parameters": "x"}', ":2: parameters must be an object, got 'x'"),
                ("{", ":2: must be a JSON object"),
        ]:
            study = self.study()
            study.ask()
            good = {"trial": "good", "parameters": study.trials[0].params, "metrics": {"loss": 1}}
            file = self.directory / "bad.jsonl"
            file.write_text(f"{json.dumps(good)}\n{text}\n")
            with self.assertRaisesRegex(ValueError, problem.replace("[", r"\[")):
                study.load(file)
            self.assertEqual([trial.name for trial in study.trials], ["tune-1"])

    def test_what_is_wrong_is_a_value_error(self):
        study = self.study(metrics=["accuracy"])
        [trial] = study.ask()
        for call, problem in [
                (lambda: study.tell("tune-9", 1), "no trial 'tune-9'"),
                (lambda: study.tell(trial, {"los": 1}), "metric 'los' is not of this study, only loss, accuracy"),
                (lambda: study.tell(trial, {"loss": "much"}), "metric loss must be a number, got 'much'"),
                (lambda: study.tell(trial), "a succeeded trial needs its objective, loss"),
                (lambda: study.tell(trial, 1, state="done"), "status must be one of Running, Succeeded"),
                (lambda: study.add({"x": 7, "y": 1}), "x: must be from -5.0 to 5.0, got 7; lr: is missing"),
                (lambda: study.add(trial.params, name="tune-1"), "is there already"),
                (lambda: study.ask(0), "count must be from 1"),
                (lambda: self.study(algorithm="tpee"), "unknown algorithm name tpee"),
                (lambda: self.study(settings={"nonsense": 1}), "unknown setting nonsense"),
                (lambda: self.study(seed=-1), "seed should be"),
                (lambda: self.client.study("a", {}, "min:loss"), "at least one parameter"),
                (lambda: self.client.study("a", SPACE, "loss"), "objective must be like min:loss"),
                (lambda: study.ask(2_000_000), "at most"),
        ]:
            with self.assertRaisesRegex(ValueError, problem):
                call()
        self.assertEqual([trial.state for trial in study.trials], [qalam.TrialState.RUNNING])
        with self.assertRaises(qalam.InvalidArgument) as caught:
            self.study(algorithm="tpee")
        self.assertEqual(caught.exception.code, "INVALID_ARGUMENT")

    def test_many_threads_ask_and_tell(self):
        study = self.study(algorithm="random", history=self.directory / "threads.jsonl")
        self.addCleanup(study.close)
        problems = []

        def work():
            try:
                for _ in range(10):
                    [trial] = study.ask()
                    study.tell(trial, loss_of(trial))
            except Exception as error:  # pylint: disable=broad-except
                problems.append(error)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(problems, [])
        self.assertEqual([trial.name for trial in study.trials], [f"tune-{i}" for i in range(1, 81)])
        self.assertEqual(len({tuple(trial.params.values()) for trial in study.trials}), 80)

    def test_frame(self):
        try:
            import pandas  # pylint: disable=import-outside-toplevel
        except ImportError:
            self.skipTest("pandas is not installed")
        study = self.client.study("frame", {"status": qalam.Float(0.0, 1.0), "loss": qalam.Int(1, 3)}, "min:loss")
        self.assertEqual(len(study.frame()), 0)
        first, second = study.ask(2)
        study.tell(first, 0.5)
        frame = study.frame()
        self.assertEqual(list(frame.columns), ["status", "start", "end", "duration_seconds", "parameter.status", "loss",
                                               "metric.loss"])
        self.assertEqual(frame.loc[first.name, "metric.loss"], 0.5)
        self.assertEqual(frame.loc[second.name, "status"], "Running")
        self.assertTrue(pandas.isna(frame.loc[second.name, "end"]))
        self.assertEqual(str(frame["start"].dtype), "datetime64[ns, UTC]")


class DocumentationTest(ServedTest):
    def run_script(self, script, **environment):
        done = subprocess.run([sys.executable, *script], cwd=self.directory, capture_output=True, text=True,
                              check=False, env={"QALAM_ADDR": self.server.address, "PYTHONPATH": str(ROOT / "python"),
                                                "PYTHONDONTWRITEBYTECODE": "1", **environment})
        self.assertEqual((done.returncode, done.stderr), (0, ""), script)
        return done.stdout

    def run_page(self, page, trial):
        text = (ROOT / page).read_text(encoding="utf-8")
        blocks = re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)
        return [self.run_script(["-c", "import qalam\n" + block], KATIB_TRIAL_NAME=trial) for block in blocks]

    def test_the_readme_s_examples_run(self):
        output = self.run_page("python/README.md", "readme-1")
        self.assertEqual(len(output), 2)
        self.assertIn("'lr':", output[0])
        self.assertEqual(len((self.directory / "tune.jsonl").read_text().splitlines()), 60)
        self.assertEqual([(entry.metric, entry.value) for entry in self.client.observation_log("readme-1")],
                         [("loss", 0.3), ("accuracy", 0.9)])

    def test_the_page_s_examples_run(self):
        output = self.run_page("docs/python.md", "page-1")
        self.assertEqual(len(output), 3)
        self.assertIn("'batch':", output[0])
        self.assertEqual(len(self.client.observation_log("page-1", "loss")), 3)
        self.assertRegex(output[2], r"^20\S+ \S+ loss 0.5\n$")

    def test_the_example_runs_and_goes_on(self):
        program = str(ROOT / "examples/ask-tell-python/tune.py")
        self.run_script([program, "--trials", "5"])
        lines = (self.directory / "branin.jsonl").read_text().splitlines(keepends=True)
        self.assertEqual(len(lines), 10)
        (self.directory / "branin.jsonl").write_text("".join(lines[:5]))  # as if it had been killed
        output = self.run_script([program, "--trials", "30"])
        self.assertRegex(output, r"^30 trials; best \d")
        self.assertLess(float(output.split()[3]), 3.0)
        states = {json.loads(line)["trial"]: json.loads(line)["status"]
                  for line in (self.directory / "branin.jsonl").read_text().splitlines()}
        self.assertEqual(len(states), 30)
        self.assertNotIn("Running", states.values())


if __name__ == "__main__":
    unittest.main()
