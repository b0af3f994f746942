package lower

import (
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// Cuts. A product with weights may give the axis that the weights alone have any atoms: theirs. Where the readers cut that axis into equal parts
// (the gates of a recurrent cell, queries, keys and values, the heads of an attention, the trees of a forest), atoms along the cuts make slices picks of
// single indices and reshapes free, so that neither copies anything. cuts finds them: what the readers ask of each axis, from the network's
// outputs backwards; then, forwards, what the axes get, which must be the same for all operands of an element-wise operator.

// axisCut is what the readers of a tensor ask of one axis: atoms, of which whole says that no others will do.
type axisCut struct {
	atoms []int
	whole bool
}

// cutter holds what is known of each tensor, by axis.
type cutter struct {
	g       *graph.Graph
	asked   map[*graph.Value][]axisCut
	given   map[*graph.Value][][]int
	refused map[*graph.Value]map[int]bool // axes on which operands would differ
}

// cuts are the atoms of the weights' own axis of each product with weights that gets more than one; none in a network with empty tensors.
func cuts(g *graph.Graph) map[*graph.Value][]int {
	if hasEmpty(g) {
		return nil
	}
	c := &cutter{g: g, refused: map[*graph.Value]map[int]bool{}}
	for again := true; again; {
		c.asked, c.given = map[*graph.Value][]axisCut{}, map[*graph.Value][][]int{}
		for _, v := range g.Outputs {
			c.refuse(v)
		}
		for _, n := range slices.Backward(g.Nodes) {
			c.ask(n)
		}
		again = false
		for _, n := range g.Nodes {
			again = c.give(n) || again
		}
	}
	out := map[*graph.Value][]int{}
	for _, n := range g.Nodes {
		if axis := weightsAxis(n); axis >= 0 {
			if v := n.Outputs[0]; len(c.given[v][axis]) > 1 {
				out[v] = c.given[v][axis]
			}
		}
	}
	return out
}

// hasEmpty reports whether an axis of some tensor has length 0.
func hasEmpty(g *graph.Graph) bool {
	empty := func(v *graph.Value) bool { return v != nil && tensor.Size(v.Shape) == 0 }
	return slices.ContainsFunc(g.Outputs, empty) || slices.ContainsFunc(g.Nodes, func(n *graph.Node) bool {
		return slices.ContainsFunc(n.Inputs, empty) || slices.ContainsFunc(n.Outputs, empty)
	})
}

// weightsOf reports whether a node is a product of data with a constant matrix.
func weightsOf(n *graph.Node) bool {
	if c := n.In(2); n.Op != "MatMul" && n.Op != "Gemm" || c != nil && c.Const == nil || n.Attrs.Int("transA", 0) != 0 {
		return false
	}
	return n.Inputs[0].Const == nil && n.Inputs[1].Const != nil && len(n.Inputs[1].Shape) > 1
}

// leftWeightsOf reports whether a node is a product of a constant matrix, on the left, with data of as many axes as the result.
func leftWeightsOf(n *graph.Node) bool {
	if c := n.In(2); n.Op != "MatMul" && n.Op != "Gemm" || c != nil && c.Const == nil || n.Attrs.Int("transA", 0) != 0 {
		return false
	}
	rank := len(n.Outputs[0].Shape)
	return n.Inputs[0].Const != nil && len(n.Inputs[0].Shape) > 1 && n.Inputs[1].Const == nil && rank > 1 && len(n.Inputs[1].Shape) == rank
}

// weightsAxis is the axis of a product that its weights alone have, -1 for other nodes.
func weightsAxis(n *graph.Node) int {
	switch rank := len(n.Outputs[0].Shape); {
	case weightsOf(n):
		return rank - 1
	case leftWeightsOf(n):
		return rank - 2
	}
	return -1
}

// longer is how many entries an axis's atoms may add to a tensor, where it is padded to powers of two: more cost the prover more than a copy.
const longer = 512

// fits reports whether a tensor may have these atoms along an axis.
func fits(v *graph.Value, axis int, atoms []int) bool {
	rest := 0
	for i, d := range v.Shape {
		if i != axis {
			rest += circuit.Log2Ceil(d)
		}
	}
	cut, plain := circuit.PaddedLog(atoms)+rest, circuit.Log2Ceil(v.Shape[axis])+rest
	return cut == plain || cut < 20 && 1<<cut-1<<plain <= longer
}

// entrywise are operators whose result at an index depends on their operands there; other operators of more than one entry ask for axes
// of one atom.
var entrywise = map[string]bool{"Abs": true, "Add": true, "Cast": true, "Celu": true, "Clip": true, "Div": true, "Elu": true, "Equal": true,
	"Erf": true, "Exp": true, "Gelu": true, "Greater": true, "GreaterOrEqual": true, "HardSigmoid": true, "HardSwish": true, "LeakyRelu": true, "Less": true, "LessOrEqual": true, "Log": true, "Mish": true,
	"Mul": true, "Neg": true, "Not": true, "Relu": true, "Selu": true, "Sigmoid": true, "Softplus": true, "Softsign": true, "Sqrt": true, "Sub": true,
	"Swish": true, "Tanh": true}

// of is what the readers of v ask of axis i.
func (c *cutter) of(v *graph.Value, i int) axisCut {
	if a := c.asked[v]; a != nil {
		return a[i]
	}
	return axisCut{atoms: dropOnes(v.Shape[i])}
}

// want adds what one reader asks of an axis.
func (c *cutter) want(v *graph.Value, i int, k axisCut) {
	if v == nil || v.Const != nil {
		return
	}
	if c.asked[v] == nil {
		for _, d := range v.Shape {
			c.asked[v] = append(c.asked[v], axisCut{atoms: dropOnes(d)})
		}
	}
	whole := axisCut{dropOnes(v.Shape[i]), true}
	if c.refused[v][i] {
		k = whole
	}
	old := &c.asked[v][i]
	both := common(old.atoms, k.atoms)
	switch {
	case both == nil && len(old.atoms) > 0, old.whole && !slices.Equal(both, old.atoms), k.whole && !slices.Equal(both, k.atoms):
		*old = whole
	default:
		*old = axisCut{both, old.whole || k.whole}
	}
}

// common are the coarsest atoms that refine two cuts of one axis, nil if there are none.
func common(a, b []int) []int {
	var out []int
	for len(a) > 0 && len(b) > 0 {
		d, e := a[0], b[0]
		if d > e {
			a, b, d, e = b, a, e, d
		}
		if e%d != 0 {
			return nil
		}
		out, a = append(out, d), a[1:]
		if b = slices.Clone(b[1:]); e > d {
			b = slices.Insert(b, 0, e/d)
		}
	}
	return out
}

// refuse asks for axes of one atom.
func (c *cutter) refuse(v *graph.Value) {
	if v != nil && v.Const == nil {
		for i, d := range v.Shape {
			c.want(v, i, axisCut{dropOnes(d), true})
		}
	}
}

// ask passes on what a node's readers ask to its operands.
func (c *cutter) ask(n *graph.Node) {
	in, out := n.Inputs, n.Outputs[0]
	switch shape, renames := graph.ReshapeOf(n); {
	case entrywise[n.Op]:
		for _, v := range in {
			if v == nil {
				continue
			}
			for i, d := range v.Shape {
				if j := i + len(out.Shape) - len(v.Shape); d > 1 {
					c.want(v, i, c.of(out, j))
				}
			}
		}
	case renames:
		c.reshape(in[0], out, shape)
	case n.Op == "Transpose":
		if perm, err := graph.PermOf(n); err == nil {
			for j, i := range perm {
				c.want(in[0], i, c.of(out, j))
			}
		}
	case n.Op == "Slice":
		if p, err := graph.SliceOf(n); err == nil {
			for i := range in[0].Shape {
				c.want(in[0], i, c.run(in[0], out, i, p.Starts[i], p.Steps[i]))
			}
		}
	case n.Op == "Split":
		if p, err := graph.SplitOf(n); err == nil {
			at := 0
			for j, o := range n.Outputs {
				for i := range in[0].Shape {
					start := 0
					if i == p.Axis {
						start = at
					}
					c.want(in[0], i, c.run(in[0], o, i, start, 1))
				}
				at += p.Lengths[j]
			}
		}
	case weightsOf(n) && len(in[0].Shape) == len(out.Shape):
		for i := range len(out.Shape) - 1 {
			c.want(in[0], i, c.of(out, i))
		}
	case leftWeightsOf(n):
		for i, d := range in[1].Shape {
			if i < len(out.Shape)-2 && d == out.Shape[i] {
				c.want(in[1], i, c.of(out, i))
			} else {
				c.want(in[1], i, axisCut{dropOnes(d), true})
			}
		}
	case n.Op == "ReduceSum":
		c.reduced(n, func(i, j int) { c.want(in[0], i, c.of(out, j)) })
	default:
		for _, v := range in {
			c.refuse(v)
		}
	}
}

// reduced calls f for each axis i of a sum's operand that the result has, there axis j.
func (c *cutter) reduced(n *graph.Node, f func(i, j int)) {
	p, err := graph.ReduceOf(n)
	if err != nil {
		return
	}
	j := 0
	for i := range n.Inputs[0].Shape {
		switch gone := slices.Contains(p.Axes, i); {
		case !gone:
			f(i, j)
			j++
		case len(n.Outputs[0].Shape) == len(n.Inputs[0].Shape):
			j++
		}
	}
}

// run is what a slice from a start asks of axis i.
func (c *cutter) run(v, out *graph.Value, i, start, step int) axisCut {
	d := v.Shape[i]
	if out.Shape[i] == d && start == 0 && step == 1 {
		return c.of(out, i)
	}
	k, size := c.of(out, i), out.Shape[i]
	if step != 1 || size < 2 {
		return axisCut{dropOnes(d), true}
	}
	if start%size == 0 && d%size == 0 { // one of several equal parts
		return axisCut{append(dropOnes(d/size), k.atoms...), k.whole}
	}
	if rest := circuit.Count(k.atoms[1:]); rest > 1 && start%rest == 0 && d%rest == 0 {
		return axisCut{append(dropOnes(d/rest), k.atoms[1:]...), k.whole}
	}
	return axisCut{dropOnes(d), true}
}

// reshape asks the axes of v for the cuts of out's axes and for those between them.
func (c *cutter) reshape(v, out *graph.Value, shape []int) {
	i, j := 0, 0
	for i < len(v.Shape) && j < len(shape) {
		from, have, want := i, v.Shape[i], shape[j]
		k := c.of(out, j)
		atoms, whole := slices.Clone(k.atoms), k.whole
		i, j = i+1, j+1
		for have != want {
			if have < want {
				have *= v.Shape[i]
				i++
				continue
			}
			want *= shape[j]
			k := c.of(out, j)
			atoms, whole = append(atoms, k.atoms...), whole || k.whole
			j++
		}
		for ; from < i; from++ { // hand the atoms out to v's axes
			var part []int
			for p := 1; p < v.Shape[from] && len(atoms) > 0; atoms = atoms[1:] {
				part = append(part, atoms[0])
				p *= atoms[0]
			}
			if circuit.Count(part) != v.Shape[from] { // no cut between the axes
				for ; from < i; from++ {
					c.want(v, from, axisCut{dropOnes(v.Shape[from]), true})
				}
				break
			}
			c.want(v, from, axisCut{part, whole})
		}
	}
}

// give says which atoms a node's outputs get; true if its operands differ, which are then refused.
func (c *cutter) give(n *graph.Node) (differ bool) {
	for _, o := range n.Outputs {
		if o == nil {
			continue
		}
		var axes [][]int
		for _, d := range o.Shape {
			axes = append(axes, dropOnes(d))
		}
		c.given[o] = axes
	}
	out := n.Outputs[0]
	in := func(v *graph.Value, i int) []int {
		if g := c.given[v]; g != nil {
			return g[i]
		}
		return dropOnes(v.Shape[i])
	}
	switch _, renames := graph.ReshapeOf(n); {
	case entrywise[n.Op]:
		for j := range out.Shape {
			var first []int
			for _, v := range n.Inputs {
				i := j - len(out.Shape)
				if v != nil {
					i += len(v.Shape)
				}
				if v == nil || v.Const != nil || i < 0 || v.Shape[i] == 1 {
					continue
				}
				a := in(v, i)
				if first == nil {
					first = a
				}
				if !slices.Equal(first, a) {
					for _, v := range n.Inputs {
						if i := j - len(out.Shape) + len(v.Shape); v.Const == nil && i >= 0 && v.Shape[i] > 1 {
							differ = c.never(v, i) || differ
						}
					}
				}
			}
			if first != nil {
				c.given[out][j] = first
			}
		}
	case renames || n.Op == "Transpose" || n.Op == "Slice" || n.Op == "Split":
		// what they ask of their operand is what makes these atoms
		if v := n.Inputs[0]; v.Const == nil && c.granted(v) {
			for _, o := range n.Outputs {
				if o != nil {
					for i := range o.Shape {
						c.given[o][i] = c.of(o, i).atoms
					}
				}
			}
		}
	case n.Op == "ReduceSum":
		c.reduced(n, func(i, j int) { c.given[out][j] = in(n.Inputs[0], i) })
	case leftWeightsOf(n):
		rows := len(out.Shape) - 2
		differ = c.cut(out, rows)
		for i := range rows {
			if d := n.Inputs[1].Shape[i]; d == out.Shape[i] {
				c.given[out][i] = in(n.Inputs[1], i)
			}
		}
	case weightsOf(n):
		last := len(out.Shape) - 1
		if last > 0 {
			differ = c.cut(out, last)
		}
		if len(n.Inputs[0].Shape) == len(out.Shape) {
			for i := range last {
				c.given[out][i] = in(n.Inputs[0], i)
			}
		}
	}
	return differ
}

// cut gives an axis what its readers ask, or refuses it.
func (c *cutter) cut(v *graph.Value, axis int) (refused bool) {
	if a := c.of(v, axis).atoms; fits(v, axis, a) {
		c.given[v][axis] = a
	} else if len(a) > 1 {
		return c.never(v, axis)
	}
	return false
}

// granted reports whether every axis of v has what its readers ask.
func (c *cutter) granted(v *graph.Value) bool {
	for i := range v.Shape {
		if g := c.given[v]; g == nil || !slices.Equal(g[i], c.of(v, i).atoms) {
			return false
		}
	}
	return true
}

// never refuses cuts of an axis; false if they are refused already.
func (c *cutter) never(v *graph.Value, i int) bool {
	if c.refused[v] == nil {
		c.refused[v] = map[int]bool{}
	}
	if c.refused[v][i] {
		return false
	}
	c.refused[v][i] = true
	return true
}
