# What people do with this project. Everything that it makes lies under .local/ and .venv/; each target can be
# run again at any time.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .local/stamps
# Local runs use the environment of stack local: the engine, its backend, and the running tenant.
LOCAL = eval "$$($(BIN)/local-tenant env)" &&
STACK := local

.DEFAULT_GOAL := help
.PHONY: help setup engine up preview down demo test check format bench clean
.DELETE_ON_ERROR:

help: ## Say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMPS)/venv ## Install the Python packages of uv.lock into .venv

# uv itself is one of the locked packages, so that it is there on every machine afterwards.
$(STAMPS)/venv: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/uv || { \
	  echo "Setting up .venv"; \
	  $(PYTHON) -m venv $(VENV) || \
	    { echo "On Debian and Ubuntu the package python3-venv is needed." >&2; exit 1; }; \
	  $(BIN)/pip install --quiet --disable-pip-version-check \
	    "uv==$$(awk '/^name = "uv"$$/ { getline; gsub(/"/, ""); print $$3 }' uv.lock)"; }
	@echo "Installing the packages of uv.lock into .venv"
	@$(BIN)/uv sync --quiet --locked --compile-bytecode --python $(BIN)/python
	@mkdir -p $(@D) && touch $@

engine: setup ## Find the Pulumi engine and the Auth0 provider, or build them
	@$(BIN)/python -m engine

up: engine ## Start the local tenant and deploy the Actions to it
	@$(BIN)/local-tenant start
	@$(LOCAL) pulumi stack select $(STACK) --create --non-interactive && \
	  pulumi up --stack $(STACK) --refresh --yes --skip-preview --non-interactive

preview: engine ## Show what the next `make up` would change
	@$(BIN)/local-tenant start
	@$(LOCAL) pulumi preview --stack $(STACK) --diff --non-interactive

down: engine ## Remove the Actions from the local tenant and stop it
	@$(BIN)/local-tenant start
	@$(LOCAL) pulumi destroy --stack $(STACK) --yes --skip-preview --non-interactive
	@$(BIN)/local-tenant stop

demo: engine ## Play the brief's story on the deployed local tenant
	@$(LOCAL) $(BIN)/python -m demo

test: engine ## Run every test
	@$(BIN)/pytest -n 2 --dist loadgroup

check: setup ## Format, lint and types of all code
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@tools/javascript/check.sh
	@engine/check.sh

format: setup ## Put all code into its format
	@$(BIN)/ruff format --quiet . && $(BIN)/ruff check --quiet --fix .
	@tools/javascript/check.sh --write

bench: engine ## Measure what is claimed to be fast, as ratios within one run
	@$(BIN)/python -m benchmarks

clean: ## Stop the local tenant and delete all that was made here
	@test ! -x $(BIN)/local-tenant || $(BIN)/local-tenant stop
	@rm -rf .local $(VENV)
