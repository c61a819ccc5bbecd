# The commands of this project. They write to .local/ and .venv/, and can be run again at any time. Only a Pulumi engine
# that had to be downloaded or built is kept outside, for all checkouts.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .local/stamps
ENGINE := .local/pulumi
# The stack, as in `make preview STACK=test`.
STACK := local
# The plan that `make plan` saves, and that `make up PLAN=…` carries out.
PLAN := .local/plans/$(STACK).json
# Folder of the local tenant.
DATA := .local/tenant
export LOCAL_TENANT_DATA := $(DATA)
# `pulumi destroy` and `pulumi refresh` run the program, too: its guards hold for them.
export PULUMI_RUN_PROGRAM := true
START_TENANT = $(BIN)/local-tenant start --tenant floatme-local
# What `pulumi` and `actions-ops` need for stack local: the engine, its backend, and the tenant, started if necessary.
ENVIRONMENT = { $(BIN)/local-tenant status >/dev/null || $(START_TENANT) >&2; } && tenant=$$($(BIN)/local-tenant env) && \
  PATH="$(CURDIR)/operations/bin:$$PATH" $(BIN)/python -m pulumi_engine --folder $(ENGINE) env && echo "$$tenant" && \
  echo "export PULUMI_RUN_PROGRAM=$(PULUMI_RUN_PROGRAM)"
LOCAL = environment=$$($(ENVIRONMENT)) && eval "$$environment" &&
ifeq ($(STACK),local)
FOR_STACK = $(LOCAL)
# Says where the tenant is, too.
START = $(START_TENANT) >&2 &&
SELECT = pulumi stack select $(STACK) --create --non-interactive >&2 &&
# Pulumi does not notice if the tenant was emptied since. --refresh would not do: it takes a draft that was never
# deployed for a deployed one.
REPAIR_DRIFT = && $(OPS) drift --stack $(STACK) --repair --yes
UP = pulumi up --stack $(STACK) --yes --skip-preview --non-interactive --suppress-outputs --suppress-progress
else
# Backend, tenant and credentials of another stack are the caller's: see docs/operations.md. No stack is created, because
# in the wrong backend that would deploy everything a second time. Nothing is repaired unless asked, but for secrets that
# the update may have written.
# The provider is in this checkout's PULUMI_HOME, the credentials of `pulumi login` are in the caller's.
FOR_STACK = PATH="$(CURDIR)/$(BIN):$(CURDIR)/$(ENGINE)/bin:$$PATH" \
  PULUMI_CREDENTIALS_PATH="$${PULUMI_CREDENTIALS_PATH:-$${PULUMI_HOME:-$$HOME/.pulumi}}" \
  PULUMI_HOME="$${PULUMI_HOME:-$(CURDIR)/$(ENGINE)/home}" && export PATH PULUMI_CREDENTIALS_PATH PULUMI_HOME &&
REPAIR_DRIFT = && $(OPS) drift --stack $(STACK) --write-secrets
# Asks, or does what the plan says.
UP = $(OPS) up --stack $(STACK) $(if $(filter command line environment,$(origin PLAN)),--plan $(PLAN))
endif
OPS = $(BIN)/python -m operations

.DEFAULT_GOAL := help
.PHONY: help setup engine env up preview plan doctor drift rehearse smoke adopt outcomes down demo test pictures check format bench clean
.DELETE_ON_ERROR:

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMPS)/venv ## Install the Python packages of uv.lock into .venv

# uv is one of the locked packages, so that every machine has it afterwards.
$(STAMPS)/venv: pyproject.toml uv.lock $(wildcard packages/*/pyproject.toml)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/uv || { \
	  echo "Setting up .venv" >&2; \
	  $(PYTHON) -m venv $(VENV) || \
	    { echo "On Debian and Ubuntu, install the package python3-venv." >&2; exit 1; }; \
	  $(BIN)/pip install --quiet --disable-pip-version-check \
	    "uv==$$(awk '/^name = "uv"$$/ { getline; gsub(/"/, ""); print $$3 }' uv.lock)"; }
	@echo "Installing the packages of uv.lock into .venv" >&2
	@$(BIN)/uv sync --quiet --locked --compile-bytecode --python $(BIN)/python
	@mkdir -p $(@D) && touch $@

engine: setup ## Find or build the Pulumi engine and the Auth0 provider
	@$(BIN)/python -m pulumi_engine --folder $(ENGINE)

env: engine ## Print what a shell needs: eval "$(make -s env)"
	@$(ENVIRONMENT)

up: engine ## Deploy the Actions: to the local tenant, or STACK=test
	@$(START) $(FOR_STACK) $(SELECT) $(UP) $(REPAIR_DRIFT)

preview: engine ## Show what the next `make up` would change
	@$(FOR_STACK) $(SELECT) $(OPS) preview --stack $(STACK)

plan: engine ## Save that preview, for: make up STACK=prod PLAN=file
	@$(FOR_STACK) $(SELECT) $(OPS) plan --stack $(STACK) --out $(PLAN)

drift: engine ## Compare the tenant with the program; OPTIONS=--repair
	@$(FOR_STACK) $(SELECT) $(OPS) drift --stack $(STACK) $(OPTIONS)

smoke: engine ## Sign up and log in with throw-away accounts; never on prod
	@$(FOR_STACK) $(SELECT) $(OPS) smoke --stack $(STACK) $(OPTIONS)

doctor: engine ## Check a stack's backend, credentials and tenant
	@$(FOR_STACK) $(SELECT) $(OPS) doctor --stack $(STACK) $(OPTIONS)

rehearse: engine ## Deploy STACK=test or prod to a throw-away local tenant
	@$(FOR_STACK) $(OPS) rehearse --stack $(STACK) $(OPTIONS)

adopt: engine ## Import Actions created by Terraform into the stack
	@$(FOR_STACK) $(SELECT) $(OPS) adopt --stack $(STACK) $(OPTIONS)

outcomes: setup ## Show which logins end differently than on main
	@$(OPS) outcomes $(OPTIONS)

down: engine ## Remove the Actions from the local tenant and stop it
	@test $(STACK) = local || { echo "make down is for stack local; for others see docs/operations.md, How to leave" >&2; exit 1; }
	@$(LOCAL) $(SELECT) $(call quietly,pulumi destroy --stack $(STACK) --yes --skip-preview --non-interactive --suppress-outputs)
	@echo "The Actions are removed."
	@$(BIN)/local-tenant stop

demo: engine ## Play logins on the local tenant, check them by the rules
	@$(LOCAL) $(OPS) demo

test: engine ## Run all tests; installs a Chromium where it can
	@$(BIN)/python -m local_tenant.testing.chromium || test -z "$$CI"
	@$(BIN)/pytest -n 2 --dist loadgroup

pictures: setup ## Take the pictures in the docs
	@$(BIN)/python -m tools.pictures

# Shows the output of a command only if it fails.
quietly = output=$$($(1) 2>&1) || { echo "$$output"; exit 1; }

# Needs the engine because the Go code is checked with the modules of a build.
check: engine ## Check format, lint, types, layers and dependencies of all code
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(call quietly,$(BIN)/deptry .)
	@$(call quietly,$(BIN)/lint-imports --no-logo --cache-dir .local/cache/import-linter)
	@for package in packages/*; do \
	  (cd $$package && ../../$(BIN)/mypy --no-error-summary && $(call quietly,../../$(BIN)/deptry src)) || exit 1; done
	@tools/javascript/check.sh
	@packages/pulumi-engine/check.sh $(ENGINE)/engine.json
	@tools/workflows/check.sh

format: setup ## Format all code, and fix lint where that is safe
	@$(BIN)/ruff format --quiet . && $(BIN)/ruff check --quiet --fix .
	@tools/javascript/check.sh --write

bench: engine ## Measure performance, as ratios within one run
	@$(BIN)/python -m tools.benchmarks

clean: ## Stop the local tenant; delete .local/ and .venv/
	@test ! -x $(BIN)/local-tenant || $(BIN)/local-tenant stop
	@rm -rf .local $(VENV)
