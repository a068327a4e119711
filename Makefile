# `make` alone shows every command.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE := scripts/node
PEERS := tests/harness/provider
STATIC_SOURCES := $(shell find static/src static/scripts static/*.ts static/*.json -type f 2>/dev/null | grep -v wire.gen.ts)

.PHONY: help
help: ## Show the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

.PHONY: run
run: $(VENV)/.run static/dist/.built ## Set everything up and serve on http://127.0.0.1:8080 (ARGS="--demo" for a demo)
	@$(BIN)/amanah serve $(ARGS)

.PHONY: test
test: $(VENV)/.dev static/dist/.built $(PEERS)/node_modules/.installed browser redis check ## Set everything up and run every check and test
	@cd static && PATH="$$($(CURDIR)/$(NODE) --path):$$PATH" npm test --silent
	@$(BIN)/python -m pytest -n auto $(ARGS)
	@$(BIN)/python -m pytest -n 1 tests/e2e

.PHONY: check
check: $(VENV)/.dev static/dist/.built ## Formatters, linters, types and import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@cd static && PATH="$$($(CURDIR)/$(NODE) --path):$$PATH" npm run check --silent

.PHONY: bench
bench: $(VENV)/.dev $(VENV)/peers/.installed static/dist/.built ## Measure chat, redaction and forum beside their yardsticks, and chat as it grows
	@$(BIN)/python -m bench.chat
	@$(BIN)/python -m bench.crowd
	@$(BIN)/python -m bench.redaction
	@$(BIN)/python -m bench.forum --large 20000
	@$(BIN)/python -m bench.growth --large 50000

.PHONY: dev
dev: $(VENV)/.dev static/dist/.built ## Serve the demo on a scratch data folder and rebuild the client when it changes
	@trap 'kill 0' EXIT; (cd static && PATH="$$($(CURDIR)/$(NODE) --path):$$PATH" npm run watch --silent) & \
	$(BIN)/amanah serve --demo --data-dir data/dev

.PHONY: client
client: static/dist/.built ## Build the web client

.PHONY: format
format: $(VENV)/.dev ## Format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: lock
lock: $(VENV)/.dev ## Pin all dependencies anew, with hashes
	@$(BIN)/python scripts/lock.py

.PHONY: clean
clean: ## Remove everything that was installed or built (not the data)
	@rm -rf $(VENV) static/node_modules static/dist $(PEERS)/node_modules

# --- set-up, done once; nothing is installed outside the checkout ------------------------------------------------------

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (PYTHON=... make)"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	@echo "installing what the server needs (once; takes a minute or two)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@echo "installing what the tests need (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/peers/.installed: requirements/peers.txt | $(VENV)/bin/python
	@echo "installing the peers of the redaction bench, apart from everything else (once)"
	@$(PYTHON) -m venv $(VENV)/peers
	@$(VENV)/peers/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/peers.txt
	@touch $@

$(VENV)/.node: requirements/node.txt scripts/node | $(VENV)/bin/python
	@$(NODE) --path >/dev/null 2>&1 || { echo "installing Node.js into $(VENV) (once)"; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/node.txt; }
	@$(NODE) --path >/dev/null
	@touch $@

static/node_modules/.installed: static/package-lock.json $(VENV)/.node
	@echo "installing what the web client is built with (once)"
	@cd static && PATH="$$($(CURDIR)/$(NODE) --path):$$PATH" npm ci --silent --no-audit --no-fund
	@touch $@

$(PEERS)/node_modules/.installed: $(PEERS)/package-lock.json $(VENV)/.node
	@echo "installing the identity provider that the tests sign in at (once)"
	@cd $(PEERS) && PATH="$$($(CURDIR)/$(NODE) --path):$$PATH" npm ci --silent --no-audit --no-fund
	@touch $@

static/dist/.built: static/node_modules/.installed $(VENV)/.run $(STATIC_SOURCES)
	@echo "building the web client"
	@cd static && PATH="$$($(CURDIR)/$(NODE) --path):$$PATH" npm run build --silent
	@touch $@

.PHONY: browser
browser: $(VENV)/.dev
	@scripts/browser

.PHONY: redis
redis:
	@scripts/redis
