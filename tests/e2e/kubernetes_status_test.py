"""SetTrialStatus in a pod: the trial is marked through the API server, here a small one of our own behind real TLS."""

import http.server
import json
import pathlib
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "conformance"))

import grpc
from contract import INVALID, Server, api, api_grpc

PATH = "/apis/kubeflow.org/v1beta1/namespaces/team-a/trials/"


class ApiServer(http.server.ThreadingHTTPServer):
    """Trials of one namespace, kept as Kubernetes keeps them: a merge patch of the status with an old resourceVersion is
    a conflict."""

    def __init__(self, certificate, key):
        super().__init__(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.trials = {}
        self.patches = []
        self.conflicts = 0  # how many patches are still to be met by a change of somebody else
        self.token = "secret"
        self.thread = threading.Thread(target=self.serve_forever)
        self.thread.start()

    def add(self, name, *conditions):
        self.trials[name] = {"apiVersion": "kubeflow.org/v1beta1", "kind": "Trial",
                             "metadata": {"name": name, "namespace": "team-a", "resourceVersion": "7"},
                             "status": {"conditions": list(conditions), "startTime": "2026-01-01T10:00:00Z"}}

    def handle_error(self, request, client_address):
        pass  # a client that does not trust the certificate leaves in the middle of the handshake

    def close(self):
        self.shutdown()
        self.server_close()
        self.thread.join()


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, code, body):
        text = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def refuse(self, code, message):
        self.answer(code, {"kind": "Status", "status": "Failure", "message": message, "code": code})

    def trial(self, suffix=""):
        if self.headers["Authorization"] != f"Bearer {self.server.token}":
            return self.refuse(401, "Unauthorized")
        name = self.path.removeprefix(PATH).removesuffix(suffix)
        if name == "forbidden":
            return self.refuse(403, 'trials.kubeflow.org "forbidden" is forbidden')
        if self.path != PATH + name + suffix or name not in self.server.trials:
            return self.refuse(404, f'trials.kubeflow.org "{name}" not found')
        return self.server.trials[name]

    def do_GET(self):
        trial = self.trial()
        if trial:
            self.answer(200, trial)

    def do_PATCH(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        trial = self.trial("/status")
        if not trial:
            return
        if self.headers["Content-Type"] != "application/merge-patch+json":
            return self.refuse(415, "the body of the request was in an unknown format")
        if self.server.conflicts > 0:
            self.server.conflicts -= 1
            trial["metadata"]["resourceVersion"] = str(int(trial["metadata"]["resourceVersion"]) + 1)
            trial["status"]["conditions"].append({"type": "Running", "status": "True", "reason": "TrialRunning"})
        if body["metadata"]["resourceVersion"] != trial["metadata"]["resourceVersion"]:
            return self.refuse(409, "the object has been modified")
        self.server.patches.append(body)
        trial["status"].update(body["status"])
        self.answer(200, trial)

    def log_message(self, *_):
        pass


def certificates(directory):
    """A certificate authority, and a certificate of it for 127.0.0.1."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True)
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    for name in ("ca", "other"):
        openssl("req", "-x509", *curve, "-keyout", f"{name}.key", "-out", f"{name}.crt", "-subj", f"/CN={name}")
    openssl("req", *curve, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=kubernetes")
    (directory / "san").write_text("subjectAltName=IP:127.0.0.1")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-out",
            "server.crt", "-extfile", "san")


class KubernetesStatusTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="qalam-kubernetes-")
        cls.pod = pathlib.Path(cls.temporary.name)
        certificates(cls.pod)
        cls.kubernetes = ApiServer(cls.pod / "server.crt", cls.pod / "server.key")
        (cls.pod / "namespace").write_text("team-a")
        (cls.pod / "token").write_text("secret\n")
        cls.service = Server("--services", "early-stopping", "--service-account", str(cls.pod),
                             environment={"KUBERNETES_SERVICE_HOST": "127.0.0.1",
                                          "KUBERNETES_SERVICE_PORT": str(cls.kubernetes.server_port)})
        cls.channel = grpc.insecure_channel(cls.service.address)
        cls.stub = api_grpc.EarlyStoppingStub(cls.channel)

    @classmethod
    def tearDownClass(cls):
        cls.channel.close()
        cls.service.close()
        cls.kubernetes.close()
        cls.temporary.cleanup()

    def setUp(self):
        (self.pod / "token").write_text("secret\n")
        self.kubernetes.patches.clear()

    def stop(self, name):
        self.stub.SetTrialStatus(api.SetTrialStatusRequest(trial_name=name), timeout=60)

    def refusal(self, name, code):
        with self.assertRaises(grpc.RpcError) as raised:
            self.stop(name)
        self.assertEqual(raised.exception.code(), code, raised.exception.details())
        return raised.exception.details()

    def conditions(self, name):
        return self.kubernetes.trials[name]["status"]["conditions"]

    def test_the_condition_is_appended_and_the_rest_stays(self):
        running = {"type": "Running", "status": "True", "reason": "TrialRunning", "message": "Trial is running"}
        self.kubernetes.add("t1", running)
        self.stop("t1")
        first, last = self.conditions("t1")
        self.assertEqual(first, running)
        times = {last.pop("lastUpdateTime"), last.pop("lastTransitionTime")}
        self.assertEqual(len(times), 1)
        self.assertRegex(times.pop(), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual(last, {"type": "EarlyStopped", "status": "True", "reason": "TrialEarlyStopped",
                                "message": "Trial is early stopped"})
        self.assertEqual(self.kubernetes.trials["t1"]["status"]["startTime"], "2026-01-01T10:00:00Z")
        self.assertEqual(self.kubernetes.patches[0].keys(), {"metadata", "status"})

    def test_a_second_call_changes_nothing(self):
        self.kubernetes.add("t2")
        self.stop("t2")
        self.stop("t2")
        self.assertEqual(len(self.kubernetes.patches), 1)
        self.assertEqual(len(self.conditions("t2")), 1)

    def test_a_change_in_between_is_kept(self):
        self.kubernetes.add("t3")
        self.kubernetes.conflicts = 2
        self.stop("t3")
        self.assertEqual([c["type"] for c in self.conditions("t3")], ["Running", "Running", "EarlyStopped"])

    def test_conflicts_without_end_are_given_up(self):
        self.kubernetes.add("t4")
        self.kubernetes.conflicts = 100
        self.addCleanup(setattr, self.kubernetes, "conflicts", 0)
        self.assertIn("the object has been modified", self.refusal("t4", grpc.StatusCode.ABORTED))

    def test_errors_carry_the_servers_words(self):
        self.assertEqual(self.refusal("t9", grpc.StatusCode.NOT_FOUND), 'trial t9: trials.kubeflow.org "t9" not found')
        self.assertIn("is forbidden", self.refusal("forbidden", grpc.StatusCode.PERMISSION_DENIED))

    def test_a_name_that_leads_elsewhere_is_refused(self):
        for name in ("../x", "a/status", "A", "a?b", "x" * 254, "-a"):
            self.assertIn("trial_name must have", self.refusal(name, INVALID))

    def test_the_token_is_read_at_every_call(self):
        self.kubernetes.add("t5")
        (self.pod / "token").write_text("old")
        self.assertIn("Unauthorized", self.refusal("t5", grpc.StatusCode.UNAUTHENTICATED))
        (self.pod / "token").write_text("secret")
        self.stop("t5")

    def test_a_certificate_of_somebody_else_is_not_trusted(self):
        self.kubernetes.add("t6")
        ours = (self.pod / "ca.crt").read_text()
        self.addCleanup((self.pod / "ca.crt").write_text, ours)
        (self.pod / "ca.crt").write_text((self.pod / "other.crt").read_text())
        self.assertIn("certificate verify failed", self.refusal("t6", grpc.StatusCode.UNAVAILABLE))
        (self.pod / "ca.crt").write_text("no certificate")
        self.assertIn("ca.crt", self.refusal("t6", grpc.StatusCode.FAILED_PRECONDITION))
        self.assertEqual(self.kubernetes.patches, [])


class OutsideOfAClusterTest(unittest.TestCase):
    def test_a_trial_that_nobody_keeps_is_not_found(self):
        service = Server("--services", "early-stopping", environment={"KUBERNETES_SERVICE_HOST": ""})
        self.addCleanup(service.close)
        with grpc.insecure_channel(service.address) as channel, self.assertRaises(grpc.RpcError) as raised:
            api_grpc.EarlyStoppingStub(channel).SetTrialStatus(api.SetTrialStatusRequest(trial_name="t1"), timeout=60)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.NOT_FOUND)
        self.assertIn("no Kubernetes cluster", raised.exception.details())

    def test_an_api_server_that_is_away_is_named(self):
        with tempfile.TemporaryDirectory() as directory:
            pod = pathlib.Path(directory)
            certificates(pod)
            (pod / "token").write_text("secret")
            service = Server("--services", "early-stopping", "--service-account", directory,
                             environment={"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": "1"})
            self.addCleanup(service.close)
            with grpc.insecure_channel(service.address) as channel, self.assertRaises(grpc.RpcError) as raised:
                api_grpc.EarlyStoppingStub(channel).SetTrialStatus(api.SetTrialStatusRequest(trial_name="t1"), timeout=60)
            self.assertEqual(raised.exception.code(), grpc.StatusCode.UNAVAILABLE)
            self.assertIn("https://127.0.0.1:1", raised.exception.details())


if __name__ == "__main__":
    unittest.main()
