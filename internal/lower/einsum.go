package lower

import (
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
)

// indexed is an operand of Einsum without axes of length 1: the index of each axis, all different.
type indexed struct {
	v    *value
	axes []int
}

// lowerEinsum is any Einsum: diagonals are views, indices that one operand alone holds are summed away, and operands are
// contracted two at a time from the left: each one bilinear contraction, requantised between them.
func lowerEinsum(b *builder, n *graph.Node, in []*value) []*value {
	p := resolved(graph.EinsumOf(n))
	needed := func(k, after int) bool { // by the output or a later operand
		return slices.Contains(p.Output, k) || slices.ContainsFunc(p.Operands[after:], func(l []int) bool { return slices.Contains(l, k) })
	}
	var acc indexed
	for i, axes := range p.Operands {
		x := b.operand(n, in, i, axes)
		if i > 0 {
			acc = b.contracted(acc, x, func(k int) bool { return needed(k, i+1) })
			continue
		}
		acc = summed(x, func(k int) bool { return needed(k, 1) })
	}
	// the output's order, and its axes of length 1
	var perm []int
	for _, k := range p.Output {
		if at := slices.Index(acc.axes, k); at >= 0 {
			perm = append(perm, at)
		}
	}
	return []*value{b.reshaped(transposed(acc.v, perm), n.Outputs[0].Shape)}
}

// operand is operand i with repeated indices made one axis, without axes of length 1.
func (b *builder) operand(n *graph.Node, in []*value, i int, axes []int) indexed {
	v := in[i]
	if v == nil {
		v = b.constantOperand(n, i)
		if !n.Inputs[i].Type.IsFloat() {
			t := n.Inputs[i].Const
			v = b.constantValue(n.Inputs[i].Name, floats(n.Name, t), t.Shape, 1, nil, false)
		}
	}
	v = b.shared(v)
	x := indexed{v: v}
	var shape []int
	for a, k := range axes {
		if d := n.Inputs[i].Shape[a]; d > 1 {
			shape = append(shape, d)
			x.axes = append(x.axes, k)
		}
	}
	x.v = b.reshaped(x.v, shape)
	for a := 0; a < len(x.axes); a++ {
		for c := a + 1; c < len(x.axes); c++ {
			if x.axes[c] != x.axes[a] {
				continue
			}
			// both axes first, as one: its diagonal
			perm := []int{a, c}
			for j := range x.axes {
				if j != a && j != c {
					perm = append(perm, j)
				}
			}
			v := transposed(x.v, perm)
			shape := v.shape()
			d := shape[0]
			at := make([]int, room(d))
			for j := range at {
				at[j] = j*d + j
			}
			x.v = b.viewAxis(b.reshaped(v, append([]int{d * d}, shape[2:]...)), 0, at)
			rest := slices.Delete(slices.Clone(x.axes), c, c+1)
			rest = slices.Delete(rest, a, a+1)
			x.axes = append([]int{x.axes[a]}, rest...)
			a = -1 // again from the start
			break
		}
	}
	return x
}

// summed sums the indices away that nobody needs.
func summed(x indexed, needed func(k int) bool) indexed {
	for a := len(x.axes) - 1; a >= 0; a-- {
		if !needed(x.axes[a]) {
			x.v = sumAxes(x.v, []int{a})
			x.v.split = slices.Delete(slices.Clone(x.v.split), a, a+1)
			x.axes = slices.Delete(slices.Clone(x.axes), a, a+1)
		}
	}
	return x
}

// contracted is the sum of x * y over the indices that nobody needs later.
func (b *builder) contracted(x, y indexed, needed func(k int) bool) indexed {
	x = summed(x, func(k int) bool { return needed(k) || slices.Contains(y.axes, k) })
	y = summed(y, func(k int) bool { return needed(k) || slices.Contains(x.axes, k) })
	if x.v.force == nil && len(x.v.sums) > 0 && x.v.honestBits() > maxBits && !x.v.whole {
		b.quantised(x.v, maxBits-1)
	}
	var out indexed
	var shape []int
	lens := map[int]int{}
	letters := func(f *indexed) (ls []int) {
		b.settle(f.v)
		for a := range f.axes {
			f.v = b.settle(b.oneAtom(f.v, a))
		}
		for a, k := range f.axes {
			d := circuit.Count(f.v.axisAtoms(a))
			at := slices.Index(out.axes, k)
			switch {
			case at >= 0:
			case needed(k):
				at = len(out.axes)
				out.axes, shape = append(out.axes, k), append(shape, d)
			default:
				at = innerAxis + k
				lens[at] = d
			}
			ls = append(ls, at)
		}
		return ls
	}
	lx := letters(&x)
	ly := letters(&y)
	if circuit.Count(x.v.atoms) < circuit.Count(y.v.atoms) {
		x, y, lx, ly = y, x, ly, lx
	}
	out.v = contract(shape, lens, y.v, x.v, ly, lx)
	if out.v.bits() > 62 {
		fail("a product of %d bits: use smaller scales", out.v.bits())
	}
	return out
}
