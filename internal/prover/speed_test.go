package prover

import (
	"context"
	"fmt"
	"math/big"
	"math/rand"
	"sync"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/kzg"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/srs"
)

// dense is a chain of dense layers with ReLU as a circuit: what a network of that size costs, whatever its weights.
func denseNet(width, depth, bits int) (*circuit.Circuit, [][]int64) {
	c := &circuit.Circuit{}
	var values [][]int64
	block := func(name string, role circuit.Role, lo, hi int64, table int, v []int64, dims ...int) int {
		c.Blocks = append(c.Blocks, circuit.Block{Name: name, Dims: dims, Role: role, Lo: lo, Hi: hi, KeyTable: table})
		values = append(values, v)
		return len(c.Blocks) - 1
	}
	rng := rand.New(rand.NewSource(1))
	half := int64(1) << (bits - 1)
	relu := make([]int64, 2*half)
	for i := range relu {
		relu[i] = max(int64(i)-half, 0)
	}
	out := block("relu", circuit.Fixed, 0, half-1, circuit.None, relu, len(relu))
	c.Tables = []circuit.Table{{Name: "relu", Lo: -half, Size: len(relu), Out: out}, {Name: "r", Lo: -half, Size: len(relu), Out: circuit.None}}
	c.KeyTables = []circuit.Table{{Name: "k", Lo: -half, Size: len(relu), Out: circuit.None}}
	x := make([]int64, width)
	for i := range x {
		x[i] = rng.Int63n(2*half) - half
	}
	in := block("x", circuit.Column, 0, 0, circuit.None, x, width)
	c.Inputs = []int{in}
	lookups := []circuit.Lookup{{In: in, Out: circuit.None, Table: 1}}
	axes := []circuit.Axis{{Name: "o", Len: width}, {Name: "k", Len: width}}
	for range depth {
		w := make([]int64, width*width)
		for i := range w {
			w[i] = rng.Int63n(half) - half/2
		}
		wb := block("w", circuit.Private, -half, half-1, 0, w, width, width)
		q, v, y := make([]int64, width), make([]int64, width), make([]int64, width)
		for o := range q {
			acc := int64(0)
			for k := range x {
				acc += w[o*width+k] * x[k]
			}
			q[o] = (acc/int64(width) + half) >> bits
			v[o] = 0
			y[o] = max(q[o], 0)
		}
		qb, vb := block("q", circuit.Column, 0, 0, circuit.None, q, width), block("v", circuit.Column, 0, 0, circuit.None, v, width)
		yb := block("y", circuit.Column, 0, 0, circuit.None, y, width)
		lookups = append(lookups, circuit.Lookup{In: qb, Out: yb, Table: 0}, circuit.Lookup{In: vb, Out: circuit.None, Table: 1})
		c.Relations = append(c.Relations, circuit.Relation{
			Name: "dense", Letters: axes, Out: []circuit.Letter{0},
			LHS: circuit.Expr{Letters: []circuit.Letter{0}, Terms: []circuit.Term{{Coef: 2 * half, Block: qb, Axes: []circuit.Letter{0}}, {Coef: 1, Block: vb, Axes: []circuit.Letter{0}}}},
			Sum: []circuit.Contraction{{
				Inner: []circuit.Letter{1}, A: circuit.Expr{Letters: []circuit.Letter{1}, Terms: []circuit.Term{{Coef: 1, Block: in, Axes: []circuit.Letter{1}}}},
				B: &circuit.Expr{Letters: []circuit.Letter{0, 1}, Terms: []circuit.Term{{Coef: 1, Block: wb, Axes: []circuit.Letter{0, 1}}}},
			}},
		})
		in, x = yb, y
	}
	if err := layout.Arrange(c, lookups); err != nil {
		panic(err)
	}
	return c, values
}

var benchSRS = sync.OnceValue(func() *srs.SRS {
	s, err := kzg.NewSRS(1<<14+1, big.NewInt(123456789))
	if err != nil {
		panic(err)
	}
	return &srs.SRS{G1: s.Pk.G1, TauG2: s.Vk.G2[1], Unsafe: true}
})

// BenchmarkProve proves chains of dense layers. The values do not satisfy the circuit: that changes nothing in the cost.
func BenchmarkProve(b *testing.B) {
	for _, n := range []struct{ width, depth, bits int }{{16, 1, 8}, {128, 4, 8}, {128, 4, 16}, {1024, 4, 16}} {
		b.Run(fmt.Sprintf("width=%d/depth=%d/bits=%d", n.width, n.depth, n.bits), func(b *testing.B) {
			c, values := denseNet(n.width, n.depth, n.bits)
			s := benchSRS()
			pk, err := Setup(context.Background(), c, values, s, Options{})
			if err != nil {
				b.Fatal(err)
			}
			lay, _ := layout.New(c)
			bytes := 0
			for b.Loop() {
				p, err := Prove(context.Background(), pk, s.G1, values, Options{})
				if err != nil {
					b.Fatal(err)
				}
				bytes = len(p)
			}
			b.ReportMetric(float64(bytes), "proof-bytes")
			b.ReportMetric(float64(lay.N), "n")
			b.ReportMetric(float64(lay.L), "L")
		})
	}
}
