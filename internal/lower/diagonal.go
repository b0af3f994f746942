package lower

import (
	"slices"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// diagonal moves products with constant vectors along the last axis, and constant addends, from the operand of matrix
// products into their constant weights:
//
//	(x*s + t) W = x (diag(s) W) + t W
//
// so that a layer normalisation's result is requantised once. It does so where nobody but such products reads the operand.
// The given graph stays as it is.
func diagonal(g *graph.Graph) *graph.Graph {
	made, readers := makers(g), consumers(g)
	foldable := map[*graph.Value]int{} // reads by products with constant weights
	for _, n := range g.Nodes {
		if timesWeights(n) {
			foldable[n.Inputs[0]]++
		}
	}
	bases := map[*graph.Node]*graph.Node{} // normalisations without scale and shift, by the node that has them
	out := *g
	out.Nodes = nil
	for _, n := range g.Nodes {
		if x := n.In(0); timesWeights(n) && readers[x] == foldable[x] {
			d := newAffine(n.Inputs[1].Const.Shape[0])
			base := d.through(x, made, func(v *graph.Value) bool { return v == x || readers[v] == 1 })
			if m := made[base]; m != nil {
				if plain := d.normalisation(m, base == x || readers[base] == 1); plain != nil {
					if bases[m] == nil {
						bases[m] = plain
						out.Nodes = append(out.Nodes, plain)
					}
					base = bases[m].Outputs[0]
				}
			}
			if base != x {
				out.Nodes = append(out.Nodes, d.product(n, base)...)
				continue
			}
		}
		out.Nodes = append(out.Nodes, n)
	}
	if len(out.Nodes) == len(g.Nodes) && slices.Equal(out.Nodes, g.Nodes) {
		return g
	}
	out.Nodes = live(g.Outputs, out.Nodes)
	return &out
}

// timesWeights reports whether a node is x W with a constant matrix W [k, j] and data x [.., k], up to Gemm's factors.
func timesWeights(n *graph.Node) bool {
	if n.Op != "MatMul" && (n.Op != "Gemm" || n.Attrs.Int("transA", 0) != 0 || n.Attrs.Int("transB", 0) != 0) {
		return false
	}
	x, w := n.In(0), n.In(1)
	return x.Const == nil && w.Const != nil && len(w.Shape) == 2 && w.Const.Type.IsFloat() && len(x.Shape) > 0
}

// affine is x*s + t along the last axis.
type affine struct{ s, t []float64 }

func newAffine(k int) *affine {
	d := &affine{make([]float64, k), make([]float64, k)}
	for i := range d.s {
		d.s[i] = 1
	}
	return d
}

// through follows products and sums with constants from v to their operand, as far as only they read it.
func (d *affine) through(v *graph.Value, made map[*graph.Value]*graph.Node, only func(*graph.Value) bool) *graph.Value {
	for {
		n := made[v]
		if n == nil || n.Op != "Mul" && n.Op != "Add" || n.Attrs.Int(graph.BalancedColumns, 0) != 0 || !only(v) {
			return v
		}
		x, c := n.Inputs[0], n.Inputs[1]
		if x.Const != nil {
			x, c = c, x
		}
		data := d.vector(c)
		if data == nil || x.Const != nil || !slices.Equal(x.Shape, v.Shape) {
			return v
		}
		for i := range d.s {
			if n.Op == "Mul" {
				d.s[i] *= data[i]
			} else {
				d.t[i] += float64(d.s[i] * data[i])
			}
		}
		v = x
	}
}

// vector is a constant along the last axis, nil if it is none.
func (d *affine) vector(v *graph.Value) []float64 {
	if v == nil || v.Const == nil || !v.Const.Type.IsFloat() || tensor.Size(v.Shape) != len(d.s) || v.Shape[len(v.Shape)-1] != len(d.s) {
		return nil
	}
	return floats(v.Name, v.Const)
}

// normalisation takes the scale and shift of a LayerNormalization or RMSNormalization over the last axis, and gives the node
// without them; nil if n is none, or others read its result.
func (d *affine) normalisation(n *graph.Node, only bool) *graph.Node {
	if n.Op != "LayerNormalization" && n.Op != "RMSNormalization" || !only || len(n.Outputs) > 1 {
		return nil
	}
	x := n.Inputs[0]
	axis, err := graph.NormAxis(n)
	if err != nil || axis != len(x.Shape)-1 {
		return nil
	}
	scale, shift := d.vector(n.In(1)), make([]float64, len(d.s))
	if b := n.In(2); b != nil {
		shift = d.vector(b)
	}
	if scale == nil || shift == nil {
		return nil
	}
	for i := range d.s {
		d.t[i] += float64(d.s[i] * shift[i])
		d.s[i] *= scale[i]
	}
	centre := int64(1)
	if n.Op == "RMSNormalization" {
		centre = 0
	}
	y := &graph.Value{Name: n.Name + " standardised", Type: x.Type, Shape: x.Shape}
	return &graph.Node{Name: n.Name, Op: standardiseOp, Inputs: []*graph.Value{x}, Outputs: []*graph.Value{y}, Opset: n.Opset,
		Attrs: graph.Attrs{"axes": []int64{int64(axis)}, "epsilon": n.Attrs.Float("epsilon", 1e-5), "centre": centre}}
}

// product is n on another operand, whose weights are diag(s) W, and the addend t W if there is one.
func (d *affine) product(n *graph.Node, x *graph.Value) []*graph.Node {
	w := n.Inputs[1].Const
	k, j := w.Shape[0], w.Shape[1]
	data, add := floats(n.Name, w), make([]float64, j)
	some := false
	alpha := n.Attrs.Float("alpha", 1)
	for i := range data {
		add[i%j] += float64(alpha * float64(d.t[i/j]*data[i]))
		data[i] *= d.s[i/j]
		some = some || add[i%j] != 0
	}
	constant := func(name string, shape []int, data []float64) *graph.Value {
		return &graph.Value{Name: name, Type: tensor.Float64, Shape: shape,
			Const: &tensor.Tensor{Type: tensor.Float64, Shape: shape, Floats: data}}
	}
	m := *n
	m.Inputs = slices.Clone(n.Inputs)
	m.Inputs[0], m.Inputs[1] = x, constant(n.Inputs[1].Name, []int{k, j}, data)
	if !some {
		return []*graph.Node{&m}
	}
	y := *n.Outputs[0]
	m.Outputs = []*graph.Value{&y}
	sum := &graph.Node{Name: n.Name, Op: "Add", Inputs: []*graph.Value{&y, constant(n.Name+" shift", []int{j}, add)}, Outputs: n.Outputs,
		Opset: n.Opset, Attrs: graph.Attrs{}}
	return []*graph.Node{&m, sum}
}
