package graph

import (
	"fmt"
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// treeExpansions are ai.onnx.ml's tree ensembles, as onnxruntime evaluates them.
//
// All trees of an ensemble go down one level at a time. Each distinct comparison (feature, threshold) is made once; a node is
// reached if its parent is, and the comparison says so:
//
//	reach(yes child) = reach(parent) and bit,   reach(no child) = reach(parent) and not bit
//
// and the scores are the reached leaves times their weights. There is nothing to choose: every bit follows from the input.
var treeExpansions = map[string]expansion{
	"ai.onnx.ml.TreeEnsemble":           expandTreeEnsemble,
	"ai.onnx.ml.TreeEnsembleClassifier": expandTreeClassifier,
	"ai.onnx.ml.TreeEnsembleRegressor":  expandTreeRegressor,
}

// forest is a list of binary trees, nodes of all trees in one list.
type forest struct {
	nodes   []treeNode
	roots   []int // one for each tree
	targets int   // columns of the scores
	sets    [][]float64
}

type treeNode struct {
	tree    int
	leaf    bool
	test    treeTest
	yes, no int          // children, if it is no leaf
	weights []treeWeight // of a leaf
}

type treeWeight struct {
	target int
	weight float64
}

// treeTest is a comparison of a feature with a number. GT, GTE and NEQ are LEQ, LT and EQ with the children swapped.
type treeTest struct {
	op      string // LessOrEqual, Less, Equal, or member
	feature int
	value   float64 // for a member, the number of its set
}

// member is the test of a feature against a set: at most one of its numbers is equal to it.
const member = "member"

// treeModes are the operators of node modes, and whether the children are swapped.
var treeModes = map[string]struct {
	op   string
	swap bool
}{
	"BRANCH_LEQ": {"LessOrEqual", false}, "BRANCH_GT": {"LessOrEqual", true},
	"BRANCH_LT": {"Less", false}, "BRANCH_GTE": {"Less", true},
	"BRANCH_EQ": {"Equal", false}, "BRANCH_NEQ": {"Equal", true},
}

// branch makes node i a comparison.
func (f *forest) branch(i int, mode string, feature int64, value float64, yes, no int, features int) error {
	m, ok := treeModes[mode]
	if !ok {
		return unsupportedf("node mode %q", mode)
	}
	if feature < 0 || feature >= int64(features) {
		return fmt.Errorf("feature %d of %d", feature, features)
	}
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return fmt.Errorf("the threshold %g", value)
	}
	if m.swap {
		yes, no = no, yes
	}
	n := &f.nodes[i]
	n.test, n.yes, n.no = treeTest{m.op, int(feature), value}, yes, no
	return nil
}

// check wants every node to be reached from one root, in one way.
func (f *forest) check() error {
	seen := make([]bool, len(f.nodes))
	stack := append([]int(nil), f.roots...)
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if i < 0 || i >= len(f.nodes) || seen[i] {
			return fmt.Errorf("its nodes are no trees: node %d is missing or has two parents", i)
		}
		seen[i] = true
		if n := &f.nodes[i]; !n.leaf {
			stack = append(stack, n.yes, n.no)
		}
	}
	return nil
}

// maxTreeNodes bounds an ensemble.
const maxTreeNodes = 1 << 22

// listedForest reads the attributes that TreeEnsembleClassifier (leaf is "class") and TreeEnsembleRegressor ("target") share.
func (e *expander) listedForest(leaf string, targets, features int) *forest {
	a := e.n.Attrs
	modes, _ := a["nodes_modes"].([]string)
	trees, ids, feats := a.Ints("nodes_treeids"), a.Ints("nodes_nodeids"), a.Ints("nodes_featureids")
	yes, no, values := a.Ints("nodes_truenodeids"), a.Ints("nodes_falsenodeids"), a.floats("nodes_values")
	n := len(modes)
	if n == 0 || n > maxTreeNodes || len(trees) != n || len(ids) != n || len(feats) != n || len(yes) != n || len(no) != n || len(values) != n {
		e.failf("its lists of nodes have %d, %d, %d, %d, %d, %d and %d entries", n, len(trees), len(ids), len(feats), len(yes), len(no), len(values))
	}
	type key struct{ tree, node int64 }
	at := make(map[key]int, n)
	number := map[int64]int{}
	f := &forest{nodes: make([]treeNode, n), targets: targets}
	for i := range modes {
		k := key{trees[i], ids[i]}
		if _, twice := at[k]; twice {
			e.failf("node %d of tree %d is listed twice", ids[i], trees[i])
		}
		at[k] = i
		if _, ok := number[trees[i]]; !ok {
			number[trees[i]] = len(number)
		}
		f.nodes[i].tree, f.nodes[i].leaf = number[trees[i]], modes[i] == "LEAF"
	}
	child := make([]bool, n)
	for i, mode := range modes {
		if f.nodes[i].leaf {
			continue
		}
		y, ok := at[key{trees[i], yes[i]}]
		z, ok2 := at[key{trees[i], no[i]}]
		if !ok || !ok2 {
			e.failf("node %d of tree %d has no such children: %d, %d", ids[i], trees[i], yes[i], no[i])
		}
		child[y], child[z] = true, true
		e.check(f.branch(i, mode, feats[i], values[i], y, z, features))
	}
	for i := range child {
		if !child[i] {
			f.roots = append(f.roots, i)
		}
	}
	if len(f.roots) != len(number) {
		e.failf("%d trees have %d roots", len(number), len(f.roots))
	}
	lt, ln, lc, lw := a.Ints(leaf+"_treeids"), a.Ints(leaf+"_nodeids"), a.Ints(leaf+"_ids"), a.floats(leaf+"_weights")
	if len(ln) != len(lt) || len(lc) != len(lt) || len(lw) != len(lt) {
		e.failf("its lists of leaves have %d, %d, %d and %d entries", len(lt), len(ln), len(lc), len(lw))
	}
	for i := range lt {
		j, ok := at[key{lt[i], ln[i]}]
		if !ok || !f.nodes[j].leaf {
			e.failf("node %d of tree %d is no leaf", ln[i], lt[i])
		}
		if lc[i] < 0 || lc[i] >= int64(targets) {
			e.failf("score %d of %d", lc[i], targets)
		}
		if targets == 1 && len(f.nodes[j].weights) > 0 { // onnxruntime takes the first; skl2onnx's decision_leaf lists one for each class
			continue
		}
		f.nodes[j].weights = append(f.nodes[j].weights, treeWeight{int(lc[i]), lw[i]})
	}
	e.check(f.check())
	return f
}

// scores are the sums [N, targets] over all trees, or their mean, smallest or largest.
func (e *expander) scores(x *Value, f *forest, aggregate string) *Value {
	column := func(n *treeNode, w treeWeight) (int, float64) { return w.target, w.weight }
	width := f.targets
	switch aggregate {
	case "SUM":
	case "AVERAGE":
		column = func(n *treeNode, w treeWeight) (int, float64) { return w.target, w.weight / float64(len(f.roots)) }
	case "MIN", "MAX":
		if f.targets != 1 {
			e.unsupported("aggregate_function %s of several targets", aggregate)
		}
		width = len(f.roots)
		column = func(n *treeNode, w treeWeight) (int, float64) { return n.tree, w.weight }
	default:
		e.failf("aggregate_function %q", aggregate)
	}
	e.size(width, max(len(f.nodes), x.Shape[0]))
	var leaves []int
	var reached []*Value // of leaves, in parts
	// split goes on with a list of nodes, which reach [N, len(list)] says are reached: leaves are kept, branches are returned.
	split := func(reach *Value, list []int) (branches []int, at []int) {
		var ends []int
		for p, i := range list {
			switch {
			case !f.nodes[i].leaf:
				branches, at = append(branches, i), append(at, p)
			case len(f.nodes[i].weights) > 0:
				leaves, ends = append(leaves, i), append(ends, p)
			}
		}
		if len(ends) > 0 {
			reached = append(reached, e.gather(reach, 1, ends...))
		}
		return branches, at
	}
	bits, at := e.tests(x, f)
	rows := x.Shape[0]
	reach := e.numbers(tensor.Bool, repeated(1, e.size(rows, len(f.roots))), rows, len(f.roots)) // of nodes, the branches of one level
	nodes, from := split(reach, f.roots)
	if len(nodes) > 0 {
		reach = e.gather(reach, 1, from...)
	}
	for len(nodes) > 0 {
		columns, yes, no := make([]int, len(nodes)), make([]int, len(nodes)), make([]int, len(nodes))
		for k, i := range nodes {
			n := &f.nodes[i]
			columns[k], yes[k], no[k] = at[n.test], n.yes, n.no
		}
		bit := e.gather(bits, 1, columns...)
		not := e.op("Not", nil, bit)
		if reach.Const == nil {
			bit, not = e.op("And", nil, reach, bit), e.op("And", nil, reach, not)
		}
		var parts []*Value
		nodes = nil
		for _, child := range []struct {
			reach *Value
			list  []int
		}{{bit, yes}, {not, no}} {
			deeper, at := split(child.reach, child.list)
			if nodes = append(nodes, deeper...); len(at) > 0 {
				parts = append(parts, e.gather(child.reach, 1, at...))
			}
		}
		if len(parts) > 0 {
			reach = e.concat(1, parts...)
		}
	}
	w := make([]float64, max(1, len(leaves))*width)
	for k, i := range leaves {
		for _, x := range f.nodes[i].weights {
			c, v := column(&f.nodes[i], x)
			w[k*width+c] += v
		}
	}
	if len(leaves) == 0 {
		return e.numbers(x.Type, make([]float64, rows*width), rows, width)
	}
	sum := e.op("MatMul", nil, e.cast(e.concat(1, reached...), x.Type), e.numbers(x.Type, w, len(leaves), width))
	switch aggregate {
	case "MIN":
		return e.op("ReduceMin", nil, sum, e.ints(1))
	case "MAX":
		return e.op("ReduceMax", nil, sum, e.ints(1))
	}
	return sum
}

func repeated(x float64, n int) []float64 {
	out := make([]float64, n)
	fill(out, x)
	return out
}

func repeatedIndex(x, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = x
	}
	return out
}

// tests makes each distinct comparison of the forest: bits [N, K], and the column of each.
func (e *expander) tests(x *Value, f *forest) (bits *Value, at map[treeTest]int) {
	at = map[treeTest]int{}
	var parts []*Value
	for _, op := range []string{"LessOrEqual", "Less", "Equal"} {
		var features []int
		var values []float64
		for i := range f.nodes {
			t := f.nodes[i].test
			if _, known := at[t]; known || f.nodes[i].leaf || t.op != op {
				continue
			}
			at[t] = len(at)
			features, values = append(features, t.feature), append(values, t.value)
		}
		if len(features) > 0 {
			parts = append(parts, e.op(op, nil, e.gather(x, 1, features...), e.numbers(x.Type, values, len(values))))
		}
	}
	for i := range f.nodes {
		t := f.nodes[i].test
		if _, known := at[t]; known || f.nodes[i].leaf || t.op != member {
			continue
		}
		at[t] = len(at)
		set := f.sets[int(t.value)]
		column := e.gather(x, 1, repeatedIndex(t.feature, len(set))...)
		equal := e.op("Equal", nil, column, e.numbers(x.Type, set, len(set)))
		sum := e.op("MatMul", nil, e.cast(equal, x.Type), e.numbers(x.Type, repeated(1, len(set)), len(set), 1))
		parts = append(parts, e.op("Greater", nil, sum, e.scalar(x.Type, .5)))
	}
	if len(parts) == 0 {
		return nil, at
	}
	return e.concat(1, parts...), at
}

// tableOf is the input of an ensemble: float32, unless the model has thresholds of float64.
func (e *expander) tableOf() *Value {
	e.arity(1, 1)
	x := e.in(0)
	for _, name := range []string{"nodes_values_as_tensor", "nodes_splits"} {
		if t, ok := e.n.Attrs[name].(*tensor.Tensor); ok && t.Type == tensor.Float64 && x.Type == tensor.Float64 && len(x.Shape) == 2 {
			return x
		}
	}
	return e.matrix(x)
}

// plusBase adds the base values to scores.
func (e *expander) plusBase(scores *Value, base []float64) *Value {
	if len(base) == 0 || allEqual(base, 0) {
		return scores
	}
	if len(base) != 1 && len(base) != scores.Shape[1] {
		e.failf("%d base values for %d scores", len(base), scores.Shape[1])
	}
	return e.op("Add", nil, scores, e.numbers(scores.Type, base, len(base)))
}

// setsOf cuts membership_values at its NaNs: the sets of the nodes of mode BRANCH_MEMBER, in the nodes' order.
func setsOf(list []float64) (sets [][]float64) {
	var set []float64
	for i, v := range list {
		if !math.IsNaN(v) {
			set = append(set, v)
		}
		if math.IsNaN(v) || i == len(list)-1 {
			sets, set = append(sets, set), nil
		}
	}
	return sets
}

// set numbers a set, without repeated numbers; equal ones are one.
func (f *forest) set(list []float64) int {
	list = slices.Compact(slices.Sorted(slices.Values(list)))
	for i := range f.sets {
		if slices.Equal(f.sets[i], list) {
			return i
		}
	}
	f.sets = append(f.sets, list)
	return len(f.sets) - 1
}
