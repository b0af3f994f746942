package evm_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/core/tracing"
	"github.com/ethereum/go-ethereum/core/vm"

	"github.com/ezkl-go/ezkl/internal/evm"
	"github.com/ezkl-go/ezkl/internal/evm/machine"
)

var (
	contractFile = flag.String("contract", "", "test these compiled contracts, a file like contract.json, in place of the embedded ones")
	coverage     = flag.Bool("coverage", false, "print which statements of the contract's assembly the tests execute (needs node and solc: make evm-coverage)")
)

// TestMain runs the tests, on other contracts if the flags say so.
func TestMain(m *testing.M) {
	flag.Parse()
	if *contractFile != "" {
		raw, err := os.ReadFile(*contractFile)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		evm.UseContract(raw)
	}
	if !*coverage {
		os.Exit(m.Run())
	}
	os.Exit(runCovered(m))
}

// runCovered runs the tests on contracts that log every statement, and prints how many of them were executed, and which
// were not.
func runCovered(m *testing.M) int {
	source := string(evm.Solidity())
	raw, err := compileMarked(source)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	evm.UseContract(raw)
	seen := map[uint64]int{}
	machine.Hooks = &tracing.Hooks{OnOpcode: func(_ uint64, op byte, _, _ uint64, scope tracing.OpContext, _ []byte, depth int, _ error) {
		if vm.OpCode(op) == vm.LOG1 && depth == 1 {
			stack := scope.StackData()
			seen[stack[len(stack)-3].Uint64()]++
		}
	}}
	code := m.Run()
	all := statements(source)
	missed := 0
	for _, at := range all {
		if seen[uint64(at)] == 0 {
			missed++
			line, _, _ := strings.Cut(source[at:], "\n")
			fmt.Printf("not executed: line %d: %s\n", 1+strings.Count(source[:at], "\n"), line)
		}
	}
	fmt.Printf("coverage of the contract's assembly: %d of %d statements (%.1f %%)\n", len(all)-missed, len(all), 100*float64(len(all)-missed)/float64(len(all)))
	return code
}

// compileMarked compiles the source with its marks.
func compileMarked(source string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "coverage")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	in, out := filepath.Join(dir, "EzklVerifier.sol"), filepath.Join(dir, "out.json")
	if err := os.WriteFile(in, []byte(marked(source)), 0o600); err != nil {
		return nil, err
	}
	if text, err := exec.Command("node", "../../tools/solc/build.mjs", out, in).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%v: %s", err, text)
	}
	return os.ReadFile(out)
}
