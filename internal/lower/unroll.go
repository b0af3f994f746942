package lower

import (
	"fmt"
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// unroll replaces RNN, GRU and LSTM nodes with constant weights by their steps, as nodes that the other gadgets lower: for each
// step one MatMul of the input and one of the state for each activation (one relation: the two sums are added before they are
// requantised), the activations as tables, and element-wise products. A node that it does not cover stays, and is reported.
//
// Weights are shared between the steps. Determined: whatever the nodes are. The given graph stays as it is.
func unroll(g *graph.Graph) *graph.Graph {
	if !slices.ContainsFunc(g.Nodes, func(n *graph.Node) bool { return n.Op == "RNN" || n.Op == "GRU" || n.Op == "LSTM" }) {
		return g
	}
	out := *g
	out.Nodes = nil
	read := consumers(g)
	for _, n := range g.Nodes {
		if n.Op == "RNN" || n.Op == "GRU" || n.Op == "LSTM" {
			u := unroller{node: n, read: read}
			if u.run() {
				out.Nodes = append(out.Nodes, u.nodes...)
				continue
			}
		}
		out.Nodes = append(out.Nodes, n)
	}
	return &out
}

type unroller struct {
	node  *graph.Node
	read  map[*graph.Value]int
	p     graph.RNNParams
	nodes []*graph.Node
}

// op appends a node.
func (u *unroller) op(op string, attrs graph.Attrs, shape []int, in ...*graph.Value) *graph.Value {
	v := &graph.Value{Name: fmt.Sprintf("%s %s %d", u.node.Name, op, len(u.nodes)), Type: u.node.Inputs[0].Type, Shape: shape}
	u.emit(op, attrs, v, in...)
	return v
}

func (u *unroller) emit(op string, attrs graph.Attrs, out *graph.Value, in ...*graph.Value) {
	if attrs == nil {
		attrs = graph.Attrs{}
	}
	u.nodes = append(u.nodes, &graph.Node{Name: fmt.Sprintf("%s: step %s %d", u.node.Name, op, len(u.nodes)), Op: op,
		Inputs: in, Outputs: []*graph.Value{out}, Attrs: attrs, Opset: u.node.Opset})
}

func (u *unroller) constant(name string, shape []int, data []float64) *graph.Value {
	t := &tensor.Tensor{Type: tensor.Float64, Shape: shape, Floats: data}
	return &graph.Value{Name: u.node.Name + " " + name, Type: t.Type, Shape: shape, Const: t}
}

func (u *unroller) index(i int) *graph.Value {
	t := &tensor.Tensor{Type: tensor.Int64, Shape: []int{}, Ints: []int64{int64(i)}}
	return &graph.Value{Name: fmt.Sprintf("%s index %d", u.node.Name, i), Type: t.Type, Shape: t.Shape, Const: t}
}

func (u *unroller) reshape(v *graph.Value, shape ...int) *graph.Value {
	return u.op("Reshape", nil, shape, v, u.shapeOf(shape))
}

func (u *unroller) shapeOf(shape []int) *graph.Value {
	t := &tensor.Tensor{Type: tensor.Int64, Shape: []int{len(shape)}}
	for _, d := range shape {
		t.Ints = append(t.Ints, int64(d))
	}
	return &graph.Value{Name: u.node.Name + " shape", Type: t.Type, Shape: t.Shape, Const: t}
}

// weights are rows from..to of one direction of W and R, transposed, and the sums of their biases. Nil stands for zeros.
type weights struct {
	w, r     *graph.Value
	bias, rb []float64 // wb + rb, rb
	wb       []float64
	columns  int
}

func (u *unroller) weights(name string, dir, from, to int) *weights {
	p, n := &u.p, u.node
	rows := p.Gates * p.Hidden
	take := func(i, cols int) *graph.Value {
		t := n.Inputs[i].Const
		data := make([]float64, (to-from)*cols)
		for r := from; r < to; r++ {
			for c := range cols {
				data[c*(to-from)+r-from] = t.Float((dir*rows+r)*cols + c)
			}
		}
		return u.constant(fmt.Sprintf("%s %d %d", name, i, dir), []int{cols, to - from}, data)
	}
	k := &weights{w: take(1, p.Input), r: take(2, p.Hidden), columns: to - from}
	k.bias, k.rb, k.wb = make([]float64, to-from), make([]float64, to-from), make([]float64, to-from)
	if v := n.In(3); v != nil {
		for r := from; r < to; r++ {
			k.wb[r-from] = v.Const.Float(2*dir*rows + r)
			k.rb[r-from] = v.Const.Float((2*dir+1)*rows + r)
			k.bias[r-from] = k.wb[r-from] + k.rb[r-from]
		}
	}
	return k
}

// affine is x W + h R + bias; h may be nil for zeros.
func (u *unroller) affine(k *weights, x, h *graph.Value, bias []float64) *graph.Value {
	shape := []int{u.p.Batch, k.columns}
	y := u.op("MatMul", nil, shape, x, k.w)
	if h != nil {
		y = u.op("Add", nil, shape, y, u.op("MatMul", nil, shape, h, k.r))
	}
	return u.plus(y, "bias", bias)
}

func (u *unroller) plus(y *graph.Value, name string, bias []float64) *graph.Value {
	if maxAbs(bias) == 0 {
		return y
	}
	return u.op("Add", nil, y.Shape, y, u.constant(name, []int{len(bias)}, bias))
}

// part is columns i*hidden..(i+1)*hidden of a gate tensor.
func (u *unroller) part(v *graph.Value, i int) *graph.Value {
	h := u.p.Hidden
	if v.Shape[1] == h {
		return v
	}
	list := func(x int) *graph.Value { return u.shapeOf([]int{x}) }
	return u.op("Slice", nil, []int{u.p.Batch, h}, v, list(i*h), list((i+1)*h), list(1))
}

// initial is the first state of a direction: nil for zeros; ok is false for another constant.
func (u *unroller) initial(i, dir int) (v *graph.Value, ok bool) {
	in := u.node.In(i)
	if in == nil {
		return nil, true
	}
	if in.Const != nil {
		for j := range in.Const.Len() {
			if in.Const.Float(j) != 0 {
				return nil, false
			}
		}
		return nil, true
	}
	return u.op("Gather", graph.Attrs{"axis": int64(0)}, []int{u.p.Batch, u.p.Hidden}, in, u.index(dir)), true
}

func (u *unroller) run() bool {
	n := u.node
	p, err := graph.RNNOf(n)
	if err != nil || !math.IsInf(p.Clip, 1) || n.In(7) != nil || n.Inputs[0].Const != nil || p.Steps < 1 {
		return false
	}
	u.p = p
	if list, ok := n.Attrs["activations"].([]string); ok {
		each := map[string][]string{"RNN": {"Tanh"}, "GRU": {"Sigmoid", "Tanh"}, "LSTM": {"Sigmoid", "Tanh", "Tanh"}}[n.Op]
		for i, a := range list {
			if a != each[i%len(each)] {
				return false
			}
		}
	}
	for _, i := range []int{1, 2, 3} {
		if v := n.In(i); v != nil && v.Const == nil {
			return false
		}
	}
	state := []int{p.Batch, p.Hidden}
	dirs := len(p.Reverse)
	all := make([][]*graph.Value, p.Steps)
	var lastH, lastC []*graph.Value
	for dir, reverse := range p.Reverse {
		h, ok := u.initial(5, dir)
		c, ok2 := u.initial(6, dir)
		if !ok || !ok2 {
			return false
		}
		gates := map[string]int{"RNN": 0, "GRU": 2, "LSTM": 3}[n.Op] // of the logistic function, before those of tanh
		var logistic *weights
		if gates > 0 {
			logistic = u.weights("gates", dir, 0, gates*p.Hidden)
		}
		last := u.weights("candidate", dir, gates*p.Hidden, (gates+1)*p.Hidden)
		mul := func(x, y *graph.Value) *graph.Value { return u.op("Mul", nil, state, x, y) }
		for step := range p.Steps {
			if reverse {
				step = p.Steps - 1 - step
			}
			x := u.op("Gather", graph.Attrs{"axis": int64(0)}, []int{p.Batch, p.Input}, n.Inputs[0], u.index(step))
			var g *graph.Value
			if gates > 0 {
				g = u.op("Sigmoid", nil, []int{p.Batch, gates * p.Hidden}, u.affine(logistic, x, h, logistic.bias))
			}
			switch n.Op {
			case "RNN":
				h = u.op("Tanh", nil, state, u.affine(last, x, h, last.bias))
			case "LSTM": // gates i, o, f
				t := u.op("Tanh", nil, state, u.affine(last, x, h, last.bias))
				next := mul(u.part(g, 0), t)
				if c != nil {
					next = u.op("Add", nil, state, next, mul(u.part(g, 2), c))
				}
				c = next
				h = mul(u.part(g, 1), u.op("Tanh", nil, state, c))
			case "GRU": // gates z, r
				z, r := u.part(g, 0), u.part(g, 1)
				var s *graph.Value
				switch {
				case h == nil && p.LinearBeforeReset && maxAbs(last.rb) > 0:
					s = u.op("Add", nil, state, u.affine(last, x, nil, last.wb), mul(r, u.constant("rb", []int{p.Hidden}, last.rb)))
				case h == nil:
					s = u.affine(last, x, nil, last.bias)
				case p.LinearBeforeReset:
					inner := u.plus(u.op("MatMul", nil, state, h, last.r), "rb", last.rb)
					s = u.op("Add", nil, state, u.affine(last, x, nil, last.wb), mul(r, inner))
				default:
					s = u.affine(last, x, mul(r, h), last.bias)
				}
				t := u.op("Tanh", nil, state, s)
				if h == nil { // t - z t
					h = u.op("Sub", nil, state, t, mul(z, t))
				} else { // t + z (h - t)
					h = u.op("Add", nil, state, t, mul(z, u.op("Sub", nil, state, h, t)))
				}
			}
			all[step] = append(all[step], h)
		}
		lastH, lastC = append(lastH, h), append(lastC, c)
	}
	join := func(out *graph.Value, axis int, parts []*graph.Value) {
		u.emit("Concat", graph.Attrs{"axis": int64(axis)}, out, parts...)
	}
	if y := n.Out(0); y != nil && u.read[y] > 0 {
		var parts []*graph.Value
		for _, hs := range all {
			for _, h := range hs {
				parts = append(parts, u.reshape(h, 1, p.Batch, p.Hidden))
			}
		}
		flat := &graph.Value{Name: y.Name + " steps", Type: y.Type, Shape: []int{p.Steps * dirs, p.Batch, p.Hidden}}
		join(flat, 0, parts)
		u.emit("Reshape", nil, y, flat, u.shapeOf(y.Shape))
	}
	for i, parts := range [][]*graph.Value{lastH, lastC} {
		if y := n.Out(1 + i); y != nil && u.read[y] > 0 {
			var rows []*graph.Value
			for _, v := range parts {
				rows = append(rows, u.reshape(v, 1, p.Batch, p.Hidden))
			}
			join(y, 0, rows)
		}
	}
	return u.prune()
}

// prune drops the nodes that nothing reads.
func (u *unroller) prune() bool {
	used := map[*graph.Value]bool{}
	for _, v := range u.node.Outputs {
		used[v] = true
	}
	var kept []*graph.Node
	for _, n := range slices.Backward(u.nodes) {
		if used[n.Outputs[0]] {
			kept = append(kept, n)
			for _, v := range n.Inputs {
				used[v] = true
			}
		}
	}
	slices.Reverse(kept)
	u.nodes = kept
	return true
}
