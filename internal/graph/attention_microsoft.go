package graph

import (
	"math"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// expandMultiHead is com.microsoft's attention of separate queries, keys and values.
func expandMultiHead(e *expander) []*Value {
	e.arity(1, 10)
	n := int(e.n.Attrs.Int("num_heads", 0))
	q := e.in(0)
	if e.n.In(1) == nil || e.n.In(2) == nil || len(q.Shape) != 3 || len(e.in(1).Shape) != 3 || len(e.in(2).Shape) != 3 {
		e.unsupported("packed queries, keys and values")
	}
	k, v := e.in(1), e.in(2)
	for i := 6; i < 10; i++ {
		if e.n.In(i) != nil {
			e.unsupported("a past")
		}
	}
	if bias := e.n.In(3); bias != nil {
		h := q.Shape[2]
		if tensor.Size(bias.Shape) != 2*h+v.Shape[2] {
			e.failf("a bias of shape %v", bias.Shape)
		}
		q = e.op("Add", nil, q, e.slice(bias, 0, 0, h))
		k = e.op("Add", nil, k, e.slice(bias, 0, h, 2*h))
		v = e.op("Add", nil, v, e.slice(bias, 0, 2*h, 2*h+v.Shape[2]))
	}
	return []*Value{e.microsoft(q, k, v, n, e.n.In(4), e.n.In(5))}
}

// expandPackedAttention is com.microsoft's attention with the projections of queries, keys and values inside.
func expandPackedAttention(e *expander) []*Value {
	e.arity(2, 7)
	a := e.n.Attrs
	n := int(a.Int("num_heads", 0))
	x, w := e.in(0), e.in(1)
	if e.n.In(4) != nil || e.n.In(6) != nil || a.Int("do_rotary", 0) != 0 {
		e.unsupported("a past, or do_rotary")
	}
	y := e.op("MatMul", nil, x, w)
	if len(y.Shape) != 3 {
		e.failf("input and weights of shapes %v, %v", x.Shape, w.Shape)
	}
	if b := e.n.In(2); b != nil {
		y = e.op("Add", nil, y, b)
	}
	h := y.Shape[2] / 3
	sizes := []int{h, h, y.Shape[2] - 2*h}
	if list := a.Ints("qkv_hidden_sizes"); len(list) == 3 {
		var err error
		sizes, err = toInts(list)
		e.check(err)
	}
	if sizes[0] < 1 || sizes[1] < 1 || sizes[2] < 1 || sizes[0]+sizes[1]+sizes[2] != y.Shape[2] {
		e.failf("queries, keys and values of %v columns of %d", sizes, y.Shape[2])
	}
	q, k := e.slice(y, 2, 0, sizes[0]), e.slice(y, 2, sizes[0], sizes[0]+sizes[1])
	v := e.slice(y, 2, sizes[0]+sizes[1], y.Shape[2])
	return []*Value{e.microsoft(q, k, v, n, e.n.In(3), e.n.In(5))}
}

// microsoft is the common part: keys is a mask [B, L] of 0 and 1, or the number of keys of each row [B], or that and where they
// start [2B]; extra is added to the scores.
func (e *expander) microsoft(q, k, v *Value, n int, keys, extra *Value) *Value {
	q, k, v = e.heads(q, n), e.heads(k, n), e.heads(v, n)
	b, s, l := q.Shape[0], q.Shape[2], k.Shape[2]
	if q.Shape[3] != k.Shape[3] || l != v.Shape[2] {
		e.failf("queries, keys and values of shapes %v, %v, %v", q.Shape, k.Shape, v.Shape)
	}
	m := e.masker(b, n, s, l)
	scale := e.n.Attrs.Float("scale", 0)
	if scale == 0 {
		scale = 1 / math.Sqrt(float64(q.Shape[3]))
	}
	sc := scores{q: q, k: k, v: v, scale: scale, extra: extra}
	if e.n.Attrs.Int("unidirectional", 0) != 0 {
		m.hide(func(_, _, s, k int) bool { return k > s+l-q.Shape[2] })
	}
	if keys != nil {
		switch {
		case tensor.SameShape(keys.Shape, []int{b, l}):
			keys = e.cast(keys, tensor.Bool)
		case tensor.SameShape(keys.Shape, []int{b}) || tensor.SameShape(keys.Shape, []int{2 * b}):
			place := make([]int, l)
			for i := range place {
				place[i] = i
			}
			places := e.cast(e.ints(place...), keys.Type)
			ends := e.op("Less", nil, places, e.reshape(e.slice(keys, 0, 0, b), b, 1))
			if len(keys.Shape) == 1 && keys.Shape[0] == 2*b {
				ends = e.op("And", nil, ends, e.op("GreaterOrEqual", nil, places, e.reshape(e.slice(keys, 0, b, 2*b), b, 1)))
			}
			keys = ends
		default:
			e.unsupported("a mask of shape %v", keys.Shape)
		}
		e.mask(m, &sc, e.reshape(keys, b, 1, 1, l))
	}
	sc.bias = m.bias()
	y, _ := e.attend(sc)
	return e.joinHeads(y)
}
