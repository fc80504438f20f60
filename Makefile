# make html and make test are all that you need; each prepares .venv first.
# Without make (Windows): see the README.

PYTHON ?= python3
BIN = .venv/bin
READY = .venv/ready
QUIETLY = @sh -c 'out=$$("$$@" 2>&1) || { printf "%s\n" "$$out"; exit 1; }' quietly

.PHONY: help html test serve lint mutate bench bench-build lighthouse clean

help:
	@echo "make html    run every cell, build the book into build/html"
	@echo "make test    lint, build, test everything, the site in a browser too"
	@echo "make serve   build, open, and follow changes of pages and code"
	@echo "make lint    style, types, layers, docstrings, spelling"
	@echo "make mutate  bend every displayed equation, list the bent ones that nothing catches"
	@echo "make bench   time and compare with other libraries (MODULE=neural/activations: one of them)"
	@echo "make bench-build  time builds of a copy of the book: cold, nothing changed, a little changed"
	@echo "make lighthouse  score two pages in Lighthouse, or PAGE=start/notation (needs Node.js and Chromium)"
	@echo "make clean   remove what was built"

html: $(READY)
	@$(BIN)/python -m mathforml.sphinx build

serve: $(READY)
	@$(BIN)/python -m mathforml.sphinx serve

test: lint html
	@$(BIN)/python -m pytest

lint: $(READY)
	$(QUIETLY) $(BIN)/ruff check --output-format=concise
	$(QUIETLY) $(BIN)/ruff format --check
	$(QUIETLY) $(BIN)/mypy
	$(QUIETLY) $(BIN)/lint-imports
	$(QUIETLY) $(BIN)/numpydoc lint $(shell find src -name '*.py' -not -path '*/sphinx/*' -not -path '*/equations/*' -not -path '*/snippets/*')
	$(QUIETLY) $(BIN)/codespell

mutate: $(READY)
	@$(BIN)/python -m mathforml.equations mutate --equivalents docs/equivalents.toml docs

bench: $(READY)
	@$(BIN)/python -m benchmarks $(MODULE)

bench-build: $(READY)
	@$(BIN)/python -m benchmarks.build

lighthouse: html
	@$(BIN)/python -m benchmarks.lighthouse $(PAGE)

clean:
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# Once, and again when what is needed changes.
$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null || \
	    { echo "mathforml needs Python 3.11 or newer: make PYTHON=python3.13 (or wherever it is)"; exit 1; }
	@$(BIN)/python -m pip --version > /dev/null 2>&1 || \
	    $(PYTHON) -m venv --clear .venv > /dev/null 2>&1 || \
	    { rm -rf .venv; uv venv --quiet --seed --python $(PYTHON) .venv 2> /dev/null; } || \
	    { rm -rf .venv; echo "Python cannot create .venv: install the package python3-venv (or uv)"; exit 1; }
	@echo "installing into .venv"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check \
	    -c requirements.lock -e '.[docs,test]'
	@touch $(READY)
