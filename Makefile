# The front door. `make run` and `make test` install what they need (Debian 12, root or sudo), build and run.
# Other targets build on them; `make help` lists all. Builds live in build/<preset>.

JOBS ?= $(shell nproc)
CTEST_ARGS ?=
ROOMS ?=
FUZZ_SECONDS ?= 60
BENCH_ARGS ?=
PEERS ?=
PREFIX ?= /usr/local
DESTDIR ?=

RELEASE := build/release
QALAM := $(RELEASE)/qalam
WERROR := $(if $(CI),ON,OFF)

.DEFAULT_GOAL := help
.PHONY: help setup-run setup-test configure run test ctest lint format asan tsan fuzz bench bench-apiserver bench-peers bench-peers-epochs benchmarks install clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup-run:
	@scripts/setup.sh build run

setup-test:
	@scripts/setup.sh build run test lint

configure:
	@mkdir -p build
	@cmake --preset release -DQALAM_WERROR=$(WERROR) >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }

run: setup-run ## build, and tune the digits example
	@$(MAKE) --no-print-directory configure
	@cmake --build --preset release --target qalam qalam-collect -j $(JOBS)
	@rm -rf build/run
	$(QALAM) run --data-dir build/run examples/digits/experiment.yaml

test: setup-test ## build, run every test, and lint
	@$(MAKE) --no-print-directory configure
	@cmake --build --preset release -j $(JOBS)
	ctest --test-dir $(RELEASE) -j $(JOBS) --output-on-failure $(CTEST_ARGS)
	@$(MAKE) --no-print-directory lint

lint: ## formatting, static analysis, scripts, includes between rooms
	@scripts/setup.sh build lint
	@scripts/lint.sh

format: ## format every source file
	@scripts/setup.sh lint
	git ls-files --cached --others --exclude-standard '*.h' '*.cc' | xargs clang-format -i

asan: ## tests under the address and undefined-behaviour sanitizers; ROOMS="base db": those of these rooms alone
	@scripts/setup.sh build run test
	cmake --preset asan
	cmake --build --preset asan -j $(JOBS) $(if $(ROOMS),--target $(addsuffix _test,$(ROOMS)))
	set -e; for tests in $(or $(addprefix /tests/,$(ROOMS)),/); do \
	  ctest --test-dir build/asan$$tests -j $(JOBS) --output-on-failure $(CTEST_ARGS); done

tsan: ## tests under the thread sanitizer
	@scripts/setup.sh build run test
	cmake --preset tsan
	cmake --build --preset tsan -j $(JOBS)
	TSAN_OPTIONS="suppressions=$(CURDIR)/tests/tsan.supp" ctest --test-dir build/tsan -j $(JOBS) --output-on-failure $(CTEST_ARGS)

fuzz: ## every fuzzer for FUZZ_SECONDS (60)
	@scripts/setup.sh build fuzz
	scripts/fuzz.sh $(FUZZ_SECONDS) $(JOBS)

bench: setup-run ## time per trial of Qalam itself
	@$(MAKE) --no-print-directory configure
	@cmake --build --preset release --target qalam -j $(JOBS)
	/usr/bin/python3 scripts/bench_trials.py $(BENCH_ARGS)

bench-apiserver: setup-run ## load on the Kubernetes-style API; BENCH_ARGS="--beside URL ..." measures another API server, too
	@$(MAKE) --no-print-directory configure
	@cmake --build --preset release --target qalam -j $(JOBS)
	/usr/bin/python3 scripts/bench_apiserver.py --qalam $(QALAM) $(BENCH_ARGS)

benchmarks: setup-run ## scores of every algorithm, for hours; PEERS=FILE sets results of others beside
	@$(MAKE) --no-print-directory configure
	@cmake --build --preset release --target qalam -j $(JOBS)
	scripts/benchmarks.sh $(QALAM) build/benchmarks $(PEERS)

bench-peers: ## time per suggestion beside other libraries from PyPI
	@scripts/setup.sh build run peers
	@$(MAKE) --no-print-directory configure
	@cmake --build --preset release --target qalam -j $(JOBS)
	test -x build/peers/bin/python || /usr/bin/python3 -m venv build/peers
	build/peers/bin/pip install --quiet --requirement scripts/bench_peers.txt
	build/peers/bin/python scripts/bench_peers.py --qalam $(QALAM) $(BENCH_ARGS)

bench-peers-epochs: ## multi-fidelity search of other libraries from PyPI, into build/peers-epochs.csv
	@scripts/setup.sh peers
	test -x build/peers-epochs/bin/python || /usr/bin/python3 -m venv build/peers-epochs
	build/peers-epochs/bin/pip install --quiet --requirement scripts/bench_peers_epochs.txt
	build/peers-epochs/bin/python scripts/bench_peers_epochs.py -o build/peers-epochs.csv $(BENCH_ARGS)

install: ## programs, man pages and completions to DESTDIR/PREFIX (/usr/local); build first, as yourself
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/bin $(QALAM) $(RELEASE)/qalam-collect
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man1 docs/qalam.1 docs/qalam-collect.1
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions
	$(QALAM) completion bash >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/qalam
	$(QALAM) completion zsh >$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_qalam

clean: ## remove everything that was built
	rm -rf build
