# Every target makes what it needs, in an environment of its own, and can be repeated.

# torch has its smallest builds for 3.11; any later Python works too.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
OLD_PYTHON = Python 3.11 or later is needed; run: make PYTHON=/path/to/python
CHECK_PYTHON = $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	|| { echo '$(OLD_PYTHON)'; exit 1; }

DEV := .venv/bin/python
DEMO := .venv-demo/bin/python
# AlpacaEval's annotations in the form that the script describes; not part of this repository.
JUDGMENTS ?= ../shared/data/alpaca_eval.jsonl.gz
PACKAGES := shared/tagrouter langchain_tagrouter llamaindex_tagrouter
STARTED := $(shell date +%s)
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check
WALL_TIME = echo "Wall time: $$(( $$(date +%s) - $(STARTED) )) s"

.PHONY: help demo test test-full lint format profiles bench docs clean

help:
	@echo "make demo       install the base package and route a dozen queries"
	@echo "make test       install everything and run the tests"
	@echo "make test-full  the same with the slow tests"
	@echo "make lint       ruff and mypy"
	@echo "make format     let ruff rewrite what it can"
	@echo "make profiles   rebuild the bundled profiles from $(JUDGMENTS)"
	@echo "make bench      measure the budgets"
	@echo "make docs       build the site into site/"
	@echo "make clean      remove environments, builds and caches"

# The base package as a user gets it: a wheel, no framework, no torch.
demo: .venv-demo/stamp
	@.venv-demo/bin/tagrouter demo
	@echo
	@echo "Installed, everything that the base package needs included: $$(du -sh .venv-demo/lib/python3*/site-packages | cut -f1)"
	@$(WALL_TIME)

.venv-demo/stamp: pyproject.toml README.md $(shell find $(PACKAGES) -type f -not -name '*.pyc')
	@$(CHECK_PYTHON)
	$(PYTHON) -m venv .venv-demo
	$(DEMO) $(PIP_INSTALL) --upgrade pip
	$(DEMO) $(PIP_INSTALL) .
	@touch $@

.venv/stamp: pyproject.toml constraints.txt
	@$(CHECK_PYTHON)
	$(PYTHON) -m venv .venv
	$(DEV) $(PIP_INSTALL) --upgrade pip
	$(DEV) $(PIP_INSTALL) --constraint constraints.txt --editable '.[dev]'
	@touch $@

# --complete: everything is installed, so no test may skip for want of a package.
test: .venv/stamp
	$(DEV) -m pytest --complete
	@echo "Installed, with all frameworks and torch: $$(du -sh .venv/lib/python3*/site-packages | cut -f1)"
	@$(WALL_TIME)

test-full: .venv/stamp
	$(DEV) -m pytest --complete -m "slow or not slow"

lint: .venv/stamp
	$(DEV) -m ruff check .
	$(DEV) -m ruff format --check .
	$(DEV) -m mypy

format: .venv/stamp
	$(DEV) -m ruff check --fix .
	$(DEV) -m ruff format .

profiles: .venv/stamp
	$(DEV) shared/scripts/build_profiles.py $(JUDGMENTS)

bench: .venv/stamp
	$(DEV) tests/benchmarks/bench_budgets.py

docs: .venv/stamp
	$(DEV) -m mkdocs build --quiet

clean:
	rm -rf .venv .venv-demo dist build site
	rm -rf .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
