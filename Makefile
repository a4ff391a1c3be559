SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup run test lint types template sdk package bench lock clean

PYTHON ?= python3
PORT ?= 3000
BIN := .venv/bin
SAM := .venv-sam/bin/sam
TYPESCRIPT := sdk/typescript
OPENAPI := $(BIN)/python -c 'import json; from metering.http.openapi import openapi_document as d; print(json.dumps(d()))'
# Without npm the TypeScript client is left out, unless METERING_COMPLETE asks for everything, as CI does.
ifneq ($(shell command -v npm)$(METERING_COMPLETE),)
NODE_MODULES := $(TYPESCRIPT)/node_modules/.package-lock.json
else
WITH_NPM := @echo "There is no npm, so that this is left out:"; :
endif

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export SAM_CLI_TELEMETRY := 0

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 10

setup: .venv/.local ## what the local cloud needs: leaves .venv/bin/metering
	@echo "Ready: $(BIN)/metering"

run: setup ## the local cloud with a demo project, on PORT (3000)
	@exec $(BIN)/metering local --demo --port $(PORT)

test: .venv/.dev .venv-recipes/.ready ## every test: without the local cloud, then with one for each worker, then in Chromium
	@failed=0; \
	$(call TEST,-m "not local" -n 2) || failed=1; \
	$(call TEST,tests/local -m local -n 2 --dist loadfile --no-loadscope-reorder) || failed=1; \
	$(call TEST,tests/browser -n 2 --dist loadfile) || failed=1; \
	exit $$failed

# What fails is tried once more, alone: a machine that is busy with other things may run out of a time limit of the
# runner's, while what is wrong fails again.
TEST = { $(BIN)/pytest -rs --ignore tests/deploy $(1) $(ARGS) || $(BIN)/pytest --ignore tests/deploy $(1) -n 0 --last-failed --last-failed-no-failures none $(ARGS); }

lint: .venv/.dev $(NODE_MODULES) ## ruff: rules and format; prettier where there is npm
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(WITH_NPM) npm --prefix $(TYPESCRIPT) run --silent lint

types: .venv/.dev $(NODE_MODULES) ## mypy, strict; the TypeScript client where there is npm
	$(BIN)/mypy
	$(WITH_NPM) npm --prefix $(TYPESCRIPT) run --silent types

template: .venv/.dev .venv-sam/.sam ## the template: linted, built, what was built imported, deployed to the emulator
	$(BIN)/cfn-lint template.yaml
	$(SAM) validate --lint
	PYTHON="$(CURDIR)/$(BIN)/python" $(SAM) build
	$(BIN)/pytest tests/deploy

sdk: .venv/.dev $(NODE_MODULES) ## what the clients have from the API's description, written anew
	$(BIN)/python sdk/python/generate.py
	$(WITH_NPM) node $(TYPESCRIPT)/scripts/generate.mjs < <($(OPENAPI))

package: $(NODE_MODULES) ## the TypeScript client as a file for npm install
	npm pack --silent --pack-destination . ./$(TYPESCRIPT)

bench: .venv/.dev ## measurements, as ratios
	$(BIN)/python -m bench $(ARGS)

clean: ## remove environments, builds and caches; the local cloud's data stays
	rm -rf .venv .venv-sam .venv-recipes .venv-uv .aws-sam .mypy_cache .pytest_cache .ruff_cache .hypothesis \
	  $(TYPESCRIPT)/node_modules $(TYPESCRIPT)/dist $(TYPESCRIPT)/build
	find . -name __pycache__ -prune -exec rm -rf {} +

# ---------------------------------------------------------------- Environments
# Each has a stamp, so that a target whose locks are unchanged begins at once. $(1): environment, $(2): lock
define install
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' || \
	  { echo "Python 3.11 to 3.14 is needed, $(PYTHON) is none of them. Name another: make PYTHON=python3.13"; exit 1; }
	@[ -x $(1)/bin/pip ] || { echo "Making $(1)"; $(PYTHON) -m venv $(1); }
	@echo "Installing $(2) into $(1), every file checked against its hash"
	@$(1)/bin/pip install --progress-bar off --no-deps --require-hashes -r $(2) | $(call show_progress,$(2))
endef

# pip's lines as one that counts up to the packages of the lock.
define show_progress
{ n=0; total=$$(grep -c == $(1)); while read -r step what _; do case $$step in \
	  Collecting | Processing | Requirement) n=$$((n + 1)); [ ! -t 1 ] || printf '\r%4d of %d  %-50.50s' $$n $$total "$${what##*/}";; \
	  Installing) [ ! -t 1 ] || printf '\r%-62s\r' ""; echo "Unpacking";; esac; done; }
endef

.venv/.local: requirements.lock pyproject.toml
	$(call install,.venv,requirements.lock)
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.local sdk/python/pyproject.toml
	$(call install,.venv,requirements-dev.lock)
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable ./sdk/python
	@touch $@

# The SAM command line asks for other releases of what the project uses.
.venv-sam/.sam: requirements-sam.lock
	$(call install,.venv-sam,requirements-sam.lock)
	@touch $@

# Frameworks that docs/recipes.md connects, several times as large as all that the project itself needs.
.venv-recipes/.ready: requirements-recipes.lock
	$(call install,.venv-recipes,requirements-recipes.lock)
	@touch $@

$(TYPESCRIPT)/node_modules/.package-lock.json: $(TYPESCRIPT)/package-lock.json
	npm ci --silent --prefix $(TYPESCRIPT)
	@touch $@

# ---------------------------------------------------------------- Locks
RUNTIME_HAS := boto3 botocore s3transfer urllib3 python-dateutil six
RESOLVE := .venv-uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(UPGRADE)
BUILD_REQUIRES = $(PYTHON) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")'

lock: ## pin what pyproject.toml asks for; UPGRADE=--upgrade takes the newest releases
	$(PYTHON) -m venv .venv-uv
	.venv-uv/bin/pip install --quiet uv==0.13.9
	$(BUILD_REQUIRES) | $(RESOLVE) - pyproject.toml --extra local --extra parquet -o requirements.lock
	$(BUILD_REQUIRES) | $(RESOLVE) - pyproject.toml --extra local --extra parquet --extra dev -c requirements.lock -o requirements-dev.lock
	echo aws-sam-cli | $(RESOLVE) - -o requirements-sam.lock
	printf '%s\n' httpx langgraph litellm | $(RESOLVE) - -o requirements-recipes.lock
	$(RESOLVE) pyproject.toml -c requirements.lock $(RUNTIME_HAS:%=--no-emit-package %) -o layers/metering/requirements.txt
	echo pyarrow | $(RESOLVE) - -c requirements.lock -o layers/parquet/requirements.txt
