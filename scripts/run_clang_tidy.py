#!/usr/bin/env python3
"""Runs clang-tidy on source files, three things better than by hand: in parallel, several files of a room at once (nearly
all of its time goes into the headers they share), and only where something changed.

Usage: run_clang_tidy.py BUILD_DIR FILE...   (from the top of the tree; BUILD_DIR holds compile_commands.json)

A file that was clean is not looked at again until the file, a header of the project that it includes, its compile command,
the list of checks, or clang-tidy itself changes. What is known to be clean is kept in BUILD_DIR/clang-tidy-clean.json.
Exits with 1 if there is a finding.
"""

import concurrent.futures
import functools
import hashlib
import itertools
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

INCLUDE = re.compile(rb'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
BATCH = 8
# Clang 14 has coroutines, but does not say so in the way that the standard library and Boost 1.74 ask for it.
COROUTINES = ["-D__cpp_impl_coroutine=201902L", "-DBOOST_ASIO_HAS_CO_AWAIT=1", "-DBOOST_ASIO_HAS_STD_COROUTINE=1"]
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


def without_prefix(command):
    """The compile command without the precompiled header, which is the compiler's own."""
    return PREFIX.sub("", command)


def batches(paths, command_of):
    """Lists of neighbours that are compiled alike."""
    def kind(path):
        return path.parent, command_of.get(path, "").replace(path.name, "")

    for _, group in itertools.groupby(sorted(paths, key=kind), key=kind):
        group = list(group)
        for begin in range(0, len(group), BATCH):
            yield group[begin:begin + BATCH]


def tidy(work, command_of, paths):
    """What clang-tidy has to say of each path; empty where it is clean.

    The files become one translation unit. Where that does not compile (two files may use the same name for different things), or there is a finding,
    halves are looked at, down to single files."""
    source = work / f"{paths[0].parent}-{paths[0].stem}-{len(paths)}.cc"
    source.write_text("".join(f'#include "{path.resolve()}"\n' for path in paths), encoding="utf-8")
    flags = shlex.split(without_prefix(command_of.get(paths[0], "c++")))[1:]
    flags = flags[:flags.index("-o")] if "-o" in flags else flags
    # The compile commands are GCC's; clang does not know all of its warnings.
    run = subprocess.run(["clang-tidy", "--quiet", "--extra-arg=-Wno-unknown-warning-option", str(source), "--", *flags, *COROUTINES],
                         capture_output=True, text=True, check=False)
    if run.returncode == 0:
        return {path: "" for path in paths}
    if len(paths) == 1:
        return {paths[0]: run.stdout or run.stderr or f"{paths[0]}: clang-tidy failed\n"}
    half = len(paths) // 2
    return tidy(work, command_of, paths[:half]) | tidy(work, command_of, paths[half:])


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    build, paths = pathlib.Path(sys.argv[1]), [pathlib.Path(name) for name in sys.argv[2:]]
    commands = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    here = pathlib.Path.cwd()
    command_of = {pathlib.Path(os.path.relpath(entry["file"], here)): entry["command"] for entry in commands}
    work = build / "clang-tidy"
    work.mkdir(exist_ok=True)
    version = subprocess.run(["clang-tidy", "--version"], capture_output=True, check=True).stdout
    common = version + content(pathlib.Path(".clang-tidy"))

    memory = build / "clang-tidy-clean.json"
    clean = json.loads(memory.read_text(encoding="utf-8")) if memory.exists() else {}
    keys = {path: fingerprint(path, common + without_prefix(command_of.get(path, "")).encode()) for path in paths}
    todo = [path for path in paths if clean.get(str(path)) != keys[path]]

    findings = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for texts in pool.map(functools.partial(tidy, work, command_of), batches(todo, command_of)):
            for path, text in texts.items():
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
