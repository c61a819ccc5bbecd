# What people do with this project. Everything that it makes lies under .local/ and .venv/; each target can be
# run again at any time.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .local/stamps
ENGINE := .local/pulumi
# The stack that a target is about, as in `make preview STACK=test`.
STACK := local
# Folder of the local tenant that `make env` is about.
DATA := .local/tenant
export LOCAL_TENANT_DATA := $(DATA)
START_TENANT = $(BIN)/local-tenant start --tenant floatme-local
# Local runs use the environment of stack local: the engine, its backend, and the running tenant.
ENVIRONMENT = tenant=$$($(BIN)/local-tenant env) && \
  PATH="$(CURDIR)/operations/bin:$$PATH" $(BIN)/python -m pulumi_engine --folder $(ENGINE) env && echo "$$tenant"
LOCAL = environment=$$($(ENVIRONMENT)) && eval "$$environment" &&
ifeq ($(STACK),local)
FOR_STACK = $(START_TENANT) >&2 && $(LOCAL)
SELECT = pulumi stack select $(STACK) --create --non-interactive &&
# The tenant may have been emptied since, and Pulumi would not see it. Not by --refresh beforehand: that would take a
# draft that was never deployed for a deployed one.
LOOK_FOR_DRIFT = && $(OPS) drift --stack $(STACK) --repair
else
# Another stack's backend, tenant and credentials are the caller's: see docs/operations.md. No stack is created there,
# because in the wrong backend that would deploy everything a second time; and nothing is repaired unasked.
# The provider is in this checkout's Pulumi home, what `pulumi login` left is in the caller's.
FOR_STACK = PATH="$(CURDIR)/$(BIN):$(CURDIR)/$(ENGINE)/bin:$$PATH" \
  PULUMI_CREDENTIALS_PATH="$${PULUMI_CREDENTIALS_PATH:-$${PULUMI_HOME:-$$HOME/.pulumi}}" \
  PULUMI_HOME="$${PULUMI_HOME:-$(CURDIR)/$(ENGINE)/home}" && export PATH PULUMI_CREDENTIALS_PATH PULUMI_HOME &&
endif
OPS = $(BIN)/python -m operations

.DEFAULT_GOAL := help
.PHONY: help setup engine env up preview drift smoke adopt outcomes down demo test browser pictures check format bench clean
.DELETE_ON_ERROR:

help: ## Say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMPS)/venv ## Install the Python packages of uv.lock into .venv

# uv itself is one of the locked packages, so that it is there on every machine afterwards.
$(STAMPS)/venv: pyproject.toml uv.lock $(wildcard packages/*/pyproject.toml)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/uv || { \
	  echo "Setting up .venv" >&2; \
	  $(PYTHON) -m venv $(VENV) || \
	    { echo "On Debian and Ubuntu the package python3-venv is needed." >&2; exit 1; }; \
	  $(BIN)/pip install --quiet --disable-pip-version-check \
	    "uv==$$(awk '/^name = "uv"$$/ { getline; gsub(/"/, ""); print $$3 }' uv.lock)"; }
	@echo "Installing the packages of uv.lock into .venv" >&2
	@$(BIN)/uv sync --quiet --locked --compile-bytecode --python $(BIN)/python
	@mkdir -p $(@D) && touch $@

engine: setup ## Find the Pulumi engine and the Auth0 provider, or build them
	@$(BIN)/python -m pulumi_engine --folder $(ENGINE)

env: engine ## Print what a shell needs for stack local; to set it: eval "$(make -s env)"
	@$(ENVIRONMENT)

up: engine ## Start the local tenant and deploy the Actions to it; STACK=test deploys to another
	@$(FOR_STACK) $(SELECT) pulumi up --stack $(STACK) --yes --skip-preview --non-interactive $(LOOK_FOR_DRIFT)

preview: engine ## Show what the next `make up` would change
	@$(FOR_STACK) $(SELECT) pulumi preview --stack $(STACK) --diff --non-interactive

drift: engine ## Show how what runs differs from the program; OPTIONS=--repair brings it back
	@$(FOR_STACK) $(OPS) drift --stack $(STACK) $(OPTIONS)

smoke: engine ## Sign up and log in on the test tenant with throw-away accounts
	@$(FOR_STACK) $(OPS) smoke --stack $(STACK) $(OPTIONS)

adopt: engine ## Take what Terraform made under Pulumi
	@$(FOR_STACK) $(OPS) adopt --stack $(STACK) $(OPTIONS)

outcomes: setup ## Show which logins end differently than at the main branch; OPTIONS="--base REF"
	@$(OPS) outcomes $(OPTIONS)

down: engine ## Remove the Actions from the local tenant and stop it
	@$(START_TENANT)
	@$(LOCAL) pulumi destroy --stack $(STACK) --yes --skip-preview --non-interactive
	@$(BIN)/local-tenant stop

demo: engine ## Play logins on the local tenant and compare them with the rules
	@$(LOCAL) $(BIN)/python -m operations.demo

test: engine ## Run every test
	@$(BIN)/pytest -n 2 --dist loadgroup

browser: setup ## Find a Chromium for the browser tests, or install one
	@$(BIN)/python -m local_tenant.testing.chromium

pictures: setup ## Make the pictures of docs/pictures
	@$(BIN)/python -m tools.pictures

check: setup ## Format, lint and types of all code
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@for package in packages/*; do (cd $$package && ../../$(BIN)/mypy) || exit 1; done
	@$(BIN)/lint-imports --no-logo --cache-dir .local/cache/import-linter
	@tools/javascript/check.sh
	@packages/pulumi-engine/check.sh $(ENGINE)/engine.json
	@tools/workflows/check.sh

format: setup ## Put all code into its format
	@$(BIN)/ruff format --quiet . && $(BIN)/ruff check --quiet --fix .
	@tools/javascript/check.sh --write

bench: engine ## Measure what is claimed to be fast, as ratios within one run
	@$(BIN)/python -m tools.benchmarks

clean: ## Stop the local tenant and delete all that was made here
	@test ! -x $(BIN)/local-tenant || $(BIN)/local-tenant stop
	@rm -rf .local $(VENV)
