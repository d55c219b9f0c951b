# One verb each, the same at home and in CI. Every verb that needs it makes .venv by itself (scripts/setup.sh).

PYTHON =
BIN = .venv/bin
# As many test workers as cores; tests/conftest.py gives each one thread.
WORKERS = auto
PYTEST = $(BIN)/python -m pytest --numprocesses $(WORKERS) --maxprocesses 8 --dist loadfile

.PHONY: help setup demo test test-all callbacks check style types house fix bench clinic clinic-smoke docs lock clean

help: ## this list
	@grep -E '^[a-z-]+:.*## ' Makefile | awk -F ':.*## ' '{ printf "  make %-10s %s\n", $$1, $$2 }'

setup: ## .venv as requirements/ and pyproject.toml say; at once when it already is
	@PYTHON='$(PYTHON)' sh scripts/setup.sh

demo: setup ## train on the embedded digits; prints a verdict and where the report is
	$(BIN)/striate train digits --test-split 0.2 --epochs 15

test: setup ## the tests, without the slow ones
	$(PYTEST)

test-all: setup ## the tests, with the slow ones and those that open a browser
	$(PYTEST) -m ""

callbacks: setup ## the callbacks against the newest Lightning, transformers and Keras, in .venv/callbacks (fetches 240 MB once)
	@sh scripts/callbacks.sh

check: style types house ## style, types and the house rules; under 40 s (-k: all of them even if one is red)

style: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .

types: setup
	$(BIN)/mypy

house: setup
	$(BIN)/python -m pytest --quiet tests/house

fix: setup ## let ruff repair what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## every published figure, measured again here
	@set -e; for script in $$(grep -l __main__ benchmarks/*.py); do \
		name=$$(basename "$$script" .py); echo "== $$name"; $(BIN)/python -m "benchmarks.$$name"; \
	done

clinic-smoke: setup ## thirty runs of the clinic; ends with 1 where the rules broke outright (2 minutes)
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.clinic smoke --jobs 2 --judge striate --check

clinic: setup ## planted faults and odd healthy runs: trace what is missing, prove harm, score (hours the first time)
	$(BIN)/python -m benchmarks.clinic $(CLINIC)

docs: setup ## write the generated pages again
	$(BIN)/python -m scripts.error_pages
	$(BIN)/python -m scripts.transform_page
	$(BIN)/python -m scripts.condition_pages

lock: ## resolve requirements/lock.txt again (asks the network, takes minutes)
	python3 scripts/make_lock.py

clean: ## everything that can be made again, .venv included; runs/ stays
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
