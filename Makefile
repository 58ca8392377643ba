# fuzzd: the commands of every day. `make run` and `make test` install what they need first.
PREFIX ?= /usr/local
CONFIG ?= configs/generic-virtio-blk-bugs.yaml
# Where `make run` keeps its corpus and artifacts.
RUN_DIRECTORY ?= runs/$(basename $(notdir $(CONFIG)))
RUN_SECONDS ?= 60
BUILD := .build/release

.PHONY: all build engine run test bench soak install clean

all: build

build:
	@scripts/install-prerequisites build
	swift build -c release

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

bench: build
	$(BUILD)/fuzzd-bench

install: build engine
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/fuzzd $(DESTDIR)$(PREFIX)/lib/pkgconfig
	install -m 755 $(BUILD)/fuzzd $(BUILD)/pc-fuzz $(DESTDIR)$(PREFIX)/bin/
	install -m 644 .build/engine/lib/libfuzzd_engine.a $(DESTDIR)$(PREFIX)/lib/
	install -m 644 .build/engine/lib/pkgconfig/fuzzd-engine.pc $(DESTDIR)$(PREFIX)/lib/pkgconfig/
	cp -R configs $(DESTDIR)$(PREFIX)/share/fuzzd/

clean:
	swift package clean
