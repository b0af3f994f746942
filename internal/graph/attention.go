package graph

import (
	"math"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// attentionExpansions are attention and rotary embeddings, of ONNX and of com.microsoft.
var attentionExpansions = map[string]expansion{
	"Attention":                        expandAttention,
	"RotaryEmbedding":                  expandRotary,
	"com.microsoft.Attention":          expandPackedAttention,
	"com.microsoft.MultiHeadAttention": expandMultiHead,
	"com.microsoft.RotaryEmbedding":    expandMicrosoftRotary,
}

// heads is [B, S, N*D] as [B, N, S, D]; four axes stay.
func (e *expander) heads(v *Value, n int) *Value {
	if len(v.Shape) == 4 {
		return v
	}
	if len(v.Shape) != 3 || n < 1 || v.Shape[2]%n != 0 {
		e.failf("a tensor of shape %v for %d heads", v.Shape, n)
	}
	return e.transpose(e.reshape(v, v.Shape[0], v.Shape[1], n, v.Shape[2]/n), 0, 2, 1, 3)
}

// joinHeads is [B, N, S, D] as [B, S, N*D].
func (e *expander) joinHeads(v *Value) *Value {
	s := v.Shape
	return e.reshape(e.transpose(v, 0, 2, 1, 3), s[0], s[2], s[1]*s[3])
}

// scores are what softmax and the value product do: bias is a constant with minus infinity where a key is masked, mask and extra are
// data: truth values, and numbers to add.
type scores struct {
	q, k, v        *Value // [B, N, S, D], [B, N, L, D], [B, N, L, E]
	scale, softcap float64
	bias           *tensor.Tensor // that broadcasts to [B, N, S, L]; nil: nothing
	mask, extra    *Value
	zeros          bool // rows that mask hides in full become zeros; else they have no proof
}

// attend is softmax(scale q k^T, capped and masked) v, and its inner tensors: products, capped, masked, probabilities.
func (e *expander) attend(s scores) (y *Value, inner [4]*Value) {
	k, v := e.shareHeads(s.q, s.k, s.v)
	p := e.op("MatMul", nil, s.q, e.transpose(k, 0, 1, 3, 2))
	p = e.op("Mul", nil, p, e.scalar(p.Type, s.scale))
	inner[0] = p
	if s.softcap > 0 {
		c := e.scalar(p.Type, s.softcap)
		p = e.op("Mul", nil, e.op("Tanh", nil, e.op("Div", nil, p, c)), c)
	}
	inner[1] = p
	if s.extra != nil {
		p = e.op("Add", nil, p, s.extra)
	}
	if s.mask != nil {
		p = e.op("Where", nil, s.mask, p, e.scalar(p.Type, math.Inf(-1)))
	}
	var keep *Value // rows that some key is left for
	if s.bias != nil {
		open, numbers, rows := splitBias(s.bias)
		keep = rows
		if numbers != nil {
			p = e.op("Add", nil, p, e.constant(numbers.Cast(p.Type)))
		}
		if open != nil {
			p = e.op("Where", nil, e.constant(open), p, e.scalar(p.Type, math.Inf(-1)))
		}
	}
	inner[2] = p
	p = e.op("Softmax", Attrs{"axis": int64(3)}, p)
	if s.mask != nil && s.zeros {
		p = e.op("Where", nil, e.op("IsNaN", nil, p), e.scalar(p.Type, 0), p)
	}
	if keep != nil {
		p = e.op("Mul", nil, p, e.cast(keep, p.Type))
	}
	inner[3] = p
	return e.op("MatMul", nil, p, v), inner
}

// splitBias takes a bias apart: which entries are not masked, nil if all are; what is added to them, nil if nothing is; and, where rows
// of nothing but minus infinity occur, which rows are none: [.., 1]. The entries of such rows count as not masked.
func splitBias(bias *tensor.Tensor) (open, numbers *tensor.Tensor, rows *Value) {
	n := bias.Shape[len(bias.Shape)-1]
	open, numbers = tensor.New(tensor.Bool, bias.Shape...), tensor.New(bias.Type, bias.Shape...)
	keep := tensor.New(tensor.Float32, append(append([]int{}, bias.Shape[:len(bias.Shape)-1]...), 1)...)
	masked, added := false, false
	for r := range keep.Floats {
		for i := r * n; i < (r+1)*n; i++ {
			if x := bias.Floats[i]; !math.IsInf(x, -1) {
				open.Ints[i], numbers.Floats[i], keep.Floats[r] = 1, x, 1
				added = added || x != 0
			} else {
				masked = true
			}
		}
		if keep.Floats[r] == 0 {
			for i := r * n; i < (r+1)*n; i++ {
				open.Ints[i] = 1
			}
		}
	}
	if !masked {
		open = nil
	}
	if !added {
		numbers = nil
	}
	if !allEqual(keep.Floats, 1) {
		rows = &Value{Name: "rows", Type: keep.Type, Shape: keep.Shape, Const: keep}
	}
	return open, numbers, rows
}

// masker gathers the constant masks of an attention: entries [B, N, S, L] that are 0, minus infinity, or a number.
type masker struct {
	shape []int
	data  []float64
}

func (e *expander) masker(shape ...int) *masker {
	return &masker{shape, make([]float64, e.size(shape...))}
}

// hide masks the entries for which hidden holds.
func (m *masker) hide(hidden func(b, n, s, l int) bool) {
	for i := range m.data {
		l := i % m.shape[3]
		s := i / m.shape[3] % m.shape[2]
		n := i / m.shape[3] / m.shape[2] % m.shape[1]
		if hidden(i/m.shape[3]/m.shape[2]/m.shape[1], n, s, l) {
			m.data[i] = math.Inf(-1)
		}
	}
}

// bias is the mask with the fewest axes that say all of it; nil if it masks nothing.
func (m *masker) bias() *tensor.Tensor {
	if allEqual(m.data, 0) {
		return nil
	}
	shape, data := m.shape, m.data
	for len(shape) > 2 { // leading axes that do not matter
		size := tensor.Size(shape[1:])
		same := true
		for i := size; i < len(data) && same; i++ {
			same = data[i] == data[i-size]
		}
		if !same {
			break
		}
		shape, data = shape[1:], data[:size]
	}
	return &tensor.Tensor{Type: tensor.Float64, Shape: shape, Floats: data}
}

// expandAttention is ONNX's operator, versions 23 to 25: causal and constant masks, sliding windows, grouped heads, softcap, a past
// of static length.
func expandAttention(e *expander) []*Value {
	e.arity(3, 7)
	a := e.n.Attrs
	q, k, v := e.in(0), e.in(1), e.in(2)
	flat := len(q.Shape) == 3
	kv := int(a.Int("kv_num_heads", 0))
	q, k, v = e.heads(q, int(a.Int("q_num_heads", 0))), e.heads(k, kv), e.heads(v, kv)
	past, pastValue := e.n.In(4), e.n.In(5)
	if (past == nil) != (pastValue == nil) {
		e.failf("past_key and past_value come together")
	}
	offset := 0
	if past != nil {
		if len(past.Shape) != 4 || len(pastValue.Shape) != 4 {
			e.failf("past_key of shape %v", past.Shape)
		}
		offset = past.Shape[2]
		k, v = e.concat(2, past, k), e.concat(2, pastValue, v)
	}
	if q.Shape[3] != k.Shape[3] || k.Shape[2] != v.Shape[2] || q.Shape[0] != k.Shape[0] {
		e.failf("queries, keys and values of shapes %v, %v, %v", q.Shape, k.Shape, v.Shape)
	}
	b, n, s, l := q.Shape[0], q.Shape[1], q.Shape[2], k.Shape[2]
	m := e.masker(b, n, s, l)
	offsets := make([]int, e.size(b))
	for i := range offsets {
		offsets[i] = offset
	}
	sc := scores{q: q, k: k, v: v, scale: a.Float("scale", 1/math.Sqrt(float64(q.Shape[3]))), softcap: a.Float("softcap", 0), zeros: true}
	lens := e.n.In(6)
	if lens != nil && !tensor.SameShape(lens.Shape, []int{b}) {
		e.failf("lengths of keys of shape %v", lens.Shape)
	}
	moved := lens != nil && lens.Const == nil && past == nil // the last query belongs to the last key, which is data
	if lens != nil && lens.Const == nil {
		sc.mask = e.op("Less", nil, e.steps(lens.Type, 3, l), e.reshape(lens, b, 1, 1, 1))
	} else if lens != nil {
		valid := lens.Const.Ints
		if past == nil {
			for i := range offsets {
				offsets[i] = int(max(min(valid[i], int64(l)), 0)) - s
			}
		}
		m.hide(func(b, _, _, l int) bool { return int64(l) >= valid[b] })
	}
	// keys from..to before the query see it; negative ones come after it
	window := func(from, to int64) {
		if !moved {
			m.hide(func(b, _, s, l int) bool { d := int64(s + offsets[b] - l); return d < from || d > to })
			return
		}
		at := e.op("Add", nil, e.steps(lens.Type, 2, s), e.op("Sub", nil, e.reshape(lens, b, 1, 1, 1), e.scalar(lens.Type, float64(s))))
		d := e.op("Sub", nil, at, e.steps(lens.Type, 3, l))
		if from != math.MinInt64 {
			sc.mask = e.and(sc.mask, e.op("GreaterOrEqual", nil, d, e.scalar(lens.Type, float64(from))))
		}
		if to != math.MaxInt64 {
			sc.mask = e.and(sc.mask, e.op("LessOrEqual", nil, d, e.scalar(lens.Type, float64(to))))
		}
	}
	if a.Int("is_causal", 0) != 0 {
		window(0, math.MaxInt64)
	}
	if w := a.Int("left_window_size", -1); w >= 0 {
		window(math.MinInt64, w)
	}
	if w := a.Int("right_window_size", -1); w >= 0 {
		window(-w, math.MaxInt64)
	}
	if mask := e.n.In(3); mask != nil {
		e.mask(m, &sc, mask)
	}
	sc.bias = m.bias()
	y, inner := e.attend(sc)
	if flat {
		y = e.joinHeads(y)
	}
	mode := a.Int("qk_matmul_output_mode", 0)
	if mode < 0 || mode > 3 {
		e.failf("qk_matmul_output_mode %d", mode)
	}
	if e.n.Out(3) != nil && mode == 2 && (sc.bias != nil || sc.mask != nil) {
		e.unsupported("masked scores as an output: they are minus infinity")
	}
	return []*Value{y, k, v, inner[mode]}
}

// steps are 0, 1, .. along one axis of four.
func (e *expander) steps(t tensor.DType, axis, n int) *Value {
	list := make([]float64, e.size(n))
	for i := range list {
		list[i] = float64(i)
	}
	shape := []int{1, 1, 1, 1}
	shape[axis] = n
	return e.numbers(t, list, shape...)
}

// mask adds a mask that the model gives: truth values (what is false is masked), or numbers to add. Keys beyond its end are masked.
func (e *expander) mask(m *masker, s *scores, mask *Value) {
	l, rank := m.shape[3], len(mask.Shape)
	if rank < 1 || rank > 4 || mask.Shape[rank-1] < 1 || mask.Shape[rank-1] > l {
		e.failf("a mask of shape %v for scores of shape %v", mask.Shape, m.shape)
	}
	short := mask.Shape[rank-1]
	if short < l && short > 1 {
		m.hide(func(_, _, _, k int) bool { return k >= short })
	}
	if mask.Const == nil {
		if short < l && short > 1 {
			pads := make([]int, 2*len(mask.Shape))
			pads[len(pads)-1] = l - short
			mask = e.op("Pad", nil, mask, e.ints(pads...))
		}
		if mask.Type == tensor.Bool {
			s.mask = e.and(s.mask, mask)
		} else {
			s.extra = mask
		}
		return
	}
	shape := mask.Shape
	for len(shape) < 4 {
		shape = append([]int{1}, shape...)
	}
	for i, d := range shape {
		if d != 1 && d != m.shape[i] && i < 3 {
			e.failf("a mask of shape %v for scores of shape %v", mask.Shape, m.shape)
		}
	}
	strides := tensor.Strides(shape)
	for i := range m.data {
		k := i % l
		if short > 1 && k >= short {
			continue
		}
		at, rest := 0, i
		for axis := 3; axis >= 0; axis-- {
			if shape[axis] > 1 {
				at += rest % m.shape[axis] * strides[axis]
			}
			rest /= m.shape[axis]
		}
		switch x := mask.Const.Float(at); {
		case mask.Type == tensor.Bool && x == 0:
			m.data[i] = math.Inf(-1)
		case mask.Type != tensor.Bool:
			m.data[i] += x
		}
	}
}

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
