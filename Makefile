# fuzzd: the commands of every day. `make run` and `make test` install what they need first.
PREFIX ?= /usr/local
CONFIG ?= configs/generic-virtio-blk-bugs.yaml
# Where `make run` keeps its corpus and artifacts.
RUN_DIRECTORY ?= runs/$(basename $(notdir $(CONFIG)))
RUN_SECONDS ?= 60
BUILD := .build/release
# What `make qemu` hands to scripts/build-qemu, for example: --version 7.2, --sanitizers asan, --targets i386.
QEMU_OPTIONS ?=

.PHONY: all build coverage-build engine run test bench bench-minimize bench-reset soak verify-reset qemu bench-qemu install clean

all: build

build:
	@scripts/install-prerequisites build
	swift build -c release

# The built-in machine with source coverage: .build-coverage/release/pc-fuzz, for `fuzzd coverage --program`.
coverage-build:
	@scripts/install-prerequisites build
	FUZZD_SOURCE_COVERAGE=1 swift build -c release --product pc-fuzz --scratch-path .build-coverage

# The archive that libFuzzer harnesses are linked with: .build/engine/lib/libfuzzd_engine.a
engine:
	@scripts/install-prerequisites build
	scripts/build-engine .build/engine $(PREFIX)

# A campaign with planted bugs on the built-in machine: the live screen on a terminal, log lines elsewhere.
run: build
	@mkdir -p $(RUN_DIRECTORY)
	$(BUILD)/fuzzd start --config $(CONFIG) --corpus $(RUN_DIRECTORY)/corpus \
	    --artifacts $(RUN_DIRECTORY)/artifacts --max-total-time $(RUN_SECONDS) --ignore-findings

test:
	@scripts/install-prerequisites test
	swift build -c release --build-tests
	scripts/test

# Ten million generated operations on the machine without planted bugs.
soak:
	@scripts/install-prerequisites build
	FUZZD_SOAK=1 swift test -c release --filter Soak

# Every config under snapshot, 100,000 inputs each, compared with its snapshot again and again; hours on a busy host.
verify-reset: build
	scripts/check-reset

bench: build engine
	$(BUILD)/fuzzd-bench

# Against libFuzzer's -minimize_crash=1 and afl-tmin, on the same artifacts.
bench-minimize: build engine
	@scripts/install-prerequisites bench
	$(BUILD)/fuzzd-bench --only minimize

# Resets of the strategy snapshot against no reset, reboot and fork; QEMU's part needs both builds, which are kept.
bench-reset: build engine
	@scripts/install-prerequisites bench
	for sanitizers in "" "--sanitizers asan"; do scripts/build-qemu --targets i386 $$sanitizers >/dev/null || exit 1; done
	$(BUILD)/fuzzd-bench --only reset --rounds 7

# QEMU's own fuzzers from Debian's source package, with our fork server; put beside fuzzd, where configs/qemu look.
qemu: build
	directory=$$(scripts/build-qemu $(QEMU_OPTIONS)) && ln -sf "$$directory"/qemu-fuzz-* $(BUILD)/

# Against what QEMU's fuzzers do under libFuzzer: six links of four builds of QEMU, all kept for the next time.
bench-qemu: build
	for options in "" "--engine libfuzzer" "--version 7.2 --engine libfuzzer"; do \
	    for sanitizers in "" "--sanitizers asan"; do \
	        scripts/build-qemu --targets i386 $$options $$sanitizers >/dev/null || exit 1; \
	    done; \
	done
	$(BUILD)/fuzzd-bench --only qemu --rounds 7

install: build engine
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/fuzzd $(DESTDIR)$(PREFIX)/lib/pkgconfig
	install -m 755 $(BUILD)/fuzzd $(BUILD)/pc-fuzz $(DESTDIR)$(PREFIX)/bin/
	install -m 644 .build/engine/lib/libfuzzd_engine.a $(DESTDIR)$(PREFIX)/lib/
	install -m 644 .build/engine/lib/pkgconfig/fuzzd-engine.pc $(DESTDIR)$(PREFIX)/lib/pkgconfig/
	cp -R configs $(DESTDIR)$(PREFIX)/share/fuzzd/

clean:
	swift package clean
