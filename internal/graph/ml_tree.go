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

func expandTreeRegressor(e *expander) []*Value {
	x := e.tableOf()
	targets := int(min(max(e.n.Attrs.Int("n_targets", 1), 1), maxLabels))
	f := e.listedForest("target", targets, x.Shape[1])
	y := e.plusBase(e.scores(x, f, e.n.Attrs.String("aggregate_function", "SUM")), e.n.Attrs.floats("base_values"))
	return []*Value{e.float32(e.transformed(y))}
}

// expandTreeClassifier has onnxruntime's cases. More than two labels: the largest score. Two labels whose weights are all of
// one class: one score, compared with 1/2 where no weight is negative, else with 0. Two labels with weights of both: the second score is compared with 0.
func expandTreeClassifier(e *expander) []*Value {
	x := e.tableOf()
	labels := e.labels()
	if len(labels) < 2 {
		e.unsupported("one label")
	}
	f := e.listedForest("class", len(labels), x.Shape[1])
	base := e.n.Attrs.floats("base_values")
	used := make([]bool, len(labels))
	least := 0.0
	for i := range f.nodes {
		for _, w := range f.nodes[i].weights {
			used[w.target] = true
			least = min(least, w.weight)
		}
	}
	if len(labels) > 2 {
		scores := e.plusBase(e.scores(x, f, "SUM"), base)
		var classes []int
		chosen, names := scores, labels
		for c, u := range used {
			if u {
				classes = append(classes, c)
			}
		}
		if len(classes) < len(labels) && len(classes) > 0 { // a class that no leaf names is never chosen
			chosen, names = e.gather(scores, 1, classes...), nil
			for _, c := range classes {
				names = append(names, labels[c])
			}
		}
		return []*Value{e.best(names, chosen), e.float32(e.transformed(scores))}
	}
	if len(base) > 1 && !(used[0] && used[1]) {
		e.unsupported("two base values for one score")
	}
	limit := 0.0
	switch {
	case used[0] && used[1]:
		scores := e.scores(x, f, "SUM")
		first, second := e.slice(scores, 1, 0, 1), e.slice(scores, 1, 1, 2)
		switch len(base) {
		case 1:
			first = e.plusBase(first, base)
		case 2: // as onnxruntime has it
			second = e.plusBase(first, base[1:])
			first = e.op("Neg", nil, second)
		}
		return []*Value{e.either(second, 0, labels[1], labels[0]), e.float32(e.transformed(e.concat(1, first, second)))}
	case least >= 0:
		limit = .5
	}
	scores := e.scores(x, f, "SUM")
	if used[1] {
		return []*Value{e.either(e.slice(scores, 1, 1, 2), limit, labels[1], labels[0]), e.float32(e.transformed(scores))}
	}
	s := e.plusBase(e.slice(scores, 1, 0, 1), base)
	return []*Value{e.either(s, limit, labels[1], labels[0]), e.float32(e.twoColumns(s, 2*limit))}
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

// expandTreeEnsemble is the operator of ai.onnx.ml 5.
func expandTreeEnsemble(e *expander) []*Value {
	x := e.tableOf()
	a := e.n.Attrs
	number := func(name string) []float64 { return a.floats(name) }
	feats, yes, no := a.Ints("nodes_featureids"), a.Ints("nodes_truenodeids"), a.Ints("nodes_falsenodeids")
	yesLeaf, noLeaf, roots := a.Ints("nodes_trueleafs"), a.Ints("nodes_falseleafs"), a.Ints("tree_roots")
	splits, modes := number("nodes_splits"), number("nodes_modes")
	ids, weights := a.Ints("leaf_targetids"), number("leaf_weights")
	n, leaves := len(feats), len(ids)
	if n == 0 || n > maxTreeNodes || leaves > maxTreeNodes || len(yes) != n || len(no) != n || len(yesLeaf) != n || len(noLeaf) != n || len(splits) != n || len(modes) != n || len(weights) != leaves {
		e.failf("its lists have %d nodes and %d leaves, and lists of other lengths", n, leaves)
	}
	names := []string{"BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ", "BRANCH_MEMBER"}
	f := &forest{nodes: make([]treeNode, n+leaves), targets: int(min(max(a.Int("n_targets", 1), 1), maxLabels))}
	child := func(at, leaf int64) int {
		switch {
		case leaf != 0 && at >= 0 && at < int64(leaves):
			return n + int(at)
		case leaf == 0 && at >= 0 && at < int64(n):
			return int(at)
		}
		e.failf("there is no node %d", at)
		return 0
	}
	sets, used := setsOf(number("membership_values")), 0
	for i := range feats {
		mode := int(modes[i])
		if mode < 0 || mode >= len(names) {
			e.failf("node mode %d", mode)
		}
		y, z := child(yes[i], yesLeaf[i]), child(no[i], noLeaf[i])
		if y == z && yesLeaf[i] != 0 { // a tree that is one leaf
			f.nodes[i].leaf = true
			f.nodes[i].weights = []treeWeight{{int(ids[y-n]), weights[y-n]}}
			continue
		}
		if names[mode] == "BRANCH_MEMBER" {
			if used >= len(sets) || feats[i] < 0 || feats[i] >= int64(x.Shape[1]) {
				e.failf("a set for feature %d of %d: membership_values has %d", feats[i], x.Shape[1], len(sets))
			}
			if len(sets[used]) == 0 || slices.ContainsFunc(sets[used], func(v float64) bool { return math.IsInf(v, 0) }) {
				e.failf("set %d of membership_values is empty or has infinite members", used)
			}
			n := &f.nodes[i]
			n.test, n.yes, n.no = treeTest{member, int(feats[i]), float64(f.set(sets[used]))}, y, z
			used++
			continue
		}
		e.check(f.branch(i, names[mode], feats[i], splits[i], y, z, x.Shape[1]))
	}
	if used != len(sets) {
		e.failf("membership_values has %d sets for %d nodes", len(sets), used)
	}
	for i, t := range ids {
		f.nodes[n+i].leaf = true
		f.nodes[n+i].weights = []treeWeight{{int(t), weights[i]}}
	}
	for i := range f.nodes {
		for _, w := range f.nodes[i].weights {
			if w.target < 0 || w.target >= f.targets {
				e.failf("target %d of %d", w.target, f.targets)
			}
		}
	}
	for _, r := range roots {
		f.roots = append(f.roots, child(r, 0))
	}
	e.check(f.check())
	var stack []int
	for t, r := range f.roots {
		for stack = append(stack, r); len(stack) > 0; {
			m := &f.nodes[stack[len(stack)-1]]
			stack = stack[:len(stack)-1]
			m.tree = t
			if !m.leaf {
				stack = append(stack, m.yes, m.no)
			}
		}
	}
	if p := a.Int("post_transform", 0); p != 0 {
		kinds := []string{"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"}
		if p < 0 || p >= int64(len(kinds)) {
			e.failf("post_transform %d", p)
		}
		a = Attrs{"post_transform": kinds[p]}
	} else {
		a = Attrs{}
	}
	aggregate := e.n.Attrs.Int("aggregate_function", 1)
	kinds := []string{"AVERAGE", "SUM", "MIN", "MAX"}
	if aggregate < 0 || aggregate >= int64(len(kinds)) {
		e.failf("aggregate_function %d", aggregate)
	}
	y := e.scores(x, f, kinds[aggregate])
	own := *e.n
	own.Attrs = a
	e.n = &own
	return []*Value{e.transformed(y)}
}
