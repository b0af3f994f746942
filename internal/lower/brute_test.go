package lower

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ezkl-go/ezkl/internal/determinism/brute"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/tensor"
	"github.com/ezkl-go/ezkl/internal/witness"
)

// brutePrime is above twice every integer of the circuits below, and small enough for products in int64.
const brutePrime = 1<<31 - 1

// TestC18_UniqueWitness counts the witnesses of every gadget by exhaustion, at digits of 2 and 3 bits and tables of 4: exactly
// one, that of package witness, or none where that refuses the input.
func TestC18_UniqueWitness(t *testing.T) {
	for name, n := range gadgetCases() {
		t.Run(name, func(t *testing.T) {
			g, p, _ := n.build(t)
			p.Global = &quant.Global{Input: 2, Param: 2, Rebase: 1}
			options := []Options{{Width: 2, TableBits: 4}, {Width: 3, TableBits: 4, Params: Fixed}, {Width: 6, TableBits: 4, Params: Fixed},
				{Width: 2, TableBits: 4, Params: Fixed, small: 1}}
			if name == "argmax" || name == "hardmax" {
				options = append(options, Options{Width: 3, TableBits: 4, ladder: true})
			}
			for _, o := range options {
				c, err := Compile(g, p, o)
				if err != nil {
					t.Fatal(err)
				}
				for _, bits := range c.Certificate.Bits {
					if bits > 29 {
						t.Fatalf("integers of %d bits: the prime is too small", bits)
					}
				}
				rng := rand.New(rand.NewPCG(5, 5))
				solved := 0
				for range 60 {
					var in []*tensor.Tensor
					for _, x := range n.in {
						largest := 0.0
						for _, v := range x.Floats {
							largest = max(largest, math.Abs(v))
						}
						r := tensor.New(x.Type, x.Shape...)
						for i := range r.Ints { // mostly valid indices, all pairs of bits
							if r.Ints[i] = int64(rng.IntN(4)); x.Type == tensor.Bool {
								r.Ints[i] &= 1
							}
						}
						for i := range r.Floats { // mostly inside the calibrated range
							r.Floats[i] = 1.3 * largest * (2*rng.Float64() - 1)
						}
						in = append(in, r)
					}
					values, err := c.Values(in)
					if err != nil {
						continue
					}
					want := slices.Clone(values)
					err = witness.Solve(context.Background(), c.Solvable, c.Certificate, want)
					found := brute.Witnesses(c.Circuit, brutePrime, values, 2)
					if err != nil {
						if len(found) > 0 {
							t.Fatalf("width %d: a witness for an input without one: %v", o.Width, err)
						}
						continue
					}
					solved++
					if len(found) != 1 {
						t.Fatalf("width %d: %d witnesses for %v", o.Width, len(found), values)
					}
					for i := range want {
						if !slices.Equal(found[0][i], want[i]) {
							t.Fatalf("width %d: block %s: %v and %v", o.Width, c.Circuit.Blocks[i].Name, found[0][i], want[i])
						}
					}
				}
				if solved < 10 {
					t.Errorf("width %d: only %d of 60 inputs have a witness", o.Width, solved)
				}
			}
		})
	}
}
