package verify_test

import (
	"slices"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/test/toynet"
	"github.com/ezkl-go/ezkl/verify"
)

// Tests named after classes of docs/testing.md that no other test of this package is about.

// C11: two errors that cancel in one fixed combination of entries: +e at one index, -e (and -2e, -e/2) at another, in every
// pair of neighbours of every tensor that the prover chooses and of every public one. Products are checked at points drawn
// after the commitments, so no combination is known in advance.
func TestC11_ErrorsThatCancel(t *testing.T) {
	l := toyLab(t)
	two := fr.NewElement(2)
	for b := range l.net.C.Blocks {
		x := &l.net.C.Blocks[b]
		if x.Role == circuit.Fixed || x.Role == circuit.Private {
			continue
		}
		last := 1
		if len(x.Dims) > 0 {
			last = x.Dims[len(x.Dims)-1]
		}
		for _, step := range []int{1, last} { // along the last axis; along the one before
			if step >= len(l.values[b]) {
				continue
			}
			e := fr.NewElement(3)
			factors := []fr.Element{fr.One(), two, half()}
			if !full {
				factors = factors[:1]
			}
			for _, f := range factors {
				values := slices.Clone(l.values)
				values[b] = slices.Clone(values[b])
				var minus fr.Element
				minus.Mul(&e, &f)
				values[b][0].Add(&values[b][0], &e)
				values[b][step].Sub(&values[b][step], &minus)
				p := l.prove(values)
				if err := l.accepted.Verify(l.instancesOf(values), p.Bytes, verify.EVM); err == nil {
					t.Errorf("block %s: errors at 0 and %d accepted", x.Name, step)
				}
			}
		}
	}
}

// C17: a public tensor that no relation reads is bound to the proof all the same.
func TestC17_UnusedInstance(t *testing.T) {
	n, err := toynet.New(1, layout.Arrange)
	if err != nil {
		t.Fatal(err)
	}
	c := *n.C
	c.Blocks = append(slices.Clone(c.Blocks), circuit.Block{Name: "unused", Dims: []int{3}, Role: circuit.Public, Lo: -5, Hi: 5, KeyTable: circuit.None})
	c.Inputs = append(slices.Clone(c.Inputs), len(c.Blocks)-1)
	unused := *n
	unused.C = &c
	unused.Values = append(slices.Clone(n.Values), []int64{1, -2, 3})
	l := newLab(t, &unused, nil, 1)
	for i := len(l.instances) - 3; i < len(l.instances); i++ {
		inst := slices.Clone(l.instances)
		one := fr.One()
		inst[i].Add(&inst[i], &one)
		want(t, "an altered unused instance", l.accepted.Verify(inst, l.proof.Bytes, verify.EVM), verify.CodeOpening)
		inst[i] = fr.NewElement(6)
		want(t, "an unused instance outside its interval", l.accepted.Verify(inst, l.proof.Bytes, verify.EVM), verify.CodeInstance)
	}
}
