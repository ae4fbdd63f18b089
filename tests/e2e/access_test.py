"""Who may use the API of `qalam serve`: tokens of one namespace, browsers, certificates, and the record of it all."""

import base64
import contextlib
import http.client
import json
import re
import signal
import ssl
import subprocess
import unittest
import urllib.parse

from api_server import EXPERIMENTS, TRIALS, Answer, ApiServer, condition, job_experiment
from qalam import QalamTest

SECRET = "hidden-from-team-a"
POLICY = """
rules:
- groups: [team-a]
  namespaces: [a]
  verbs: ["*"]
  resources: ["*"]
"""


def selector(text):
    return {"fieldSelector": text}


class AccessTest(QalamTest):
    def start(self, *flags):
        (self.directory / "tokens.csv").write_text('alices-token,alice,1,"team-a,others"\nbobs-token,bob,2\n')
        (self.directory / "policy.yaml").write_text(POLICY)
        return ApiServer(self, "--http-token-file", "tokens.csv", "--http-policy", "policy.yaml", *flags)

    def call(self, server, method, path, token=None, body=None, **headers):
        """Plain HTTP over loopback with the headers given, and the token."""
        connection = http.client.HTTPConnection(server.address, timeout=30)
        sent = {"Accept": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        with contextlib.closing(connection):
            connection.request(method, path, body, sent)
            return Answer(connection.getresponse())


class OneNamespace(AccessTest):
    def setUp(self):
        super().setUp()
        self.server = self.start()
        for name in ("a", "b"):
            if self.server.call("GET", f"/api/v1/namespaces/{name}").code == 404:
                self.server.post("/api/v1/namespaces",
                                 {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        for kind, data in (("ConfigMap", {"data": {"key": SECRET}}), ("Secret", {"stringData": {"key": SECRET}})):
            self.server.post(f"/api/v1/namespaces/b/{kind.lower()}s",
                             {"apiVersion": "v1", "kind": kind, "metadata": {"name": SECRET}, **data})
        tune = job_experiment(SECRET, f"echo {SECRET}; echo loss=$0", trials=1)
        self.server.post(EXPERIMENTS.format("b"), tune)
        self.wait_until(lambda: condition(self.server.get(EXPERIMENTS.format("b") + "/" + SECRET), "Succeeded"),
                        "the experiment of b has run")
        self.wait_until(lambda: self.server.get("/api/v1/namespaces/b/events")["items"], "its events")

    def alice(self, method, path, body=None, **query):
        target = path + ("?" + urllib.parse.urlencode(query) if query else "")
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        return self.call(self.server, method, target, "alices-token", body and json.dumps(body), Content_Type=kind)

    def resources(self):
        """(path of the group and version, resource) of everything discovery tells."""
        versions = ["/api/v1"] + [f"/apis/{version['groupVersion']}" for group in self.server.get("/apis")["groups"]
                                  for version in group["versions"]]
        for version in versions:
            self.assertEqual(self.alice("GET", version).code, 200, version)
            for resource in self.server.get(version)["resources"]:
                yield version, resource

    def assert_forbidden(self, method, path, **query):
        body = {"metadata": {"name": SECRET}} if method in ("POST", "PUT", "PATCH") else None
        answer = self.alice(method, path, body, **query)
        self.assertEqual(answer.code, 403, f"{method} {path} {query}: {answer.text}")
        self.assertEqual(answer.json["reason"], "Forbidden")
        return answer.text

    def same_for_existing_and_missing(self, method, path, existing):
        real = self.assert_forbidden(method, path.format(existing))
        missing = self.assert_forbidden(method, path.format("missing"))
        self.assertEqual(re.sub(rf'(?<="){re.escape(existing)}(?=\\?")', "missing", real), missing)

    def walk(self, version, resource):
        plural, _, subresource = resource["name"].partition("/")
        if resource["verbs"] == ["create"]:  # a question about access, not an object
            return 0
        inside = f"{version}/namespaces/b/{plural}" if resource["namespaced"] else f"{version}/{plural}"
        everywhere = f"{version}/{plural}"
        items = self.server.get(inside)["items"] if "list" in resource["verbs"] else []
        names = [item["metadata"]["name"] for item in items if item["metadata"]["name"] != "a"][:2] or [SECRET]
        tail = f"/{subresource}" if subresource else ""
        for name in names:
            for method in ("GET", "PUT", "PATCH", "DELETE", "POST"):
                self.same_for_existing_and_missing(method, f"{inside}/{{}}{tail}", name)
        if subresource:
            return len(items)
        for collection in {inside, everywhere}:
            for query in ({}, {"watch": "true"}, {"watch": "true", "resourceVersion": "0"}, {"limit": "1"},
                          {"labelSelector": "a=b"}, selector(f"metadata.name={names[0]}"),
                          selector("metadata.name=missing"), selector("metadata.namespace=a"),
                          {"watch": "true", **selector(f"metadata.name={names[0]}")}):
                self.assertNotIn("items", self.assert_forbidden("GET", collection, **query))
            for method in ("POST", "DELETE"):
                self.assert_forbidden(method, collection)
        return len(items)

    def test_nothing_of_another_is_read_listed_watched_or_guessed(self):
        found = {f"{version}/{resource['name']}": self.walk(version, resource)
                 for version, resource in self.resources()}
        # The walk has met objects: those that the experiment of b has left.
        for path in ("/apis/kubeflow.org/v1beta1/experiments", "/apis/kubeflow.org/v1beta1/trials", "/api/v1/pods",
                     "/apis/batch/v1/jobs", "/api/v1/secrets", "/api/v1/configmaps", "/api/v1/namespaces",
                     "/api/v1/events"):
            self.assertGreater(found[path], 0, path)
        # All of it is still there.
        self.server.get(EXPERIMENTS.format("b") + "/" + SECRET)

    def test_paths_with_tricks_lead_nowhere(self):
        tail = "apis/kubeflow.org/v1beta1"
        for path in (f"//{tail}/namespaces/b/trials", f"/{tail}/namespaces/a/../b/trials",
                     f"/{tail}/namespaces/a%2F..%2Fb/trials", f"/{tail}/namespaces/b/trials/",
                     f"/{tail}/namespaces/%62/trials", f"/{tail}/namespaces//trials", f"/{tail}/./trials",
                     f"/{tail}/namespaces/a/trials/../../b/trials", f"/apis/../{tail}/trials", "/api/v1/watch/pods",
                     "/api/v1/proxy/namespaces/b/pods/x", f"http://localhost/{tail}/namespaces/b/trials",
                     "/api/v1/namespaces/a/namespaces/b", "/api/v1/namespaces/b", "/api/v1/namespaces/b/status",
                     f"/{tail}/namespaces/a,b/trials", f"/{tail}/namespaces/*/trials",
                     f"/{tail}/namespaces/b;a/trials"):
            answer = self.call(self.server, "GET", path, "alices-token")
            self.assertIn(answer.code, (400, 403, 404), f"{path}: {answer.text}")
            self.assertNotIn(SECRET, answer.text, path)

    def test_her_own_namespace_is_hers_and_shows_only_itself(self):
        self.assertEqual(self.alice("GET", "/api/v1/namespaces/a").code, 200)
        mine = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine"}, "data": {"x": "1"}}
        self.assertEqual(self.alice("POST", "/api/v1/namespaces/a/configmaps", mine).code, 201)
        listed = self.alice("GET", "/api/v1/namespaces/a/configmaps")
        self.assertEqual([item["metadata"]["name"] for item in listed.json["items"]], ["mine"])
        # An object that says it is elsewhere.
        there = {**mine, "metadata": {"name": "theirs", "namespace": "b"}}
        self.assertEqual(self.alice("POST", "/api/v1/namespaces/a/configmaps", there).code, 400)
        self.assertEqual(self.server.call("GET", "/api/v1/namespaces/b/configmaps/theirs").code, 404)
        # A list of another's, to be gone on with here.
        extra = {**mine, "metadata": {"name": "second"}}
        self.server.post("/api/v1/namespaces/b/configmaps", extra)
        page = self.server.get("/api/v1/namespaces/b/configmaps", limit="1")
        for namespace, expected in (("a", (200, 400, 410)), ("b", (403,))):
            answer = self.alice("GET", f"/api/v1/namespaces/{namespace}/configmaps", limit="5",
                                **{"continue": page["metadata"]["continue"]})
            self.assertIn(answer.code, expected, answer.text)
            self.assertNotIn("second", answer.text)
            self.assertNotIn(SECRET, answer.text)

    def test_her_watch_tells_of_her_namespace_alone(self):
        version = self.server.get("/api/v1/namespaces/a/configmaps")["metadata"]["resourceVersion"]
        connection = http.client.HTTPConnection(self.server.address, timeout=30)
        self.addCleanup(connection.close)
        connection.request("GET", f"/api/v1/namespaces/a/configmaps?watch=true&resourceVersion={version}",
                           headers={"Authorization": "Bearer alices-token"})
        events = connection.getresponse()
        self.assertEqual(events.status, 200)
        for namespace in ("b", "a"):
            self.server.post(f"/api/v1/namespaces/{namespace}/configmaps",
                             {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"of-{namespace}"}})
        self.assertEqual(json.loads(events.readline())["object"]["metadata"]["name"], "of-a")

    def test_her_experiments_cannot_fetch_what_is_not_hers(self):
        for existing in (SECRET, "missing"):
            by_template, by_annotation = (job_experiment("spy", "echo loss=$0", trials=1) for _ in range(2))
            template = by_template["spec"]["trialTemplate"]
            del template["trialSpec"]
            template["configMap"] = {"configMapName": existing, "configMapNamespace": "b", "templatePath": "key"}
            by_annotation["metadata"]["annotations"] = {"qalam.dev/warm-start": f"mine, b/{existing}"}
            for spy in (by_template, by_annotation):
                created = self.alice("POST", EXPERIMENTS.format("a"), spy)
                self.assertEqual(created.code, 403, created.text)
                self.assertIn(f'\\"{existing}\\" is forbidden', created.text)
        # Nor can what she has be made to.
        mine = job_experiment("mine", "echo loss=$0", trials=1)
        self.assertEqual(self.alice("POST", EXPERIMENTS.format("a"), mine).code, 201)
        changed = self.alice("PATCH", EXPERIMENTS.format("a") + "/mine",
                             {"metadata": {"annotations": {"qalam.dev/warm-start": f"b/{SECRET}"}}})
        self.assertEqual(changed.code, 403, changed.text)

    def test_she_can_ask_what_she_may(self):
        def may(namespace, verb="list"):
            review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
                      "spec": {"resourceAttributes": {"namespace": namespace, "verb": verb, "group": "kubeflow.org",
                                                      "resource": "experiments"}}}
            answer = self.alice("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)
            self.assertEqual(answer.code, 201, answer.text)
            return answer.json["status"]["allowed"]

        self.assertTrue(may("a"))
        self.assertFalse(may("b"))
        self.assertFalse(may(""))
        others = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
                  "spec": {"user": "bob", "resourceAttributes": {"namespace": "b", "verb": "get", "resource": "pods"}}}
        self.assertEqual(self.alice("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", others).code, 403)


class Login(AccessTest):
    def context(self, **options):
        context = ssl.create_default_context(cafile=self.data / "access" / "ca.crt", **options)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    def get(self, server, path, context, host="127.0.0.1", **headers):
        port = int(server.address.rsplit(":", 1)[1])
        connection = http.client.HTTPSConnection(host, port, timeout=30, context=context)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=headers)
            return Answer(connection.getresponse())

    def test_files_are_their_owners(self):
        server = self.start()
        access = self.data / "access"
        self.assertEqual(access.stat().st_mode & 0o777, 0o700)
        modes = {path.name: path.stat().st_mode & 0o777 for path in access.iterdir()}
        self.assertEqual({name: mode for name, mode in modes.items() if mode != 0o600},
                         {"ca.crt": 0o644, "endpoint.json": 0o644})
        server.stop()
        (access / "admin.token").chmod(0o640)
        again = self.qalam("serve", "--services", "api", "--http", "127.0.0.1:0", expect=5)
        self.assertIn("admin.token has mode 640", again.stderr)

    def test_whoever_has_no_token_is_nobody(self):
        server = self.start()
        for path in ("/healthz", "/livez", "/readyz", "/version"):
            self.assertEqual(self.call(server, "GET", path).code, 200, path)
        for token in (None, "nonsense", "alices-toke"):
            answer = self.call(server, "GET", EXPERIMENTS.format("a"), token)
            self.assertEqual((answer.code, answer.json["reason"]), (401, "Unauthorized"))
        self.assertEqual(self.call(server, "GET", EXPERIMENTS.format("a"), "bobs-token").code, 403)
        self.assertEqual(self.call(server, "GET", EXPERIMENTS.format("a"), "alices-token",
                                   Impersonate_User="admin").code, 403)

    def test_a_kubeconfig_holds_all_that_is_needed(self):
        missing = self.qalam("kubeconfig", expect=3)
        self.assertIn("no server has run in", missing.stderr)
        server = self.start()
        text = self.qalam("kubeconfig", "-n", "a").stdout
        field = lambda name: re.search(rf'^ *{name}: "?([^"\n]+)"?$', text, re.M)[1]
        self.assertEqual(field("server"), f"https://{server.address}")
        self.assertEqual(field("namespace"), "a")
        ca = base64.b64decode(field("certificate-authority-data")).decode()
        context = ssl.create_default_context(cadata=ca)
        self.assertEqual(self.get(server, TRIALS.format("a"), context, host="localhost",
                                  Authorization=f"Bearer {field('token')}").code, 200)
        alices = self.qalam("kubeconfig", "--user", "alice", "--http-token-file", "tokens.csv", "--http",
                            "lab.example:6443").stdout
        self.assertIn("alices-token", alices)
        self.assertIn('server: "https://lab.example:6443"', alices)
        self.qalam("kubeconfig", "--user", "carol", "--http-token-file", "tokens.csv", expect=3)
        self.qalam("kubeconfig", "--user", "carol", expect=2)

    def test_a_client_certificate_is_a_user(self):
        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], cwd=self.directory, check=True, capture_output=True)

        curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        for name in ("ours", "other"):
            openssl("req", "-x509", *curve, "-days", "2", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out",
                    f"{name}.pem")
            openssl("req", *curve, "-subj", "/O=team-a/CN=alice", "-keyout", f"{name}-alice.key", "-out", "new.csr")
            openssl("x509", "-req", "-in", "new.csr", "-CA", f"{name}.pem", "-CAkey", f"{name}.key", "-CAcreateserial",
                    "-days", "2", "-out", f"{name}-alice.pem")
        server = self.start("--http-client-ca", "ours.pem", "--http-audit-log", "audit.log")
        known = self.context()
        known.load_cert_chain(self.directory / "ours-alice.pem", self.directory / "ours-alice.key")
        self.assertEqual(self.get(server, TRIALS.format("a"), known).code, 200)
        self.assertEqual(self.get(server, TRIALS.format("b"), known).code, 403)
        self.assertEqual(self.get(server, TRIALS.format("a"), self.context()).code, 401)
        stranger = self.context()
        stranger.load_cert_chain(self.directory / "other-alice.pem", self.directory / "other-alice.key")
        try:
            self.assertEqual(self.get(server, TRIALS.format("a"), stranger).code, 401)
        except OSError:
            pass  # turned away before it could ask

        text = (self.directory / "audit.log").read_text()
        events = [json.loads(line) for line in text.splitlines()]
        self.assertEqual([event["responseStatus"]["code"] for event in events[:3]], [200, 403, 401])
        self.assertEqual(events[0]["user"]["username"], "alice")
        self.assertEqual(events[0]["objectRef"]["namespace"], "a")
        self.assertNotIn(server.token, text)

    def test_the_audit_log_can_be_moved_away(self):
        server = self.start("--http-audit-log", "audit.log")
        log, moved = self.directory / "audit.log", self.directory / "audit.old"
        self.call(server, "GET", "/version?password=sesame", "alices-token")
        log.rename(moved)
        server.process.send_signal(signal.SIGHUP)
        self.wait_until(log.exists, "the log is opened anew")
        self.call(server, "GET", "/healthz")
        self.assertIn("/version?password=-", moved.read_text())
        self.assertIn("/healthz", log.read_text())
        self.assertNotIn("alices-token", moved.read_text())


class Browsers(AccessTest):
    def test_other_names_and_other_sites_are_refused(self):
        server = self.start("--http-host", "lab.example", "--http-origin", "https://ui.example")
        path, token = TRIALS.format("a"), "alices-token"
        port = server.address.rsplit(":", 1)[1]
        for headers, code in (({"Host": "evil.example"}, 403), ({"Host": f"evil.example:{port}"}, 403),
                              ({"Host": "lab.example"}, 200), ({"Host": f"localhost:{port}"}, 200),
                              ({"Origin": "https://evil.example"}, 403), ({"Origin": "null"}, 403),
                              ({"Origin": "http://localhost:3000"}, 403), ({"Origin": f"http://{server.address}"}, 200),
                              ({"Sec_Fetch_Site": "cross-site"}, 403), ({"Sec_Fetch_Site": "same-site"}, 403),
                              ({"Sec_Fetch_Site": "none"}, 200), ({"Origin": "https://ui.example"}, 200)):
            for method in ("GET", "POST", "DELETE", "PATCH", "PUT"):
                answer = self.call(server, method, path, token, **headers)
                if code == 403:
                    self.assertEqual(answer.code, 403, f"{method} {headers}")
                else:
                    self.assertNotEqual(answer.code, 403, f"{method} {headers}: {answer.text}")
                allowed = answer.headers["Access-Control-Allow-Origin"]
                self.assertEqual(allowed, "https://ui.example" if "ui.example" in str(headers) else None)
        self.assertEqual(self.call(server, "GET", "/healthz", Host="evil.example").code, 403)

    def test_without_auth_pages_are_refused_all_the_same(self):
        server = ApiServer(self, "--no-auth")
        self.assertEqual(self.call(server, "GET", TRIALS.format("a")).code, 200)
        self.assertEqual(self.call(server, "GET", TRIALS.format("a"), Host="evil.example").code, 403)
        self.assertEqual(self.call(server, "POST", EXPERIMENTS.format("a"), Origin="https://evil.example").code, 403)
        server.stop()
        refused = self.qalam("serve", "--services", "api", "--http", "0.0.0.0:0", "--no-auth", expect=2)
        self.assertIn("--no-auth: 0.0.0.0:0 can be reached from other machines", refused.stderr)


if __name__ == "__main__":
    unittest.main()
