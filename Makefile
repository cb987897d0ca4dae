# Two commands do all: `make demo` and `make test`. Both set up first; they need Python 3.11 to 3.13 and make.
PYTHON ?= python3
UV := .tools/bin/uv
BIN := .venv/bin
COMPILED := .venv/.compiled
# Tests that run at once: each has a TensorFlow of its own, about 1 GB.
JOBS ?= 2

.PHONY: demo test docs reference format lint types setup wheel release-models release-finder clean

demo: setup  ## train briefly on drawn hands, export to int8, run on a clip; pictures in runs/demo-TIME
	$(BIN)/signs-edge demo

test: setup lint types docs  ## format, lint, types, documentation and tests; with $$SIGNS_EDGE_DATA set, also those on real photos
	$(BIN)/pytest -n $(JOBS) --dist loadgroup

docs: setup  ## the documentation, in build/docs; a warning is an error, a broken link within it too
	$(BIN)/sphinx-build -q -W --keep-going -b html -d build/doctrees docs build/docs

reference: setup  ## write the pages that follow from the code: docs/reference/cli.md, docs/explain/rooms.svg
	$(BIN)/python tools/command_reference.py
	$(BIN)/python tools/rooms_picture.py

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache

types: setup
	$(BIN)/mypy
	MYPYPATH=tools $(BIN)/mypy tools

format: setup  ## put the code in order
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

setup: $(UV)  ## .venv with the locked dependencies
	$(UV) sync --quiet --locked --extra train --python $(PYTHON)
	@$(MAKE) --no-print-directory $(COMPILED)

# TensorFlow has thousands of modules: compiled once, it is imported three times as fast.
$(COMPILED): uv.lock
	@$(BIN)/python -m compileall -q -j 0 .venv/lib >/dev/null || true
	@touch $@

$(UV):
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(None if (3, 11) <= v[:2] <= (3, 13) else \
	  f"signs-edge needs Python 3.11 to 3.13; $(PYTHON) is {v[0]}.{v[1]}. Name another: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .tools
	.tools/bin/pip install --quiet --disable-pip-version-check 'uv>=0.9'

wheel: setup  ## the wheel for a device, in dist/
	$(UV) build --quiet --wheel --out-dir dist

release-models: setup  ## train slim on SIGNS, export, check; then replace edge/models, its card and docs/runs/slim
	$(BIN)/python tools/release_models.py $(if $(RUN),--run $(RUN))

release-finder: setup  ## train the finder on SIGNS, export, replace edge/models/finder.tflite
	test -f runs/release-finder/metrics.json || $(BIN)/signs-edge train --task find --out runs/release-finder
	$(BIN)/signs-edge export runs/release-finder
	cp runs/release-finder/export/finder.tflite edge/models/finder.tflite

clean:  ## remove all that the other targets made, but no run
	rm -rf .venv .tools build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache
