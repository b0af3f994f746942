package evm_test

import (
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/ezkl-go/ezkl/internal/evm"
	"github.com/ezkl-go/ezkl/internal/test/toynet"
)

var update = flag.Bool("update", false, "write testdata/gas.json")

const gasFile = "testdata/gas.json"

// TestGas holds the gas of whole transactions, which the same seeds give exactly, and the estimates against it.
func TestGas(t *testing.T) {
	type gas struct{ Words, Packed, Deploy uint64 }
	want, got := map[string]gas{}, map[string]gas{}
	raw, err := os.ReadFile(gasFile)
	if err == nil {
		err = json.Unmarshal(raw, &want)
	}
	if err != nil && !*update {
		t.Fatal(err)
	}
	nets(func(name string, n *toynet.Net, err error) {
		l := newLab(t, n, err, 1)
		d := deploy(t, l)
		_, _, g, err := d.chain.Deploy(l.program.Creation())
		if err != nil {
			t.Fatal(err)
		}
		near := func(what string, estimate, measured uint64) {
			if r := float64(estimate) / float64(measured); r < 0.93 || r > 1.07 {
				t.Errorf("%s: %s is estimated as %d gas, and is %d", name, what, estimate, measured)
			}
		}
		near("deployment", l.program.CreationGas(), g)
		out := gas{Deploy: g}
		calldata := evm.Calldata(l.proof, l.instances, nil)
		if out.Words, err = d.chain.Verify(d.at, calldata); err != nil {
			t.Fatal(err)
		}
		near("verification", l.program.VerifyGas(calldata), out.Words)
		packed, err := l.program.PackedCalldata(l.proof, l.instances, nil)
		if err != nil {
			t.Fatal(err)
		}
		if out.Packed, err = d.chain.Verify(d.at, packed); err != nil {
			t.Fatal(err)
		}
		near("packed verification", l.program.VerifyGas(packed), out.Packed)
		if want[name] != out && !*update {
			t.Errorf("%s: gas %+v, %s has %+v (go test -run TestGas -update writes it)", name, out, gasFile, want[name])
		}
		got[name] = out
	})
	if *update {
		raw, err := json.MarshalIndent(got, "", " ")
		if err == nil {
			err = os.WriteFile(gasFile, append(raw, '\n'), 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestSource: what create-evm-verifier writes is recognised and gives the bytecode; any change is refused.
func TestSource(t *testing.T) {
	n, err := toynet.Random(5, 2)
	l := newLab(t, n, err, 1)
	text := l.program.Solidity()
	c, err := evm.ParseSource(text)
	if err != nil || string(c.Creation) != string(l.program.Creation()) || string(c.Program) != string(l.program.Bytes) {
		t.Fatal(err)
	}
	if c, err = evm.ParseSource(evm.Solidity()); err != nil || c.Program != nil || string(c.Creation) != string(evm.ReusableCreation()) {
		t.Fatal(err)
	}
	for i := 0; i < len(text); i += 1 + len(text)/500 {
		changed := append([]byte{}, text...)
		changed[i] ^= 1
		if _, err := evm.ParseSource(changed); err == nil {
			t.Errorf("a source with byte %d changed is accepted", i)
		}
	}
	for _, cut := range [][]byte{nil, text[:len(text)-1], append(append([]byte{}, text...), ' ')} {
		if _, err := evm.ParseSource(cut); err == nil {
			t.Errorf("a source of %d bytes is accepted", len(cut))
		}
	}
}
