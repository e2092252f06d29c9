# Two commands do all the set-up:  make run   and   make test
PYTHON ?= python3
BIN := .venv/bin
PYTEST_WORKERS ?= 2
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint packaging/constraints.txt

.PHONY: run test lint format bench bundle clean

run: .venv/run
	@sh packaging/system-libraries.sh run
	@$(BIN)/hadron

test: .venv/test
	@sh packaging/system-libraries.sh test
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS) $(ARGS)

lint: .venv/lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy runtime desktop
	$(BIN)/lint-imports

format: .venv/lint
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/bench
	@for script in tests/benchmarks/bench_*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

bundle: .venv/bundle
	@rm -rf build/package
	$(PIP) --no-deps --target build/package .
	$(BIN)/pyinstaller --noconfirm --log-level WARN app.spec
	$(BIN)/python packaging/smoke.py dist/hadron

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/python:
	$(PYTHON) -m venv .venv
	@touch $@

.venv/run: .venv/python pyproject.toml packaging/constraints.txt
	$(PIP) --editable .
	@touch $@

.venv/%: .venv/run
	$(PIP) --editable ".[$*]"
	@touch $@
