# A thin front to Meson and the scripts. `make help` lists what there is.

BUILD  ?= build
PREFIX ?= /usr/local
prefix ?= $(PREFIX)
export BUILD

.DEFAULT_GOAL := all
.PHONY: all help demo test test-clients test-page test-cluster test-portable test-vm bench install uninstall fuzz soak hardened check prove hooks coverage docs clean

## all: build the program and the library into build/
all:
	@scripts/bootstrap build
	@scripts/build

## demo: install what is missing, build, and run a cloud, printers and a gateway with its page until Ctrl-C; DEMO=tour shows one thing after the other
demo: all
	@scripts/bootstrap demo
	@$(BUILD)/flagship demo $(if $(DEMO),--$(DEMO))

## test: install what is missing, build, and run every test
test:
	@scripts/bootstrap test
	@scripts/bootstrap clients || echo "programs of others cannot be had: tests/clients skips what they are needed for"
	@scripts/bootstrap page || echo "no browser can be had: tests/page skips what it is needed for"
	@scripts/test

## test-page: the page of flagship serve alone, in real Chromium
test-page:
	@scripts/bootstrap test
	@scripts/bootstrap page
	@scripts/test page

## test-clients: programs of others (PrusaSlicer, FDM Monster), as people have them, against the gateway
test-clients:
	@scripts/bootstrap test
	@scripts/bootstrap clients
	@FLAGSHIP_INSTALL_CLIENTS=1 scripts/test clients

## test-cluster: test the rules on a real cluster of RabbitMQ alone
test-cluster:
	@scripts/bootstrap test
	@scripts/test cluster

## test-portable: the unit tests of the library on armhf and s390x (emulated), and with musl
test-portable:
	@scripts/bootstrap portable
	@scripts/test-portable

## test-vm: services under a real systemd, and bad networks by tc netem, in a virtual machine; wants some 300 MB of packages once
test-vm:
	@scripts/bootstrap vm
	@scripts/test-vm

## bench: measure, as ratios to a bare OpenSSL call and in absolute numbers
bench: all
	@scripts/bootstrap test
	@scripts/bootstrap page || echo "no browser can be had: the page's camera is not measured"
	@scripts/bench

## install: install to DESTDIR and prefix (default /usr/local)
install:
	@scripts/bootstrap build
	@PREFIX="$(prefix)" scripts/install

## uninstall: remove what install put to DESTDIR and prefix
uninstall:
	@PREFIX="$(prefix)" scripts/uninstall

## fuzz: run every fuzz target for FUZZ_SECONDS (default 600)
fuzz:
	@scripts/bootstrap test
	@scripts/fuzz

## soak: send 10,000 commands to printers that lose replies, and run the gateway for half an hour, while brokers come and go
soak:
	@scripts/bootstrap test
	@scripts/build -Dtests=true
	@FLAGSHIP_BUILD="$(BUILD)" tests/soak/run.py
	@FLAGSHIP_BUILD="$(BUILD)" SOAK_SECONDS=1800 tests/soak/serve.py
	@FLAGSHIP_BUILD="$(BUILD)" tests/soak/scrape.py
	@FLAGSHIP_KILLS=200 "$(BUILD)/tests/unit/gateway/queue/test_gateway_queue_kill"

## hardened: run all of the black-box tests with the sanitizers; `make test` runs those that reach each parser
hardened:
	@scripts/bootstrap test
	@scripts/test hardened_all

## check: format, clang-tidy, cppcheck
check: all
	@scripts/bootstrap check
	@scripts/check

## prove: prove that the smallest parsers of the wire have no run-time error (Frama-C)
prove:
	@scripts/bootstrap prove
	@scripts/prove

## hooks: check format and layers of what changed before each commit
hooks:
	@scripts/hooks

## coverage: lines and branches of all of src, by unit tests and the suites of built programs
coverage:
	@scripts/bootstrap test
	@scripts/coverage

## docs: renew the pages that are made from the specification, the tables of the commands and the description of the gateway's interface
docs: all
	@tools/stfc/stfc.py markdown specifications/mqtt.stf -o docs/protocol/mqtt.md
	@tools/stfc/stfc.py markdown specifications/pppp.stf -o docs/protocol/pppp.md
	@"$(BUILD)/flagship" help --markdown >"$(BUILD)/cli.md" && cp "$(BUILD)/cli.md" docs/cli.md
	@scripts/api-page --renew

## clean: remove everything that was built
clean:
	@rm -rf build build-*

help:
	@sed -n 's/^## //p' Makefile | awk -F': ' '{ printf "make %-13s %s\n", $$1, $$2 }'
