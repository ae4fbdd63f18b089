"""Clients that follow resources miss nothing and hear nothing twice, whatever becomes of the server in between: client-go's
reflector (the program that $REFLECTOR names, built from tests/reflector) and the Python client's dynamic client (run by the
interpreter that $CLIENTS names). What the environment does not name is skipped."""

import collections
import http.client
import os
import pathlib
import signal
import subprocess
import threading
import time
import unittest

from api_server import ApiServer
from qalam import QalamTest

MAPS = "/api/v1/namespaces/default/configmaps"
COUNT = 1000
WRITERS = 8


class Follower:
    """The lines that a following program prints."""

    def __init__(self, test, *command):
        self.lines = []
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        stderr=open(test.directory / "follower.log", "w", encoding="utf-8"))
        self.reader = threading.Thread(target=self.read)
        self.reader.start()
        test.addCleanup(self.stop)

    def read(self):
        for line in self.process.stdout:
            self.lines.append(line.split())

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()


class ReflectorsTest(QalamTest):
    def setUp(self):
        super().setUp()
        self.server = ApiServer(self)
        self.address = self.server.address
        self.kubeconfig = self.directory / "kubeconfig"
        self.kubeconfig.write_text(self.qalam("kubeconfig", "--http", self.address).stdout)

    def restart(self, number):
        self.server.stop(number)
        self.server = ApiServer(self, address=self.address)

    def insist(self, method, path, body, done):
        """Asks until the server is there and what is asked has been done, by this call or one whose answer was lost."""
        while True:
            try:
                answer = self.server.call(method, path, body)
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)
                continue
            self.assertIn(answer.code, done, answer.text)
            return

    def each(self, ask, interrupt):
        """Asks for every number, with several writers; `interrupt` comes in the middle."""
        numbers = iter(range(COUNT))
        lock, half = threading.Lock(), threading.Event()

        def write():
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                if number == COUNT // 2:
                    half.set()
                ask(number)

        writers = [threading.Thread(target=write) for _ in range(WRITERS)]
        for writer in writers:
            writer.start()
        half.wait()
        interrupt()
        for writer in writers:
            writer.join()

    def follow(self, *command):
        follower = Follower(self, *command)
        self.wait_until(lambda: follower.lines, "a list")
        self.assertEqual(follower.lines, [["LIST", "0"]])
        body = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"k": "v"}}
        phases = [(signal.SIGKILL, "POST", lambda n: (MAPS, {**body, "metadata": {"name": f"m{n}"}}), (201, 409)),
                  (signal.SIGTERM, "PATCH", lambda n: (f"{MAPS}/m{n}", {"data": {"k": str(n)}}), (200,)),
                  (signal.SIGKILL, "DELETE", lambda n: (f"{MAPS}/m{n}", None), (200, 404))]
        for phase, (number, method, what, done) in enumerate(phases, start=1):
            self.each(lambda n: self.insist(method, *what(n), done), lambda: self.restart(number))
            self.wait_until(lambda: len(follower.lines) >= 1 + phase * COUNT, f"all that {method} did")

        told = follower.lines[1:]
        self.assertNotIn("LIST", [line[0] for line in told], "it had to list again")
        versions = [int(version) for _, _, version in told]
        self.assertEqual(versions, sorted(set(versions)), "out of order, or told twice")
        lives = collections.defaultdict(list)
        for what, name, _ in told:
            lives[name].append(what)
        self.assertEqual(dict(lives), {f"m{n}": ["ADD", "UPDATE", "DELETE"] for n in range(COUNT)})

    @unittest.skipUnless(os.environ.get("REFLECTOR"), "REFLECTOR names no program")
    def test_client_go_misses_nothing_over_restarts(self):
        self.follow(os.environ["REFLECTOR"], "-kubeconfig", self.kubeconfig)

    @unittest.skipUnless(os.environ.get("CLIENTS"), "CLIENTS names no interpreter")
    def test_the_python_client_misses_nothing_over_restarts(self):
        self.follow(os.environ["CLIENTS"], pathlib.Path(__file__).parent / "dynamic_watch.py", self.kubeconfig)


if __name__ == "__main__":
    unittest.main()
