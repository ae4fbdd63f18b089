#!/usr/bin/env python3
"""Checks that includes between the rooms follow the arrows of docs/architecture.md.

    cli -> { server, bench, collect }
    server -> { controller, apiserver }
    controller -> { suggestion, workload, metrics, db } -> api -> base
                              suggestion -> algorithms -> base
    collect -> metrics
    bench -> { algorithms, metrics }

A room may include what it can reach along the arrows. Prints each include that goes another way, and each cycle of
headers; exits with 1 if there is any.
"""

import pathlib
import re
import sys

ARROWS = {
    "cli": ["server", "bench", "collect"],
    "server": ["controller", "apiserver"],
    "apiserver": ["http", "api"],
    "http": ["base"],
    "controller": ["suggestion", "workload", "metrics", "db", "proto"],
    "suggestion": ["algorithms", "api", "proto"],
    "workload": ["api"],
    "metrics": ["api"],
    "db": ["api", "proto"],
    "collect": ["metrics", "proto"],
    "bench": ["algorithms", "metrics"],
    "algorithms": ["base"],
    "api": ["base"],
    "base": [],
    "proto": [],
}
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
WIRE_USERS = {"proto", "suggestion", "db", "controller", "server", "collect"}  # `proto` is not reached along other arrows


def reachable(room):
    found, todo = {room}, [room]
    while todo:
        for target in ARROWS[todo.pop()]:
            if target not in found:
                found.add(target)
                todo.append(target)
    if room not in WIRE_USERS:
        found.discard("proto")
    return found


def read_includes(root):
    """Path of each source file of a room -> paths it includes, both relative to the root."""
    includes = {}
    for room in ARROWS:
        for path in sorted((root / room).rglob("*")):
            if path.suffix in (".h", ".cc"):
                includes[path.relative_to(root).as_posix()] = INCLUDE.findall(path.read_text(encoding="utf-8"))
    return includes


def wrong_arrows(root, includes):
    for path, targets in includes.items():
        room = path.split("/")[0]
        for target in targets:
            target_room = target.split("/")[0]
            if (root / path).parent.joinpath(target).exists():
                yield f'{path}: "{target}": write the path from the top of the tree'
            elif target_room not in ARROWS:
                if (root / target).exists():  # anything else is a library's
                    yield f'{path}: "{target}": rooms may not know {target_room}'
            elif target_room not in reachable(room):
                yield f'{path}: "{target}": {room} may not know {target_room}'


def header_cycles(includes):
    state, trail, cycles = {}, [], []

    def visit(path):
        state[path] = "open"
        trail.append(path)
        for target in includes.get(path, []):
            if state.get(target) == "open":
                cycles.append(" -> ".join(trail[trail.index(target):] + [target]))
            elif target not in state:
                visit(target)
        trail.pop()
        state[path] = "done"

    for path in includes:
        if path not in state:
            visit(path)
    return cycles


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    includes = read_includes(root)
    if not includes:
        sys.exit(f"check_layers: no sources under {root.resolve()}")
    faults = list(wrong_arrows(root, includes)) + [f"cycle of includes: {cycle}" for cycle in header_cycles(includes)]
    for fault in faults:
        print(fault, file=sys.stderr)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
