package graph

import (
	"fmt"
	"math"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// recurrentExpansions unroll recurrent layers into the nodes of each step: one product of the input and one of the state for each
// activation, the activations, and element-wise products. Weights are shared between the steps, and what a tensor
// is in each step is noted (roles.go), so that the steps share scales.
var recurrentExpansions = map[string]expansion{"RNN": expandRecurrent, "GRU": expandRecurrent, "LSTM": expandRecurrent}

// recurrent is a layer: x [steps, batch, input], W [directions, gates*hidden, input], R [directions, gates*hidden, hidden],
// B [directions, 2*gates*hidden] or absent. Gates are in ONNX's order: LSTM i o f c, GRU z r h.
type recurrent struct {
	*expander
	x                                   *Value
	steps, batch, input, hidden, gates  int
	reverse                             []bool // for each direction, whether it walks from the last step to the first
	clip                                float64
	linearBeforeReset, coupled, byBatch bool
	activations                         [][]func(*Value) *Value // for each direction
	lengths                             []int64                 // of the sequences of a batch; nil: all have every step
}

// maxUnrolled bounds the steps of a layer or loop.
const maxUnrolled = 1 << 14

func expandRecurrent(e *expander) []*Value {
	n := e.n
	r := &recurrent{expander: e, clip: n.Attrs.Float("clip", 0), linearBeforeReset: n.Attrs.Int("linear_before_reset", 0) != 0,
		coupled: n.Attrs.Int("input_forget", 0) != 0, byBatch: n.Attrs.Int("layout", 0) != 0}
	names := map[string][]string{"RNN": {"Tanh"}, "GRU": {"Sigmoid", "Tanh"}, "LSTM": {"Sigmoid", "Tanh", "Tanh"}}[n.Op]
	r.gates = map[string]int{"RNN": 1, "GRU": 3, "LSTM": 4}[n.Op]
	e.arity(3, map[string]int{"RNN": 6, "GRU": 6, "LSTM": 8}[n.Op])
	if most := map[string]int{"RNN": 2, "GRU": 2, "LSTM": 3}[n.Op]; len(n.Outputs) > most {
		e.failf("%d outputs, want at most %d", len(n.Outputs), most)
	}
	r.shapes()
	r.setActivations(names)
	switch d := n.Attrs.String("direction", "forward"); {
	case d == "bidirectional":
		r.reverse = []bool{false, true}
	default:
		r.reverse = []bool{d == "reverse"}
	}
	var all [][]*Value // by direction and step
	var lastH, lastC []*Value
	for dir := range r.reverse {
		ys, h, c := r.walk(dir)
		all, lastH, lastC = append(all, ys), append(lastH, h), append(lastC, c)
	}
	dirs := len(r.reverse)
	outs := []*Value{nil, nil, nil}
	if n.Out(0) != nil {
		var parts []*Value
		for step := range r.steps {
			for dir := range dirs {
				parts = append(parts, e.reshape(all[dir][step], 1, r.batch, r.hidden))
			}
		}
		y := e.reshape(e.concat(0, parts...), r.steps, dirs, r.batch, r.hidden)
		if r.byBatch {
			y = e.transpose(y, 2, 0, 1, 3)
		}
		outs[0] = y
	}
	for i, parts := range [][]*Value{lastH, lastC} {
		if n.Out(1+i) == nil {
			continue
		}
		for dir := range parts {
			parts[dir] = e.reshape(parts[dir], 1, r.batch, r.hidden)
		}
		y := e.concat(0, parts...)
		if r.byBatch {
			y = e.transpose(y, 1, 0, 2)
		}
		outs[1+i] = y
	}
	return outs[:map[string]int{"RNN": 2, "GRU": 2, "LSTM": 3}[n.Op]]
}

// shapes reads the sizes and checks all inputs.
func (r *recurrent) shapes() {
	dirs, ok := map[string]int{"forward": 1, "reverse": 1, "bidirectional": 2}[r.n.Attrs.String("direction", "forward")]
	if !ok {
		r.failf("direction is %q", r.n.Attrs.String("direction", ""))
	}
	for i, v := range r.n.Inputs {
		if v != nil && i != 4 && !v.Type.IsFloat() {
			r.failf("input %d is %v, not a floating type", i, v.Type)
		}
	}
	r.x = r.in(0)
	w, k := r.in(1).Shape, r.in(2).Shape
	if len(r.x.Shape) == 3 && r.byBatch {
		r.x = r.transpose(r.x, 1, 0, 2)
	}
	x := r.x.Shape
	if len(x) != 3 || len(w) != 3 || len(k) != 3 || k[2] > tensor.MaxSize/8 {
		r.failf("input, W and R of shapes %v, %v, %v", x, w, k)
	}
	r.steps, r.batch, r.input, r.hidden = x[0], x[1], x[2], k[2]
	rows := r.gates * r.hidden
	if !tensor.SameShape(w, []int{dirs, rows, r.input}) || !tensor.SameShape(k, []int{dirs, rows, r.hidden}) ||
		r.n.Attrs.Int("hidden_size", int64(r.hidden)) != int64(r.hidden) {
		r.failf("input, W and R of shapes %v, %v, %v", x, w, k)
	}
	if r.steps < 1 || r.steps > maxUnrolled || r.batch < 1 || r.hidden < 1 {
		r.unsupported("%d steps of %d sequences", r.steps, r.batch)
	}
	state := []int{dirs, r.batch, r.hidden}
	if r.byBatch {
		state = []int{r.batch, dirs, r.hidden}
	}
	for i, want := range map[int][]int{3: {dirs, 2 * rows}, 5: state, 6: state, 7: {dirs, 3 * r.hidden}} {
		if v := r.n.In(i); v != nil && !tensor.SameShape(v.Shape, want) {
			r.failf("input %d has shape %v, want %v", i, v.Shape, want)
		}
	}
	v := r.n.In(4)
	if v == nil {
		return
	}
	if v.Const == nil {
		r.unsupported("lengths of sequences that are not constant")
	}
	if !tensor.SameShape(v.Shape, []int{r.batch}) || v.Type.IsFloat() {
		r.failf("lengths of sequences: %v %v", v.Type, v.Shape)
	}
	for _, k := range v.Const.Ints {
		if k < 0 || k > int64(r.steps) {
			r.failf("a sequence of %d of %d steps", k, r.steps)
		}
		if k != int64(r.steps) {
			r.lengths = v.Const.Ints
		}
	}
}

// setActivations resolves the names; those with parameters take the next of the lists, or defaults.
func (r *recurrent) setActivations(names []string) {
	dirs := r.in(1).Shape[0]
	if given, ok := r.n.Attrs["activations"].([]string); ok {
		if len(given) != len(names)*dirs {
			r.failf("%d activations, want %d", len(given), len(names)*dirs)
		}
		names = given
	} else if dirs == 2 {
		names = append(names, names...)
	}
	next := func(list *[]float64, def float64) float64 {
		if len(*list) == 0 {
			return def
		}
		v := (*list)[0]
		*list = (*list)[1:]
		return v
	}
	alphas, betas := r.n.Attrs.floats("activation_alpha"), r.n.Attrs.floats("activation_beta")
	each := len(names) / dirs
	for i, name := range names {
		attrs := Attrs{}
		a, b := 1.0, 0.0
		var f func(x *Value) *Value
		switch name {
		case "Sigmoid", "Tanh", "Relu", "Softsign", "Softplus":
		case "LeakyRelu":
			attrs["alpha"] = next(&alphas, 0.01)
		case "ThresholdedRelu", "Elu":
			attrs["alpha"] = next(&alphas, 1)
		case "HardSigmoid":
			attrs["alpha"], attrs["beta"] = next(&alphas, 0.2), next(&betas, 0.5)
		case "Affine": // a x + b
			a, b = next(&alphas, 1), next(&betas, 0)
			f = func(x *Value) *Value {
				return r.op("Add", nil, r.op("Mul", nil, x, r.scalar(x.Type, a)), r.scalar(x.Type, b))
			}
		case "ScaledTanh": // a tanh(b x)
			a, b = next(&alphas, 1), next(&betas, 1)
			f = func(x *Value) *Value {
				return r.op("Mul", nil, r.op("Tanh", nil, r.op("Mul", nil, x, r.scalar(x.Type, b))), r.scalar(x.Type, a))
			}
		default:
			r.unsupported("activation %q", name)
		}
		if f == nil {
			f = func(x *Value) *Value { return r.op(name, attrs, x) }
		}
		if i%each == 0 {
			r.activations = append(r.activations, nil)
		}
		r.activations[i/each] = append(r.activations[i/each], f)
	}
}

// gateWeights are some gates of one direction: W and R transposed, and their biases, and the sum of those; nil stands for zeros.
type gateWeights struct{ w, r, wb, rb, bias *Value }

// weights are gates from..to of a direction.
func (r *recurrent) weights(dir, from, to int) gateWeights {
	take := func(i int) *Value {
		return r.transpose(r.slice(r.pick(r.in(i), 0, dir), 0, from*r.hidden, to*r.hidden), 1, 0)
	}
	k := gateWeights{w: take(1), r: take(2)}
	if b := r.n.In(3); b != nil {
		row, rows := r.pick(b, 0, dir), r.gates*r.hidden
		k.wb = nonZero(r.slice(row, 0, from*r.hidden, to*r.hidden))
		k.rb = nonZero(r.slice(row, 0, rows+from*r.hidden, rows+to*r.hidden))
	}
	k.bias = r.plus(k.wb, k.rb)
	return k
}

// nonZero is nil for a constant of zeros.
func nonZero(v *Value) *Value {
	if v == nil || v.Const == nil {
		return v
	}
	for i := range v.Const.Len() {
		if v.Const.Float(i) != 0 {
			return v
		}
	}
	return nil
}

// plus adds what is not nil.
func (r *recurrent) plus(terms ...*Value) *Value {
	var sum *Value
	for _, v := range terms {
		switch {
		case v == nil:
		case sum == nil:
			sum = v
		default:
			sum = r.op("Add", nil, sum, v)
		}
	}
	return sum
}

// times is a product in which nil is zero.
func (r *recurrent) times(a, b *Value) *Value {
	if a == nil || b == nil {
		return nil
	}
	return r.op("Mul", nil, a, b)
}

func (r *recurrent) product(h, w *Value) *Value {
	if h == nil {
		return nil
	}
	return r.op("MatMul", nil, h, w)
}

// affine is x W + h R + both biases.
func (r *recurrent) affine(k gateWeights, x, h *Value) *Value {
	return r.plus(r.product(x, k.w), r.product(h, k.r), k.bias)
}

// step notes what a tensor is in every step of a direction.
func (r *recurrent) step(dir int, what string, v *Value) *Value {
	if v != nil {
		r.b.join(fmt.Sprintf("%s:%d %s", r.role(), dir, what), v)
	}
	return v
}

// act is activation i of a direction, after the clip. what is its name in a step.
func (r *recurrent) act(dir, i int, what string, v *Value) *Value {
	r.step(dir, what+" sum", v)
	if r.clip > 0 && !math.IsInf(r.clip, 0) {
		v = r.op("Clip", nil, v, r.scalar(v.Type, -r.clip), r.scalar(v.Type, r.clip))
	}
	return r.step(dir, what, r.activations[dir][i](v))
}

// part is gate i of a tensor of gates.
func (r *recurrent) part(v *Value, i int) *Value {
	return r.slice(v, 1, i*r.hidden, (i+1)*r.hidden)
}

// initial is the first state of a direction [batch, hidden]; nil for zeros.
func (r *recurrent) initial(input, dir int) *Value {
	v := nonZero(r.n.In(input))
	if v == nil {
		return nil
	}
	if r.byBatch {
		return r.pick(v, 1, dir)
	}
	return r.pick(v, 0, dir)
}

// walk unrolls one direction: the outputs of the steps and the last states, zeros made explicit.
func (r *recurrent) walk(dir int) (ys []*Value, h, c *Value) {
	zeros := r.numbers(r.x.Type, make([]float64, r.size(r.batch, r.hidden)), r.batch, r.hidden)
	h = r.initial(5, dir)
	var cell func(x, h, c *Value) (*Value, *Value)
	switch r.n.Op {
	case "RNN":
		k := r.weights(dir, 0, 1)
		cell = func(x, h, _ *Value) (*Value, *Value) { return r.act(dir, 0, "state", r.affine(k, x, h)), nil }
	case "GRU":
		cell = r.gru(dir)
	default:
		c = r.initial(6, dir)
		cell = r.lstm(dir)
	}
	ys = make([]*Value, r.steps)
	for step := range r.steps {
		if r.reverse[dir] {
			step = r.steps - 1 - step
		}
		nextH, nextC := cell(r.pick(r.x, 0, step), h, c)
		if mask := r.mask(step); mask != nil { // sequences that are over keep their state and give zeros
			keep := func(next, was *Value) *Value {
				if next == nil {
					return nil
				}
				if was == nil {
					was = zeros
				}
				return r.op("Where", nil, mask, next, was)
			}
			ys[step] = keep(nextH, nil)
			nextH, nextC = keep(nextH, h), keep(nextC, c)
		} else {
			ys[step] = nextH
		}
		h, c = r.step(dir, "h", nextH), r.step(dir, "c", nextC)
	}
	return ys, h, c
}

// mask says which sequences reach a step [batch, 1]; nil: all do.
func (r *recurrent) mask(step int) *Value {
	if r.lengths == nil {
		return nil
	}
	bits, all := make([]float64, r.size(r.batch)), true
	for i := range r.lengths {
		if int64(step) < r.lengths[i] {
			bits[i] = 1
		} else {
			all = false
		}
	}
	if all {
		return nil
	}
	return r.numbers(tensor.Bool, bits, r.batch, 1)
}

// gru is h' = t + z (h - t) with t the candidate.
func (r *recurrent) gru(dir int) func(x, h, c *Value) (*Value, *Value) {
	gates, last := r.weights(dir, 0, 2), r.weights(dir, 2, 3)
	return func(x, h, _ *Value) (*Value, *Value) {
		g := r.act(dir, 0, "gates", r.affine(gates, x, h))
		z, reset := r.part(g, 0), r.part(g, 1)
		var s *Value
		if r.linearBeforeReset {
			inner := r.plus(r.product(h, last.r), last.rb)
			s = r.plus(r.product(x, last.w), last.wb, r.times(reset, inner))
		} else {
			s = r.affine(last, x, r.times(reset, h))
		}
		t := r.act(dir, 1, "candidate", s)
		if h == nil {
			return r.op("Sub", nil, t, r.op("Mul", nil, z, t)), nil
		}
		return r.op("Add", nil, t, r.op("Mul", nil, z, r.op("Sub", nil, h, t))), nil
	}
}

// lstm is c' = f c + i t, h' = o act(c'), with peepholes P from c to i and f, and from c' to o.
func (r *recurrent) lstm(dir int) func(x, h, c *Value) (*Value, *Value) {
	gates, last := r.weights(dir, 0, 3), r.weights(dir, 3, 4)
	var peep [3]*Value // of i, o, f
	if v := nonZero(r.n.In(7)); v != nil {
		row := r.pick(v, 0, dir)
		for i := range peep {
			peep[i] = r.slice(row, 0, i*r.hidden, (i+1)*r.hidden)
		}
	}
	return func(x, h, c *Value) (*Value, *Value) {
		g := r.affine(gates, x, h)
		t := r.act(dir, 1, "candidate", r.affine(last, x, h))
		var gate func(i int, c *Value) *Value
		if peep[0] == nil {
			g = r.act(dir, 0, "gates", g)
			gate = func(i int, _ *Value) *Value { return r.part(g, i) }
		} else {
			gate = func(i int, c *Value) *Value {
				return r.act(dir, 0, fmt.Sprintf("gate %d", i), r.plus(r.part(g, i), r.times(peep[i], c)))
			}
		}
		in := gate(0, c)
		next := r.op("Mul", nil, in, t)
		if c != nil {
			forget := func() *Value {
				if r.coupled {
					return r.op("Sub", nil, r.scalar(in.Type, 1), in)
				}
				return gate(2, c)
			}
			next = r.op("Add", nil, next, r.op("Mul", nil, forget(), c))
		}
		return r.op("Mul", nil, gate(1, next), r.activations[dir][2](next)), next
	}
}
