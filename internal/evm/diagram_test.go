package evm

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/poly"
)

// bench evaluates graphs at random points: the registers are those points.
type bench struct {
	c         *compiler
	values    []fr.Element
	instances []fr.Element
}

func newBench(rng *rand.Rand, coordinates int) *bench {
	b := &bench{c: &compiler{graph: newGraph(), digit: 2}}
	one := fr.One()
	for range coordinates {
		var x, not, twice fr.Element
		var raw [40]byte
		rng.Read(raw[:])
		x.SetBytes(raw[:])
		not.Sub(&one, &x)
		twice.Double(&x).Sub(&twice, &one)
		b.values = append(b.values, x, not, twice)
	}
	return b
}

func (b *bench) point(first, n int) (p []coordinate, x []fr.Element) {
	for i := range n {
		p = append(p, coordinate(coordinateWords*(first+i)))
		x = append(x, b.values[coordinateWords*(first+i)])
	}
	return p, x
}

// value runs the tape that computes r.
func (b *bench) value(t *testing.T, r ref) fr.Element {
	t.Helper()
	for i := range b.c.nodes {
		b.c.nodes[i].tape = 0
	}
	order := b.c.schedule(1, []ref{r})
	b.c.zero()
	tapes, words := b.c.place([][]int{order}, []ref{r}, packing{8, 0, 2})
	constants := 32 * len(b.values)
	results := constants + 32*len(b.c.consts)
	resolve := func(r ref) int {
		switch r.node {
		case baseInstance:
			return results + 32*(words+r.off)
		case baseRegister:
			return 32 * r.off
		case baseConst:
			return constants + 32*r.off
		}
		return results + 32*(b.c.nodes[r.node].word+r.off)
	}
	tape, err := b.c.tape(tapes[0], resolve)
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{p: tape, next: results / 32, mem: make([]fr.Element, results/32+words)}
	m.mem = append(m.mem, b.instances...)
	copy(m.mem, b.values)
	copy(m.mem[constants/32:], b.c.consts)
	if err := m.tape(0); err != nil {
		t.Fatal(err)
	}
	return m.mem[resolve(r)/32]
}

// axisCases are relations with every mixture of stride, dilation, padding, cut-off and order.
func axisCases(rng *rand.Rand, each func(name string, r circuit.AxisRelation, lengths []int)) {
	for _, n := range []int{1, 3, 5, 8, 12, 28} {
		for _, kernel := range []int{1, 2, 5} {
			for _, params := range [][]int64{{1, 1, 0}, {1, 1, 2}, {2, 1, 0}, {2, 1, 1}, {3, 1, 1}, {1, 2, 2}, {2, 2, 3}, {4, 3, 5}, {2, 4, 0}, {6, 1, 2}} {
				for _, out := range []int{max(1, (n-kernel)/int(params[0])), n, n + 3} {
					each(fmt.Sprint("window ", out, kernel, n, params), circuit.AxisRelation{Kind: circuit.Window, Params: params}, []int{out, kernel, n})
				}
			}
		}
		for _, params := range [][]int64{{0, 1}, {3, 1}, {-2, 1}, {0, 2}, {1, 3}, {int64(n) - 1, -1}, {int64(n), -2}, {-5, 4}} {
			for _, out := range []int{1, n, n + 4} {
				each(fmt.Sprint("affine ", out, n, params), circuit.AxisRelation{Kind: circuit.Affine, Params: params}, []int{out, n})
			}
		}
		list := make([]int64, n+2)
		for i := range list {
			list[i] = int64(rng.Intn(n+1)) - 1
		}
		each(fmt.Sprint("index ", list), circuit.AxisRelation{Kind: circuit.Index, Params: list}, []int{len(list), n})
		each(fmt.Sprint("same ", n), circuit.AxisRelation{Kind: circuit.Same}, []int{n, n})
		each(fmt.Sprint("reshape ", n), circuit.AxisRelation{Kind: circuit.Reshape, Params: []int64{1}}, []int{6 * n, 3, 2 * n})
		each(fmt.Sprint("reshape to three, ", n), circuit.AxisRelation{Kind: circuit.Reshape, Params: []int64{2}}, []int{2, 4 * n, 4, n, 2})
	}
}

// TestAxisRelations: what tapes make of axis relations is the sum over their index tuples, at random points and with each
// letter summed.
func TestAxisRelations(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	count := 0
	axisCases(rng, func(name string, r circuit.AxisRelation, lengths []int) {
		summed := rng.Intn(len(lengths) + 2) // none in two cases
		b := newBench(rng, 32)
		var at []letterPoint
		var tables [][]fr.Element
		var axes []circuit.Axis
		first := 0
		for i, n := range lengths {
			p, x := b.point(first, circuit.Log2Ceil(n))
			first += len(p)
			l := letterPoint{length: n, point: p, summed: i == summed}
			table := poly.EqTable(x, fr.One())
			if l.summed {
				l.point = nil
				for k := range table {
					table[k].SetOne()
				}
			}
			at, tables = append(at, l), append(tables, table)
			axes = append(axes, circuit.Axis{Len: n})
			r.Letters = append(r.Letters, circuit.Letter(i))
		}
		var want fr.Element
		r.Each(axes, func(idx []int) {
			w := fr.One()
			for i, x := range idx {
				w.Mul(&w, &tables[i][x])
			}
			want.Add(&want, &w)
		})
		got := b.value(t, b.c.axisRelation(&r, at))
		if !got.Equal(&want) {
			t.Errorf("%s, letter %d summed: differs", name, summed)
		}
		count++
	})
	t.Log(count, "relations")
}
