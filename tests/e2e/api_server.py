"""`qalam serve` with its Kubernetes-style API as a process of a test, and a client of it made of the standard library."""

import http.client
import json
import re
import signal
import subprocess
import urllib.parse

from qalam import BINARY

EXPERIMENTS = "/apis/kubeflow.org/v1beta1/namespaces/{}/experiments"
TRIALS = "/apis/kubeflow.org/v1beta1/namespaces/{}/trials"


class Answer:
    def __init__(self, response):
        self.code = response.status
        self.headers = response.headers
        self.text = response.read().decode()

    @property
    def json(self):
        return json.loads(self.text)


class ApiServer:
    """Serves the data directory of `test`. Requests go in plain HTTP over loopback, with the administrator's token."""

    def __init__(self, test, *flags, address="127.0.0.1:0"):
        self.said = open(test.directory / "serve.log", "a", encoding="utf-8")
        self.process = subprocess.Popen(
            [BINARY, "serve", "--services", "api", "--http", address, *map(str, flags)],
            cwd=test.directory, env=test.environment, text=True, stdout=subprocess.PIPE, stderr=self.said)
        test.addCleanup(self.kill)
        line = self.process.stdout.readline()
        found = re.search(r"https://(\S+?)[;\s]", line)
        if not found:
            raise RuntimeError(f"no address in {line!r}: {(test.directory / 'serve.log').read_text()}")
        self.address = found[1]
        self.token = (test.data / "access" / "admin.token").read_text().strip()

    def open(self, method, path, body=None, timeout=60, **query):
        """The response, its body not read yet."""
        connection = http.client.HTTPConnection(self.address, timeout=timeout)
        target = path + ("?" + urllib.parse.urlencode(query) if query else "")
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json", "Connection": "close"}
        if body is not None:
            headers["Content-Type"] = "application/merge-patch+json" if method == "PATCH" else "application/json"
            body = json.dumps(body)
        connection.request(method, target, body, headers)
        return connection.getresponse()

    def call(self, method, path, body=None, expect=None, **query):
        answer = Answer(self.open(method, path, body, **query))
        if expect is not None and answer.code != expect:
            raise AssertionError(f"{method} {path}: {answer.code}, not {expect}: {answer.text}")
        return answer

    def get(self, path, **query):
        return self.call("GET", path, expect=200, **query).json

    def post(self, path, body):
        return self.call("POST", path, body, expect=201).json

    def watch(self, path, **query):
        """The events, until the server ends the stream."""
        response = self.open("GET", path, watch="true", **query)
        for line in response:
            yield json.loads(line)

    def stop(self, number=signal.SIGTERM):
        """The exit code."""
        self.process.send_signal(number)
        self.process.stdout.close()
        return self.process.wait(timeout=60)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.said.close()


def condition(resource, kind):
    return any(c["type"] == kind and c["status"] == "True" for c in resource.get("status", {}).get("conditions", []))


def job_experiment(name, script, trials=2, parallel=1, env=None, **container):
    """An Experiment over x in 0..1 whose trials run `script` with the shell; $0 is x."""
    main = {"name": "main", "command": ["sh", "-c", script, "${trialParameters.x}"], "env": env or [], **container}
    return {"apiVersion": "kubeflow.org/v1beta1", "kind": "Experiment", "metadata": {"name": name},
            "spec": {"objective": {"type": "minimize", "objectiveMetricName": "loss"},
                     "algorithm": {"algorithmName": "random"},
                     "maxTrialCount": trials, "parallelTrialCount": parallel, "maxFailedTrialCount": 1,
                     "parameters": [{"name": "x", "parameterType": "double",
                                     "feasibleSpace": {"min": "0", "max": "1"}}],
                     "trialTemplate": {
                         "primaryContainerName": "main",
                         "trialParameters": [{"name": "x", "reference": "x"}],
                         "trialSpec": {"apiVersion": "batch/v1", "kind": "Job", "spec": {"template": {
                             "metadata": {"labels": {"team": "vision"}},
                             "spec": {"containers": [main], "restartPolicy": "Never"}}}}}}}
