# Two commands are enough: `make demo`, `make test`. Each makes its own environment.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help dev demo test check faults bench vectors catalogues pictures interop-env clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "vcred needs Python 3.11 or newer: make PYTHON=python3.11")'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

dev: $(READY) ## Make the environment in .venv

demo: $(READY) ## Play the main job: two jurisdictions, rosters, wallets, gates; artefacts under demo/
	rm -rf demo
	$(BIN)/vcred demo --out demo

check: $(READY) ## Lint, strict types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config .importlinter

test: check ## Everything `check` does, then all tests
	$(BIN)/python -m pytest

faults: $(READY) ## Kill, cut and starve the stores in every way, in full (hours); CI runs a part
	VCRED_FAULTS=full $(BIN)/python -m pytest tests/faults tests/scale tests/property/test_revocation_bound.py

bench: $(READY) ## Measure in U (one ES256 verify); table on stdout, bench/results.json
	$(BIN)/python -m bench

vectors: $(READY) ## Make the vectors anew; must leave no diff
	$(BIN)/python tools/make_vectors.py

catalogues: $(READY) ## Gather the messages of the four languages and compile them; must leave no diff
	$(BIN)/python tools/catalogues.py

pictures: $(READY) ## Draw the wallet's screens anew, in a real terminal, under docs/wallet/
	$(BIN)/python tools/wallet_pictures.py

interop-env: $(READY) ## Install the other implementations that the interop suite talks to
	tests/interop/install

clean: ## Remove what the other targets made
	rm -rf $(VENV) .interop demo bench/results.json
