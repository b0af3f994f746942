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
