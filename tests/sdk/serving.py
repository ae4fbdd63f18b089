"""`qalam serve` with everything that it serves, as the SDKs find it: by a kubeconfig."""

import pathlib
import re
import subprocess
import sys
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from qalam import BINARY, QalamTest  # noqa: E402


class SdkTest(QalamTest):
    def setUp(self):
        super().setUp()
        # What the SDKs call `python` comes from qalam, with no package of theirs: trials run as on any machine.
        self.environment["PATH"] = "/usr/bin:/bin"
        self.environment.pop("PYTHONPATH", None)
        self.log = open(self.directory / "serve.log", "w", encoding="utf-8")
        self.server = subprocess.Popen([BINARY, "serve", "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0"],
                                       cwd=self.directory, env=self.environment, text=True,
                                       stdout=subprocess.PIPE, stderr=self.log)
        self.addCleanup(self.end)
        said = ""
        while "https://" not in said:
            line = self.server.stdout.readline()
            if not line:
                self.fail(f"qalam serve has ended: {said}{(self.directory / 'serve.log').read_text()}")
            said += line
        self.grpc = re.search(r"on (127\.0\.0\.1:\d+)", said)[1]
        self.kubeconfig = str(self.directory / "kubeconfig")
        pathlib.Path(self.kubeconfig).write_text(self.qalam("kubeconfig").stdout, encoding="utf-8")

    def tearDown(self):
        code, said = self.server.poll(), (self.directory / "serve.log").read_text(encoding="utf-8")
        super().tearDown()
        self.assertIsNone(code, f"qalam serve has ended by itself: {said[-2000:]}")

    def end(self):
        self.server.terminate()
        try:
            self.server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()
        self.server.stdout.close()
        self.log.close()

    def package_index(self, name, text):
        """The URL of an index with one package, whose module of that name holds the text."""
        pages = self.directory / "index" / name.replace("_", "-")
        pages.mkdir(parents=True)
        wheel = f"{name}-1.0-py3-none-any.whl"
        info = f"{name}-1.0.dist-info"
        with zipfile.ZipFile(pages / wheel, "w") as archive:
            archive.writestr(f"{name}.py", text)
            archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
            archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\n"
                                              "Tag: py3-none-any\n")
            archive.writestr(f"{info}/RECORD", "")
        (pages / "index.html").write_text(f'<a href="{wheel}">{wheel}</a>', encoding="utf-8")
        return (self.directory / "index").as_uri()
