# Duly 函正. `make` alone lists the targets. Each sets up what it needs first (.ci/setup); from the second time on that
# takes a fraction of a second. SKIP_APT=1 installs no system packages and lists what is missing.

PYTHON := .venv/bin/python
COMPILE := $(PYTHON) -m piptools compile -q --allow-unsafe --generate-hashes --strip-extras \
	--no-emit-find-links --no-emit-index-url --no-emit-trusted-host

.DEFAULT_GOAL := help
.PHONY: help demo serve test check lint bench golden doctor requirements setup setup-dev clean

help:  ## list the targets
	@awk -F ':.*  ## ' '/^[a-z]+:.*  ## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: setup  ## issue every document type over HTTP, verify everything, leave it in build/demo/
	@$(PYTHON) -m app.demo build/demo

serve: setup  ## the service and its pages on 127.0.0.1:8080
	@$(PYTHON) -m app.serve

test: lint  ## lint, types and all tests
	@$(PYTHON) -m pytest -n auto --dist loadfile --no-loadscope-reorder

check: lint  ## the fast loop: no LibreOffice, no network
	@$(PYTHON) -m pytest -m "not office and not postgres and not slow" -q -n auto

lint: setup-dev  ## style and types
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy

bench: setup-dev  ## the promises about speed, as ratios measured in one run (about 20 minutes)
	@$(PYTHON) -m bench --keep

golden: setup-dev  ## make text twins, golden pages and their contact sheet anew, for review
	@$(PYTHON) -m tests.golden.make

doctor: setup  ## versions found on this machine against those that are pinned
	@$(PYTHON) -m app.doctor

requirements: setup-dev  ## pin requirements.in and requirements-dev.in anew, with hashes
	@$(COMPILE) --output-file=requirements.txt requirements.in
	@$(COMPILE) --output-file=requirements-dev.txt requirements-dev.in

setup:  ## system packages, virtual environment, pinned and hashed requirements
	@bash .ci/setup run

setup-dev:
	@bash .ci/setup dev

clean:  ## remove what can be made again; .venv/ and the state in var/ stay
	@rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
