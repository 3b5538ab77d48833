# Luot: everything a person types. `make` alone tells what there is.
.DEFAULT_GOAL := help
PY := .venv/bin/python

.PHONY: help run test quick cover check bench proof clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

run:  ## the whole hall on this machine: server, kiosk, display, desk page, paper on screen
	@.ci/setup run
	@$(PY) -m server demo $(ARGS)

test:  ## install what tests need, run them all (a small run of each proof included)
	@.ci/setup test
	@$(PY) tests/lanes.py $(ARGS)

quick:  ## the tests of the pure parts, in seconds
	@$(PY) tests/lanes.py --quick $(ARGS)

cover:  ## all tests, and how much of the product they ran
	@.ci/setup test
	@$(PY) tests/lanes.py --cover $(ARGS)

check:  ## lint, types, walls between the parts; lint and types of the pages
	@.ci/setup check
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -m mypy --platform win32 -p kiosk -p display -p server -p assets
	@.venv/bin/lint-imports
	@node_modules/.bin/tsc
	@node_modules/.bin/biome lint --error-on-warnings

bench:  ## measure against floors of the same run; writes bench.json
	@.ci/setup test
	@$(PY) -m tests.bench.run $(ARGS)

proof:  ## the long fault and load runs at full size
	@.ci/setup test
	@$(PY) tests/lanes.py --proof $(ARGS)

clean:  ## remove what was made here
	@rm -rf .venv node_modules build dist bench.json .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
