"""A `qalam serve` of the built binary (named by $QALAM), and the package from the source tree."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

BINARY = os.environ["QALAM"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))

import qalam  # noqa: E402  pylint: disable=wrong-import-position


class Server:
    """Serves until `stop`. A started-again server has the same data, and another port unless one is given."""

    def __init__(self, data, *flags, address="127.0.0.1:0"):
        self._process = subprocess.Popen([BINARY, "serve", "--http", "none", "--grpc", address, "--data-dir", data, "--log-level", "warning", *flags],
                                         stdout=subprocess.PIPE, text=True)
        line = self._process.stdout.readline()
        match = re.search(r" on (\S+)$", line.strip())
        if match is None:
            self.stop()
            raise AssertionError(f"qalam serve said {line!r}")
        self.address = match.group(1)

    def stop(self):
        self._process.terminate()
        self._process.wait(timeout=30)
        self._process.stdout.close()


class ServedTest(unittest.TestCase):
    """One server for all tests of a class."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="qalam-python-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.server = Server(os.path.join(cls.folder.name, "data"))
        cls.addClassCleanup(lambda: cls.server.stop())

    def setUp(self):
        self.client = qalam.Client(self.server.address)
        self.addCleanup(self.client.close)
        self.directory = pathlib.Path(tempfile.mkdtemp(dir=self.folder.name))
