"""The package as such: its messages, its neighbours, its installation, and what needs no server."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from support import ROOT, ServedTest, qalam

from google.protobuf import descriptor_pb2

PACKAGE = ROOT / "python"


def run(script, *path, **environment):
    paths = os.pathsep.join(map(str, path))
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONPATH": paths, **environment})


class Neighbours(ServedTest):
    """Katib's SDK registers generated code for the same file name in protobuf's default pool."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # As in Katib's package: its own text of the contract (here with one message more), under the name api.proto.
        cls.katib = pathlib.Path(tempfile.mkdtemp(dir=cls.folder.name))
        text = (ROOT / "proto/api.proto").read_text(encoding="utf-8")
        (cls.katib / "api.proto").write_text(text + "\nmessage OfKatibOnly { string name = 1; }\n")
        subprocess.run(["protoc", f"--proto_path={cls.katib}", f"--python_out={cls.katib}", "api.proto"], check=True)
        (cls.katib / "api_pb2.py").rename(cls.katib / "katib_api_pb2.py")

    def test_both_live_in_one_process_in_either_order(self):
        use = """
import grpc
study = qalam.Client("%s").study("tune", {"x": qalam.Float(0.0, 1.0)}, "min:loss", seed=1)
study.tell(study.ask()[0], 0.5)
print(study.ask()[0]["x"])
request = katib_api_pb2.GetSuggestionsRequest(current_request_number=1, total_request_number=1)
request.experiment.name = "tune"
request.experiment.spec.algorithm.algorithm_name = "random"
request.experiment.spec.parameter_specs.parameters.add(name="x", parameter_type=katib_api_pb2.DOUBLE,
    feasible_space=katib_api_pb2.FeasibleSpace(min="0", max="1"))
call = grpc.insecure_channel("%s").unary_unary("/api.v1.beta1.Suggestion/GetSuggestions",
    request_serializer=katib_api_pb2.GetSuggestionsRequest.SerializeToString,
    response_deserializer=katib_api_pb2.GetSuggestionsReply.FromString)
print(call(request).parameter_assignments[0].assignments[0].name)
katib_api_pb2.OfKatibOnly(name="a")
""" % (self.server.address, self.server.address)
        for order in ("import qalam, katib_api_pb2", "import katib_api_pb2, qalam"):
            done = run(order + use, PACKAGE, self.katib)
            self.assertEqual((done.returncode, done.stderr), (0, ""), order)
            x, name = done.stdout.split()
            self.assertEqual((name, 0 <= float(x) <= 1), ("x", True))

    def test_a_message_of_the_neighbour_can_be_sent_over_our_connection(self):
        script = """
import katib_api_pb2, qalam
from qalam import _wire
client = qalam.Client("%s")
request = katib_api_pb2.GetObservationLogRequest(trial_name="nobody")
print(len(client._channel.call(_wire.GET_OBSERVATIONS, request).observation_log.metric_logs))
""" % self.server.address
        done = run(script, PACKAGE, self.katib)
        self.assertEqual((done.returncode, done.stderr, done.stdout), (0, "", "0\n"))


class Package(unittest.TestCase):
    def test_its_description_of_the_messages_is_the_contract_s(self):
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder) / "api.binpb"
            subprocess.run(["protoc", f"--proto_path={ROOT / 'proto'}", f"--descriptor_set_out={out}", "api.proto"],
                           check=True)
            contract, shipped = (descriptor_pb2.FileDescriptorSet.FromString(path.read_bytes())
                                 for path in (out, PACKAGE / "qalam/api.binpb"))
        for file in (*contract.file, *shipped.file):
            for message in file.message_type:
                for field in message.field:
                    field.ClearField("json_name")  # some versions of protoc write it
        self.assertEqual(contract, shipped, "make it anew: protoc --proto_path=proto --include_imports "
                                            "--descriptor_set_out=python/qalam/api.binpb api.proto")

    def test_it_installs_and_runs_from_there(self):
        pip = [sys.executable, "-m", "pip"]
        if subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode != 0:
            self.skipTest(f"{sys.executable} has no pip")
        tools = "import setuptools, wheel; assert int(setuptools.__version__.split('.')[0]) >= 61"
        if subprocess.run([sys.executable, "-c", tools], capture_output=True, check=False).returncode != 0:
            self.skipTest(f"{sys.executable} has no wheel and setuptools >= 61 to build with")
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder) / "source"
            subprocess.run(["cp", "-r", PACKAGE, source], check=True)  # building writes beside the source
            target = pathlib.Path(folder) / "target"
            done = subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index",
                                   "--target", target, source], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            done = run("import qalam; print(qalam.__file__, qalam.Float(0.0, 1.0).to_spec('x').name)", target)
            self.assertEqual((done.returncode, done.stdout), (0, f"{target}/qalam/__init__.py x\n"), done.stderr)
            self.assertTrue((target / "qalam/py.typed").exists())

    def test_its_version_is_the_program_s(self):
        program = re.search(r"project\(qalam VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text()).group(1)
        self.assertEqual(qalam.__version__, program)
        self.assertIn(f'version = "{qalam.__version__}"', (PACKAGE / "pyproject.toml").read_text())


class Space(unittest.TestCase):
    def test_numbers_come_in_any_spelling(self):
        self.assertEqual(qalam.Float(0.0, 1.0).to_value("1e-3"), 0.001)
        self.assertEqual(qalam.Int(1, 9).to_value("3.0"), 3)
        self.assertEqual(qalam.Int(1, 10**15).to_value("999999999999999"), 999999999999999)
        self.assertEqual(qalam.Int(1, 9).to_value(3.0), 3)
        self.assertIs(qalam.Discrete([16, 0.5]).to_value("16.0"), 16)
        self.assertIs(qalam.Categorical([True, False]).to_value("true"), True)
        self.assertIs(qalam.Categorical([True, "1"]).to_value(True), True)

    def test_what_does_not_fit_is_refused(self):
        for call, problem in [
                (lambda: qalam.Int(1, 9).to_value(3.5), "whole number, got 3.5"),
                (lambda: qalam.Int(1, 9).to_value("x"), "whole number, got 'x'"),
                (lambda: qalam.Int(1, 9).to_value(float("inf")), "whole number"),
                (lambda: qalam.Int(1, 9).to_value(10), "from 1 to 9, got 10"),
                (lambda: qalam.Float(0.0, 1.0).to_value(float("nan")), "from 0.0 to 1.0, got nan"),
                (lambda: qalam.Float(0.0, 1.0).to_value(None), "must be a number, got None"),
                (lambda: qalam.Float(1.0, 0.0), "low must not be above high"),
                (lambda: qalam.Float(0.0, 1.0, distribution="log"), "distribution must be uniform, logUniform"),
                (lambda: qalam.Categorical([]), "something in it"),
                (lambda: qalam.Categorical("adam"), "must be a list"),
                (lambda: qalam.Categorical(["1", 1]), "reads like another"),
                (lambda: qalam.Categorical([None]), "a text or a number, got None"),
                (lambda: qalam.Categorical(["a"]).to_value("b"), "must be one of 'a', got 'b'"),
        ]:
            with self.assertRaisesRegex(ValueError, problem):
                call()


class Connections(unittest.TestCase):
    def test_a_token_does_not_leave_the_machine_in_clear_text(self):
        with self.assertRaisesRegex(ValueError, "clear text"):
            qalam.Client("tuner.example:6789", token="secret")
        for address, keywords in [("127.0.0.1:1", {}), ("[::1]:1", {}), ("localhost:1", {}), ("unix:/tmp/none", {}),
                                  ("tuner.example:6789", {"tls": True}), ("tuner.example:6789", {"insecure": True})]:
            qalam.Client(address, token="secret", **keywords).close()

    def test_half_a_certificate_is_refused(self):
        with self.assertRaisesRegex(ValueError, "cert and key belong together"):
            qalam.Client(tls=qalam.Tls(cert="cert.pem"))


if __name__ == "__main__":
    unittest.main()
