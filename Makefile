# Everything a clone needs: Python 3.11 or later, make and git. Recipes are silent; what installing has to say
# goes to standard error, so that `make demo ARGS=--json` prints nothing but its document.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

# One environment, filled in steps: a deployment needs less than the demo, the demo less than the tests. A step is done again when its list changes.
RUNTIME := $(VENV)/.installed-runtime
SANDBOX := $(VENV)/.installed-sandbox
DEV := $(VENV)/.installed-dev

.PHONY: runtime install demo test lint bench clean
.SILENT:

runtime: $(RUNTIME)

install: $(DEV)

demo: $(SANDBOX)
	$(BIN)/python -m wizard demo $(ARGS)

test: $(DEV)
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder $(ARGS)

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright

bench: $(DEV)
	$(BIN)/python -m benchmarks $(ARGS)

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "trailwarden needs Python 3.11 or later; this is " + sys.version)' >&2
	$(PYTHON) -m venv $(VENV) >&2

$(RUNTIME): requirements.txt | $(BIN)/python
	echo "Installing what the wizard and Pulumi need (first run only) ..." >&2
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt >&2
	touch $@

$(SANDBOX): requirements-sandbox.txt | $(BIN)/python
	echo "Installing what the sandbox needs (first run only) ..." >&2
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-sandbox.txt >&2
	touch $@ $(RUNTIME)

$(DEV): requirements-dev.txt pyproject.toml | $(BIN)/python
	echo "Installing what the tests need (first run only) ..." >&2
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt >&2
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . >&2
	touch $@ $(SANDBOX) $(RUNTIME)
