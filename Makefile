# Meridian. `make` alone lists what can be made. No root, no Docker and no running service is needed.

.DEFAULT_GOAL := help
SHELL := /bin/sh

VENV := .venv
FOR_RUNNING := $(VENV)/ready-for-running
FOR_TESTING := $(VENV)/ready-for-testing
DEMO := data/demo
# A file of tests stays together, so that what it sets up is set up once; the files keep the order of the collection.
# One process more than there are cores, since many tests wait for servers and browsers of their own.
AT_ONCE := --numprocesses $(shell echo $$(( $$(nproc 2>/dev/null || echo 2) + 1 ))) --maxprocesses 5 --dist loadfile --no-loadscope-reorder
ARGS ?=

PYTHON ?= $(shell for name in python3.11 python3 python3.14 python3.13 python3.12; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$name; break; }; done)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PIP_ROOT_USER_ACTION := ignore
export PIP_USER := 0

# Scripts in a virtual environment name its path: one that was copied here, or whose Python is gone, is made anew.
FITS := $(shell grep -qsF '$(CURDIR)/$(VENV)' $(VENV)/bin/activate && $(VENV)/bin/python -c '' 2>/dev/null && echo yes)
ifneq ($(FITS),yes)
$(shell rm -f $(FOR_RUNNING) $(FOR_TESTING))
endif

# The demo must not meet the clinic that this shell is set up for.
OTHER_SETTINGS := $(foreach name,$(filter MERIDIAN_%,$(.VARIABLES)),-u $(name))

.PHONY: help run test check format bench secrets ready lock clean

help: ## list what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'

run: $(FOR_RUNNING) ## set everything up and run the demo clinic; ARGS=--once leaves the papers and ends
	@rm -rf $(DEMO)
	@env $(OTHER_SETTINGS) MERIDIAN_DATA=$(DEMO) $(VENV)/bin/meridian demo --out $(DEMO) $(ARGS)

test: $(FOR_TESTING) ## set everything up and pass the tests; ARGS goes to pytest
	@$(VENV)/bin/python -m pytest $(AT_ONCE) $(ARGS)

check: $(FOR_TESTING) ## style, types and which room may import which
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check --quiet .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports --no-logo --no-cache

format: $(FOR_TESTING) ## put the source in its standard form
	@$(VENV)/bin/ruff check --fix --quiet .
	@$(VENV)/bin/ruff format --quiet .

bench: $(FOR_TESTING) ## measure speed, and print what was measured
	@for file in tests/benchmarks/bench_*.py; do \
		name=$$(basename $$file .py); echo "--- $$name"; \
		$(VENV)/bin/python -m tests.benchmarks.$$name $(ARGS) || exit 1; \
	done

secrets: ## write the passwords that docker-compose.yml reads, once
	@test ! -e secrets || { echo "secrets/ is there already, and stays as it is" >&2; exit 1; }
	@$(PYTHON) -c '$(MAKE_SECRETS)' && echo "secrets/ is written; keep a copy of it somewhere safe"

ready: $(FOR_TESTING) ## only set up what running and testing need

lock: ## write the lock files anew from pyproject.toml (needs uv)
	@uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --python-version 3.11 \
		--group build pyproject.toml -o requirements.lock
	@uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --python-version 3.11 \
		--group build --group dev pyproject.toml -o requirements-dev.lock

clean: ## take away what was made here: environment, caches, demo
	@rm -rf $(VENV) $(DEMO) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(FOR_RUNNING): requirements.lock pyproject.toml
	$(call install,requirements.lock,what Meridian needs to run)
	@touch $@

$(FOR_TESTING): requirements-dev.lock pyproject.toml
	$(call install,requirements-dev.lock,what Meridian needs to run and to be tested)
	@touch $@ $(FOR_RUNNING)

# Only the folder is closed: inside the containers the files are read by another user.
define MAKE_SECRETS
import pathlib, secrets as s; \
folder = pathlib.Path("secrets"); folder.mkdir(mode=0o700); password = s.token_urlsafe(32); \
url = f"postgresql://meridian:{password}@postgres/meridian"; \
texts = {"postgres_password": password, "database_url": url, "secret_key": s.token_urlsafe(48)}; \
[((folder / name).write_text(text), (folder / name).chmod(0o644)) for name, text in texts.items()]
endef

# $(1) the lock file, $(2) what it holds, for people.
define install
	@$(VENV_READY)
	@echo "Installing $(2) into $(VENV); the first time this takes about a minute ..."
	@$(VENV)/bin/python -m pip install -qq --require-hashes --only-binary :all: -r $(1)
	@$(VENV)/bin/python -m pip install -qq --no-deps --no-build-isolation --no-index --editable .
endef

define VENV_READY
if ! { grep -qsF '$(CURDIR)/$(VENV)' $(VENV)/bin/activate && $(VENV)/bin/python -m pip --version >/dev/null 2>&1; }; then \
	if [ -z "$(PYTHON)" ]; then \
		echo "Meridian needs Python 3.11 or newer. On Debian: apt-get install python3.11 python3.11-venv" >&2; exit 1; \
	fi; \
	rm -rf $(VENV); \
	if $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then $(PYTHON) -m venv $(VENV); \
	elif command -v uv >/dev/null; then uv venv --quiet --seed --python $(PYTHON) $(VENV); \
	else \
		echo "This Python cannot make virtual environments. On Debian: apt-get install $$($(PYTHON) -c \
			'import sys; print("python%d.%d-venv" % sys.version_info[:2])')" >&2; exit 1; \
	fi; \
fi
endef
