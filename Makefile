# The README's commands. Needs Python ≥ 3.11; everything else is installed into .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test test-slow fuzz lint bench peers clean

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

demo: .venv/installed
	$(BIN)/fourierfield demo

# One process per core, each of one thread: two threads of one process mostly wait for each other.
test: .venv/installed
	$(BIN)/python -m pytest -q --numprocesses auto --dist worksteal

test-slow: .venv/installed
	$(BIN)/python -m pytest -q -m slow

# Damaged files of every kind for FUZZ_SECONDS; cases that fail stay in fuzz/, and a number runs again with --first.
FUZZ_SECONDS ?= 7200
fuzz: .venv/installed
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.fuzz --work fuzz --seconds $(FUZZ_SECONDS)

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# With `make peers` before it, the forecast is measured against neural-tangents too.
bench: .venv/installed
	$(BIN)/fourierfield bench $$(test -f .venv-peers/installed && echo --peers .venv-peers/bin/python)

peers: .venv-peers/installed

.venv-peers/installed: benchmarks/peers/requirements.txt
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

clean:
	rm -rf .venv .venv-peers
