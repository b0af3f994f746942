package evm_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestBuild: the embedded bytecode is what the pinned compiler makes of the source.
func TestBuild(t *testing.T) {
	const tools = "../../tools/solc"
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no node: the bytecode is not compared with its source")
	}
	if _, err := os.Stat(filepath.Join(tools, "node_modules", "solc")); err != nil {
		t.Skip("no solc: make evm installs it; the bytecode is not compared with its source")
	}
	for output, src := range map[string]string{"contract.json": "contract/EzklVerifier.sol", "testdata/bounty.json": "contract/Bounty.sol"} {
		fresh := filepath.Join(t.TempDir(), "out.json")
		if out, err := exec.Command(node, filepath.Join(tools, "build.mjs"), fresh, src).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		want, err := os.ReadFile(fresh)
		if err != nil {
			t.Fatal(err)
		}
		have, err := os.ReadFile(output)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(have, want) {
			t.Errorf("%s is not made of %s: run make evm", output, src)
		}
	}
}
