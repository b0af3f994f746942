package graph

import (
	"math"
	"slices"
)

func expandTreeRegressor(e *expander) []*Value {
	x := e.tableOf()
	targets := int(min(max(e.n.Attrs.Int("n_targets", 1), 1), maxLabels))
	f, base := e.listedForest("target", targets, x.Shape[1]), e.n.Attrs.floats("base_values")
	aggregate := e.n.Attrs.String("aggregate_function", "SUM")
	if aggregate == "SUM" {
		f, base = e.withBase(f, base), nil
	}
	return []*Value{e.float32(e.transformed(e.plusBase(e.scores(x, f, aggregate), base)))}
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
		scores := e.scores(x, e.withBase(f, base), "SUM")
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
	if used[1] {
		scores := e.scores(x, f, "SUM")
		return []*Value{e.either(e.slice(scores, 1, 1, 2), limit, labels[1], labels[0]), e.float32(e.transformed(scores))}
	}
	f.targets = 1
	s := e.scores(x, e.withBase(f, base), "SUM")
	return []*Value{e.either(s, limit, labels[1], labels[0]), e.float32(e.twoColumns(s, 2*limit))}
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
