#!/bin/sh
# Every check that needs no running program. Runs all of them, then exits with 1 if any found something.
# clang-tidy reads the compile commands of the release build, which is configured if it is not there.
set -eu
cd "$(dirname "$0")/.."

failed=""
check() {
  name=$1
  shift
  if "$@"; then
    echo "lint: $name: ok"
  else
    echo "lint: $name: FAILED" >&2
    failed="$failed $name"
  fi
}

# Files of the project, new ones included: by git where there is a repository, else by walking the tree.
sources() {
  if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    git ls-files --cached --others --exclude-standard -- "$@" | while read -r file; do
      if [ -f "$file" ]; then echo "$file"; fi
    done
  else
    for pattern in "$@"; do
      find . -path ./build -prune -o -type f -path "./$pattern" -print
    done | sed 's|^\./||'
  fi
}

format_is_clean() {
  sources '*.h' '*.cc' | xargs clang-format --dry-run -Werror
}

scripts_are_clean() {
  { sources '*.sh'; echo .ci/run; } | xargs shellcheck
}

python_compiles() {
  sources '*.py' | xargs /usr/bin/python3 -c '
import ast, sys
for path in sys.argv[1:]:
    ast.parse(open(path, encoding="utf-8").read(), path)'
}

# Library sources only: tests have the compiler's warnings and the sanitizers.
tidy_is_clean() {
  if [ ! -f build/release/compile_commands.json ]; then
    cmake --preset release >/dev/null
  fi
  cmake --build --preset release --target qalam_proto qalam_event_proto >/dev/null
  sources '*.cc' | grep -Ev '^(tests|examples)/' | xargs /usr/bin/python3 scripts/run_clang_tidy.py build/release
}

check layers /usr/bin/python3 scripts/check_layers.py
check "listed sources" /usr/bin/python3 scripts/check_sources_listed.py
check python python_compiles
check shellcheck scripts_are_clean
check clang-format format_is_clean
check clang-tidy tidy_is_clean

if [ -n "$failed" ]; then
  echo "lint: failed:$failed" >&2
  exit 1
fi
