# SPDX-License-Identifier: MIT
# The front door, over meson and ninja. On a fresh Debian with gcc and make:
#
#   make run       installs what is missing, builds, runs the main example
#   make test      the same, and runs every test
#
# make | lint | format | bench | fuzz | figures | install (PREFIX, DESTDIR) | clean
PREFIX ?= /usr/local
DESTDIR ?=
BUILD ?= build
MESON_FLAGS ?=
.NOTPARALLEL:

.PHONY: all deps deps-test run test lint format bench fuzz figures install clean

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
