"""The life of experiments under `qalam serve`, seen through its Kubernetes-style API."""

import base64
import itertools
import signal
import unittest

from api_server import EXPERIMENTS, TRIALS, ApiServer, condition, job_experiment
from qalam import QalamTest

DEFAULT = EXPERIMENTS.format("default")
PODS = "/api/v1/namespaces/default/pods"


class ServeApiTest(QalamTest):
    def until(self, server, path, wanted, what, **query):
        """The first state of an object or list that is as wanted."""
        seen = {}

        def look():
            answer = server.call("GET", path, **query)
            seen["state"] = answer.json if answer.code == 200 else None
            return seen["state"] is not None and wanted(seen["state"])

        self.wait_until(look, what)
        return seen["state"]

    def succeeded(self, server, name, path=DEFAULT):
        return self.until(server, f"{path}/{name}", lambda e: condition(e, "Succeeded"), f"{name} has succeeded")

    def pods(self, server, experiment):
        return server.get(PODS, labelSelector=f"katib.kubeflow.org/experiment={experiment}")["items"]

    def test_an_experiment_is_created_watched_to_its_end_and_deleted(self):
        server = ApiServer(self)
        created = server.post(DEFAULT, job_experiment("tune", "echo training; echo loss=$0", trials=3, parallel=2))
        self.assertEqual(created["metadata"]["generation"], 1)
        states = []
        for event in server.watch(DEFAULT, resourceVersion="0", fieldSelector="metadata.name=tune"):
            states.append(event["type"])
            if condition(event["object"], "Succeeded"):
                break
        self.assertEqual(states[0], "ADDED")
        self.assertEqual(set(states[1:]), {"MODIFIED"})

        trials = server.get(TRIALS.format("default"), labelSelector="katib.kubeflow.org/experiment=tune")["items"]
        self.assertEqual(len(trials), 3)
        best = min(trials, key=lambda t: float(t["spec"]["parameterAssignments"][0]["value"]))
        tune = server.get(f"{DEFAULT}/tune")
        self.assertEqual(tune["status"]["currentOptimalTrial"]["bestTrialName"], best["metadata"]["name"])

        pods = self.pods(server, "tune")
        self.assertEqual({p["status"]["phase"] for p in pods}, {"Succeeded"})
        pod = next(p for p in pods if p["metadata"]["labels"]["katib.kubeflow.org/trial"] == best["metadata"]["name"])
        self.assertRegex(pod["metadata"]["name"], f"^{best['metadata']['name']}-[a-z0-9]{{5}}$")
        self.assertEqual(pod["metadata"]["labels"]["team"], "vision")
        names = [c["name"] for c in pod["spec"]["containers"]]
        self.assertEqual(names, ["main", "metrics-logger-and-collector"])
        main = pod["status"]["containerStatuses"][0]
        self.assertEqual(main["state"]["terminated"]["exitCode"], 0)
        self.assertEqual(main["state"]["terminated"]["reason"], "Completed")
        for container in names:
            log = server.call("GET", f"{PODS}/{pod['metadata']['name']}/log", container=container, expect=200).text
            self.assertRegex(log, r"^training\nloss=0\.\d+\n$")

        job = server.get(f"/apis/batch/v1/namespaces/default/jobs/{best['metadata']['name']}")
        self.assertEqual(job["status"]["succeeded"], 1)
        self.assertEqual(job["metadata"]["uid"], pod["metadata"]["ownerReferences"][0]["uid"])
        self.assertEqual(job["metadata"]["ownerReferences"][0]["uid"], best["metadata"]["uid"])
        of_best = f"involvedObject.kind=Trial,involvedObject.uid={best['metadata']['uid']}"
        self.wait_until(lambda: "JobCreated" in [e["reason"] for e in server.get("/api/v1/namespaces/default/events",
                                                                                 fieldSelector=of_best)["items"]],
                        "an event tells of the job")

        self.assertEqual(server.call("DELETE", f"{PODS}/{pod['metadata']['name']}").code, 405)
        server.call("DELETE", f"{DEFAULT}/tune", expect=200)
        self.wait_until(lambda: not server.get(PODS)["items"] and not server.get(TRIALS.format("default"))["items"],
                        "trials and pods have gone with the experiment")

    def test_logs_follow_a_trial_to_its_end(self):
        server = ApiServer(self)
        gate = self.directory / "gate"
        script = f"echo one; echo two; while ! [ -e {gate} ]; do sleep 0.05; done; echo loss=$0"
        server.post(DEFAULT, job_experiment("slow", script, trials=1))
        pods = self.until(server, PODS, lambda p: p["items"] and p["items"][0]["status"]["phase"] == "Running",
                          "a pod runs")
        pod = pods["items"][0]["metadata"]["name"]
        log = f"{PODS}/{pod}/log"
        response = server.open("GET", log, follow="true")
        self.assertEqual(response.headers["Content-Type"], "text/plain")
        self.assertEqual([response.readline(), response.readline()], [b"one\n", b"two\n"])
        late = server.open("GET", log, follow="true", tailLines=1)
        self.assertEqual(late.readline(), b"two\n")
        gate.touch()
        self.assertRegex(response.read().decode(), r"^loss=0\.\d+\n$")
        self.assertRegex(late.read().decode(), r"^loss=0\.\d+\n$")

        self.assertEqual(server.call("GET", log, limitBytes=5).text, "one\nt")
        self.assertRegex(server.call("GET", log, tailLines=2).text, r"^two\nloss=0\.\d+\n$")
        self.assertEqual(server.call("GET", log, tailLines=0).text, "")
        refused = server.call("GET", log, container="other")
        self.assertEqual((refused.code, refused.json["reason"]), (400, "BadRequest"))
        self.assertIn("container other is not valid for pod", refused.json["message"])
        self.assertEqual(server.call("GET", log, previous="true").code, 400)
        self.assertEqual(server.call("GET", f"{PODS}/{pod[:-1]}-/log").code, 404)

    def test_logs_since_a_time_and_with_times(self):
        server = ApiServer(self)
        gate = self.directory / "gate"
        server.post(DEFAULT, job_experiment(
            "timed", f"echo early; while ! [ -e {gate} ]; do sleep 0.05; done; echo loss=$0", trials=1))
        pods = self.until(server, PODS, lambda p: p["items"] and p["items"][0]["status"]["phase"] == "Running",
                          "a pod runs")
        log = f"{PODS}/{pods['items'][0]['metadata']['name']}/log"
        self.wait_until(lambda: server.call("GET", log).text == "early\n", "the first line is there")
        self.wait_until(lambda: not server.call("GET", log, sinceSeconds=2).text, "the first line is old")
        gate.touch()
        self.succeeded(server, "timed")
        self.assertRegex(server.call("GET", log, sinceSeconds=2).text, r"^loss=0\.\d+\n$")
        lines = server.call("GET", log, timestamps="true").text.splitlines()
        self.assertEqual([line.split(" ")[1][:5] for line in lines], ["early", "loss="])
        times = [line.split(" ")[0] for line in lines]
        self.assertLess(times[0], times[1])
        for time in times:
            self.assertRegex(time, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$")
        self.assertEqual(len(server.call("GET", log, sinceTime=times[0][:19] + "Z").text.splitlines()), 2)

    def test_a_large_log_reaches_a_slow_client_whole(self):
        server = ApiServer(self)
        script = "i=0; while [ $i -lt 40 ]; do head -c 1000000 /dev/zero | tr '\\0' x; i=$((i+1)); done; echo; echo loss=$0"
        server.post(DEFAULT, job_experiment("loud", script, trials=1))
        self.succeeded(server, "loud")
        pod = self.pods(server, "loud")[0]["metadata"]["name"]
        response = server.open("GET", f"{PODS}/{pod}/log")
        size = 0
        for piece in iter(lambda: response.read(1 << 20), b""):
            size += len(piece)
        self.assertGreater(size, 40_000_000)
        self.assertLess(size, 40_000_100)

    def test_the_log_of_the_attempt_before(self):
        server = ApiServer(self)
        script = "if [ -e again ]; then echo second; echo loss=$0; else touch again; echo first; exit 3; fi"
        experiment = job_experiment("retry", script, trials=1, workingDir=str(self.directory))
        experiment["spec"]["trialTemplate"]["trialSpec"]["spec"]["backoffLimit"] = 2
        server.post(DEFAULT, experiment)
        self.succeeded(server, "retry")
        pod = self.pods(server, "retry")[0]
        self.assertEqual(pod["status"]["containerStatuses"][0]["restartCount"], 1)
        log = f"{PODS}/{pod['metadata']['name']}/log"
        self.assertTrue(server.call("GET", log).text.startswith("second\nloss="))
        self.assertEqual(server.call("GET", log, previous="true").text, "first\n")

    def test_variables_come_from_secrets_and_config_maps_once_they_are_there(self):
        server = ApiServer(self)
        env = [{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "hub", "key": "token"}}},
               {"name": "NONE", "valueFrom": {"secretKeyRef": {"name": "nil", "key": "k", "optional": True}}}]
        script = "echo token=$TOKEN epochs=$CFG_EPOCHS none=${NONE-unset}; echo loss=$0"
        server.post(DEFAULT, job_experiment("env", script, trials=1, env=env,
                                            envFrom=[{"prefix": "CFG_", "configMapRef": {"name": "settings"}}]))
        waiting = self.until(server, PODS, lambda p: p["items"], "a pod waits")["items"][0]
        self.assertEqual(waiting["status"]["phase"], "Pending")
        state = waiting["status"]["containerStatuses"][0]["state"]["waiting"]
        self.assertEqual(state, {"reason": "CreateContainerConfigError", "message": 'configmap "settings" not found'})
        self.until(server, "/api/v1/namespaces/default/events",
                   lambda e: any('configmap "settings" not found' == i["message"] for i in e["items"]),
                   "an event names the config map", fieldSelector="reason=CreateContainerConfigError,type=Warning")
        refused = server.call("GET", f"{PODS}/{waiting['metadata']['name']}/log")
        self.assertEqual(refused.code, 400)
        self.assertIn("waiting to start: CreateContainerConfigError", refused.json["message"])

        server.post("/api/v1/namespaces/default/configmaps",
                    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"EPOCHS": "3"}})
        secret = server.post("/api/v1/namespaces/default/secrets",
                             {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "hub"},
                              "stringData": {"token": "hush"}})
        self.assertEqual(secret["data"], {"token": base64.b64encode(b"hush").decode()})
        self.assertEqual(secret["type"], "Opaque")
        self.assertNotIn("stringData", secret)
        self.succeeded(server, "env")
        pod = self.pods(server, "env")[0]["metadata"]["name"]
        self.assertTrue(server.call("GET", f"{PODS}/{pod}/log").text.startswith("token=hush epochs=3 none=unset\n"))
        self.assertEqual(server.stop(), 0)
        said = (self.directory / "serve.log").read_text()
        self.assertNotIn("hush", said)
        self.assertNotIn(secret["data"]["token"], said)

    def test_a_restart_after_kill_goes_on_with_everything(self):
        server = ApiServer(self)
        server.post("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team"}})
        gate = self.directory / "gate"
        script = f"while ! [ -e {gate} ]; do sleep 0.05; done; echo loss=$0"
        paths = {"one": DEFAULT, "two": EXPERIMENTS.format("team")}
        for name, path in paths.items():
            server.post(path, job_experiment(name, script, trials=3, parallel=2))
        for path in ("default", "team"):
            self.until(server, TRIALS.format(path), lambda t: sum(condition(i, "Running") for i in t["items"]) == 2,
                       "two trials run")
        before = {i["metadata"]["uid"] for i in server.get(TRIALS.format("default"))["items"]}
        version = server.get(DEFAULT)["metadata"]["resourceVersion"]
        server.process.kill()
        server.process.wait()

        server = ApiServer(self)
        gate.touch()
        events = server.watch(DEFAULT, resourceVersion=version)
        self.assertTrue(any(condition(e["object"], "Succeeded") for e in itertools.islice(events, 1000)))
        for name, path in paths.items():
            done = self.succeeded(server, name, path)
            self.assertEqual(done["status"]["trialsSucceeded"], 3)
        after = {i["metadata"]["uid"] for i in server.get(TRIALS.format("default"))["items"]}
        self.assertTrue(before <= after)
        phases = {n["metadata"]["name"]: n["status"]["phase"] for n in server.get("/api/v1/namespaces")["items"]}
        self.assertEqual((phases["default"], phases["team"]), ("Active", "Active"))

    def test_a_signal_ends_what_runs_and_the_next_start_runs_it_again(self):
        server = ApiServer(self, "--grace", "5s")
        gate = self.directory / "gate"
        script = f"echo begun; while ! [ -e {gate} ]; do sleep 0.05; done; echo loss=$0"
        server.post(DEFAULT, job_experiment("tune", script, trials=1))
        pods = self.until(server, PODS, lambda p: p["items"] and p["items"][0]["status"]["phase"] == "Running",
                          "a pod runs")
        watch = server.watch(DEFAULT)
        next(watch)
        log = server.open("GET", f"{PODS}/{pods['items'][0]['metadata']['name']}/log", follow="true")
        self.assertEqual(log.readline(), b"begun\n")
        self.assertEqual(server.stop(signal.SIGINT), 0)
        self.assertEqual(log.read(), b"")
        list(watch)  # ends, too
        self.assertEqual(self.survivors(), [])

        gate.touch()
        server = ApiServer(self)
        self.succeeded(server, "tune")
        self.assertEqual(server.stop(), 0)

    def test_a_log_that_is_being_read_is_sent_to_its_end_after_a_signal(self):
        server = ApiServer(self, "--grace", "50s")
        size = 24_000_000
        server.post(DEFAULT, job_experiment(
            "tune", f"head -c {size} /dev/zero | tr '\\0' z | fold -w 1000; echo; echo loss=$0", trials=1))
        self.succeeded(server, "tune")
        pod = server.get(PODS)["items"][0]["metadata"]["name"]
        log = server.open("GET", f"{PODS}/{pod}/log")
        begun = log.read(1)
        server.process.send_signal(signal.SIGTERM)
        self.wait_until(lambda: "draining" in (self.directory / "serve.log").read_text(), "draining")
        self.assertEqual((begun + log.read()).count(b"z"), size)
        self.assertEqual(server.process.wait(timeout=60), 0)

    def test_one_process_has_the_data_directory_and_others_look_on(self):
        server = ApiServer(self)
        gate = self.directory / "gate"
        server.post(DEFAULT, job_experiment("tune", f"while ! [ -e {gate} ]; do sleep 0.05; done; echo loss=$0", trials=1))
        self.until(server, PODS, lambda p: p["items"], "a pod runs")
        for command in (self.quick(name="other"), ["serve", "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0"]):
            self.assertIn(str(server.process.pid), self.qalam(*command, expect=5).stderr)
        self.assertIn("tune", self.qalam("ls").stdout)
        self.assertEqual(self.experiment()["metadata"]["name"], "tune")
        self.assertIn("run by qalam serve", self.qalam("stop", "tune", expect=None).stderr)
        gate.touch()
        self.succeeded(server, "tune")
        self.assertIn("loss=", self.qalam("logs", f"tune/{self.experiment()['status']['currentOptimalTrial']['bestTrialName']}").stdout)

    def test_what_was_run_before_is_served(self):
        self.qalam("-n", "lab", *self.quick())
        server = ApiServer(self)
        experiments = server.get(EXPERIMENTS.format("lab"))["items"]
        self.assertEqual([e["metadata"]["name"] for e in experiments], ["tune"])
        pods = server.get("/api/v1/namespaces/lab/pods", fieldSelector="status.phase=Succeeded")["items"]
        self.assertEqual(len(pods), 4)
        log = server.call("GET", f"/api/v1/namespaces/lab/pods/{pods[0]['metadata']['name']}/log", expect=200)
        self.assertIn("loss=", log.text)
        self.assertIn("lab", [n["metadata"]["name"] for n in server.get("/api/v1/namespaces")["items"]])


if __name__ == "__main__":
    unittest.main()
