# The two commands a newcomer needs: `make quickstart`, then `make test`.
GO ?= go
PYTHON ?= python3

.PHONY: help build quickstart test test-full vet lint bench costs costs-timed chain conformance evm evm-coverage fuzz fuzz-selfcheck fuzz-planted models mutants clean

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

lint: ## staticcheck, pinned in tools/go.mod; and that the mutants still apply
	$(GO) tool -modfile=tools/go.mod staticcheck ./...
	cd tools && $(GO) run ./mutants -list > /dev/null

bench: build ## benchmarks of the parts; bench/peers.py and bench/growth.py measure whole commands
	$(GO) test -run XXX -bench . ./internal/...

costs: ## docs/costs.md anew: what each operator's test networks cost
	$(GO) test ./internal/report -run TestCosts -count 1 -update

costs-timed: ## the same, with the prover's microseconds measured (minutes)
	$(GO) test ./internal/report -run TestCosts -count 1 -timed -v

CONFORMANCE ?= .conformance
conformance: ## ONNX's node tests, with a reason for every miss: docs/conformance.md (needs: pip install onnx ezkl)
	test -f $(CONFORMANCE)/cases.json || $(PYTHON) bench/conformance.py export $(CONFORMANCE)
	$(GO) run ./internal/test/conformance $(CONFORMANCE) $(CONFORMANCE)/ours.tsv
	$(PYTHON) bench/conformance.py peer $(CONFORMANCE) docs/conformance_ezkl.tsv
	$(PYTHON) bench/conformance.py report $(CONFORMANCE) $(CONFORMANCE)/ours.tsv docs/conformance_ezkl.tsv docs

evm: ## compile the contracts with the pinned solc (needs node); go test ./internal/evm then compares
	cd tools/solc && npm ci --silent
	node tools/solc/build.mjs internal/evm/contract.json internal/evm/contract/EzklVerifier.sol
	node tools/solc/build.mjs internal/evm/testdata/bounty.json internal/evm/contract/Bounty.sol
	$(GO) test ./internal/evm -run TestBuild -count 1

evm-coverage: ## which statements of the contract's assembly the tests execute (needs node, after make evm)
	$(GO) test ./internal/evm -count 1 -v -skip 'TestBuild|TestGas|TestSource|TestBounty|TestReusableSize' -coverage | grep -E '^(not executed|coverage|FAIL|ok|---)'

fuzz: ## every native fuzz target for 20 seconds
	./tools/fuzz.sh 20s

fuzz-selfcheck: ## remove the verifier's checks one at a time: the campaigns of `ezkl fuzz` must find every one (J=, LOG= as below)
	cd tools && $(GO) run ./mutants -fuzz -write internal/fuzz/selfcheck.json $(if $(J),-j $(J)) $(if $(LOG),-log $(abspath $(LOG)))

fuzz-planted: ## plant 24 bugs of known classes: the compiler or `ezkl fuzz` must find every one
	cd tools && $(GO) run ./mutants -planted

mutants: ## delete the verifier's checks one at a time: each must break a test (J=processes; LOG=file makes it resumable)
	cd tools && $(GO) run ./mutants $(if $(J),-j $(J)) $(if $(LOG),-log $(abspath $(LOG)))

chain: build ## deploy and verify on a development chain: both contracts, honest and altered proofs
	cd tools/chain && $(GO) run . ./workflow.sh

clean: ## remove build output
	rm -rf bin
