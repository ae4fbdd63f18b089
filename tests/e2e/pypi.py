"""Packages from PyPI for the programs of tests, beside those of the distribution and without their dependencies."""

import hashlib
import pathlib
import shutil
import subprocess
import sys
import tempfile

from qalam import BINARY


def install(requirements):
    """The folder with the packages that the file names, for PYTHONPATH; kept beside the binary."""
    text = pathlib.Path(requirements).read_bytes()
    target = pathlib.Path(BINARY).resolve().parent / "pypi" / hashlib.sha256(text).hexdigest()[:16]
    if target.exists():
        return target
    target.parent.mkdir(exist_ok=True)
    unfinished = tempfile.mkdtemp(dir=target.parent)
    try:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
                        "--only-binary", ":all:", "--target", unfinished, "--requirement", requirements], check=True)
        pathlib.Path(unfinished).rename(target)
    except OSError:
        if not target.exists():  # another test was quicker
            raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return target
