# `make run` shows it, `make test` proves it; both install what is missing first.
VENV := .venv/bin
PYTEST := $(VENV)/python -m pytest

.PHONY: setup run tour test check bench bench-smoke soak lock shots

setup:
	@packaging/setup.sh

run: setup
	@if [ "$$(uname)" = Linux ] && [ -z "$${DISPLAY:-}$${WAYLAND_DISPLAY:-}" ]; then \
		echo "There is no display here: the tour does the same job without a window."; \
		exec $(VENV)/kafkaview demo --tour; \
	fi; \
	exec $(VENV)/kafkaview demo

tour: setup
	@$(VENV)/kafkaview demo --tour

# The core is tested where Qt cannot even be imported; the window on the offscreen platform. Both run where the calendar
# turns on the way, in UTC as the window shows it by default: the core west of UTC from a leap day into March, the window
# east of it, where the year is new already; the suites on brokers run today. TZ is spelled out for machines without a
# database of zones; the locale takes effect in Qt where the system lacks it, too.
LEAP_DAY := KAFKAVIEW_TEST_DATE=2028-02-29T23:59:50Z TZ=NST3:30NDT,M3.2.0,M11.1.0 LC_ALL=de_DE.UTF-8
YEARS_END := KAFKAVIEW_TEST_DATE=2026-12-31T23:59:30Z TZ=NPT-5:45 LC_ALL=de_DE.UTF-8
# A worker that dies ends the run: pytest-xdist waits for ever for the tests that it had left.
EACH := --dist loadfile --max-worker-restart 0
TWO := -n 2 $(EACH)
# Tests on brokers and of the window wait more than they compute.
THREE := -n 3 $(EACH)
# In CI a test on brokers or of the window may fail once, for the machine is shared; its log shows it: a fault to mend.
ONCE_MORE := $(if $(CI),--reruns 1)
test: setup
	$(LEAP_DAY) $(PYTEST) $(TWO) -p no:pytest-qt tests/unit
	$(PYTEST) $(THREE) $(ONCE_MORE) -p no:pytest-qt tests/contract
	QT_QPA_PLATFORM=offscreen $(YEARS_END) $(PYTEST) $(THREE) $(ONCE_MORE) tests/ui
	QT_QPA_PLATFORM=offscreen $(PYTEST) $(THREE) $(ONCE_MORE) tests/broker

check: setup
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	$(VENV)/mypy
	$(VENV)/lint-imports

# The table of figures, also as build/bench.json: on this machine, with nothing else running. One row: make bench ROW=lag
bench: setup
	@$(VENV)/python -m tests.benchmarks $(ROW)

# Only that the benchmarks run, on the smallest of everything; what it prints measures nothing.
bench-smoke: setup
	@$(VENV)/python -m tests.benchmarks --smoke --out build/bench-smoke.json

# One test may take an hour: the limits that end a suite whose test hangs are longer than that here.
SOAK := -m soak --timeout 3600 -o faulthandler_timeout=3700 -s
soak: setup
	$(PYTEST) $(SOAK) -p no:pytest-qt tests/unit
	QT_QPA_PLATFORM=offscreen $(PYTEST) $(SOAK) tests/ui tests/broker

lock: setup
	UV_NATIVE_TLS=1 $(VENV)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header \
		--group dev pyproject.toml -o requirements.lock

# All pages, light and dark, into build/shots; the README's picture is one of them.
shots: setup
	@QT_QPA_PLATFORM=offscreen $(VENV)/kafkaview shots build/shots
	@cp build/shots/triage-light.png resources/pictures/
