# Everything here works from a fresh clone. Data goes to MIC_HOME (unset: warehouse/), never into the source folders.

PY := .venv/bin/python
BIN := .venv/bin
READY := .venv/.ready
PEERS := .venv-peers/.ready
NAME_PEERS := .venv-name-peers/.ready
NOTEBOOKS := .venv-notebooks/.ready
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo $(BIN)/uv)
PYTHON ?= python3
LINTED := .venv/.linted
LINTS = $(shell find dbt_project/.sqlfluff dbt_project/models dbt_project/macros)
PYTEST_WORKERS ?= 3

.PHONY: setup demo test check types project sql style suite ui nightly bench bench-identity docs notebooks test-ui test-faults clean

setup: $(READY)

$(READY): requirements.lock pyproject.toml
ifeq ($(UV),$(BIN)/uv)
	$(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet uv
else
	test -x $(PY) || $(UV) venv --quiet --python $(PYTHON) .venv
endif
	$(UV) pip install --quiet --python $(PY) --require-hashes -r requirements.lock
	$(PY) -m compileall -q -j 0 -x '/tests/' .venv/lib pipelines expectations > /dev/null || true
	$(UV) pip install --quiet --python $(PY) --no-deps --no-build-isolation --editable .
	touch $(READY)

demo: setup
	@code=0; $(BIN)/mic demo --fresh || code=$$?; test $$code -eq 0 -o $$code -eq 3 || exit $$code; \
	test $$code -eq 0 || echo "Some deliveries or checks want attention, as in life: mic status says which."

nightly: setup
	$(BIN)/mic nightly

ui: setup
	$(BIN)/mic ui

bench: setup
	$(BIN)/mic bench intake
	$(BIN)/mic bench nightly

bench-identity: setup $(PEERS) $(NAME_PEERS)
	$(BIN)/mic bench identity --groups
	$(BIN)/mic bench identity --public
	$(BIN)/mic bench names

$(PEERS): requirements-peers.lock | $(READY)
	test -x .venv-peers/bin/python || $(UV) venv --quiet --python $(PY) .venv-peers
	UV_COMPILE_BYTECODE=1 $(UV) pip install --quiet --python .venv-peers/bin/python --require-hashes -r requirements-peers.lock
	touch $(PEERS)

# Its PyICU is compiled, which wants a compiler and the headers of ICU.
$(NAME_PEERS): requirements-name-peers.lock | $(READY)
	test -x .venv-name-peers/bin/python || $(UV) venv --quiet --python $(PY) .venv-name-peers
	UV_COMPILE_BYTECODE=1 $(UV) pip install --quiet --python .venv-name-peers/bin/python --require-hashes -r requirements-name-peers.lock
	touch $(NAME_PEERS)

notebooks: $(NOTEBOOKS)
	.venv-notebooks/bin/marimo edit docs/notebooks

$(NOTEBOOKS): requirements-notebooks.lock | $(READY)
	test -x .venv-notebooks/bin/python || $(UV) venv --quiet --python $(PY) .venv-notebooks
	$(UV) pip install --quiet --python .venv-notebooks/bin/python --require-hashes -r requirements-notebooks.lock
	touch $(NOTEBOOKS)

docs: setup
	$(PY) -m pipelines.documentation

check: setup
	$(MAKE) --no-print-directory -j 2 types sql style

types: setup
	$(BIN)/mypy

project: setup
	$(PY) -m pipelines.modelling.preparing

sql: project
	@$(MAKE) --no-print-directory $(LINTED)

# What has passed is read again when any of it, a macro, a rule or the linter has changed since the reading began.
$(LINTED): $(LINTS) $(READY)
	touch $(LINTED).begun
	$(BIN)/sqlfluff lint --disable-progress-bar --config dbt_project/.sqlfluff dbt_project/models
	mv $(LINTED).begun $(LINTED)

style: setup
	$(BIN)/ruff check .
	$(BIN)/pytest -p no:cacheprovider tests/test_house.py

test: setup
	$(MAKE) --no-print-directory -j 2 project $(NOTEBOOKS)
	$(MAKE) --no-print-directory -j 3 suite types sql style

# Three workers on two cores: a night waits for the disk as often as it computes.
# What pytest makes of the tests is kept for other workers and the next run, also where Python is told to keep nothing.
suite: setup
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n $(PYTEST_WORKERS) --dist loadscope --no-loadscope-reorder -m "not ui and not faults" --ignore tests/test_house.py

test-faults: setup
	$(BIN)/pytest -n $(PYTEST_WORKERS) -m faults

test-ui: setup
	$(BIN)/pytest -m ui

clean:
	rm -rf .venv .venv-peers .venv-name-peers .venv-notebooks .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info dbt_project/target dbt_project/logs
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
