# Từng Nhà. `make run` on a fresh machine needs python3 (3.11 or newer, with venv and pip) and make; `make help` lists the rest.

HOST ?= 127.0.0.1
PORT ?= 8000
PYTHON ?= python3
SIZE ?= small
BIN := .venv/bin
DATABASE := var/tungnha.db
SOURCES := $(shell find static -path static/dist -prune -o -type f -print) $(shell find templates -type f) \
  skills/web/locale/en.po package.json package-lock.json

export HOST PORT

.DEFAULT_GOAL := help

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

run: $(DATABASE)  ## the demonstration city on http://127.0.0.1:8000 (HOST, PORT)
	@$(BIN)/python -m skills serve

dev: $(DATABASE) .venv/dev  ## the same, started again at every change
	@$(BIN)/uvicorn main:app --reload --host $(HOST) --port $(PORT)

demo: .venv/assets  ## throws the demonstration away and makes it anew
	@rm -f $(DATABASE) $(DATABASE)-wal $(DATABASE)-shm
	@$(MAKE) --no-print-directory $(DATABASE)

assets: .venv/assets  ## the stylesheet and scripts that browsers get

check: .venv/dev .venv/assets  ## everything that can be said without running the program
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet

test: .venv/dev .venv/assets  ## the commit tier
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not browser and not prove"
	$(BIN)/python -m pytest -q -n 2 --dist load -m "browser and not prove" tests/browser/test_pages.py
	$(BIN)/python -m pytest -q -m "browser and not prove" --ignore tests/browser/test_pages.py

prove: .venv/dev .venv/assets  ## the long proofs: thousands of faults, changes, examples, hundreds of histories, a lock taken out
	TUNGNHA_TEST_EXAMPLES=10000 $(BIN)/python -m pytest -q -n 2 --dist load --durations=5 tests/test_examples.py tests/test_text.py \
	  tests/test_typed_days.py tests/people/test_phones.py tests/households/test_words.py tests/totals/test_periods.py \
	  tests/reports/test_query.py tests/reports/test_api_contract.py tests/sync/test_api_contract.py tests/visits/test_notes.py tests/visits/test_reading.py
	TUNGNHA_TEST_CHANGES=5000 TUNGNHA_TEST_HISTORIES=300 $(BIN)/python -m pytest -q -n 2 --dist load --durations=5 \
	  tests/visits/test_totals_hold.py tests/histories
	TUNGNHA_TEST_PAYLOADS=10000 $(BIN)/python -m pytest -q --durations=5 tests/faults/test_payloads.py
	TUNGNHA_TEST_RUNS=30 TUNGNHA_TEST_CASES=12 $(BIN)/python -m pytest -q -n 2 --dist load --durations=5 tests/matrix/test_changes.py tests/matrix/test_schema.py
	$(BIN)/python -m pytest -q --durations=5 -m prove --deselect tests/visits/test_totals_hold.py

bench: .venv/dev .venv/assets  ## how fast, how light: SIZE=small, city or country; HOUSEHOLDS, VISITS, DATABASE, WITHOUT
	@$(BIN)/python -m bench --size $(SIZE) $(if $(HOUSEHOLDS),--households $(HOUSEHOLDS)) $(if $(VISITS),--visits $(VISITS)) \
	  $(if $(filter command,$(firstword $(origin DATABASE))),--database $(DATABASE)) \
	  $(if $(DATABASE_URL),--database "$(DATABASE_URL)") $(if $(WITHOUT),--without "$(WITHOUT)") $(if $(UNTIL),--until $(UNTIL))

picture: .venv/dev .venv/assets  ## the picture of the README
	$(BIN)/python docs/make_picture.py

lock: .venv/dev  ## the lock files, from requirements/*.in (needs a network)
	$(BIN)/pip install --quiet uv
	cd requirements && for name in runtime dev; do \
	  ../$(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header $$name.in -o $$name.txt; done

clean:  ## everything that can be made again, the demonstration too
	rm -rf .venv node_modules static/dist var screenshots

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Từng Nhà needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "python3 has no venv here. On Debian: apt install python3-venv"; exit 1; }

.venv/runtime: requirements/runtime.txt | .venv/bin/python
	@echo "Installing what the program needs …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/dev: requirements/dev.txt .venv/runtime
	@echo "Installing what the tests need …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/assets: $(SOURCES) .venv/runtime
	@$(BIN)/python static/build.py
	@touch $@

$(DATABASE): | .venv/assets
	@echo "Making the demonstration city …"
	@mkdir -p var && rm -f var/making.db*
	@TUNGNHA_DATABASE_URL=sqlite:///var/making.db $(BIN)/python -m skills migrate
	@TUNGNHA_DATABASE_URL=sqlite:///var/making.db $(BIN)/python -m skills demo
	@mv var/making.db $@

.PHONY: help run dev demo assets check test prove bench picture lock clean
