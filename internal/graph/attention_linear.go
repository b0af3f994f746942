package graph

import (
	"math"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// linearAttentionExpansions are the attention of linear cost, and what comes with it: a convolution and a cache with a state.
var linearAttentionExpansions = map[string]expansion{
	"CausalConvWithState": expandCausalConv,
	"LinearAttention":     expandLinearAttention,
}

// expandCausalConv is a convolution of each channel with the entries before it, which past_state continues to the left:
// [B, C, L] with weights [C, 1, k]; the state is the last k - 1 entries.
func expandCausalConv(e *expander) []*Value {
	e.arity(2, 4)
	x, w := e.in(0), e.in(1)
	if len(x.Shape) != 3 || len(w.Shape) != 3 || w.Shape[0] != x.Shape[1] || w.Shape[1] != 1 || w.Shape[2] < 1 {
		e.failf("input and weights of shapes %v, %v", x.Shape, w.Shape)
	}
	b, c, k := x.Shape[0], x.Shape[1], w.Shape[2]
	state := e.n.In(3)
	if state == nil {
		e.size(b, c, k)
		state = e.constant(tensor.New(x.Type, b, c, k-1))
	}
	if !tensor.SameShape(state.Shape, []int{b, c, k - 1}) {
		e.failf("past_state of shape %v, want %v", state.Shape, []int{b, c, k - 1})
	}
	if k > 1 {
		x = e.concat(2, state, x)
		state = e.slice(x, 2, x.Shape[2]-(k-1), x.Shape[2])
	}
	y := e.op("Conv", Attrs{"group": int64(c)}, x, w, e.n.In(2))
	switch name := e.n.Attrs.String("activation", "none"); name {
	case "none":
	case "silu", "swish":
		y = e.op("Mul", nil, y, e.op("Sigmoid", nil, y))
	default:
		e.unsupported("activation %s", name)
	}
	return []*Value{y, state}
}

// expandLinearAttention is a state S [B, N, D, E] for each head of keys that every position changes and is read from:
//
//	S = exp(decay) S + k^T w,   w = v or beta (v - k S),   y = scale q S
//
// Without decay and beta the sum over positions is one product of scores that are not normalised.
func expandLinearAttention(e *expander) []*Value {
	e.arity(3, 6)
	a := e.n.Attrs
	n, kv := int(a.Int("q_num_heads", 0)), int(a.Int("kv_num_heads", 0))
	if n < 1 || kv < 1 || n%kv != 0 {
		e.failf("%d heads of queries for %d of keys", n, kv)
	}
	for i := range 3 {
		if len(e.in(i).Shape) != 3 {
			e.failf("input %d of shape %v", i, e.in(i).Shape)
		}
	}
	q, k, v := e.heads(e.in(0), n), e.heads(e.in(1), kv), e.heads(e.in(2), kv)
	b, t, d, w := k.Shape[0], k.Shape[2], k.Shape[3], v.Shape[3]
	if q.Shape[0] != b || v.Shape[0] != b || q.Shape[2] != t || v.Shape[2] != t || q.Shape[3] != d || d < 1 {
		e.failf("queries, keys and values of shapes %v, %v, %v", q.Shape, k.Shape, v.Shape)
	}
	scale := a.Float("scale", 0)
	if scale == 0 {
		scale = 1 / math.Sqrt(float64(d))
	}
	q = e.op("Mul", nil, q, e.scalar(q.Type, scale))
	decay, beta := e.gates(b, t, kv, d)
	state := e.n.In(3)
	if state != nil && !tensor.SameShape(state.Shape, []int{b, kv, d, w}) {
		e.failf("past_state of shape %v, want %v", state.Shape, []int{b, kv, d, w})
	}
	if state != nil {
		state = e.cast(state, q.Type)
	}
	at := make([]int, e.size(n)) // the head of keys of each head of queries
	for i := range at {
		at[i] = i / (n / kv)
	}
	spread := func(x *Value) *Value {
		if n == kv {
			return x
		}
		return e.gather(x, 1, at...)
	}
	add := func(x, y *Value) *Value {
		if x == nil {
			return y
		}
		return e.op("Add", nil, x, y)
	}
	var y *Value
	if decay == nil && beta == nil {
		scores := e.op("Trilu", Attrs{"upper": int64(0)}, e.op("MatMul", nil, q, spread(e.transpose(k, 0, 1, 3, 2))))
		y = e.op("MatMul", nil, scores, spread(v))
		if state != nil {
			y = add(y, e.op("MatMul", nil, q, spread(state)))
		}
		state = add(state, e.op("MatMul", nil, e.transpose(k, 0, 1, 3, 2), v))
	} else {
		if t > maxUnrolled {
			e.unsupported("%d positions", t)
		}
		rows := make([]*Value, t)
		for i := range t {
			key, value := e.slice(k, 2, i, i+1), e.slice(v, 2, i, i+1)
			if decay != nil && state != nil {
				state = e.op("Mul", nil, state, e.transpose(e.slice(decay, 2, i, i+1), 0, 1, 3, 2))
			}
			if beta != nil {
				if state != nil {
					value = e.op("Sub", nil, value, e.op("MatMul", nil, key, state))
				}
				value = e.op("Mul", nil, value, e.slice(beta, 2, i, i+1))
			}
			state = add(state, e.op("MatMul", nil, e.transpose(key, 0, 1, 3, 2), value))
			rows[i] = e.op("MatMul", nil, e.slice(q, 2, i, i+1), spread(state))
		}
		y = e.concat(2, rows...)
	}
	if past := e.n.In(3); past != nil {
		state = e.cast(state, past.Type)
	}
	return []*Value{e.joinHeads(y), state}
}

// gates are exp(decay) [B, N, T, 1 or D] and beta [B, N or 1, T, 1] as the update rule wants them; nil: 1.
func (e *expander) gates(b, t, kv, d int) (decay, beta *Value) {
	rule := e.n.Attrs.String("update_rule", "gated_delta")
	known := map[string][2]bool{"linear": {}, "gated": {true, false}, "delta": {false, true}, "gated_delta": {true, true}}
	want, ok := known[rule]
	if !ok {
		e.unsupported("update_rule %s", rule)
	}
	decay, beta = e.n.In(4), e.n.In(5)
	if (decay != nil) != want[0] || (beta != nil) != want[1] {
		e.failf("update_rule %s: decay or beta is missing, or too much", rule)
	}
	split := func(x *Value, counts ...int) *Value {
		for _, n := range counts {
			if len(x.Shape) == 3 && x.Shape[0] == b && x.Shape[1] == t && (x.Shape[2] == n || n == kv && x.Shape[2] == kv*d) {
				return e.heads(x, n)
			}
		}
		e.failf("decay or beta of shape %v", x.Shape)
		return nil
	}
	if decay != nil {
		decay = e.op("Exp", nil, split(decay, kv))
	}
	if beta != nil {
		if beta = split(beta, kv, 1); beta.Shape[3] != 1 {
			e.failf("beta of shape %v", e.in(5).Shape)
		}
	}
	return decay, beta
}
