package graph

import (
	"fmt"
	"math"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

var rnnOps = []*Op{
	{Name: "RNN", MinIn: 3, MaxIn: 6, MaxOut: 2, Infer: inferRNN, Eval: evalRNN},
	{Name: "GRU", MinIn: 3, MaxIn: 6, MaxOut: 2, Infer: inferRNN, Eval: evalRNN},
	{Name: "LSTM", MinIn: 3, MaxIn: 8, MaxOut: 3, Infer: inferRNN, Eval: evalRNN},
}

// RNNParams describe an RNN, GRU or LSTM: x [Steps, Batch, Input], W [Directions, Gates*Hidden, Input],
// R [Directions, Gates*Hidden, Hidden], B [Directions, 2*Gates*Hidden] or absent. Gates are in ONNX's order: LSTM i o f c, GRU
// z r h.
type RNNParams struct {
	Steps, Batch, Input, Hidden int
	Gates                       int
	Reverse                     []bool // for each direction, whether it walks from the last step to the first
	LinearBeforeReset           bool   // GRU
	Clip                        float64
	Activations                 [][]func(float64) float64 // for each direction
}

// RNNOf resolves a recurrent node.
func RNNOf(n *Node) (RNNParams, error) {
	p := RNNParams{Clip: n.Attrs.Float("clip", math.Inf(1)), LinearBeforeReset: n.Attrs.Int("linear_before_reset", 0) != 0}
	x, w, r := n.Inputs[0].Shape, n.Inputs[1].Shape, n.Inputs[2].Shape
	var names []string
	switch n.Op {
	case "RNN":
		p.Gates, names = 1, []string{"Tanh"}
	case "GRU":
		p.Gates, names = 3, []string{"Sigmoid", "Tanh"}
	default:
		p.Gates, names = 4, []string{"Sigmoid", "Tanh", "Tanh"}
	}
	switch d := n.Attrs.String("direction", "forward"); d {
	case "forward":
		p.Reverse = []bool{false}
	case "reverse":
		p.Reverse = []bool{true}
	case "bidirectional":
		p.Reverse = []bool{false, true}
	default:
		return p, fmt.Errorf("direction is %q", d)
	}
	dirs := len(p.Reverse)
	if len(x) != 3 || len(w) != 3 || len(r) != 3 || r[2] > tensor.MaxSize/8 {
		return p, fmt.Errorf("input, W and R of shapes %v, %v, %v", x, w, r)
	}
	p.Steps, p.Batch, p.Input, p.Hidden = x[0], x[1], x[2], r[2]
	if !tensor.SameShape(w, []int{dirs, p.Gates * p.Hidden, p.Input}) || !tensor.SameShape(r, []int{dirs, p.Gates * p.Hidden, p.Hidden}) ||
		n.Attrs.Int("hidden_size", int64(p.Hidden)) != int64(p.Hidden) {
		return p, fmt.Errorf("input, W and R of shapes %v, %v, %v", x, w, r)
	}
	state := []int{dirs, p.Batch, p.Hidden}
	for i, want := range map[int][]int{3: {dirs, 2 * p.Gates * p.Hidden}, 5: state, 6: state, 7: {dirs, 3 * p.Hidden}} {
		if v := n.In(i); v != nil && !tensor.SameShape(v.Shape, want) {
			return p, fmt.Errorf("input %d has shape %v, want %v", i, v.Shape, want)
		}
	}
	if n.Attrs.Int("layout", 0) != 0 {
		return p, unsupportedf("layout=1")
	}
	if n.Attrs.Int("input_forget", 0) != 0 {
		return p, unsupportedf("input_forget=1")
	}
	if v := n.In(4); v != nil {
		if v.Const == nil {
			return p, unsupportedf("sequence_lens")
		}
		for _, k := range v.Const.Ints {
			if k != int64(p.Steps) {
				return p, unsupportedf("sequence_lens %v", v.Const.Ints)
			}
		}
	}
	if given, ok := n.Attrs["activations"].([]string); ok {
		if len(given) != len(names)*dirs {
			return p, fmt.Errorf("%d activations, want %d", len(given), len(names)*dirs)
		}
		names = given
	} else if dirs == 2 {
		names = append(names, names...)
	}
	alphas, _ := n.Attrs["activation_alpha"].([]float64)
	betas, _ := n.Attrs["activation_beta"].([]float64)
	each := len(names) / dirs
	for i, name := range names {
		f, err := gateFunction(name, &alphas, &betas)
		if err != nil {
			return p, err
		}
		if i%each == 0 {
			p.Activations = append(p.Activations, nil)
		}
		p.Activations[i/each] = append(p.Activations[i/each], f)
	}
	return p, nil
}

// gateFunction is an activation by name; those with parameters take the next of the lists, or defaults.
func gateFunction(name string, alphas, betas *[]float64) (func(float64) float64, error) {
	next := func(list *[]float64, def float64) float64 {
		if len(*list) == 0 {
			return def
		}
		v := (*list)[0]
		*list = (*list)[1:]
		return v
	}
	attrs := Attrs{}
	switch name {
	case "Sigmoid", "Tanh", "Relu", "Softsign", "Softplus":
	case "LeakyRelu":
		attrs["alpha"] = next(alphas, 0.01)
	case "ThresholdedRelu", "Elu":
		attrs["alpha"] = next(alphas, 1)
	case "HardSigmoid":
		attrs["alpha"], attrs["beta"] = next(alphas, 0.2), next(betas, 0.5)
	case "Affine":
		a, b := next(alphas, 1), next(betas, 0)
		return func(x float64) float64 { return float64(a*x) + b }, nil
	case "ScaledTanh":
		a, b := next(alphas, 1), next(betas, 1)
		return func(x float64) float64 { return float64(a * tensor.Tanh(float64(b*x))) }, nil
	default:
		return nil, unsupportedf("activation %q", name)
	}
	s, err := scalars[name](&Node{Op: name, Attrs: attrs})
	return s.f, err
}

func inferRNN(n *Node) error {
	p, err := RNNOf(n)
	if err != nil {
		return err
	}
	for i, v := range n.Inputs {
		if v != nil && i != 4 && !v.Type.IsFloat() {
			return fmt.Errorf("input %d is %v, not a floating type", i, v.Type)
		}
	}
	dirs, t := len(p.Reverse), n.Inputs[0].Type
	if err := n.set(0, t, []int{p.Steps, dirs, p.Batch, p.Hidden}); err != nil {
		return err
	}
	for i := 1; i < 3; i++ {
		if err := n.set(i, t, []int{dirs, p.Batch, p.Hidden}); err != nil {
			return err
		}
	}
	return nil
}

// rnnWeights are one direction's weights: gate g has rows g*hidden to (g+1)*hidden of w and r.
type rnnWeights struct {
	w, r   []float64
	wb, rb []float64 // biases; zeros if absent
	peep   []float64 // of an LSTM, or nil
}

func evalRNN(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	p, err := RNNOf(n)
	if err != nil {
		return nil, err
	}
	dirs, t := len(p.Reverse), n.Inputs[0].Type
	at := func(i int) *tensor.Tensor {
		if i < len(in) {
			return in[i]
		}
		return nil
	}
	size, rows := p.Batch*p.Hidden, p.Gates*p.Hidden
	y := make([]float64, p.Steps*dirs*size)
	h, c := make([]float64, dirs*size), make([]float64, dirs*size)
	if v := at(5); v != nil {
		copy(h, v.Floats)
	}
	if v := at(6); v != nil {
		copy(c, v.Floats)
	}
	for d, reverse := range p.Reverse {
		k := rnnWeights{w: in[1].Floats[d*rows*p.Input:][:rows*p.Input], r: in[2].Floats[d*rows*p.Hidden:][:rows*p.Hidden]}
		if b := at(3); b != nil {
			k.wb, k.rb = b.Floats[2*d*rows:][:rows], b.Floats[(2*d+1)*rows:][:rows]
		} else {
			k.wb, k.rb = make([]float64, rows), make([]float64, rows)
		}
		if v := at(7); v != nil {
			k.peep = v.Floats[d*3*p.Hidden:][:3*p.Hidden]
		}
		for step := range p.Steps {
			if reverse {
				step = p.Steps - 1 - step
			}
			for b := range p.Batch {
				x := in[0].Floats[(step*p.Batch+b)*p.Input:][:p.Input]
				row := (d*p.Batch + b) * p.Hidden
				p.cell(n.Op, d, &k, x, h[row:row+p.Hidden], c[row:row+p.Hidden])
				copy(y[(step*dirs*p.Batch+d*p.Batch+b)*p.Hidden:], h[row:row+p.Hidden])
			}
		}
	}
	state := []int{dirs, p.Batch, p.Hidden}
	outs := []*tensor.Tensor{tensor.FromFloats(t, y, p.Steps, dirs, p.Batch, p.Hidden), tensor.FromFloats(t, h, state...)}
	if n.Op == "LSTM" {
		outs = append(outs, tensor.FromFloats(t, c, state...))
	}
	return outs, nil
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += float64(v * b[i])
	}
	return sum
}

// cell updates the state h (and c of an LSTM) of one batch entry by one step.
func (p *RNNParams) cell(op string, dir int, k *rnnWeights, x, h, c []float64) {
	rows := p.Gates * p.Hidden
	fromX, fromH := make([]float64, rows), make([]float64, rows)
	for i := range rows {
		fromX[i] = dot(k.w[i*p.Input:(i+1)*p.Input], x) + k.wb[i]
		fromH[i] = dot(k.r[i*p.Hidden:(i+1)*p.Hidden], h) + k.rb[i]
	}
	clip := func(v float64) float64 { return clamp(v, -p.Clip, p.Clip) }
	act := p.Activations[dir]
	gate := func(g, i int) float64 { return fromX[g*p.Hidden+i] + fromH[g*p.Hidden+i] }
	switch op {
	case "RNN":
		for i := range h {
			h[i] = act[0](clip(gate(0, i)))
		}
	case "GRU":
		z, r := make([]float64, p.Hidden), make([]float64, p.Hidden)
		for i := range h {
			z[i], r[i] = act[0](clip(gate(0, i))), act[0](clip(gate(1, i)))
		}
		reset := make([]float64, p.Hidden)
		for i := range h {
			reset[i] = float64(r[i] * h[i])
		}
		next := make([]float64, p.Hidden)
		for i := range h {
			row := 2*p.Hidden + i
			s := fromX[row]
			if p.LinearBeforeReset {
				s += float64(r[i] * fromH[row])
			} else {
				s += dot(k.r[row*p.Hidden:(row+1)*p.Hidden], reset) + k.rb[row]
			}
			next[i] = float64((1-z[i])*act[1](clip(s))) + float64(z[i]*h[i])
		}
		copy(h, next)
	case "LSTM":
		for i := range h {
			gi, gf := gate(0, i), gate(2, i)
			if k.peep != nil {
				gi += float64(k.peep[i] * c[i])
				gf += float64(k.peep[2*p.Hidden+i] * c[i])
			}
			c[i] = float64(act[0](clip(gf))*c[i]) + float64(act[0](clip(gi))*act[1](clip(gate(3, i))))
			o := gate(1, i)
			if k.peep != nil {
				o += float64(k.peep[p.Hidden+i] * c[i])
			}
			h[i] = float64(act[0](clip(o)) * act[2](c[i]))
		}
	}
}
