package lower

import (
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// fineBits is the width of an input that only comparisons, and products by powers of two for each column, read: what they need of
// it is not known beforehand, and 16 bits of the largest column would leave nothing of the smallest.
const fineBits = 39

// columnBits is the width of a table's columns once they are alike: there are few of them, and a score is what large terms leave
// of each other.
const columnBits = 23

// placeBits is the width of places in an image: a difference of two is a factor as it is.
const placeBits = maxBits - 1

// feedsFine gives the unit that the readers of a network input want, for inputs whose readers all take integers of any width:
//
//   - comparisons with constants, of all or some columns: the smallest unit;
//   - products with a power of two for each column (package graph, balance), or with one number: what leaves columnBits of the
//     largest product;
//   - casts to integers: no matter;
//   - what places in an image are made of: placeBits.
func feedsFine(g *graph.Graph, p *quant.Params) map[*graph.Value]float64 {
	if p.Global != nil {
		return nil
	}
	readers := map[*graph.Value][]*graph.Node{}
	for _, n := range g.Nodes {
		for _, v := range n.Inputs {
			if v != nil && v.Const == nil {
				readers[v] = append(readers[v], n)
			}
		}
	}
	// want is the unit that the readers of v want; ok is false if one of them does not care.
	var want func(v *graph.Value, depth int) (unit float64, ok bool)
	want = func(v *graph.Value, depth int) (float64, bool) {
		if depth > 8 || len(readers[v]) == 0 || slices.Contains(g.Outputs, v) {
			return 0, false
		}
		unit := math.Inf(1)
		for _, n := range readers[v] {
			u, ok := math.Ldexp(1, -1000), false
			var c *tensor.Tensor // the other operand
			for _, x := range n.Inputs {
				if x != nil && x.Const != nil {
					c = x.Const
				}
			}
			scale := 1.0
			if c != nil && n.Op == "Mul" {
				scale = maxAbs(tensorFloats(c))
			}
			if bound := p.Bound(n.Outputs[0].Name); n.Attrs.Int(graph.Precise, 0) == 2 && bound > 0 && scale > 0 {
				unit = min(unit, target(bound, placeBits)/scale)
				continue
			}
			switch n.Op {
			case "Less", "LessOrEqual", "Greater", "GreaterOrEqual":
				ok = c != nil
			case "Gather", "Slice", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Transpose", "Sub", "Add":
				if n.Inputs[0] == v && (len(n.Inputs) == 1 || c != nil) {
					u, ok = want(n.Outputs[0], depth+1)
				}
			case "Cast":
				if n.Outputs[0].Type.IsFloat() {
					u, ok = want(n.Outputs[0], depth+1)
				} else {
					u, ok = math.Inf(1), true // a table, which rounds what it needs
				}
			case "Mul":
				if bound := p.Bound(n.Outputs[0].Name); c != nil && (n.Attrs.Int(graph.BalancedColumns, 0) != 0 || c.Len() == 1) && bound > 0 && maxAbs(tensorFloats(c)) > 0 {
					u, ok = target(bound, columnBits)/maxAbs(tensorFloats(c)), true
				}
			}
			if !ok {
				return 0, false
			}
			unit = min(unit, u)
		}
		return unit, true
	}
	out := map[*graph.Value]float64{}
	for _, v := range g.Inputs {
		if u, ok := want(v, 0); ok && v.Type.IsFloat() && !math.IsInf(u, 0) {
			out[v] = u
		}
	}
	return out
}

func tensorFloats(t *tensor.Tensor) []float64 {
	out := make([]float64, t.Len())
	for i := range out {
		out[i] = t.Float(i)
	}
	return out
}

// rescaled is x times a power of two for each column, of wide integers. Nil where x is narrow.
func (b *builder) rescaled(x *value, data []float64, bound float64) *value {
	b.ready(x)
	if bound == 0 || b.p.Global != nil || x.honestBits() <= maxBits || x.bits() > compareBits+8 {
		return nil
	}
	b.settleWide(x) // some columns
	return b.alike(x, data, bound, columnBits)
}

// alike requantises the columns of one power together, from X to a number of bits of the bound, and puts all into one free block.
//
// Determined: as requantise; the block stands alone. Cost: requantisation, and one entry. The powers are part of the circuit.
func (b *builder) alike(x *value, data []float64, bound float64, bits int) *value {
	axis := len(x.split) - 1
	at := map[float64][]int{}
	var factors []float64
	for i, c := range data {
		if at[c] == nil {
			factors = append(factors, c)
		}
		at[c] = append(at[c], i)
	}
	slices.Sort(factors)
	unit := target(bound, bits)
	var out *value
	for _, c := range factors {
		v := b.viewAxis(x, axis, at[c]).scaled(c)
		v.bound = min(v.bound, bound)
		if s := shiftTo(v.unit, unit); s > 0 || v.bits() > freeBits {
			v = b.requantise(v, s, b.digitCount(v, s))
		}
		if k := exponent(v.unit / unit); k > 0 {
			v = v.finer(1 << k)
		}
		back := make([]int, len(data))
		for i := range back {
			back[i] = slices.Index(at[c], i)
		}
		w := b.viewAxis(v, axis, back)
		if out == nil {
			out = w
			continue
		}
		lo, hi := min(out.lo, w.lo), max(out.hi, w.hi)
		out = plus(out, w)
		out.lo, out.hi = lo, hi
	}
	out.bound = bound
	out = b.freeBlock(out, "columns")
	out.columns = true
	return out
}
