# Everything runs in .venv, made from the lock file; nothing else needs to be installed.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help serve test demo bench drill soak notices lint format generate release-schema lock clean

help:  ## what can be made
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

# Made in one piece: a broken installation leaves no marker and is begun anew.
.venv/.installed: requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

serve: .venv/.installed  ## start the service on 127.0.0.1:50051 with SQLite files under var/
	$(BIN)/aprofile serve

test: .venv/.installed  ## every test, on SQLite and on a real PostgreSQL
	$(BIN)/python -m pytest

demo: .venv/.installed  ## 10,000 generated citizens through their life
	$(BIN)/aprofile demo

bench: .venv/.installed  ## every figure, against its peers, in one run
	$(BIN)/python -m benchmarks

drill: .venv/.installed  ## backups attacked and restored in every combination, at full size, one line a claim
	$(BIN)/python -m drills

soak: .venv/.installed  ## followers and rebuilds killed at 1,000 random points on each database
	$(BIN)/python -m tests.projections

notices: .venv/.installed  ## the notifier killed twenty times amid fifty recipients that fail
	$(BIN)/python -m tests.disclosures

lint: .venv/.installed  ## lint, types, import contracts, proto lint, generated code
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python proto/check.py

format: .venv/.installed  ## what the linter can mend by itself
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

generate: .venv/.installed  ## write the generated code anew
	$(BIN)/python proto/generate.py

release-schema: .venv/.installed  ## from now on, these proto files may not be broken
	$(BIN)/python proto/generate.py --release

lock: .venv/.installed  ## resolve the dependencies anew
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --custom-compile-command "make lock" --all-extras pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --custom-compile-command "make lock" --all-extras --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	rm -rf .venv var build dist
