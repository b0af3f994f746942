package evm_test

import (
	"errors"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/evm"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/proof"
)

// TestTooLarge: circuits that need more memory than a program can address are refused, at once.
func TestTooLarge(t *testing.T) {
	const n = 3 << 18
	for name, r := range map[string]circuit.AxisRelation{
		"reshape": {Kind: circuit.Reshape, Letters: []circuit.Letter{0, 1, 2}, Params: []int64{1}},
		"affine":  {Kind: circuit.Affine, Letters: []circuit.Letter{0, 1}, Params: []int64{1, 1}},
	} {
		c := &circuit.Circuit{LogRow: 20, Blocks: []circuit.Block{
			{Name: "y", Dims: []int{n}, Role: circuit.Public, Lo: 0, Hi: 1, KeyTable: circuit.None},
			{Name: "x", Dims: []int{3, n / 3}, Role: circuit.Free, KeyTable: circuit.None},
			{Name: "z", Dims: []int{n}, Role: circuit.Free, KeyTable: circuit.None},
		}}
		a := circuit.Expr{Letters: []circuit.Letter{1, 2}, Terms: []circuit.Term{{Coef: 1, Block: 1, Axes: []circuit.Letter{1, 2}}}}
		letters := []circuit.Axis{{Name: "i", Len: n}, {Name: "j", Len: 3}, {Name: "k", Len: n / 3}}
		inner := []circuit.Letter{1, 2}
		if name == "affine" {
			letters = []circuit.Axis{{Name: "i", Len: n}, {Name: "j", Len: n}}
			a = circuit.Expr{Letters: []circuit.Letter{1}, Terms: []circuit.Term{{Coef: 1, Block: 2, Axes: []circuit.Letter{1}}}}
			inner = inner[:1]
		}
		out := []circuit.Letter{0}
		c.Relations = []circuit.Relation{{Letters: letters, Out: out,
			LHS: circuit.Expr{Letters: out, Terms: []circuit.Term{{Coef: 1, Block: 0, Axes: out}}},
			Sum: []circuit.Contraction{{Inner: inner, A: a, R: []circuit.AxisRelation{r}}}}}
		c.Tables = []circuit.Table{{Name: "bit", Lo: 0, Size: 2, Out: circuit.None}}
		lay, err := layout.New(c)
		if err != nil {
			t.Fatal(name, err)
		}
		_, _, _, tau := bn254.Generators()
		vk := &proof.VerifyingKey{Circuit: c, Tau: tau, Rows: make([]bn254.G1Affine, lay.Rows[layout.SegP].Count+lay.Rows[layout.SegF].Count)}
		if _, err := evm.Compile(vk); !errors.Is(err, evm.ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
