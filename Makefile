# The two commands a newcomer needs: `make quickstart`, then `make test`.
GO ?= go

.PHONY: help build quickstart test test-full vet lint bench evm fuzz models mutants clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/ezkl
	$(GO) build -trimpath -o bin/ezkl ./cmd/ezkl

quickstart: build ## the whole workflow on an embedded convolutional network, ending with a tampered proof refused
	./bin/ezkl quickstart

test: ## all tests (about two minutes on 2 cores)
	$(GO) test ./...

test-full: ## also the long variants of the soundness tests
	$(GO) test -tags full -timeout 60m ./...

vet: ## go vet and formatting
	$(GO) vet ./...
	@test -z "$$(gofmt -l . | tee /dev/stderr)"

lint: ## staticcheck, pinned in tools/go.mod
	$(GO) tool -modfile=tools/go.mod staticcheck ./...

bench: build ## benchmarks of the parts; bench/peers.py and bench/growth.py measure whole commands
	$(GO) test -run XXX -bench . ./internal/...

evm: ## compile the contracts with the pinned solc (needs node); go test ./internal/evm then compares
	cd tools/solc && npm ci --silent
	node tools/solc/build.mjs internal/evm/contract.json internal/evm/contract/EzklVerifier.sol
	node tools/solc/build.mjs internal/evm/testdata/bounty.json internal/evm/contract/Bounty.sol
	$(GO) test ./internal/evm -run TestBuild -count 1

fuzz: ## every native fuzz target for 20 seconds
	./tools/fuzz.sh 20s

mutants: ## delete the verifier's checks one at a time: each deletion must break a test
	cd tools && $(GO) run ./mutants

clean: ## remove build output
	rm -rf bin
