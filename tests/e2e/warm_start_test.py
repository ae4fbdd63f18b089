"""Points tried first, earlier experiments, and replays, on experiments that were really run."""

import json
import unittest

from qalam import QalamTest

# Four reports that come down to the distance from 0.3.
CURVE = ["sh", "-c", "for i in 1 2 3 4; do awk \"BEGIN {d = $0 - 0.3; print \\\"loss=\\\" d * d + 1 / $i}\"; done", "{x}"]


class WarmStartTest(QalamTest):
    def values(self, name="tune"):
        return [trial["parameters"]["x"] for trial in self.trials(name)]

    def test_points_are_tried_first_in_their_order(self):
        flags = ["--param", "o=p,q"]
        command = ["sh", "-c", "echo loss=$0 $1", "{x}", "{o}"]
        self.qalam(*self.quick(*flags, "--try", "x=0.25,o=q", "--try", "x=0.75", parallel=1, command=command))
        first, second = self.trials()[:2]
        self.assertEqual(first["parameters"], {"x": 0.25, "o": "q"})
        self.assertEqual(second["parameters"]["x"], 0.75)
        shown = self.qalam("show", "tune").stdout
        self.assertIn("2 of 2 points tried: x=0.25,o=q; x=0.75", shown)

    def test_a_point_that_does_not_fit_starts_nothing(self):
        done = self.qalam(*self.quick("--try", "x=0.5", "--try", "x=2"), expect=2)
        self.assertIn("point 2: x must be a number from 0 to 1, got '2'", done.stderr)
        self.qalam("show", "tune", expect=3)
        self.qalam(*self.quick("--try", "x=0.1", "--try", "x=0.2", trials=1, parallel=1), expect=2)

    def test_a_point_enqueued_later_is_the_next_one(self):
        self.qalam(*self.quick("--try", "x=0.5", trials=2, parallel=1))
        self.qalam("enqueue", "tune", "x=0.625")
        self.assertIn("already", self.qalam("enqueue", "tune", "x=0.625", expect=4).stderr)
        self.assertIn("point 3: x must be", self.qalam("enqueue", "tune", "x=7", expect=2).stderr)
        self.assertIn("no parameter y", self.qalam("enqueue", "tune", "y=7", expect=2).stderr)
        self.qalam("enqueue", "nothing", "x=0.1", expect=3)
        self.qalam(*self.quick("--try", "x=0.5", trials=4, parallel=1))
        values = self.values()
        self.assertEqual(values[0], 0.5)
        self.assertEqual(values[2], 0.625)
        self.assertEqual(len(set(values)), 4)

    def test_a_running_experiment_is_not_changed_under_its_feet(self):
        process = self.start(*self.quick(trials=1, parallel=1, seconds=60))
        self.wait_for_text("started")
        self.assertIn("qalam stop tune", self.qalam("enqueue", "tune", "x=0.5", expect=4).stderr)
        process.terminate()
        self.finish(process)

    def test_an_earlier_experiment_is_learned_from(self):
        self.qalam(*self.quick(name="earlier", trials=12, command=CURVE))
        best = min(self.trials("earlier"), key=lambda trial: trial["metrics"]["loss"]["min"])
        self.qalam(*self.quick("--warm-start", "earlier", "--param", "z=0.0..1.0", name="later", trials=3, parallel=1,
                               command=[*CURVE, "{z}"]))
        self.assertEqual(self.trials("later")[0]["parameters"]["x"], best["parameters"]["x"])
        self.assertIn("earlier: 12 of 12 finished trials (nothing known of z)", self.qalam("show", "later").stdout)

    def test_an_earlier_experiment_must_be_there_and_have_the_same_objective(self):
        done = self.qalam(*self.quick("--warm-start", "nothing"), expect=None)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("there is no experiment nothing", done.stderr)


    def test_results_of_another_machine_are_taken_over(self):
        self.qalam(*self.quick(name="there", trials=6, command=CURVE))
        table = self.directory / "trials.csv"
        table.write_text(self.qalam("export", "there").stdout)
        spec = self.directory / "experiment.yaml"
        spec.write_text(self.qalam(*self.quick("--dry-run", name="here")).stdout)
        self.qalam("import", table, "--experiment", spec, "--name", "copy")
        self.assertEqual([t["parameters"] for t in self.trials("copy")], [t["parameters"] for t in self.trials("there")])
        self.assertIn("Imported", self.qalam("show", "copy").stdout)
        self.qalam("import", table, "--experiment", spec, "--name", "copy", expect=4)
        self.qalam("run", spec, "--warm-start", "copy")
        self.assertIn("copy: 6 of 6 finished trials", self.qalam("show", "here").stdout)
        table.write_text(table.read_text() + "bad,Succeeded,,,,7,1\n")
        self.assertIn("must be a number from 0 to 1",
                      self.qalam("import", table, "--experiment", spec, "--name", "bad", expect=2).stderr)
        self.qalam("show", "bad", expect=3)
        self.qalam("rm", "copy")
        self.qalam("show", "copy", expect=3)


class ReplayTest(QalamTest):
    def test_rules_and_searches_on_an_experiment_that_was_run(self):
        self.qalam(*self.quick("--algorithm", "random", trials=24, parallel=1, command=CURVE))
        text = self.qalam("replay", "tune", "--stop", "medianstop(min_trials_required=3,start_step=1)").stdout
        self.assertIn("Exact", text)
        self.assertIn("is greater than", text)
        done = self.qalam("replay", "tune", "--stop", "medianstop(min_trials_required=3,start_step=1)", "--algorithm",
                          "random,tpe", "--seeds", 3, "-o", "json")
        replay = json.loads(done.stdout)
        none, median = replay["stopping"]
        self.assertEqual(none["stopped"], 0)
        self.assertEqual(none["reports"], 96)
        self.assertEqual(median["reports"], 96)
        self.assertGreater(median["stopped"], 3)

        # What the rule must have done, from the recorded curves alone: one trial after the other.
        succeeded, expected = [], []
        for trial in self.trials():
            curve = [point["value"] for point in trial["curve"] if point["metric"] == "loss"]
            bound = sorted(succeeded)[len(succeeded) // 2] if len(succeeded) % 2 else None
            if len(succeeded) >= 3 and bound is None:
                middle = sorted(succeeded)[len(succeeded) // 2 - 1:len(succeeded) // 2 + 1]
                bound = sum(middle) / 2
            stopped = len(succeeded) >= 3 and curve[0] > bound
            expected.append(stopped)
            if not stopped:
                succeeded.append(curve[0])
        by_name = {trial["trial"]: trial["stopped"] for trial in median["trials"]}
        first_reports_fire = [by_name[trial["trial"]] for trial in self.trials()]
        for early, replayed in zip(expected, first_reports_fire):
            self.assertTrue(replayed or not early)
        self.assertEqual([search["name"] for search in replay["search"]["searches"]], ["recorded", "random", "tpe"])
        self.assertFalse(replay["search"]["exact"])

    def test_says_what_is_missing(self):
        self.qalam(*self.quick(trials=4))
        self.assertIn("--stop RULES", self.qalam("replay", "tune", expect=2).stderr)
        self.assertIn("unknown early-stopping rule", self.qalam("replay", "tune", "--stop", "x", expect=2).stderr)
        self.assertIn("unknown algorithm", self.qalam("replay", "tune", "--algorithm", "x", expect=2).stderr)
        self.assertIn("say too little", self.qalam("replay", "tune", "--algorithm", "tpe", expect=4).stderr)
        self.qalam("replay", "nothing", "--stop", "medianstop", expect=3)


if __name__ == "__main__":
    unittest.main()
