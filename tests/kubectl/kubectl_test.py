"""Every command of kubectl that users of Katib type, against `qalam serve`. $KUBECTL is the program; what it prints differs by version."""

import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from api_server import ApiServer, job_experiment  # noqa: E402
from qalam import QalamTest  # noqa: E402

KUBECTL = os.environ["KUBECTL"]


class KubectlTest(QalamTest):
    def setUp(self):
        super().setUp()
        self.server = ApiServer(self)
        kubeconfig = self.directory / "kubeconfig"
        kubeconfig.write_text(self.qalam("kubeconfig").stdout, encoding="utf-8")
        self.environment |= {"KUBECONFIG": str(kubeconfig), "HOME": str(self.directory)}

    def kubectl(self, *arguments, expect=0, stdin=None):
        """What it prints; on an error standard error, too."""
        done = subprocess.run([KUBECTL, *arguments], cwd=self.directory, env=self.environment, input=stdin,
                              capture_output=True, text=True, timeout=120, check=False)
        if done.returncode != expect:
            self.fail(f"kubectl {' '.join(arguments)} exited with {done.returncode}, not {expect}\n"
                      f"--- stdout\n{done.stdout}\n--- stderr\n{done.stderr}")
        return done.stdout if expect == 0 else done.stdout + done.stderr

    def open(self, *arguments):
        process = subprocess.Popen([KUBECTL, *arguments], cwd=self.directory, env=self.environment, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def write(self, name, *objects):
        path = self.directory / name
        several = {"apiVersion": "v1", "kind": "List", "items": objects}
        path.write_text(json.dumps(objects[0] if len(objects) == 1 else several), encoding="utf-8")
        return str(path)

    def experiment(self, name="tune", script="echo loss=$0", **more):
        made = job_experiment(name, script, **more)
        # The defaults that are stored into lists, so that applying the file again is no change.
        made["spec"]["parameters"][0]["feasibleSpace"]["distribution"] = "uniform"
        return made

    def waiting(self, name="tune", **more):
        """An experiment whose trials run until the file `gate` is there."""
        gate = self.directory / "gate"
        return self.experiment(name, f"echo begun; while ! [ -e {gate} ]; do sleep 0.05; done; echo loss=$0", **more)

    def spec(self, name, path):
        return self.kubectl("get", "experiment", name, "-o", f"jsonpath={{{path}}}")

    def test_discovery_and_explain(self):
        said = self.kubectl("api-resources", "--api-group=kubeflow.org", "-o", "wide")
        for plural, kind in (("experiments", "Experiment"), ("suggestions", "Suggestion"), ("trials", "Trial")):
            self.assertRegex(said, rf"(?m)^{plural}\s.*kubeflow\.org/?\S*\s+true\s+{kind}\s.*deletecollection")
        self.assertRegex(self.kubectl("api-resources"), r"(?m)^pods\s+po\s+v1\s+true\s+Pod")
        self.assertIn("kubeflow.org/v1beta1", self.kubectl("api-versions"))
        self.assertIn("Server Version", self.kubectl("version"))
        said = self.kubectl("explain", "experiments.spec.objective")
        self.assertIn("objectiveMetricName", said)
        self.assertRegex(self.kubectl("explain", "experiment"), r"(?s)KIND:\s+Experiment.*spec")
        self.assertIn("maxTrialCount", self.kubectl("explain", "experiment", "--recursive"))
        self.assertEqual(self.kubectl("auth", "can-i", "create", "experiments").strip(), "yes")

    def test_client_side_apply_and_diff(self):
        file = self.write("e.json", self.waiting(trials=2))
        self.assertIn("experiment.kubeflow.org/tune created", self.kubectl("apply", "-f", file))
        self.assertIn("experiment.kubeflow.org/tune unchanged", self.kubectl("apply", "-f", file))
        self.kubectl("diff", "-f", file)
        self.write("e.json", self.waiting(trials=5))
        said = self.kubectl("diff", "-f", file, expect=1)
        self.assertRegex(said, r"(?m)^-\s+maxTrialCount: 2\n\+\s+maxTrialCount: 5$")
        self.assertIn("experiment.kubeflow.org/tune configured", self.kubectl("apply", "-f", file))
        self.assertEqual(self.spec("tune", ".spec.maxTrialCount"), "5")
        self.write("e.json", self.waiting(name="Not_A_Name"))
        self.assertIn("Not_A_Name", self.kubectl("apply", "-f", file, expect=1))
        bad = self.waiting("bad")
        bad["spec"]["objective"]["type"] = "sideways"
        self.assertIn("sideways", self.kubectl("apply", "-f", self.write("bad.json", bad), expect=1))

    def test_server_side_apply(self):
        file = self.write("e.json", self.waiting(trials=2))
        apply = ("apply", "--server-side", "-f", file)
        self.assertIn("experiment.kubeflow.org/tune serverside-applied", self.kubectl(*apply))
        before = self.spec("tune", ".metadata.managedFields[?(@.operation==\"Apply\")]")
        self.assertIn('"manager":"kubectl"', before.replace(" ", ""))
        self.kubectl(*apply)
        self.kubectl("patch", "experiment", "tune", "--type=merge", "-p", '{"spec":{"maxTrialCount":3}}',
                     "--field-manager=editor")
        said = self.kubectl(*apply, expect=1)
        self.assertIn('conflict with "editor" using kubeflow.org/v1beta1', said)
        self.assertIn(".spec.maxTrialCount", said)
        self.kubectl(*apply, "--force-conflicts")
        self.assertEqual(self.spec("tune", ".spec.maxTrialCount"), "2")
        other = self.waiting(trials=2)
        other["metadata"]["labels"] = {"team": "a"}
        self.write("e.json", other)
        self.kubectl(*apply)
        self.assertEqual(self.spec("tune", ".metadata.labels.team"), "a")
        self.write("e.json", self.waiting(trials=2))
        self.kubectl(*apply)
        self.assertEqual(self.spec("tune", ".metadata.labels.team"), "")

    def test_server_side_apply_takes_over_from_client_side_apply(self):
        file = self.write("e.json", self.waiting(trials=2))
        self.kubectl("apply", "-f", file)
        self.write("e.json", self.waiting(trials=4))
        self.kubectl("apply", "--server-side", "-f", file)
        self.assertEqual(self.spec("tune", ".spec.maxTrialCount"), "4")

    def test_dry_run_and_kustomize(self):
        file = self.write("e.json", self.waiting())
        self.assertIn("(server dry run)", self.kubectl("apply", "--dry-run=server", "-f", file))
        self.assertIn("NotFound", self.kubectl("get", "experiment", "tune", expect=1))
        (self.directory / "kustomization.yaml").write_text(
            "resources: [e.json]\nnamePrefix: team-\ncommonLabels: {team: a}\n", encoding="utf-8")
        self.assertIn("experiment.kubeflow.org/team-tune created", self.kubectl("apply", "-k", "."))
        self.assertEqual(self.kubectl("get", "experiments", "-l", "team=a", "-o", "name").strip(),
                         "experiment.kubeflow.org/team-tune")

    def test_create_get_and_describe(self):
        names = [f"e{i}" for i in range(5)]
        said = self.kubectl("create", "-f", self.write("many.json", *[self.waiting(n) for n in names]))
        self.assertEqual(len(re.findall(r"created", said)), 5)
        self.assertIn("AlreadyExists", self.kubectl("create", "-f", self.write("one.json", self.waiting("e0")), expect=1))
        lines = self.kubectl("get", "experiments", "--chunk-size=2").splitlines()
        self.assertRegex(lines[0], r"^NAME\s+TYPE\s+STATUS\s+AGE\s*$")
        self.assertEqual([line.split()[0] for line in lines[1:]], names)
        self.assertEqual(len(self.kubectl("get", "experiments", "-o", "wide", "--no-headers").splitlines()), 5)
        self.assertEqual(json.loads(self.kubectl("get", "experiment", "e1", "-o", "json"))["metadata"]["name"], "e1")
        self.assertIn("kind: Experiment", self.kubectl("get", "experiment", "e1", "-o", "yaml"))
        self.assertEqual(self.spec("e1", ".spec.objective.type"), "minimize")
        self.kubectl("label", "experiment", "e1", "e2", "team=a")
        self.kubectl("label", "experiment", "e2", "team-")
        self.assertEqual(self.kubectl("get", "experiments", "-l", "team in (a,b)", "-o", "name").split(),
                         ["experiment.kubeflow.org/e1"])
        self.assertEqual(self.kubectl("get", "experiments", "--field-selector=metadata.name!=e3,metadata.name!=e4",
                                      "-o", "name").split(), [f"experiment.kubeflow.org/e{i}" for i in range(3)])
        self.assertIn("not supported", self.kubectl("get", "experiments", "--field-selector=spec.x=1", expect=1))
        self.kubectl("annotate", "experiment", "e1", "note=a b")
        self.assertEqual(self.spec("e1", ".metadata.annotations.note"), "a b")
        self.assertRegex(self.kubectl("describe", "experiment", "e1"), r"(?s)Name:\s+e1\n.*Max Trial Count:\s+2.*Events:")
        self.assertIn("NAMESPACE", self.kubectl("get", "experiments", "-A"))
        self.assertIn('experiments.kubeflow.org "other" not found', self.kubectl("get", "experiment", "other", expect=1))

    def test_patch_and_edit(self):
        self.kubectl("create", "-f", self.write("e.json", self.waiting(trials=2)))
        self.kubectl("patch", "experiment", "tune", "--type=merge", "-p", '{"spec":{"maxTrialCount":7}}')
        self.assertEqual(self.spec("tune", ".spec.maxTrialCount"), "7")
        self.kubectl("patch", "experiment", "tune", "--type=json",
                     "-p", '[{"op":"replace","path":"/spec/maxTrialCount","value":8}]')
        self.assertEqual(self.spec("tune", ".spec.maxTrialCount"), "8")
        self.assertRegex(self.kubectl("patch", "experiment", "tune", "--type=json", expect=1,
                                      *("-p", '[{"op":"test","path":"/spec/maxTrialCount","value":1}]')),
                         "test failed: /spec/maxTrialCount is 8, not 1")
        said = self.kubectl("patch", "experiment", "tune", "-p", '{"spec":{"maxTrialCount":9}}', expect=1)
        self.assertRegex(said, "UnsupportedMediaType|strategic-merge-patch|not supported|unknown format")
        self.kubectl("create", "configmap", "settings", "--from-literal=a=1")
        self.kubectl("patch", "configmap", "settings", "-p", '{"data":{"b":"2"}}')
        self.assertEqual(json.loads(self.kubectl("get", "cm", "settings", "-o", "json"))["data"], {"a": "1", "b": "2"})
        editor = self.directory / "editor.sh"
        editor.write_text('#!/bin/sh\nsed -i "s/maxTrialCount: 8/maxTrialCount: 10/" "$1"\n', encoding="utf-8")
        editor.chmod(0o755)
        self.environment["KUBE_EDITOR"] = str(editor)
        self.assertIn("experiment.kubeflow.org/tune edited", self.kubectl("edit", "experiment", "tune"))
        self.assertEqual(self.spec("tune", ".spec.maxTrialCount"), "10")

    def test_watch_wait_logs_and_delete(self):
        watch = self.open("get", "experiments", "-w")
        self.kubectl("create", "-f", self.write("e.json", self.waiting(trials=1)))
        self.assertRegex(watch.stdout.readline(), "^NAME")
        self.assertRegex(watch.stdout.readline(), "^tune")
        self.kubectl("wait", "--for=condition=Running", "experiment/tune", "--timeout=60s")
        self.wait_until(lambda: "Running" in self.kubectl("get", "pods"), "a pod runs")
        pod = self.kubectl("get", "pods", "-o", "name").strip()
        logs = self.open("logs", "-f", pod, "-c", "main")
        self.assertEqual(logs.stdout.readline(), "begun\n")
        waiting = self.open("wait", "--for=condition=Succeeded", "experiment/tune", "--timeout=60s")
        (self.directory / "gate").touch()
        self.assertRegex(logs.stdout.read(), r"^loss=0\.\d+\n$")
        self.assertIn("condition met", waiting.stdout.read())
        self.assertRegex(self.kubectl("logs", pod, "-c", "main", "--tail=1"), r"^loss=")
        self.assertIn("Succeeded", self.kubectl("get", "trials,pods,jobs"))
        self.assertIn("deleted", self.kubectl("delete", "experiment", "tune", "--wait=true"))
        self.assertIn("NotFound", self.kubectl("get", "experiment", "tune", expect=1))

    def test_namespaces_and_secrets(self):
        self.kubectl("create", "namespace", "team")
        self.kubectl("create", "secret", "generic", "hub", "--from-literal=token=x", "-n", "team")
        self.kubectl("create", "-n", "team", "-f", self.write("e.json", self.waiting()))
        self.assertIn("tune", self.kubectl("get", "experiments", "-n", "team"))
        self.assertIn("team", self.kubectl("get", "namespaces"))
        self.kubectl("delete", "experiments", "--all", "-n", "team")
        self.kubectl("delete", "namespace", "team")


if __name__ == "__main__":
    unittest.main()
