"""The files of examples/katib-drop-in say what Katib understands, and every command line in them is one that works."""

import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

import grpc
import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "conformance"))

from contract import (ALGORITHMS, ARCHITECTURE_SEARCHES, ROOT, Server, api, api_grpc, architecture_search, categorical,
                      double, experiment)

FOLDER = ROOT / "examples/katib-drop-in"
# Fields of a Kubernetes container, and what KatibConfig adds.
CONTAINER = {"image", "imagePullPolicy", "command", "args", "env", "resources", "securityContext", "volumeMounts",
             "readinessProbe", "livenessProbe", "startupProbe"}
SUGGESTION = CONTAINER | {"algorithmName", "serviceAccountName", "volumeMountPath", "persistentVolumeClaimSpec",
                          "persistentVolumeSpec", "persistentVolumeLabels"}
EARLY_STOPPING = {"algorithmName", "image", "imagePullPolicy", "resources"}
OF_KATIB_ONLY = {"pbt"}  # needs the volume of checkpoints


def dockerfile():
    """Its instructions, lines joined, without comments."""
    text = re.sub(r"(?m)^#.*\n", "", (FOLDER / "Dockerfile").read_text())
    return re.findall(r"(?m)^([A-Z]+) (.*)$", text.replace("\\\n", ""))


def served(test, arguments):
    """A server with these arguments, but on a free port, and the port it was to have."""
    serve = arguments.index("serve")
    for before in arguments[:serve]:
        test.assertEqual(before, "--data-dir=/data")
    wanted = [a for a in arguments if a.startswith("--grpc=")]
    test.assertEqual(len(wanted), 1)
    host, port = wanted[0].removeprefix("--grpc=").rsplit(":", 1)
    flags = [a for a in arguments[serve + 1:] if a != wanted[0]]
    server = Server(f"--grpc={host}:0", *flags)
    test.addCleanup(server.close)
    return server.address.replace("0.0.0.0", "127.0.0.1"), int(port)


def check_health(address, service):
    request = bytes([10, len(service)]) + service.encode() if service else b""
    with grpc.insecure_channel(address) as channel:
        return channel.unary_unary("/grpc.health.v1.Health/Check")(request, timeout=60)


def smallest(algorithm):
    if algorithm in ARCHITECTURE_SEARCHES:
        return architecture_search(algorithm, [("convolution", [categorical("size", "3")])])
    return experiment(algorithm, [double("x", "0", "1", "0.1")])


class KatibConfigTest(unittest.TestCase):
    def setUp(self):
        self.config = yaml.safe_load((FOLDER / "katib-config.yaml").read_text())

    def test_its_fields_are_those_that_katib_reads(self):
        self.assertEqual((self.config["apiVersion"], self.config["kind"]), ("config.kubeflow.org/v1beta1", "KatibConfig"))
        self.assertEqual(self.config.keys(), {"apiVersion", "kind", "runtime"})
        self.assertEqual(self.config["runtime"].keys(), {"suggestions", "earlyStoppings"})
        for entry in self.config["runtime"]["suggestions"]:
            self.assertLessEqual(entry.keys(), SUGGESTION, entry)
        for entry in self.config["runtime"]["earlyStoppings"]:
            self.assertLessEqual(entry.keys(), EARLY_STOPPING, entry)

    def test_it_has_every_algorithm_once(self):
        names = [entry["algorithmName"] for entry in self.config["runtime"]["suggestions"]]
        self.assertEqual(sorted(names), sorted({*ALGORITHMS, *ARCHITECTURE_SEARCHES} - OF_KATIB_ONLY))
        self.assertEqual([e["algorithmName"] for e in self.config["runtime"]["earlyStoppings"]], ["medianstop"])

    def test_every_entry_serves_its_algorithm_on_the_port_that_katib_asks(self):
        for entry in self.config["runtime"]["suggestions"]:
            name = entry["algorithmName"]
            with self.subTest(algorithm=name):
                address, port = served(self, entry["args"])
                self.assertEqual(port, 6789)
                self.assertEqual(check_health(address, "manager.v1beta1.Suggestion"), b"\x08\x01")
                with grpc.insecure_channel(address) as channel:
                    api_grpc.SuggestionStub(channel).ValidateAlgorithmSettings(api.ValidateAlgorithmSettingsRequest(
                        experiment=smallest(name)), timeout=60)


class ImageTest(unittest.TestCase):
    def test_without_arguments_it_serves_early_stopping_on_the_port_that_katib_asks(self):
        instructions = dict(dockerfile())
        self.assertEqual(json.loads(instructions["ENTRYPOINT"]), ["qalam"])
        address, port = served(self, json.loads(instructions["CMD"]))
        self.assertEqual(port, 6788)
        with grpc.insecure_channel(address) as channel:
            api_grpc.EarlyStoppingStub(channel).ValidateEarlyStoppingSettings(api.ValidateEarlyStoppingSettingsRequest(
                early_stopping=api.EarlyStoppingSpec(algorithm_name="medianstop")), timeout=60)

    def test_it_has_every_library_that_the_program_needs(self):
        run = [text for instruction, text in dockerfile() if instruction == "RUN"][-1]
        listed = re.search(r"--no-install-recommends(.*?)&&", run).group(1).split()
        packages = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Depends} ${Pre-Depends}\n"], capture_output=True,
                                  text=True, check=True).stdout
        depends = {line.split()[0]: set(re.findall(r"[a-z0-9][a-z0-9+.-]+", line)) for line in packages.splitlines()}
        self.assertLessEqual(set(listed), depends.keys())
        installed, todo = {"libc6", "libgcc-s1", "libstdc++6"}, list(listed)
        while todo:
            package = todo.pop()
            if package not in installed:
                installed.add(package)
                todo += depends.get(package, set()) & depends.keys()
        linked = subprocess.run(["ldd", os.environ["QALAM"]], capture_output=True, text=True, check=True).stdout
        paths = [os.path.realpath(path) for path in re.findall(r"=> (/\S+)", linked)]
        owners = subprocess.run(["dpkg-query", "-S", *paths], capture_output=True, text=True, check=False).stdout
        needed = {line.split(":")[0] for line in owners.splitlines()}
        self.assertGreater(len(needed), 5)
        self.assertLessEqual(needed, installed)


class DBManagerTest(unittest.TestCase):
    def setUp(self):
        self.deployment, self.claim = yaml.safe_load_all((FOLDER / "db-manager.yaml").read_text())

    def test_it_takes_the_place_of_katibs(self):
        self.assertEqual((self.deployment["apiVersion"], self.deployment["kind"]), ("apps/v1", "Deployment"))
        self.assertEqual(self.deployment["metadata"]["name"], "katib-db-manager")
        spec = self.deployment["spec"]
        labels = spec["template"]["metadata"]["labels"]
        self.assertLessEqual(spec["selector"]["matchLabels"].items(), labels.items())
        self.assertEqual(labels["katib.kubeflow.org/component"], "db-manager")
        self.assertEqual((spec["replicas"], spec["strategy"]["type"]), (1, "Recreate"), "one process owns the file")

    def test_its_volume_is_where_the_program_writes(self):
        pod = self.deployment["spec"]["template"]["spec"]
        container = pod["containers"][0]
        self.assertIn("--data-dir=" + container["volumeMounts"][0]["mountPath"], container["args"])
        self.assertEqual(pod["volumes"][0]["persistentVolumeClaim"]["claimName"], self.claim["metadata"]["name"])
        self.assertEqual(pod["volumes"][0]["name"], container["volumeMounts"][0]["name"])
        self.assertEqual(pod["securityContext"]["runAsUser"], int(dict(dockerfile())["USER"].split(":")[0]))

    def test_its_command_serves_on_the_port_that_everybody_asks(self):
        container = self.deployment["spec"]["template"]["spec"]["containers"][0]
        address, port = served(self, container["args"])
        self.assertEqual(port, 6789)
        self.assertEqual([p["containerPort"] for p in container["ports"]], [6789])
        for probe in ("startupProbe", "livenessProbe"):
            self.assertEqual(container[probe]["grpc"], {"port": 6789})
        self.assertEqual(check_health(address, ""), b"\x08\x01")
        with grpc.insecure_channel(address) as channel:
            api_grpc.DBManagerStub(channel).GetObservationLog(api.GetObservationLogRequest(trial_name="t"), timeout=60)


if __name__ == "__main__":
    unittest.main()
