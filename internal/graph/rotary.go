package graph

import (
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// expandRotary turns pairs of entries of each head by angles that caches give by position.
func expandRotary(e *expander) []*Value {
	e.arity(3, 4)
	a := e.n.Attrs
	return []*Value{e.rotary(e.in(0), e.in(1), e.in(2), e.n.In(3), a.Int("interleaved", 0) != 0, int(a.Int("rotary_embedding_dim", 0)), int(a.Int("num_heads", 0)))}
}

// expandMicrosoftRotary has the inputs in another order, and positions that may be one offset.
func expandMicrosoftRotary(e *expander) []*Value {
	e.arity(4, 4)
	a := e.n.Attrs
	x, positions, cos := e.in(0), e.in(1), e.in(2)
	if a.Float("scale", 1) != 1 || a.Int("is_packed_batching", 0) != 0 {
		e.unsupported("scale or is_packed_batching")
	}
	if len(cos.Shape) != 2 || len(x.Shape) < 3 {
		e.failf("input and cache of shapes %v, %v", x.Shape, cos.Shape)
	}
	b, s := x.Shape[0], x.Shape[len(x.Shape)-2]
	if tensor.Size(positions.Shape) == 1 && b*s != 1 {
		if positions.Const == nil || positions.Type.IsFloat() {
			e.unsupported("an offset of positions that is not constant")
		}
		list := make([]float64, e.size(b, s))
		for i := range list {
			list[i] = float64(positions.Const.Ints[0]) + float64(i%s)
		}
		positions = e.numbers(tensor.Int64, list, b, s)
	}
	heads := int(a.Int("num_heads", 0))
	if heads == 0 && len(x.Shape) == 3 {
		if cos.Shape[1] == 0 || x.Shape[2]%(2*cos.Shape[1]) != 0 {
			e.failf("input and cache of shapes %v, %v", x.Shape, cos.Shape)
		}
		heads = x.Shape[2] / (2 * cos.Shape[1])
	}
	return []*Value{e.rotary(x, cos, e.in(3), e.reshape(positions, b, s), a.Int("interleaved", 0) != 0, int(a.Int("rotary_embedding_dim", 0)), heads)}
}

// rotary is [B, N, S, D] or [B, S, N*D] with the first dim entries of each head turned: (x cos - y sin, x sin + y cos) for the
// pairs (x, y) of the two halves, or of neighbours. Caches are [positions, dim/2], or [B, S, dim/2] without positions.
func (e *expander) rotary(x, cos, sin, positions *Value, interleaved bool, dim, n int) *Value {
	flat := len(x.Shape) == 3
	v := e.heads(x, n)
	if len(v.Shape) != 4 {
		e.failf("input of shape %v", x.Shape)
	}
	b, s, d := v.Shape[0], v.Shape[2], v.Shape[3]
	if dim == 0 {
		dim = d
	}
	e.size(d, 1)
	if dim < 0 || dim > d || dim%2 != 0 || !tensor.SameShape(cos.Shape, sin.Shape) {
		e.failf("%d of %d entries are turned, caches of shapes %v and %v", dim, d, cos.Shape, sin.Shape)
	}
	angle := func(c *Value) *Value { // [B, 1, S, dim/2]
		if positions != nil {
			if len(c.Shape) != 2 {
				e.failf("a cache of shape %v", c.Shape)
			}
			c = e.op("Gather", Attrs{"axis": int64(0)}, c, positions)
		}
		if !tensor.SameShape(c.Shape, []int{b, s, dim / 2}) {
			e.failf("angles of shape %v, want %v", c.Shape, []int{b, s, dim / 2})
		}
		return e.reshape(c, b, 1, s, dim/2)
	}
	c, t := angle(cos), angle(sin)
	first, second := make([]int, dim/2), make([]int, dim/2)
	back := make([]int, d) // from [first, second, rest]
	for i := range back {
		back[i] = i
	}
	for i := range first {
		first[i], second[i] = i, i+dim/2
		if interleaved {
			first[i], second[i] = 2*i, 2*i+1
			back[2*i], back[2*i+1] = i, i+dim/2
		}
	}
	p, q := e.gather(v, 3, first...), e.gather(v, 3, second...)
	mul := func(a, b *Value) *Value { return e.op("Mul", nil, a, b) }
	parts := []*Value{e.op("Sub", nil, mul(p, c), mul(q, t)), e.op("Add", nil, mul(p, t), mul(q, c))}
	if dim < d {
		parts = append(parts, e.slice(v, 3, dim, d))
	}
	y := e.concat(3, parts...)
	if interleaved {
		y = e.gather(y, 3, back...)
	}
	if flat {
		return e.joinHeads(y)
	}
	return y
}
