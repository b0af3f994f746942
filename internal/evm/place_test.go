package evm_test

import (
	"slices"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/evm"
	"github.com/ezkl-go/ezkl/internal/test/toynet"
	"github.com/ezkl-go/ezkl/verify"
)

// TestPacking: programs whose results take each other's words wherever they can decide as package verify does, one proof after
// another.
func TestPacking(t *testing.T) {
	nets(func(name string, n *toynet.Net, err error) {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, n, err, 1)
			loose := l.program.ResultWords()
			end := evm.PackTightly()
			p, err := evm.Compile(l.vk)
			end()
			if err != nil {
				t.Fatal(err)
			}
			if words := p.ResultWords(); 4*words > 3*loose {
				t.Errorf("%d words for results, without jumps %d", words, loose)
			}
			l.program = p
			if err := p.Verify(&l.vk.Tau, l.instances, l.proof, nil); err != nil {
				t.Error(err)
			}
			d := deploy(t, l)
			if _, err := d.chain.Verify(d.at, evm.Calldata(l.proof, l.instances, nil)); err != nil {
				t.Error(err)
			}
			twice := evm.BatchCalldata([][]byte{l.proof, l.again()}, [][]fr.Element{l.instances, l.instances}, nil)
			if _, err := d.chain.Verify(d.at, twice); err != nil {
				t.Error("two in a batch:", err)
			}
			for at := 31; at < len(l.proof); at += 32 * 7 {
				changed := slices.Clone(l.proof)
				changed[at] ^= 1
				if l.key.Verify(l.instances, changed, verify.EVM) == nil {
					t.Fatal("accepted by package verify")
				}
				if _, err := d.chain.Verify(d.at, evm.Calldata(changed, l.instances, nil)); err == nil {
					t.Errorf("an altered proof is accepted: byte %d", at)
				}
			}
		})
	})
}
