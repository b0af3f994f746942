//go:build !planted

package fuzz

import (
	"context"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/evm"
	"github.com/ezkl-go/ezkl/internal/evm/machine"
)

// TestContract runs the contract's bytecode in an EVM beside the native verifier, on the proofs of the mutation campaigns and
// on changed calldata.
func TestContract(t *testing.T) {
	n := networks["relu"]
	s, err := n.subject()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Prepare(context.Background(), 0, func(string) {}); err != nil {
		t.Fatal(err)
	}
	program, err := evm.Compile(s.PK.VK)
	if err != nil {
		t.Fatal(err)
	}
	chain, err := machine.New()
	if err != nil {
		t.Fatal(err)
	}
	at, _, _, err := chain.Deploy(program.Creation())
	if err != nil {
		t.Fatal(err)
	}
	s.Contract = func(b []byte) error {
		_, err := chain.Verify(at, b)
		if again := program.Call(&s.PK.VK.Tau, b); (again == nil) != (err == nil) {
			t.Errorf("the bytecode says %v, its program %v", err, again)
		}
		return err
	}
	s.Verifiers = append(s.Verifiers, Verifier{"EVM bytecode", func(inst []fr.Element, b []byte) error { return s.Contract(evm.Calldata(b, inst, nil)) }})
	if err := s.Honest(); err != nil {
		t.Fatal(err)
	}
	r, err := Run(context.Background(), s, nil, Options{NumRuns: 1, Targets: []string{"proof", "public", "calldata"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", r)
	for _, f := range r.Findings {
		t.Error(f)
	}
}
