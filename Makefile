# make run    install what is missing, build, start with the demo feeds
# make test   install what is missing, run every test
# make chaos  everything goes wrong for MINUTES=3; SEED=N replays
# make check  format, vet, lint, cross type-checks, tidiness, tests
# make bench  install what is missing, measure in rounds beside others, write docs/benchmarks.md
# make package  install what is missing, build packages into build/packages
# make reproduce  the same twice, and compare
.PHONY: help deps deps-build deps-test deps-bench deps-package build headless run test check lint cross tidy bench chaos fuzz package reproduce clean

VERSION := $(shell sed -n 's/^Version = "\(.*\)"/\1/p' FyneApp.toml)
# GLES draws the same as desktop OpenGL and compiles in a third of the time.
TAGS    ?= gles
LDFLAGS := -X main.version=$(VERSION)
TOOL    := go tool -modfile=tools/go.mod
# What has no window in it must type-check for every system without cgo.
NOCGO   := ./subscriptions/... ./storage/... ./notify/... ./forward/... ./internal/...
FUZZTIME ?= 60s
# The tests wait for real processes and assume no speed; two slow cores need minutes.
PATIENCE ?= 40m
ROUNDS  ?= 5
BENCH   ?=

help:
	@sed -n 's/^# make/make/p' Makefile

deps: deps-test

deps-build:
	@scripts/deps build

deps-test:
	@scripts/deps test

deps-bench:
	@scripts/deps bench

deps-package:
	@scripts/deps package

build: deps-build
	go build -tags $(TAGS) -ldflags '$(LDFLAGS)' -o bellwire ./cmd/bellwire

headless:
	CGO_ENABLED=0 go build -tags headless -ldflags '$(LDFLAGS)' -o bellwire-headless ./cmd/bellwire

run: build
	./bellwire run --demo

test: deps-test
	go test -race -timeout $(PATIENCE) -tags $(TAGS) ./...
	go test -timeout $(PATIENCE) -tags headless ./cmd/bellwire
	go -C tools test -timeout $(PATIENCE) ./...

check: lint cross tidy test

lint:
	@test -z "$$($(TOOL) gofumpt -l . | tee /dev/stderr)" || { echo "hint: go tool -modfile=tools/go.mod gofumpt -w ." >&2; exit 1; }
	go vet -tags $(TAGS) ./...
	go -C tools vet ./...
	$(TOOL) staticcheck -tags $(TAGS) ./...

cross:
	GOOS=windows CGO_ENABLED=0 go vet -tags headless $(NOCGO) ./cmd/bellwire
	GOOS=darwin CGO_ENABLED=0 go vet -tags headless $(NOCGO) ./cmd/bellwire

tidy:
	go mod tidy -diff
	go -C tools mod tidy -diff

# Every benchmark once a round. BENCH names topics, as in "make bench BENCH=Stream
# ROUNDS=1": a quick look, which prints and writes nothing.
bench: deps-bench
	go -C tools build -o ../build/benchreport ./benchreport
	build/benchreport -rounds $(ROUNDS) -only '$(BENCH)'

MINUTES ?= 3
SEED    ?= 0
chaos: deps-test
	go test -timeout 0 -tags $(TAGS) -run '^TestChaos$$' -v ./cmd/bellwire -chaos.for $(MINUTES)m -chaos.seed $(SEED)

# Every fuzz target there is, one after the other, each for FUZZTIME. Making a
# finding smaller is bounded, or it takes most of that.
fuzz:
	@grep -rn --include='*_test.go' '^func Fuzz' . | sed -E 's|/[^/]*:[0-9]+:func (Fuzz[^(]*).*| \1|' | sort | while read -r dir target; do \
		echo "$$dir $$target"; \
		go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 2s "$$dir" || exit 1; \
	done

# PARTS names systems, as in "make package PARTS=linux"; none means all that
# can be built here.
package: deps-package
	packaging/package $(PARTS)

reproduce: deps-package
	packaging/reproduce $(PARTS)

clean:
	rm -f bellwire bellwire-headless
