# Everything is run from here; `make help` lists it.
.DEFAULT_GOAL := help
.PHONY: help setup setup-training setup-haystack run test check format eval bench lock browser clean
MAKEFLAGS += --no-builtin-rules

VENV := .venv
PY := $(VENV)/bin/python
TOOLS := $(VENV)/tools/bin
UV_VERSION := 0.13.9
CODE := assistant app.py bench eval
SYSTEMS ?= all
ARGS ?=

help: ## this list
	@awk -F ':.*## ' '/^[a-z -]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.stamp ## the environment, in .venv

$(VENV)/.stamp-tools: .ci/venv
	@sh .ci/venv $(VENV) $(UV_VERSION)
	@touch $@

$(VENV)/.stamp: requirements-dev.txt $(VENV)/.stamp-tools
	@echo "正在安装依赖（首次约需一两分钟）……"
	@$(TOOLS)/uv pip install --quiet --python $(PY) --require-hashes -r requirements-dev.txt \
	  || $(TOOLS)/pip --python $(PY) install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

setup-training setup-haystack: setup-%: setup ## what training/, or the Haystack system of eval/, needs besides
	$(PY) -c "import tomllib; print('\n'.join(tomllib.load(open('pyproject.toml', 'rb'))['dependency-groups']['$*']))" \
	  | $(TOOLS)/pip --python $(PY) install -r /dev/stdin

run: setup ## index of corpus/, then the page on 127.0.0.1:7860
	@$(PY) -m assistant ingest
	@$(PY) app.py

browser:
	@sh .ci/browser

test: setup browser ## the whole test suite; ARGS="-k word" to choose
	@$(PY) -m pytest $(ARGS)

check: setup ## ruff, mypy, layer test
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy $(CODE)
	@$(VENV)/bin/mypy --allow-subclassing-any --allow-untyped-calls --no-warn-return-any --no-warn-unused-ignores training
	@$(PY) -m pytest -q tests/test_layers.py

format: setup ## ruff puts the code in order
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .

eval: setup ## quality: SYSTEMS=all (or one name) over all question sets, report, gate
	@$(PY) -m eval check
	@$(PY) -m eval run --system $(SYSTEMS) --out runs/eval $(ARGS)
	@$(PY) -m eval gate runs/eval

bench: setup ## speed and memory; bench/encoder.py also needs setup-training
	@$(PY) -m assistant ingest
	@for file in bench/latency.py bench/cold_start.py bench/ingest.py bench/memory.py; do echo "== $$file"; $(PY) $$file $(ARGS) || exit 1; done

lock: setup ## compiles requirements*.txt from pyproject.toml
	$(TOOLS)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url pyproject.toml \
	  --output-file requirements.txt
	$(TOOLS)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url pyproject.toml \
	  --group dev --constraint requirements.txt --output-file requirements-dev.txt

clean: ## removes caches and built things; the library stays
	@rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis runs
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
