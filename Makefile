# Two commands set everything up: `make demo` and `make test`.
# Each creates .venv, installs the pinned dependencies and, on Debian/Ubuntu as root, Python
# and the system libraries of the viewer. `make PYTHON=python3.12 demo` chooses the interpreter.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PINS := pyproject.toml constraints.txt hatch_build.py scripts/make-venv.sh scripts/system-libs.sh

.PHONY: demo test lint bench cases sample pictures clean

demo: $(VENV)/.demo
	$(BIN)/mespot demo --out demo

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

cases: $(VENV)/.dev
	$(BIN)/python scripts/run_cases.py $(DIR) $(NAMES)

sample: $(VENV)/.demo
	$(BIN)/python sample_data/make.py

pictures: $(VENV)/.demo
	$(BIN)/python docs/make_pictures.py

clean:
	rm -rf $(VENV) build dist demo

$(VENV)/.demo: $(PINS)
	sh scripts/make-venv.sh "$(PYTHON)" $(VENV)
	sh scripts/system-libs.sh
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[napari]'
	touch $@

$(VENV)/.dev: $(PINS)
	sh scripts/make-venv.sh "$(PYTHON)" $(VENV)
	sh scripts/system-libs.sh
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@ $(VENV)/.demo
