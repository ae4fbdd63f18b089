#!/usr/bin/env python3
"""Checks that every .cc file is named in a CMakeLists.txt: a test that is not built cannot fail.

Lists are written by hand, so a file can be forgotten. The name must stand in the CMakeLists.txt of the file's own
folder, or with its folder in that of another one. Prints the forgotten ones; exits with 1 if there is any.
"""

import pathlib
import re
import sys


def names_in(listing):
    text = re.sub(r"#.*", "", listing.read_text(encoding="utf-8"))
    return set(re.findall(r"[^\s()\"]+\.cc\b", text))


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    skipped = {"build", ".git", ".qalam"}
    listed = set()
    for listing in root.rglob("CMakeLists.txt"):
        if skipped.isdisjoint(listing.relative_to(root).parts):
            for name in names_in(listing):
                expanded = re.sub(r"\$\{(CMAKE|PROJECT|qalam)_SOURCE_DIR\}", str(root.resolve()), name)
                expanded = expanded.replace("${CMAKE_CURRENT_SOURCE_DIR}", str(listing.parent.resolve()))
                listed.add((listing.parent / expanded).resolve())

    sources = [path for path in root.rglob("*.cc") if skipped.isdisjoint(path.relative_to(root).parts)]
    if not sources:
        sys.exit(f"check_sources_listed: no sources under {root.resolve()}")
    forgotten = sorted(path for path in sources if path.resolve() not in listed)
    for path in forgotten:
        print(f"{path.relative_to(root)}: not named in any CMakeLists.txt, so it is never built", file=sys.stderr)
    sys.exit(1 if forgotten else 0)


if __name__ == "__main__":
    main()
