# The two commands are `make report` and `make test`; everything they need is installed into .venv from requirements.lock.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# Byte code is kept, so that the many short jobs of the workflow start quickly.
export PYTHONDONTWRITEBYTECODE :=
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Snakemake keeps a cache in the home folder, which on some machines cannot be written to.
ifeq ($(shell d="$${XDG_CACHE_HOME:-$$HOME/.cache}"; mkdir -p "$$d" 2>/dev/null && test -w "$$d" && echo yes),)
export XDG_CACHE_HOME := $(CURDIR)/.cache
endif

.PHONY: report test certify check versions workflow-test cluster-test retrieve refresh lint format schema bench docs calibrate lock clean help

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

report: $(READY) ## Set up, run the workflow, say where the report is
	@$(BIN)/python -m scaling_studies.cli.preflight
	@$(BIN)/python -m scaling_studies.sources.retrieval
	@$(BIN)/snakemake --logger rich
	@$(BIN)/python -m scaling_studies.cli.summary

test: $(READY) ## Set up, run the tests
	@$(BIN)/python -m pytest

certify: $(READY) ## Run the workflow on all studies, hold every published number, interval and page against it
	@$(BIN)/python -m pytest -m library

workflow-test: $(READY) ## Run the workflow on a few studies: whole, again, edited, killed, damaged and misfed
	@$(BIN)/python -m pytest -m workflow

retrieve: $(READY) ## Fetch the upstream files of studies that the project does not carry
	@$(BIN)/python -m scaling_studies.sources.retrieval

refresh: $(READY) ## Extract data/ anew from the pinned upstream files (MIRROR=folder reads them from there)
	@$(BIN)/python -m scaling_studies.sources.refresh $(if $(MIRROR),--mirror $(MIRROR))

lint: $(READY) ## Check code and workflow
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/snakefmt --check Snakefile workflow
	@$(BIN)/snakemake --lint

format: $(READY) ## Format code and workflow
	@$(BIN)/ruff check --fix -q .
	@$(BIN)/ruff format -q .
	@$(BIN)/snakefmt Snakefile workflow

schema: $(READY) ## Write the JSON Schema of cards and settings for editors, config/schemas/
	@$(BIN)/python -m scaling_studies.cards.schema config/schemas

bench: $(READY) ## Measure speed against what a user would do otherwise, write reports/bench.html
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip install -qq --require-hashes -r bench/requirements.lock
	@$(BIN)/python bench/engine.py --contender .venv-bench/bin/python
	@mkdir -p results/bench && $(BIN)/python bench/normalize.py --json results/bench/normalize.json
	@$(BIN)/python bench/commands.py --json results/bench/commands.json
	@$(BIN)/python bench/page.py

docs: $(READY) ## Build the documentation, results/site/index.html
	@test -x .venv-docs/bin/python || $(PYTHON) -m venv .venv-docs
	@.venv-docs/bin/python -m pip install -qq --require-hashes -r docs/requirements.lock
	@PYTHONPATH=src NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --quiet --strict
	@echo "Open results/site/index.html"

calibrate: $(READY) ## Check on simulated tables of every card's fits that intervals hold the truth (after make report; HOURS=6)
	@$(BIN)/python bench/calibrate.py --hours $(or $(HOURS),6); code=$$?; $(BIN)/python bench/page.py; exit $$code

versions: ## Test with the oldest, pinned and newest packages on each Python (needs uv; minutes)
	@.ci/versions

lock: ## Pin the dependencies of pyproject.toml anew (needs uv)
	uv pip compile -q --universal --no-strip-extras --generate-hashes --no-header --no-annotate --python-version 3.11 \
		--extra workflow --extra excel --extra dev --extra cluster pyproject.toml -o requirements.lock

clean: ## Remove everything that the workflow made
	rm -rf results logs benchmarks reports/figures reports/studies reports/*.html

check: $(READY) ## Verify every generated file against its recorded checksum
	@$(BIN)/snakemake --quiet host progress rules reason -- check

cluster-test: $(READY) ## Run the workflow on a Slurm of its own (needs root, slurm-wlm, munge), with faults
	@$(BIN)/python -m pytest -n0 -m cluster tests/cluster

$(READY): requirements.lock pyproject.toml
	@test -w . || { echo "Error: $(CURDIR) cannot be written to. Fix: make the folder writable, or work in a copy of the project that is"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Error: $$($(PYTHON) --version 2>&1) is too old. Fix: install Python 3.11 or newer, or name one with: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "Error: $(PYTHON) cannot make a virtual environment. Fix: install it, on Debian with: apt-get install python3-venv"; exit 1; }
	@test ! -L $(VENV) || { echo "Error: $(VENV) is a link, and setting up would empty the folder that it names. Fix: rm $(VENV)"; exit 1; }
	@echo "Setting up $(VENV) (about a minute) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation -e .
	@touch $(READY)
