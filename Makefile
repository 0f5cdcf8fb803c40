# Two commands do everything: `make demo` and `make test`.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
export WAREHOUSE_DATA_DIR ?= $(CURDIR)/data
export DBT_TARGET_PATH := $(WAREHOUSE_DATA_DIR)/target
export DBT_LOG_PATH := $(WAREHOUSE_DATA_DIR)/logs
CACHE := $(CURDIR)/data/cache
export RUFF_CACHE_DIR := $(CACHE)/ruff
export MYPY_CACHE_DIR := $(CACHE)/mypy
# Optional parts (pyproject.toml); each has a lock of its own, which agrees with requirements.lock.
EXTRAS := dagster spark
COMPILE := uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate pyproject.toml
# One worker more than there are processors, because tests wait for servers and browsers.
PYTEST = env -u WAREHOUSE_DATA_DIR -u DBT_TARGET_PATH -u DBT_LOG_PATH $(BIN)/python -m pytest \
	-n $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
BY_FILE := --dist loadfile --no-loadscope-reorder
# Lint compiles the project on its own files, so that it never waits for a run.
LINT_ENV := WAREHOUSE_DATA_DIR=$(CACHE)/lint DBT_TARGET_PATH=$(CACHE)/lint/target DBT_LOG_PATH=$(CACHE)/lint/logs
SQL := dbt_project.yml profiles.yml $(shell find models macros seeds tests/generic tests/singular -type f)

.DEFAULT_GOAL := help
.PHONY: help install install-dagster install-spark demo test lint mypy sqlfluff pytest test-all test-long test-dagster
.PHONY: test-spark mutants audit bench docs image lock clean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' Makefile | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

# Pinned and hashed, and nothing resolved at install time. The stamp makes the second call free.
$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

install: $(VENV)/.installed ## Install the pinned dependencies into .venv

install-spark: install ## Install Spark beside them, for `warehouse engine` and the target spark
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-spark.lock

install-dagster: install ## Install Dagster beside them, for `warehouse orchestrate`
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dagster.lock

demo: install ## Load, build, audit and publish simulated sources; write the report site and docs
	$(BIN)/warehouse demo

test: lint pytest ## Lint and test, in under 15 minutes

lint: install ## Check Python and SQL
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check .
	@$(MAKE) --no-print-directory --jobs 2 --output-sync mypy sqlfluff

mypy: install
	$(BIN)/mypy

sqlfluff: $(CACHE)/sqlfluff

# It compiles every model, which takes a minute, so it runs only if something that it reads changed.
$(CACHE)/sqlfluff: $(VENV)/.installed .sqlfluff $(SQL)
	@rm -rf $(CACHE)/lint && mkdir -p $(CACHE)/lint/work
	$(LINT_ENV) $(BIN)/sqlfluff lint --disable-progress-bar --processes 0 models tests/singular
	@touch $@

pytest: install ## Run the tests of `make test`
	@mkdir -p $(CACHE)
	$(PYTEST) $(BY_FILE) --basetemp=$(CACHE)/pytest

test-all: lint ## The same with the report site in a browser, the demo and real rows, as CI does
	@mkdir -p $(CACHE)
	$(PYTEST) $(BY_FILE) --basetemp=$(CACHE)/pytest -m "not long"

test-long: install ## Kill runs at every step, and feed bad input at length: takes hours
	@mkdir -p $(CACHE)
	HYPOTHESIS_PROFILE=long $(PYTEST) --dist loadgroup --basetemp=$(CACHE)/pytest-long -m "long or hypothesis"

test-spark: install-spark ## Build the models on a Spark cluster, compared with DuckDB (needs Java 17)
	@mkdir -p $(CACHE)
	env -u WAREHOUSE_DATA_DIR -u DBT_TARGET_PATH -u DBT_LOG_PATH $(BIN)/python -m pytest \
		--basetemp=$(CACHE)/pytest-spark -m spark

test-dagster: install-dagster ## Run every schedule on a real Dagster: takes ten minutes
	@mkdir -p $(CACHE)
	$(PYTEST) -n 0 --basetemp=$(CACHE)/pytest-dagster -m "long or not long" tests/python/dbt_project/orchestration

# One process and one processor. The same seed gives the same sample.
MUTANTS ?= 100
SEED ?= 1
mutants: install ## Make one operator or constant of the SQL wrong, MUTANTS times: do dbt's tests catch it?
	env -u WAREHOUSE_DATA_DIR -u DBT_TARGET_PATH -u DBT_LOG_PATH $(BIN)/python -m tests.mutants \
		--mutants $(MUTANTS) --seed $(SEED)

audit: install ## Look up known vulnerabilities of the pinned dependencies (asks the registry's database)
	$(BIN)/pip-audit --strict --requirement requirements.lock --require-hashes --disable-pip --progress-spinner off

bench: install ## Time the warehouse side by side with its alternatives
	$(BIN)/python -m tests.benchmarks

docs: install ## Write the docs of what is published: data/published/docs/index.html
	$(BIN)/warehouse docs

# Needs Debian's packages mmdebstrap, podman and runc; deploy/image.sh says what it does.
image: ## Build the container image from Debian's packages, and run the demo in it
	deploy/image.sh build
	deploy/image.sh demo

# Without the registries' hosts, so that the file works with any registry.
lock: ## Resolve pyproject.toml into requirements*.lock again (needs uv)
	$(COMPILE) --group dev -o requirements.lock
	$(COMPILE) --group build --constraint requirements.lock -o requirements-runtime.lock
	for extra in $(EXTRAS); do \
		$(COMPILE) --extra $$extra --constraint requirements.lock -o requirements-$$extra.lock || exit 1; \
	done

clean: ## Remove caches and dbt's output; what was loaded and published stays
	rm -rf $(CACHE) $(DBT_TARGET_PATH) $(DBT_LOG_PATH)
