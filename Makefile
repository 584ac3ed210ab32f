# Every goal is one command that can also be typed by hand. `make help` lists them.

CARGO ?= cargo
# More for the program, such as `make run ARGS="--listen 127.0.0.1:1235"`.
ARGS ?=
FUZZ_SECONDS ?= 60

.DEFAULT_GOAL := help
.PHONY: help run demo dashboard web-dev journeys screenshots test test-long bench instructions fuzz deb aarch64 fmt audit clean

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: ## Build for release, with the dashboard if Node.js is there, and start `poe serve` with its defaults, and ARGS
	@scripts/dashboard
	$(CARGO) run --release --locked -p poe -- serve $(DEMO) $(ARGS)

demo: DEMO = --demo
demo: run ## As run, with a sample building and simulated nodes in ./data-demo

dashboard: ## Build the dashboard into web/dist, from where it gets into the program
	@scripts/dashboard --require

web-dev: ## Show the dashboard as it is edited, on 127.0.0.1:5173, with a server that runs (POE_SERVER, default http://127.0.0.1:8080)
	@scripts/dashboard --tools
	cd web && npm run dev

journeys: ## Go through the dashboard as people do, in a real Chromium (CHROMIUM, default /usr/bin/chromium)
	@scripts/dashboard --require
	$(CARGO) build --locked -p poe
	POE_BIN=$(abspath $(or $(CARGO_TARGET_DIR),target))/debug/poe npm --prefix web run --silent journeys

screenshots: ## Take pictures of every page of the demo; the best go to docs/screenshots
	@scripts/dashboard --require
	$(CARGO) build --release --locked -p poe
	POE_BIN=$(abspath $(or $(CARGO_TARGET_DIR),target))/release/poe npm --prefix web run --silent screenshots

test: ## Everything that a change has to pass; installs what is missing
	@scripts/test

test-long: ## As test, with the tests that take minutes
	@POE_LONG_TESTS=1 scripts/test

bench: ## Measure the server on this machine against its targets; ARGS go to `poe-bench run`
	$(CARGO) build --release --locked -p poe -p poe-bench
	$(CARGO) build --release --locked -p poe-store --example journal_speed
	$(CARGO) run --release --locked -p poe-bench -- run $(ARGS)

instructions: ## Count the instructions of a frame under valgrind against their bounds
	$(CARGO) run --profile profiling --locked -p poe-bench -- instructions

fuzz: ## Fuzz each target for FUZZ_SECONDS, with a nightly toolchain and cargo-fuzz
	@scripts/fuzz $(FUZZ_SECONDS)

deb: ## Build the Debian package of this machine's architecture in target/debian; ARGS go to scripts/deb
	@scripts/deb $(ARGS)

aarch64: ## Check that the program compiles for 64-bit ARM
	@scripts/aarch64

fmt: ## Format the sources
	$(CARGO) fmt --all
	$(CARGO) fmt --manifest-path fuzz/Cargo.toml

audit: ## Look for known vulnerabilities in the dependencies; needs the network
	$(CARGO) deny --locked check advisories

clean: ## Remove what was built
	$(CARGO) clean
	find web/dist -mindepth 1 ! -name .keep -delete
