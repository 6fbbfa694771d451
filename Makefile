# Two commands do everything on a fresh machine:
#   make demo   install into .venv and run the demonstration
#   make test   lint, types, contracts and tests (installs LibreOffice and Chromium where missing)
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OFFICE_PACKAGES := libreoffice-calc-nogui python3-uno poppler-utils fonts-noto-cjk chromium
JOBS ?= auto

.PHONY: demo test lint types contracts pytest office fuzz bench docs house pictures clean

demo: $(VENV)/.installed
	$(BIN)/xltool demo build/demo

test: lint types contracts pytest

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# The checker sees the package as the wheel lays it out: validators/ inside xltool/. Twice: the
# offices sit at Windows.
types: $(VENV)/.installed-dev
	rm -rf build/types && mkdir -p build/types/xltool
	cp -rs $(CURDIR)/xltool/. build/types/xltool/
	cp -rs $(CURDIR)/validators build/types/xltool/validators
	cd build/types && $(CURDIR)/$(BIN)/mypy --config-file $(CURDIR)/pyproject.toml -p xltool
	cd build/types && $(CURDIR)/$(BIN)/mypy --config-file $(CURDIR)/pyproject.toml --platform win32 -p xltool
	$(BIN)/mypy tests

contracts: $(VENV)/.installed-dev
	$(BIN)/lint-imports --no-cache

# A file of tests stays in one process: what it sets up is made once. Small files come last.
pytest: $(VENV)/.installed-dev office
	$(BIN)/pytest -n $(JOBS) --dist loadscope --no-loadscope-reorder

# Random edits of returned workbooks and random fillings, many more than CI makes, of each form:
# make fuzz XLTOOL_EXAMPLES=20000 XLTOOL_TRIALS=300
XLTOOL_EXAMPLES ?= 50000
XLTOOL_TRIALS ?= 1000
fuzz: $(VENV)/.installed-dev office
	XLTOOL_EXAMPLES=$(XLTOOL_EXAMPLES) XLTOOL_TRIALS=$(XLTOOL_TRIALS) \
	  $(BIN)/pytest -n $(JOBS) tests/returns/test_edits.py tests/write/test_live_agree.py

# What is generated from the code: the rules, the commands, the rooms. Tests fail when it is stale.
docs: $(VENV)/.installed-dev house
	mkdir -p build && $(BIN)/xltool rules --markdown > build/rules.md && mv build/rules.md validators/README.md
	$(BIN)/python -m xltool.cli.manual README.zh-CN.md

# The picture of the rooms and of the imports between them in docs/architecture.md.
house: $(VENV)/.installed-dev
	$(BIN)/python tests/tools/draw_house.py

# The pictures in the READMEs; they change with every change of the workbook or the page.
pictures: $(VENV)/.installed-dev office
	PYTHONPATH=tests/support $(BIN)/python tests/tools/draw_pictures.py

bench: $(VENV)/.installed-dev
	$(BIN)/python tests/benchmarks/ratios.py

# The tests drive a real LibreOffice and a real Chromium; Debian's packages bring them where missing.
office:
	@command -v soffice >/dev/null && command -v pdftoppm >/dev/null && command -v chromium >/dev/null && /usr/bin/python3 -c 'import uno' 2>/dev/null \
	  || { SUDO=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	       $$SUDO apt-get update -q && DEBIAN_FRONTEND=noninteractive $$SUDO apt-get install -y -q --no-install-recommends $(OFFICE_PACKAGES); }

# Debian's python3 comes without ensurepip: python3-venv brings it.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null \
	  || { SUDO=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	       $$SUDO apt-get update -q && $$SUDO apt-get install -y -q --no-install-recommends python3-venv; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/pip install -q -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/bin/python pyproject.toml
	$(BIN)/pip install -q -e '.[dev]'
	@touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) build dist *.egg-info
