# Two commands: `make run` brings up the demo county, `make test` passes every test.
# Both set up what they need from python3 (3.11 or later) and make alone, and work offline after the first time.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
CATALOGS := $(wildcard market/translations/*/LC_MESSAGES/messages.po)
COMPILED := $(CATALOGS:.po=.mo)

# A market is ten processes: where none may keep what it compiled, each compiles two thousand files.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test lint types layers pytest fmt messages bench browser setup clean

run: setup
	$(BIN)/market up --demo

test: lint types layers pytest

setup: $(READY) $(COMPILED)

$(READY): requirements.lock pyproject.toml
	@PYTHON="$(PYTHON)" tools/setup $(VENV)
	@touch $@

%.mo: %.po $(READY)
	@$(BIN)/pybabel -q compile -i $< -o $@

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: setup
	$(BIN)/mypy

layers: setup
	$(BIN)/lint-imports --no-cache

pytest: setup browser
	$(BIN)/python -m pytest

# The journeys need a real browser. Where none can be had they are skipped, and say so.
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
	  || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	       && apt-get -qq update && apt-get -qq install -y --no-install-recommends chromium fonts-noto-cjk >/dev/null; } \
	  || echo "No Chromium here: the browser journeys will be skipped."

fmt: setup
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# Extract every sentence, and merge it into the English catalog.
messages: setup
	$(BIN)/pybabel -q extract -F market/translations/babel.cfg -k lazy_gettext --no-location --sort-output -o market/translations/messages.pot .
	$(BIN)/pybabel -q update -N --ignore-obsolete -w 110 -i market/translations/messages.pot -d market/translations -l en

bench: setup
	$(BIN)/python -m benchmarks.planner $(INSTANCES)

# Leaves var/ alone: that is somebody's data.
clean:
	rm -rf $(VENV)
