# `make help` lists the targets. All that is needed beforehand: Python 3.11 or newer, make, git.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TOX := $(BIN)/tox

PACKAGES := -e packages/mistral-lib[cli,pydantic] -e packages/mistral-extra[all]
MANIFESTS := pyproject.toml packages/mistral-lib/pyproject.toml packages/mistral-extra/pyproject.toml

# Stamps: what is up to date isn't installed again.
TOOLS := $(VENV)/.stamp-tools
INSTALLED := $(VENV)/.stamp-installed
EXAMPLES := $(VENV)/.stamp-examples

# uv where it comes by pip, for speed; else pip itself, of a version that knows dependency groups
# (all targets but `test`, whose matrix needs uv's resolver).
INSTALL = if [ -x $(BIN)/uv ]; then $(BIN)/uv pip install --quiet --python $(BIN)/python $(1); \
	else $(BIN)/python -m pip install --quiet $(1); fi

# Further Pythons, where pyenv has them: its own commands run one that was chosen beforehand.
PYENV := $(addprefix :,$(wildcard $(HOME)/.pyenv/versions/3.1[234].*/bin))
PYENV := $(subst $() ,,$(PYENV))

# Where it is set, each of the hundreds of interpreters that tests start compiles all it imports.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := install
.PHONY: help install run test check sizes bench docs dist sandbox-up sandbox-down mistral mistral-down \
	cluster cluster-down test-cluster clean

help:  ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(INSTALLED)  ## make .venv and install both packages and the tools, editable

run: $(EXAMPLES)  ## run the example plug-in's actions on this repository, and OpenStack's on a real Keystone
	$(BIN)/mistral-action list 'files.*'
	$(BIN)/python examples/demo.py
	$(BIN)/python -m examples.openstack_demo

test: $(INSTALLED)  ## everything that must hold: all of tox.ini
	PATH="$$PATH$(PYENV)" $(TOX) run $(TOXARGS)

check: $(INSTALLED)  ## the quick part of it: style, contracts, types, unit tests
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/pytest --doctest-modules packages/mistral-lib/src packages/mistral-extra/src
	$(BIN)/pytest -n auto --dist loadfile -m "not slow" packages tests/architecture --ignore packages/mistral-extra/tests/alone

sizes:  ## list long modules and functions: places to read twice
	@$(PYTHON) -m tools.sizes

bench: $(INSTALLED)  ## measure both packages, beside upstream's in an environment of their own
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/masking.py
	$(BIN)/python benchmarks/catalogue.py
	$(BIN)/python benchmarks/clients.py

docs: $(INSTALLED)  ## the documentation, into build/docs
	$(BIN)/sphinx-build -W --keep-going -b html -d build/doctrees docs build/docs

dist: $(INSTALLED)  ## wheels and source releases of both packages, into dist
	@rm -rf dist
	@for package in mistral-lib mistral-extra; do \
		(cd packages/$$package && ../../$(BIN)/python -m hatchling build --directory ../../dist) \
			|| exit 1; done

# Its command takes nothing but Python: the services get an environment of their own.
SANDBOX = $(PYTHON) -m tools.sandbox

sandbox-up:  ## real OpenStack on loopback; ONLY=keystone,glance for less of it
	@$(SANDBOX) up $(if $(ONLY),--only $(ONLY))

sandbox-down:  ## end it
	@$(SANDBOX) down

# The same holds here: the server's environment is made on first use, and kept up to date with the tree.
MISTRAL = $(PYTHON) -m tools.mistral

mistral: $(TOOLS)  ## a real Mistral in one process, and the example workflow run on it
	@$(MISTRAL) up
	@$(MISTRAL) demo

mistral-down:  ## end it
	@$(MISTRAL) down

cluster: $(TOOLS)  ## a Mistral of several processes over RabbitMQ and PostgreSQL, and the same on it
	@$(MISTRAL) up --cluster
	@$(MISTRAL) demo --cluster

cluster-down:  ## end it; nothing is left
	@$(MISTRAL) down --cluster

test-cluster: $(INSTALLED)  ## the proofs that take a cluster
	$(TOX) run -e cluster $(TOXARGS)

clean: sandbox-down  ## away with all that was made
	rm -rf $(VENV) .sandbox .tox build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache \
		.hypothesis .benchmarks
	find . -name .git -prune -o -type d \( -name __pycache__ -o -name '*.egg-info' \) -print0 \
		| xargs -0 rm -rf

$(TOOLS):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "$(PYTHON) is older than Python 3.11: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet uv tox-uv \
		|| $(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	@touch $@

$(INSTALLED): $(TOOLS) $(MANIFESTS)
	@$(call INSTALL,--group dev $(PACKAGES))
	@touch $@

$(EXAMPLES): $(INSTALLED) examples/pyproject.toml
	@$(call INSTALL,-e examples)
	@touch $@
