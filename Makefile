# `make maps` and `make test` are all that a fresh machine needs; both set themselves up.

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready
TESTED = $(VENV)/.tested
# The peers that benchmarks compare with are kept out of the environment that is tested.
BENCH = .venv-bench
COMPARED = $(BENCH)/.ready
# An editable install warns about folders named like packages: this one is meant.
PIP = PYTHONWARNINGS="ignore:Editable installation"
# Workers that share the tests; WORKERS=0 runs them in one process.
WORKERS ?= auto

# Sphinx and what it brings are kept out of the environment that is tested.
DOCS = .venv-docs
WRITTEN = $(DOCS)/.ready

.PHONY: maps test lint docs bench bench-scale backtest simulate faults nation fuzz properties boundaries sample dist lock clean

maps: $(READY)
	$(BIN)/hotspots run

# Compiled tests are kept whatever the surroundings say: else each worker compiles 300 of them each time.
test: export PYTHONDONTWRITEBYTECODE =
test: $(TESTED) lint
	$(BIN)/python -m pytest -n $(WORKERS) --maxprocesses 4 --dist worksteal

lint: $(TESTED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tests/lint_javascript.py

docs: $(WRITTEN)
	MPLBACKEND=agg $(DOCS)/bin/python -m sphinx -W --keep-going -q -b html docs docs/_build/html

# What partner and public releases hold against; where the reference data are missing, towns alone.
attack: $(TESTED)
	$(BIN)/python -m benchmarks.attack_hierarchies
	$(BIN)/python -m benchmarks.attack_chains
	$(BIN)/python -m benchmarks.attack_replay
	$(BIN)/python -m benchmarks.search_bytes
	$(BIN)/python -m benchmarks.attack_shapes
	$(BIN)/python -m benchmarks.attack_twins
	$(BIN)/python -m benchmarks.attack_over_time
	$(BIN)/python -m benchmarks.cost_of_release

bench: $(COMPARED)
	$(BENCH)/bin/python -m benchmarks

# Needs the reference data beside the clone, and 20 GB of disk for 20 million rows.
MILLIONS ?= 1 4
bench-scale: $(COMPARED)
	$(BENCH)/bin/python -m benchmarks.bench_scale $(MILLIONS)

# Needs the reference data beside the clone.
backtest: $(READY)
	$(BIN)/python -m benchmarks.backtest

simulate: $(COMPARED)
	$(BENCH)/bin/python -m benchmarks.simulate_statistics
	$(BENCH)/bin/python -m benchmarks.simulate_clusters
	$(BENCH)/bin/python -m benchmarks.simulate_claims
	$(BENCH)/bin/python -m benchmarks.simulate_words
	$(BENCH)/bin/python -m benchmarks.simulate_places
	$(BENCH)/bin/python -m benchmarks.simulate_evaluation

faults: $(TESTED)
	$(BIN)/python -m faults

# Thirty made-up authorities by every engine, with killed workers and commands: ten minutes of processor.
nation: $(TESTED)
	$(BIN)/python -m faults nation

fuzz: $(TESTED)
	$(BIN)/python -m faults fuzz

# Every property on a thousand examples that are new each time: an hour or two.
properties: $(TESTED)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --hypothesis-profile=long -m hypothesis

boundaries: $(READY)
	$(BIN)/python boundaries/makers/derive_areas.py
	$(BIN)/python boundaries/makers/derive_context.py
	$(BIN)/python data/makers/derive_figures.py
	$(BIN)/python data/makers/derive_deprivation.py

sample: $(READY)
	$(BIN)/python data/makers/derive_sample.py data/sample

# The archives carry the time of the last commit, so that two checkouts give the same bytes.
dist: $(TESTED)
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m build --no-isolation

# For `pip install --require-hashes -r requirements.lock`: every Python from 3.11 on, every system.
lock: $(TESTED)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile setup.cfg --universal --python-version 3.11 --generate-hashes --upgrade \
		--no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet -o requirements.lock

$(READY): setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(PIP) $(BIN)/python -m pip install --quiet -e .
	touch $@

$(TESTED): $(READY)
	$(PIP) $(BIN)/python -m pip install --quiet -e ".[test]"
	touch $@

$(COMPARED): setup.cfg pyproject.toml
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --upgrade pip
	$(PIP) $(BENCH)/bin/python -m pip install --quiet -e ".[test,bench]"
	touch $@

$(WRITTEN): setup.cfg pyproject.toml
	$(PYTHON) -m venv $(DOCS)
	$(DOCS)/bin/python -m pip install --quiet --upgrade pip
	$(PIP) $(DOCS)/bin/python -m pip install --quiet -e ".[docs]"
	touch $@

clean:
	rm -rf $(VENV) $(BENCH) $(DOCS) build dist docs/_build docs/auto_gallery docs/generated docs/rooms *.egg-info
