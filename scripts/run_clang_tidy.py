#!/usr/bin/env python3
"""Runs clang-tidy on source files, two things better than by hand: in parallel, and only where something changed.

Usage: run_clang_tidy.py BUILD_DIR FILE...   (from the top of the tree; BUILD_DIR holds compile_commands.json)

A file that was clean is not looked at again until the file, a header of the project that it includes, its compile command,
the list of checks, or clang-tidy itself changes. What is known to be clean is kept in BUILD_DIR/clang-tidy-clean.json.
Exits with 1 if there is a finding.
"""

import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

INCLUDE = re.compile(rb'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
PREFIX = re.compile(r"-Winvalid-pch|-include \S*cmake_pch\.hxx|-fpch-preprocess")


@functools.cache
def content(path):
    return path.read_bytes() if path.is_file() else None


def with_headers(path):
    """The file and every header of the project it includes, in order of discovery."""
    found = {path: None}
    todo = [path]
    while todo:
        for name in INCLUDE.findall(content(todo.pop())):
            header = pathlib.Path(os.fsdecode(name))
            if header not in found and content(header) is not None:
                found[header] = None
                todo.append(header)
    return list(found)


def fingerprint(path, setting):
    digest = hashlib.sha256(setting)
    for part in with_headers(path):
        digest.update(hashlib.sha256(content(part)).digest())
    return digest.hexdigest()


def without_prefix(commands, directory):
    """Writes compile commands that leave precompiled headers out, which are the compiler's own: so clang-tidy also says where
    an include is missing that the prefix hides."""
    directory.mkdir(exist_ok=True)
    plain = [{**entry, "command": PREFIX.sub("", entry["command"])} for entry in commands]
    (directory / "compile_commands.json").write_text(json.dumps(plain), encoding="utf-8")
    return plain


def tidy(build, path):
    """What clang-tidy has to say; empty when the file is clean."""
    # The compile commands are GCC's; clang does not know all of its warnings.
    run = subprocess.run(["clang-tidy", "-p", str(build), "--quiet", "--extra-arg=-Wno-unknown-warning-option",
                          str(path)], capture_output=True, text=True,
                         check=False)
    return "" if run.returncode == 0 else run.stdout or run.stderr or f"{path}: clang-tidy failed\n"


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    build, paths = pathlib.Path(sys.argv[1]), [pathlib.Path(name) for name in sys.argv[2:]]
    commands = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    plain = build / "clang-tidy"
    commands = without_prefix(commands, plain)
    command_of = {pathlib.Path(entry["file"]).resolve(): entry["command"] for entry in commands}
    version = subprocess.run(["clang-tidy", "--version"], capture_output=True, check=True).stdout
    common = version + content(pathlib.Path(".clang-tidy"))

    memory = build / "clang-tidy-clean.json"
    clean = json.loads(memory.read_text(encoding="utf-8")) if memory.exists() else {}
    keys = {path: fingerprint(path, common + command_of.get(path.resolve(), "").encode()) for path in paths}
    todo = [path for path in paths if clean.get(str(path)) != keys[path]]

    findings = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, text in zip(todo, pool.map(functools.partial(tidy, plain), todo)):
            if text:
                findings += 1
                print(text, end="", flush=True)
            else:
                clean[str(path)] = keys[path]
    memory.write_text(json.dumps({str(path): clean[str(path)] for path in paths if str(path) in clean}, indent=1),
                      encoding="utf-8")
    print(f"clang-tidy: {len(todo)} of {len(paths)} files looked at, {findings} with findings")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
