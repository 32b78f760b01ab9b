# SPDX-License-Identifier: MIT
# The front door, over meson and ninja. On a fresh Debian with gcc and make:
#
#   make run       installs what is missing, builds, runs the main example
#   make test      the same, and runs every test
#
# make | lint | format | bench | fuzz | figures | hostile | soak | install (PREFIX, DESTDIR) | clean
PREFIX ?= /usr/local
DESTDIR ?=
BUILD ?= build
MESON_FLAGS ?=
.NOTPARALLEL:

.PHONY: all deps deps-test run test lint format bench bench-limits fuzz figures hostile soak install clean

all: $(BUILD)/build.ninja
	ninja -C $(BUILD)

deps:
	@tools/deps.sh
deps-test:
	@tools/deps.sh --test

# meson tells errors on its standard output, so it is shown when it fails.
$(BUILD)/build.ninja: | deps
	@mkdir -p $(BUILD)
	@if [ -d $(BUILD)/meson-info ]; then again=--reconfigure; else again="--prefix=$(PREFIX) $(MESON_FLAGS)"; fi; \
	meson setup $$again $(BUILD) >$(BUILD)/setup.log || { cat $(BUILD)/setup.log; exit 1; }

run: deps all
	$(BUILD)/examples/embed

test: deps-test all
	@tools/test.sh $(BUILD)

lint: deps-test
	@tools/lint.sh

format: deps-test
	@git ls-files '*.c' '*.h' '*.cc' '*.def' | grep -v '^tests/unit/codec/golden.h' | xargs clang-format -i

bench: all
	@python3 bench/run.py --cay $(BUILD)/cay --json $(BUILD)/bench.json

# What limits cost: every script with all of them and with none, interleaved.
bench-limits: all
	@python3 bench/limits.py --cay $(BUILD)/cay --json $(BUILD)/bench-limits.json

# The attacks one after another, with their figures (about five minutes); the table of docs/limits.md.
hostile: all
	$(BUILD)/tests/hostile --json $(BUILD)/hostile.json
	@tools/limits_table.py $(BUILD)/hostile.json

# The long form of the churn: a hundred thousand workers.
soak: all
	CAY_SOAK_WORKERS=$${WORKERS:-100000} $(BUILD)/tests/soak

fuzz: deps-test
	@tools/fuzz.sh $${SECONDS_EACH:-60}

# The long forms of the scale tests, with their figures.
figures: all
	CAY_CYCLES=10000 CAY_IDLE=2000 $(BUILD)/tests/e2e-scale
	$(BUILD)/tests/e2e-terminate

install: all
	meson configure $(BUILD) --prefix=$(PREFIX)
	DESTDIR=$(DESTDIR) meson install -C $(BUILD) --quiet

clean:
	rm -rf $(BUILD) build-*
