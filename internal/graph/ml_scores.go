package graph

import "github.com/ezkl-go/ezkl/internal/tensor"

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
	var reached *Value
	var leaves []int
	if p := f.paths(x.Shape[0], x.Shape[1]); p != nil {
		reached, leaves = e.byPaths(x, f, p)
	} else {
		reached, leaves = e.byLevels(x, f)
	}
	if len(leaves) == 0 {
		rows := x.Shape[0]
		return e.numbers(x.Type, make([]float64, rows*width), rows, width)
	}
	w := make([]float64, e.size(len(leaves), width))
	for k, i := range leaves {
		if i == noLeaf {
			continue
		}
		for _, x := range f.nodes[i].weights {
			c, v := column(&f.nodes[i], x)
			w[k*width+c] += v
		}
	}
	sum := e.op("MatMul", nil, e.cast(reached, x.Type), e.numbers(x.Type, w, len(leaves), width))
	switch aggregate {
	case "MIN":
		return e.op("ReduceMin", nil, sum, e.ints(1))
	case "MAX":
		return e.op("ReduceMax", nil, sum, e.ints(1))
	}
	return sum
}

// noLeaf stands in a list of leaves where there is none.
const noLeaf = -1

// treeOps are the operators of tests, in the order in which their bits lie.
var treeOps = []string{"LessOrEqual", "Less", "Equal", member}

// comparisons are the distinct tests of groups of trees: of each operator, and of each group, a list.
type comparisons struct {
	tests [][][]treeTest     // by treeOps and group
	at    []map[treeTest]int // of each group, the place of a test among those of its operator
	width []int              // the longest list of each operator
}

func newComparisons(groups int) *comparisons {
	c := &comparisons{width: make([]int, len(treeOps))}
	for range treeOps {
		c.tests = append(c.tests, make([][]treeTest, groups))
	}
	for range groups {
		c.at = append(c.at, map[treeTest]int{})
	}
	return c
}

// add notes that a group has a test.
func (c *comparisons) add(group int, t treeTest) {
	if _, known := c.at[group][t]; known {
		return
	}
	o := opOf(t)
	list := append(c.tests[o][group], t)
	c.tests[o][group] = list
	c.at[group][t] = len(list) - 1
	c.width[o] = max(c.width[o], len(list))
}

func opOf(t treeTest) int {
	for o, op := range treeOps {
		if op == t.op {
			return o
		}
	}
	panic("graph: internal error: a test " + t.op)
}

// columns is the number of bits of a group.
func (c *comparisons) columns() int {
	n := 0
	for _, w := range c.width {
		n += w
	}
	return n
}

// column is the place of a test among the bits of its group.
func (c *comparisons) column(group int, t treeTest) int {
	at := c.at[group][t]
	for _, w := range c.width[:opOf(t)] {
		at += w
	}
	return at
}

// tests makes the comparisons: bits [N, groups, columns], or [N, columns] of one group. Bits that no group uses compare the first
// feature with 0. hidden features are not told by the circuit (graph.Hidden).
func (e *expander) tests(x *Value, f *forest, c *comparisons, hidden bool) *Value {
	groups := len(c.at)
	shape := func(lengths ...int) []int {
		if groups > 1 {
			return append([]int{groups}, lengths...)
		}
		return lengths
	}
	attrs := Attrs{"axis": int64(1)}
	if hidden {
		attrs[Hidden] = int64(1)
	}
	of := func(features []int, lengths ...int) *Value {
		at := tensor.New(tensor.Int64, lengths...)
		for i, k := range features {
			at.Ints[i] = int64(k)
		}
		return e.op("Gather", attrs, x, e.constant(at))
	}
	var parts []*Value
	for o, op := range treeOps {
		width, size := c.width[o], 1
		if width == 0 {
			continue
		}
		if op == member { // every set as large as the largest, by repeating a number
			for _, s := range f.sets {
				size = max(size, len(s))
			}
		}
		n := e.size(groups, width, size)
		features, values := make([]int, n), make([]float64, n)
		for g, list := range c.tests[o] {
			for i, t := range list {
				for k := range size {
					at := (g*width+i)*size + k
					features[at], values[at] = t.feature, t.value
					if op == member {
						set := f.sets[int(t.value)]
						values[at] = set[min(k, len(set)-1)]
					}
				}
			}
		}
		if op != member {
			s := shape(width)
			parts = append(parts, e.op(op, nil, of(features, s...), e.numbers(x.Type, values, s...)))
			continue
		}
		s := shape(width, size)
		equal := e.op("Equal", nil, of(features, s...), e.numbers(x.Type, values, s...))
		sum := e.op("ReduceSum", Attrs{"keepdims": int64(0)}, e.cast(equal, x.Type), e.ints(len(s)))
		parts = append(parts, e.op("Greater", nil, sum, e.scalar(x.Type, .5)))
	}
	return e.concat(len(shape(1)), parts...)
}
