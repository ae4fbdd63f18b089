"""Tokens and TLS, against a real server."""

import os
import pathlib
import subprocess
import tempfile
import unittest
from unittest import mock

from support import Server, qalam

SPACE = {"x": qalam.Float(0.0, 1.0)}


class SecurityTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="qalam-python-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.authority = cls.certificate("ca", "/CN=test authority")
        cls.certificate("server", "/CN=localhost", signed=True, extra="subjectAltName=DNS:localhost,IP:127.0.0.1")
        cls.certificate("client", "/CN=client", signed=True)
        (cls.folder / "tokens").write_text("first\nsecond\n")
        cls.server = Server(str(cls.folder / "data"), "--tls-cert", cls.path("server.pem"), "--tls-key",
                            cls.path("server.key"), "--token-file", cls.path("tokens"))
        cls.addClassCleanup(cls.server.stop)

    @classmethod
    def path(cls, name):
        return str(cls.folder / name)

    @classmethod
    def certificate(cls, name, subject, signed=False, extra=""):
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
                   "2", "-subj", subject, "-keyout", cls.path(f"{name}.key"), "-out", cls.path(f"{name}.pem")]
        if signed:
            command += ["-CA", cls.path("ca.pem"), "-CAkey", cls.path("ca.key")]
        if extra:
            command += ["-addext", extra]
        subprocess.run(command, check=True, capture_output=True)

    def ask(self, address=None, **keywords):
        with qalam.Client(address or self.server.address, **keywords) as client:
            return client.study("tune", SPACE, "min:loss").ask()

    def test_token_and_certificate_open_the_door(self):
        tls = qalam.Tls(ca=self.path("ca.pem"))
        self.assertEqual(len(self.ask(token="second", tls=tls)), 1)
        with mock.patch.dict(os.environ, {"QALAM_TOKEN": "first", "QALAM_TLS_CA": self.path("ca.pem"),
                                          "QALAM_ADDR": self.server.address}):
            self.assertEqual(len(self.ask()), 1)
            qalam.report_metrics({"loss": 1}, trial="secured")
            with qalam.Client() as client:
                self.assertEqual(len(client.observation_log("secured")), 1)

    def test_a_wrong_token_is_refused_without_saying_which_are_right(self):
        for token in ("third", ""):
            with self.assertRaises(qalam.Unauthenticated) as caught:
                self.ask(token=token, tls=qalam.Tls(ca=self.path("ca.pem")))
            self.assertNotIn("first", str(caught.exception))

    def test_a_server_that_cannot_prove_who_it_is_gets_no_token(self):
        for tls in (qalam.Tls(ca=self.path("client.pem")), None):
            with self.assertRaises(qalam.Unavailable):
                self.ask(token="first", tls=tls)

    def test_mutual_tls(self):
        server = Server(self.path("mutual"), "--tls-cert", self.path("server.pem"), "--tls-key", self.path("server.key"),
                        "--tls-client-ca", self.path("ca.pem"))
        self.addCleanup(server.stop)
        ours = qalam.Tls(ca=self.path("ca.pem"), cert=self.path("client.pem"), key=self.path("client.key"))
        self.assertEqual(len(self.ask(server.address, tls=ours)), 1)
        with self.assertRaises(qalam.Unavailable):
            self.ask(server.address, tls=qalam.Tls(ca=self.path("ca.pem")))


if __name__ == "__main__":
    unittest.main()
