package graph

import (
	"fmt"
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// treeExpansions are ai.onnx.ml's tree ensembles, as onnxruntime evaluates them.
//
// Bits say which comparisons (feature, threshold) hold and, from them, which leaves are reached: by a matrix of the paths to the
// leaves (ml_paths.go), or, where that would be large, one level of the trees after the other (ml_levels.go). The scores are the
// reached leaves times their weights (ml_scores.go). There is nothing to choose: every bit follows from the input.
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

// withBase adds base values to the leaves of the first tree, one of which is reached.
func (e *expander) withBase(f *forest, base []float64) *forest {
	if len(base) == 0 || allEqual(base, 0) || len(f.roots) == 0 {
		return f
	}
	if len(base) != 1 && len(base) != f.targets {
		e.failf("%d base values for %d scores", len(base), f.targets)
	}
	out := *f
	out.nodes = slices.Clone(f.nodes)
	for stack := f.roots[:1:1]; len(stack) > 0; {
		n := &out.nodes[stack[len(stack)-1]]
		stack = stack[:len(stack)-1]
		if !n.leaf {
			stack = append(stack, n.yes, n.no)
			continue
		}
		n.weights = slices.Clone(n.weights)
		for c := range f.targets {
			n.weights = append(n.weights, treeWeight{c, base[c%len(base)]})
		}
	}
	return &out
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
