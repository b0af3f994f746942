package evm

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/poly"
)

// TestInstancesAt: public blocks at a point, with and without a last axis that is cut in rows.
func TestInstancesAt(t *testing.T) {
	rng := rand.New(rand.NewSource(6))
	for _, dims := range [][]int{{}, {1}, {3}, {10}, {50}, {64}, {1, 100}, {5, 48}, {3, 50}, {4, 4, 32}, {2, 1, 7}} {
		b := newBench(rng, circuit.PaddedLog(dims)+1)
		b.c.lay = &layout.Layout{C: &circuit.Circuit{Blocks: []circuit.Block{{Dims: dims}}}}
		b.c.instanceAt = []int{0}
		axes := make([][]coordinate, len(dims))
		first := 0
		weights := fr.Vector{fr.One()} // row-major
		for i, d := range dims {
			var x []fr.Element
			axes[i], x = b.point(first, circuit.Log2Ceil(d))
			first += len(x)
			var next fr.Vector
			table := poly.EqTable(x, fr.One())
			for _, w := range weights {
				for _, e := range table[:d] {
					e.Mul(&e, &w)
					next = append(next, e)
				}
			}
			weights = next
		}
		b.instances = make(fr.Vector, circuit.Count(dims))
		var want fr.Element
		for i := range b.instances {
			b.instances[i] = fr.NewElement(rng.Uint64())
			var v fr.Element
			want.Add(&want, v.Mul(&b.instances[i], &weights[i]))
		}
		if got := b.value(t, b.c.instancesAt(0, axes)); got != want {
			t.Error(fmt.Sprint(dims), ": another value")
		}
	}
}
