# make help explains the targets. All of them need Go; check also needs a C compiler (for -race), Chromium, clang with lld,
# Node.js and PostgreSQL, which setup installs where it may.

# The documentation's test runs make from within make.
MAKEFLAGS += --no-print-directory

GOLANGCI := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
BENCH ?= .
COUNT ?= 6
SIZE ?= S

.PHONY: help
help: ## show this help
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: check
check: setup unchanged lint test ## everything that must be green: generated code, lint, tests with -race

.PHONY: generate
generate: ## generate the code of ent, gqlgen and the plugins again
	go generate ./...

.PHONY: unchanged
unchanged: ## fail when go generate would change anything
	@sums() { git ls-files -co --exclude-standard | sort | xargs -d '\n' sha256sum 2>/dev/null; }; \
	before=$$(mktemp); after=$$(mktemp); trap 'rm -f $$before $$after' EXIT; \
	sums >$$before; go generate ./...; sums >$$after; \
	diff $$before $$after >/dev/null || { echo 'generated code was out of date; it is now as go generate makes it (commit these):'; diff $$before $$after | awk '{print $$3}' | sort -u | sed '/^$$/d'; exit 1; }

.PHONY: lint
lint: ## gofumpt, golangci-lint and the arrows between packages
	$(GOLANGCI) fmt --diff
	$(GOLANGCI) run --allow-parallel-runners

.PHONY: fix
fix: ## format the code, and mend what the linter can mend
	$(GOLANGCI) fmt
	$(GOLANGCI) run --fix

# SQLite is Go, which the race detector slows down tenfold; PostgreSQL is not.
.PHONY: test
test: ## all tests on SQLite; and on PostgreSQL with the race detector, on less data where they load whole shops
	go test -timeout 20m ./...
	BELLWETHER_TEST_DATABASE=postgres go test -race -short -timeout 20m ./...

.PHONY: bench
bench: ## benchmarks, for benchstat: make bench BENCH=Score COUNT=10
	go test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) ./...

.PHONY: bench-e2e
bench-e2e: ## the whole of it against plain PostgreSQL, as ratios: make bench-e2e SIZE=S,M (sizes XS, S, M, L)
	go run ./internal/bench -size $(SIZE)

.PHONY: setup
setup: ## install what the tests start: Chromium, clang, AssemblyScript and PostgreSQL
	@sh scripts/setup.sh

.PHONY: console
console: ## build GraphiQL again from its npm packages
	cd internal/graphiql/web && npm ci --no-audit --no-fund && npm run build && rm -rf node_modules
