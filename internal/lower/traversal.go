package lower

import (
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// traversal is what exporters make of perfect trees that go down one level at a time (Hummingbird's PerfectTreeTraversal), for one row x:
//
//	i_0 = root + [x[feature] < threshold],   i_k+1 = 2 i_k + [x[nodes_k[i_k]] < biases_k[i_k]],   y = leaves[i_d]
//
// with tables of constants. Tree t is at level k in the entries 2^(k-1) root_t .. of its table, 2^k of them.
type traversal struct {
	x     *graph.Value
	op    string // Less or LessOrEqual
	trees int
	base  []int64 // of the window of each tree in the table of the next level
	// of the nodes level by level: features and thresholds of each tree, and whether a node's bit is the comparison's opposite
	features   [][]int64
	thresholds [][]float64
	negated    []bool
}

// traversed are the nodes that a gather of leaves becomes: all comparisons at once, and one test for each leaf, as such exporters do for
// shallow trees. With P the features as rows of 0 and 1, b = [P x < threshold] and C the path to each leaf, 1 for a yes and -1 for a no,
//
//	y_t = sum_l leaves[t, l] [C b_t = number of yes in C_l]
//
// Of b in {0, 1} the sum C b is that number if and only if every comparison on the path says what it should. Nil if the node is
// none, or where the way down is cheaper, or needed by others.
func traversed(n *graph.Node, made map[*graph.Value]*graph.Node, readers map[*graph.Value]int) []*graph.Node {
	leaves := n.Inputs[0].Const
	if leaves == nil || !leaves.Type.IsFloat() || len(leaves.Shape) > 2 || n.Inputs[1].Const != nil || n.Attrs.Int("axis", 0) != 0 ||
		readers[n.Inputs[1]] > 1 {
		return nil
	}
	v := newTraversal(n.Inputs[1], made)
	if v == nil {
		return nil
	}
	depth := len(v.negated)
	ends := 1 << depth
	columns, values, ok := v.window(floatEntries(leaves), leaves.Shape, ends)
	if !ok || !v.cheap() {
		return nil
	}
	return v.nodes(n, columns, values)
}

// newTraversal reads an index of leaves; nil if it is none.
func newTraversal(index *graph.Value, made map[*graph.Value]*graph.Node) *traversal {
	const deepest = 12
	var bits []*graph.Node // of the levels, the last one first
	var negated []bool
	var at []*graph.Value // the index at which level k's tables are read
	var v *traversal
	for i := index; v == nil; {
		i = plain(i, made)
		add := made[i]
		if add == nil || add.Op != "Add" || len(bits) == deepest {
			return nil
		}
		var rest *graph.Value
		for k := range 2 {
			if c, not := comparison(add.Inputs[k], made); c != nil {
				bits, negated, rest = append(bits, c), append(negated, not), add.Inputs[1-k]
				break
			}
		}
		if rest == nil || tensor.Size(rest.Shape) != tensor.Size(i.Shape) {
			return nil
		}
		if rest.Const != nil {
			if !rest.Const.Type.IsInt() {
				return nil
			}
			v = &traversal{trees: rest.Const.Len(), base: slices.Clone(rest.Const.Ints)}
			break
		}
		mul := made[plain(rest, made)]
		if mul == nil || mul.Op != "Mul" {
			return nil
		}
		k := slices.IndexFunc(mul.Inputs, func(x *graph.Value) bool { return x.Const != nil })
		if k < 0 || mul.Inputs[k].Const.Len() != 1 || mul.Inputs[k].Const.Float(0) != 2 {
			return nil
		}
		i = mul.Inputs[1-k]
		at = append(at, plain(i, made))
	}
	slices.Reverse(bits)
	slices.Reverse(negated)
	slices.Reverse(at)
	v.negated = negated
	if v.trees == 0 || tensor.Size(index.Shape) != v.trees {
		return nil
	}
	for k, c := range bits {
		var feature, threshold *graph.Value
		x, column := chosen(plain(c.Inputs[0], made), made)
		if x == nil || len(x.Shape) != 2 || x.Shape[0] != 1 {
			return nil
		}
		if k == 0 {
			v.x, v.op = x, lessOf(c.Op)
			feature, threshold = column, c.Inputs[1]
		} else {
			feature, threshold = entry(column, at[k-1], made), entry(c.Inputs[1], at[k-1], made)
		}
		if x != v.x || lessOf(c.Op) != v.op || tensor.Size(c.Outputs[0].Shape) != v.trees || feature == nil || threshold == nil ||
			feature.Const == nil || threshold.Const == nil || !feature.Const.Type.IsInt() || !threshold.Const.Type.IsFloat() {
			return nil
		}
		if !v.level(feature.Const, threshold.Const, k) {
			return nil
		}
	}
	if v.x.Const != nil || !v.x.Type.IsFloat() {
		return nil
	}
	return v
}

// plain is what a value renames.
func plain(v *graph.Value, made map[*graph.Value]*graph.Node) *graph.Value {
	for n := made[v]; n != nil; n = made[v] {
		if _, ok := graph.ReshapeOf(n); !ok {
			break
		}
		v = n.Inputs[0]
	}
	return v
}

// chosen are a row x [1, F] and the columns of it that v is; nil if it is none. A choice is a gather, or a sum of x times one-hot columns.
func chosen(v *graph.Value, made map[*graph.Value]*graph.Node) (x, column *graph.Value) {
	n := made[v]
	switch {
	case n == nil:
	case n.Op == "GatherElements" || n.Op == "Gather" && n.Inputs[1].Const != nil:
		if n.Attrs.Int("axis", 0) == 1 {
			return n.Inputs[0], n.Inputs[1]
		}
	case n.Op == "ReduceSum":
		p, err := graph.ReduceOf(n)
		mul := made[n.Inputs[0]]
		if err != nil || !slices.Equal(p.Axes, []int{1}) || mul == nil || mul.Op != "Mul" {
			return nil, nil
		}
		for k := range 2 {
			cast, row := made[mul.Inputs[k]], made[mul.Inputs[1-k]]
			if cast == nil || row == nil || cast.Op != "Cast" || row.Op != "Unsqueeze" {
				continue
			}
			hot := made[cast.Inputs[0]]
			x := row.Inputs[0]
			if hot == nil || hot.Op != "OneHot" || len(x.Shape) != 2 || !slices.Equal(row.Outputs[0].Shape, []int{x.Shape[0], x.Shape[1], 1}) {
				continue
			}
			axis, depth, err := graph.OneHotOf(hot)
			values := hot.Inputs[2].Const
			if err == nil && axis == 1 && depth == x.Shape[1] && len(hot.Outputs[0].Shape) == 3 && values != nil && values.Float(0) == 0 && values.Float(1) == 1 {
				return x, hot.Inputs[0]
			}
		}
	}
	return nil, nil
}

// entry is the table of which v is the entries at an index; nil if it is no such thing.
func entry(v, index *graph.Value, made map[*graph.Value]*graph.Node) *graph.Value {
	n := made[plain(v, made)]
	if n == nil || n.Op != "Gather" || n.Attrs.Int("axis", 0) != 0 || len(n.Inputs[0].Shape) != 1 || plain(n.Inputs[1], made) != index {
		return nil
	}
	return n.Inputs[0]
}

// comparison is the one that an integer 0 or 1 stands for, and whether it stands for the opposite.
func comparison(v *graph.Value, made map[*graph.Value]*graph.Node) (c *graph.Node, opposite bool) {
	n := made[plain(v, made)]
	if n == nil || n.Op != "Cast" || !n.Outputs[0].Type.IsInt() {
		return nil, false
	}
	for n = made[plain(n.Inputs[0], made)]; n != nil && n.Op == "Not"; n = made[plain(n.Inputs[0], made)] {
		opposite = !opposite
	}
	if n == nil || lessOf(n.Op) == "" {
		return nil, false
	}
	return n, opposite != (n.Op == "GreaterOrEqual" || n.Op == "Greater")
}

// lessOf is the comparison of which op is this one or the opposite.
func lessOf(op string) string {
	switch op {
	case "Less", "GreaterOrEqual":
		return "Less"
	case "LessOrEqual", "Greater":
		return "LessOrEqual"
	}
	return ""
}

// level adds the nodes of a level; false if a tree's window leaves a table, or an entry is none of x's.
func (v *traversal) level(features, thresholds *tensor.Tensor, k int) bool {
	f, t := features.Ints, floatEntries(thresholds)
	width := 1 << k
	if k == 0 {
		if len(f) != v.trees || len(t) != v.trees {
			return false
		}
	} else if !v.fits(len(f), width) || !v.fits(len(t), width) {
		return false
	}
	for j := range width {
		fs, ts := make([]int64, v.trees), make([]float64, v.trees)
		for i := range fs {
			at := i
			if k > 0 {
				at = int(v.base[i]) + j
			}
			if fs[i], ts[i] = f[at], t[at]; fs[i] < 0 || fs[i] >= int64(v.x.Shape[1]) || math.IsNaN(ts[i]) || math.IsInf(ts[i], 0) {
				return false
			}
		}
		v.features, v.thresholds = append(v.features, fs), append(v.thresholds, ts)
	}
	if k > 0 {
		for i := range v.base {
			v.base[i] *= 2
		}
	}
	return true
}

// fits reports whether all windows of a width lie in a table.
func (v *traversal) fits(length, width int) bool {
	return !slices.ContainsFunc(v.base, func(x int64) bool { return x < 0 || x > int64(length-width) })
}

// window is the table of leaves by tree, column and leaf.
func (v *traversal) window(table []float64, shape []int, ends int) (columns int, out []float64, ok bool) {
	columns = 1
	if len(shape) == 2 {
		columns = shape[1]
	}
	if !v.fits(shape[0], ends) || columns == 0 {
		return 0, nil, false
	}
	out = make([]float64, room(v.trees, columns, ends))
	for i := range out {
		t, c, l := i/ends/columns, i/ends%columns, i%ends
		out[i] = table[(int(v.base[t])+l)*columns+c]
		if math.IsNaN(out[i]) || math.IsInf(out[i], 0) {
			return 0, nil, false
		}
	}
	return columns, out, true
}

// cheap reports whether all comparisons cost less than the way down, by the model of compile.go.
func (v *traversal) cheap() bool {
	const digits = 3.
	nodes, trees, depth, features := float64(len(v.features)), float64(v.trees), float64(len(v.negated)), float64(v.x.Shape[1])
	all := cellCost*(digits*trees*nodes+2*trees*(nodes+1)) + constantCost*trees*nodes*features
	down := hotCost*trees*2*nodes + cellCost*trees*depth*(digits+2*features) + 4*copyCost*depth
	return all <= down && trees*nodes*features <= maxMade
}

// floatEntries are a tensor's entries.
func floatEntries(t *tensor.Tensor) []float64 {
	out := make([]float64, t.Len())
	for i := range out {
		out[i] = t.Float(i)
	}
	return out
}

// nodes are the comparisons, the tests of leaves and their sums.
func (v *traversal) nodes(n *graph.Node, columns int, leaves []float64) (out []*graph.Node) {
	count, ends, width := len(v.features), len(v.features)+1, v.x.Shape[1]
	rows := v.trees * count
	p, limits := make([]float64, room(rows, width)), make([]float64, rows)
	for j := range v.features {
		for t := range v.trees {
			p[(t*count+j)*width+int(v.features[j][t])] = 1
			limits[t*count+j] = v.thresholds[j][t]
		}
	}
	path, yes := make([]float64, room(ends, count)), make([]float64, ends)
	for l := range ends {
		for k, not := range v.negated {
			rest := len(v.negated) - k
			node := 1<<k - 1 + l>>rest
			if path[l*count+node] = 1; (l>>(rest-1)&1 == 1) == not {
				path[l*count+node] = -1
			} else {
				yes[l]++
			}
		}
	}
	x, y := v.x.Type, n.Outputs[0].Type
	constant := func(name string, t tensor.DType, data []float64, shape ...int) *graph.Value {
		return &graph.Value{Name: n.Name + " " + name, Type: t, Shape: shape, Const: &tensor.Tensor{Type: t, Shape: shape, Floats: data}}
	}
	op := func(op string, t tensor.DType, attrs graph.Attrs, shape []int, in ...*graph.Value) *graph.Value {
		o := &graph.Value{Name: n.Name + " " + op, Type: t, Shape: shape}
		out = append(out, &graph.Node{Name: n.Name, Op: op, Inputs: in, Outputs: []*graph.Value{o}, Attrs: attrs, Opset: n.Opset})
		return o
	}
	list := func(shape ...int) *graph.Value {
		c := constant("shape", tensor.Int64, nil, len(shape))
		c.Const.Ints = make([]int64, len(shape))
		for i, d := range shape {
			c.Const.Ints[i] = int64(d)
		}
		return c
	}
	b := op("Gemm", x, graph.Attrs{"transB": int64(1)}, []int{rows, 1}, constant("features", x, p, rows, width), v.x)
	b = op(v.op, tensor.Bool, graph.Attrs{}, []int{rows, 1}, b, constant("thresholds", x, limits, rows, 1))
	b = op("Reshape", tensor.Bool, graph.Attrs{}, []int{v.trees, count, 1}, b, list(v.trees, count, 1))
	b = op("Cast", x, graph.Attrs{}, b.Shape, b)
	b = op("MatMul", x, graph.Attrs{}, []int{v.trees, ends, 1}, constant("paths", x, path, ends, count), b)
	b = op("Equal", tensor.Bool, graph.Attrs{}, b.Shape, b, constant("lengths", x, yes, ends, 1))
	b = op("Cast", y, graph.Attrs{}, b.Shape, b)
	b = op("MatMul", y, graph.Attrs{}, []int{v.trees, columns, 1}, constant("leaves", y, leaves, v.trees, columns, ends), b)
	op("Reshape", y, graph.Attrs{}, n.Outputs[0].Shape, b, list(n.Outputs[0].Shape...))
	out[len(out)-1].Outputs = n.Outputs
	return out
}
