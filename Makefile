# One command runs what CI runs: `make test`. Everything is installed into .venv from pinned versions.
# Needs: Python 3.11 or newer, git, make, and a package index. `make help` lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
PYENV_ROOT ?= $(HOME)/.pyenv
OTHER_VERSIONS ?= 3.12 3.13

VENV := .venv
BIN := $(VENV)/bin
LOCK := requirements/lock.txt
DEPENDENCIES := pyproject.toml requirements/dev.in $(LOCK)
STAMP := $(VENV)/.installed
REAL_INPUT := .real_input/.installed
BROWSER := $(VENV)/.browser
INSTALL := -m pip install -qq -c $(LOCK)
EVERYTHING := -r requirements/dev.in -e '.[all]'
# The tests of the container, which `make unit` runs with coverage.
CORE_TESTS := tests/spec tests/property \
	$(addprefix tests/unit/,compilation composition planning registration resolution settings)
# Where lint-imports and kimera look for the packages that the contracts name, beside this folder.
EXAMPLES := examples

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1# else pyright's wrapper asks the network for a newer version

GATES := format lint types verifytypes contracts unit docs wheel

.PHONY: help install demo test $(GATES) fix lock real-input test-versions freethreaded test-freethreaded test-browser \
	mutants mutation conformance bench-quick bench changelog clean distclean
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 20

# --- environment -----------------------------------------------------------------------------------------------------

install: $(STAMP) ## make .venv with everything in it

$(STAMP): $(DEPENDENCIES)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "error: $(PYTHON) is older than 3.11; say which to use: make PYTHON=python3.11 ..." >&2; exit 2; }
	@if ! $(BIN)/python -c '' 2>/dev/null; then \
		$(PYTHON) -m venv --clear $(VENV) \
			|| { echo "error: $(PYTHON) cannot make an environment (on Debian: apt-get install python3-venv)" >&2; exit 2; }; \
	fi
	@echo "installing into $(VENV)"
	@$(BIN)/python $(INSTALL) $(EVERYTHING)
	@touch $@

$(REAL_INPUT): requirements/real_input.txt $(STAMP)
	@rm -rf $(@D)
	@echo "installing into $(@D)"
	@$(BIN)/python -m pip install -qq --no-deps --no-compile --target $(@D) -r $<
	@touch $@

lock: $(STAMP) ## pin the tested versions again
	$(BIN)/python scripts/lock.py

# --- what a visitor runs ---------------------------------------------------------------------------------------------

demo: $(STAMP) ## check the example, catch two violations, run the application and stop it
	@$(BIN)/python scripts/demo.py

test: $(GATES) ## every gate, cheap ones first
	@echo "== all gates passed: $(GATES)"

# --- the gates -------------------------------------------------------------------------------------------------------

format: $(STAMP) ## gate: formatted as ruff does it
	@echo "== format"
	@$(BIN)/ruff format --check .

lint: $(STAMP) ## gate: ruff's rules
	@echo "== lint"
	@$(BIN)/ruff check .

types: $(STAMP) ## gate: mypy and pyright, both strict
	@echo "== types"
	@$(BIN)/mypy
	@$(BIN)/pyright

verifytypes: $(STAMP) ## gate: every public name has a complete type
	@echo "== verifytypes"
	@$(BIN)/python scripts/type_completeness.py

contracts: $(STAMP) ## gate: our layer contracts on ourselves, by lint-imports and by kimera check
	@echo "== contracts"
	@for file in contracts/*.toml; do \
		echo "lint-imports --config $$file"; \
		PYTHONPATH=$(EXAMPLES) $(BIN)/lint-imports --no-logo --no-cache --config $$file || failed=1; \
	done; exit $${failed:-0}
	@$(BIN)/kimera check --root . --root $(EXAMPLES)

# Coverage slows tests down, and is asked for where a line that no test runs is a guarantee nobody checked.
unit: $(STAMP) ## gate: the test suite, with the coverage of the core
	@echo "== unit"
	@$(BIN)/coverage erase
	@$(BIN)/python -m pytest -q -n 2 $(CORE_TESTS) --cov --cov-report= --cov-fail-under=0
	@$(BIN)/coverage report
	@$(BIN)/python scripts/branch_coverage.py
	@$(BIN)/python -m pytest -q -n 2 tests $(addprefix --ignore=,$(CORE_TESTS) tests/docs)

docs: $(STAMP) ## gate: the code in README, docs and examples runs
	@echo "== docs"
	@$(BIN)/python -m pytest -q -n 2 tests/docs

wheel: $(STAMP) ## gate: sdist and wheel, built and used in an empty environment
	@echo "== wheel"
	@$(BIN)/python scripts/wheel_test.py

fix: $(STAMP) ## format, and mend what ruff can mend
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

# --- slower checks, each part of CI ----------------------------------------------------------------------------------

real-input: $(REAL_INPUT) ## the checks on Django, SQLAlchemy and sympy
	@$(BIN)/python -m pytest -q -n 2 -m real_input

# An interpreter counts when it runs (a version manager's shim may not), has the right version, and has a GIL.
test-versions: $(STAMP) ## the suite on every other supported Python found here
	@usable='import ensurepip, sys, venv; ok = getattr(sys, "_is_gil_enabled", lambda: True)(); \
		sys.exit(not (ok and ".".join(map(str, sys.version_info[:2])) == sys.argv[1]))'; \
	passed=; failed=; missing=; \
	for version in $(OTHER_VERSIONS); do \
		python=; \
		for candidate in python$$version $(PYENV_ROOT)/versions/$$version.*/bin/python$$version; do \
			if "$$candidate" -c "$$usable" $$version >/dev/null 2>&1; then python=$$candidate; break; fi; \
		done; \
		if [[ -z $$python ]]; then missing+=" $$version"; continue; fi; \
		echo "== Python $$version ($$python)"; \
		venv=.venv-$$version; \
		if ! { [[ $$venv/.installed -nt pyproject.toml && $$venv/.installed -nt $(LOCK) \
				&& $$venv/.installed -nt requirements/dev.in ]] && $$venv/bin/python -c ''; }; then \
			{ "$$python" -m venv --clear $$venv && $$venv/bin/python $(INSTALL) $(EVERYTHING) \
				&& touch $$venv/.installed; } || { failed+=" $$version"; continue; }; \
		fi; \
		if $$venv/bin/python -m pytest -q -n 2; then passed+=" $$version"; else failed+=" $$version"; fi; \
	done; \
	echo "suite passed on:$${passed:- none}; failed on:$${failed:- none}"; \
	if [[ -n $$missing ]]; then \
		echo "NOT RUN, no interpreter on PATH or in PYENV_ROOT/versions:$$missing"; \
	fi; \
	[[ -z $$failed ]]

freethreaded: ## build the free-threaded interpreter, unless it is in the cache
	@scripts/build_freethreaded.sh

# PYTHON_GIL stays unset: 0 would keep the GIL off by force and hide an import that needs it.
test-freethreaded: $(STAMP) ## the container's tests, stress tests too, on CPython without a GIL
	@python=$$(scripts/build_freethreaded.sh | tail -n 1); \
	venv=.venv-3.13t; \
	if ! { [[ $$venv/.installed -nt pyproject.toml && $$venv/.installed -nt $(LOCK) \
			&& $$venv/.installed -nt requirements/freethreaded.txt ]] && $$venv/bin/python -c ''; }; then \
		"$$python" -m venv --clear $$venv; \
		grep -v '^hypothesis==' $(LOCK) >$$venv/constraints.txt; \
		$$venv/bin/python -m pip install -qq -c $$venv/constraints.txt -r requirements/freethreaded.txt; \
		$$venv/bin/python -m pip install -qq --no-deps -e .; \
		touch $$venv/.installed; \
	fi; \
	env -u PYTHON_GIL $$venv/bin/python -m pytest -q -p tests.freethreaded_guard -m 'not check and not real_input' \
		$(wildcard tests/unit tests/spec tests/property tests/stress)

# Without Chromium, and without the right to install it, the tests are skipped and say so.
$(BROWSER): requirements/browser.txt $(STAMP)
	@$(BIN)/python -m pip install -qq -r $<
	@command -v chromium >/dev/null \
		|| { [[ $$(id -u) = 0 ]] && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } \
		|| echo "Chromium is missing (on Debian: apt-get install chromium)" >&2
	@touch $@

test-browser: $(BROWSER) ## click through the page of `kimera graph` in headless Chromium; screenshots in build/screenshots
	@KIMERA_SCREENSHOTS=build/screenshots $(BIN)/python -m pytest -q -m browser tests/browser

mutants: $(STAMP) ## break every protection in a copy; a named test must turn red
	@$(BIN)/python scripts/mutants.py

mutation: $(STAMP) ## random mistakes in planning and resolution, and how many the tests notice (half an hour; not in CI)
	@$(BIN)/python scripts/mutation_testing.py --data build/mutation --sample 300 --seed 20261121

conformance: $(STAMP) ## the conformance suite on seven containers, and the page that compares them (6 minutes)
	@$(BIN)/python benchmarks/setup_env.py
	@$(BIN)/python scripts/compare_containers.py

bench-quick: $(STAMP) ## ratios to five other containers; fails when behind the targets
	@$(BIN)/python benchmarks/setup_env.py
	@.venv-bench/bin/python -m benchmarks --quick --assert-quick

bench: $(STAMP) $(REAL_INPUT) ## all measurements, written to benchmarks/results
	@$(BIN)/python benchmarks/setup_env.py
	@.venv-bench/bin/python -m benchmarks
	@.venv-bench/bin/python -m benchmarks.growth --quick --json benchmarks/results/growth.json
	@$(BIN)/python -m benchmarks.architecture --quick --json benchmarks/results/architecture.json

# --- housekeeping ----------------------------------------------------------------------------------------------------

changelog: $(STAMP) ## show what the next release's notes will say
	@$(BIN)/towncrier build --draft

clean: ## remove caches and results
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .kimera_cache .hypothesis htmlcov build dist
	rm -f .coverage .coverage.* coverage.xml
	find kimera_di tests examples scripts benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## remove the environments too; the interpreter in the user's cache stays
	rm -rf .venv .venv-* .real_input
