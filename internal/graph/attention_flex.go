package graph

import (
	"math"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// expandFlex is attention whose scores, and whose probabilities, a subgraph changes.
func expandFlex(e *expander, s *scope) []*Value {
	e.arity(3, 3)
	q, k, v := e.in(0), e.in(1), e.in(2)
	if len(q.Shape) != 4 || len(k.Shape) != 4 || len(v.Shape) != 4 || q.Shape[3] != k.Shape[3] || q.Shape[3] < 1 || k.Shape[2] != v.Shape[2] {
		e.failf("queries, keys and values of shapes %v, %v, %v", q.Shape, k.Shape, v.Shape)
	}
	k, v = e.shareHeads(q, k, v)
	precision := tensor.Float32
	if q.Type == tensor.Float64 {
		precision = tensor.Float64
	}
	if to, ok := e.n.Attrs["softmax_precision"].(int64); ok {
		t, err := TypeOf(to)
		e.check(err)
		precision = t
	}
	change := func(name string, x *Value) *Value {
		if e.n.Attrs[name] == nil {
			return x
		}
		sub, shared := e.subgraph(name, s)
		if len(sub.Outputs) != 1 {
			e.failf("its %s gives %d outputs", name, len(sub.Outputs))
		}
		y := e.inline(sub, shared, e.n.Name+"/"+name+"/", []*Value{x})[0]
		if y.sequence || !tensor.SameShape(y.Shape, x.Shape) {
			e.failf("its %s gives shape %v, want %v", name, y.Shape, x.Shape)
		}
		return y
	}
	p := e.op("MatMul", nil, q, e.transpose(k, 0, 1, 3, 2))
	p = e.op("Mul", nil, p, e.scalar(p.Type, e.n.Attrs.Float("scale", 1/math.Sqrt(float64(q.Shape[3])))))
	p = change("score_mod", e.cast(p, precision))
	p = change("prob_mod", e.op("Softmax", Attrs{"axis": int64(3)}, p))
	return []*Value{e.op("MatMul", nil, e.cast(p, v.Type), v)}
}

// shareHeads are keys and values with a head for each of the queries': each serves several.
func (e *expander) shareHeads(q, k, v *Value) (*Value, *Value) {
	n := q.Shape[1]
	if n == k.Shape[1] {
		return k, v
	}
	if k.Shape[1] == 0 || n%k.Shape[1] != 0 || v.Shape[1] != k.Shape[1] {
		e.failf("%d heads of queries for %d of keys and %d of values", n, k.Shape[1], v.Shape[1])
	}
	at := make([]int, e.size(n))
	for i := range at {
		at[i] = i / (n / k.Shape[1])
	}
	return e.gather(k, 1, at...), e.gather(v, 1, at...)
}
