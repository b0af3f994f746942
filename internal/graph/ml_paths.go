package graph

import (
	"math"
	"math/bits"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// paths is an ensemble in the form of matrices: its trees in groups, the tests of each group, and what each leaf's path wants of
// them. With c the bits of a group's tests,
//
//	reached(leaf) = [sum_n P[leaf, n] c[n] >= need(leaf)]
//
// where P is 1 for a test that must hold, -1 for one that must not, else 0, and need counts the former: the sum is never larger. P, need, the thresholds and
// the features of the tests are parameters: the circuit tells no more of the trees than the number of groups, and the most tests and
// leaves of a group.
type paths struct {
	*comparisons
	size   int // trees of a group
	leaves int // the most of a group, those without weights not counted
}

// Costs in entries. Up to maxPathEntries more than byLevels are worth it: measured with 30 to 300 trees, the key then takes up to 0.4 s more,
// a proof as long or a few hundredths of a second more, and a proof on chain half the gas or less.
const (
	maxPathEntries = 1 << 19
	testEntries    = 16 // a test of a row, beside the matrices: digits of threshold and difference
	nodeEntries    = 4  // what a node or leaf adds for a row
)

// paths chooses the groups of fewest entries for an input of some rows and features; nil where that is too many, or nothing is compared.
func (f *forest) paths(rows, features int) *paths {
	all := newComparisons(1)
	for i := range f.nodes {
		if n := &f.nodes[i]; !n.leaf {
			all.add(0, n.test)
		}
	}
	if all.columns() == 0 || len(f.roots) == 0 {
		return nil
	}
	var best *paths
	least := float64(maxPathEntries) + float64(rows)*float64(all.columns()*testEntries+len(f.nodes)*nodeEntries)
	for groups := 1; ; groups = min(2*groups, len(f.roots)) {
		if p := f.grouped(groups, rows, features, least); p != nil {
			best, least = p, p.entries(rows, features)
		}
		if groups >= len(f.roots) {
			return best
		}
	}
}

// grouped puts the trees in groups of equal size, in their order; nil if that takes as many entries as a limit.
func (f *forest) grouped(groups, rows, features int, limit float64) *paths {
	p := &paths{size: (len(f.roots) + groups - 1) / groups}
	p.comparisons = newComparisons((len(f.roots) + p.size - 1) / p.size)
	for g := range p.at {
		leaves := 0
		stack := append([]int(nil), f.roots[g*p.size:min((g+1)*p.size, len(f.roots))]...)
		for len(stack) > 0 {
			n := &f.nodes[stack[len(stack)-1]]
			stack = stack[:len(stack)-1]
			if !n.leaf {
				p.add(g, n.test)
				stack = append(stack, n.yes, n.no)
			} else if len(n.weights) > 0 {
				leaves++
			}
			if p.leaves = max(p.leaves, leaves); p.entries(rows, features) >= limit {
				return nil
			}
		}
	}
	return p
}

// entries counts what the matrices and the rows hold.
func (p *paths) entries(rows, features int) float64 {
	groups, tests, leaves := padded(len(p.at)), padded(p.columns()), padded(p.leaves)
	return groups * (tests*(leaves+padded(features)) + float64(rows)*(tests*testEntries+leaves*nodeEntries))
}

// padded is the power of two that an axis takes.
func padded(n int) float64 { return math.Ldexp(1, bits.Len(uint(max(n, 1)-1))) }

// fill makes groups, tests and leaves powers of two where that takes up to a quarter more: a contract evaluates no bounds of such axes.
func (p *paths) fill() {
	filled := func(n int) int {
		if full := int(padded(n)); 4*full <= 5*n {
			return full
		}
		return n
	}
	for range filled(len(p.at)) - len(p.at) {
		p.at = append(p.at, map[treeTest]int{})
		for o := range p.tests {
			p.tests[o] = append(p.tests[o], nil)
		}
	}
	for o := range p.width {
		if p.width[o] > 0 {
			p.width[o] += filled(p.columns()) - p.columns()
			break
		}
	}
	p.leaves = filled(p.leaves)
}

// byPaths says which leaves are reached, [N, groups * leaves], and lists them, noLeaf where a group has fewer. Paths that want a test
// both ways are left out.
func (e *expander) byPaths(x *Value, f *forest, p *paths) (reached *Value, leaves []int) {
	p.fill()
	groups, tests, rows := len(p.at), p.columns(), x.Shape[0]
	matrix, need := make([]float64, e.size(groups, tests, p.leaves)), repeated(1, groups*p.leaves) // of no leaf: 0 is not 1
	leaves = make([]int, len(need))
	for i := range leaves {
		leaves[i] = noLeaf
	}
	for g := range groups {
		at := g * p.leaves
		f.walk(min(g*p.size, len(f.roots)), min((g+1)*p.size, len(f.roots)), tests, func(t treeTest) int { return p.column(g, t) }, func(leaf int, wants []int8) {
			if len(f.nodes[leaf].weights) == 0 {
				return
			}
			count := 0
			for n, w := range wants {
				matrix[(g*tests+n)*p.leaves+at-g*p.leaves] = float64(w)
				count += int(max(w, 0))
			}
			need[at], leaves[at] = float64(count), leaf
			at++
		})
	}
	bit := e.cast(e.tests(x, f, p.comparisons, true), tensor.Int8)
	shape, wanted := []int{tests, p.leaves}, []int{p.leaves}
	if groups > 1 {
		bit = e.reshape(bit, rows, groups, 1, tests)
		shape, wanted = []int{groups, tests, p.leaves}, []int{groups, 1, p.leaves}
	}
	count := e.op("MatMulInteger", nil, bit, e.numbers(tensor.Int8, matrix, shape...))
	return e.reshape(e.op("GreaterOrEqual", nil, count, e.numbers(tensor.Int32, need, wanted...)), rows, groups*p.leaves), leaves
}

// walk visits the leaves of trees first..end that some answers of the tests lead to, with what each of n tests must say.
func (f *forest) walk(first, end, n int, column func(treeTest) int, visit func(leaf int, wants []int8)) {
	type step struct {
		node int
		test int // if node is noLeaf: from here on, want is wanted of test
		want int8
	}
	wants := make([]int8, n)
	for _, root := range f.roots[first:end] {
		for stack := []step{{node: root}}; len(stack) > 0; {
			s := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if s.node == noLeaf {
				wants[s.test] = s.want
				continue
			}
			m := &f.nodes[s.node]
			if m.leaf {
				visit(s.node, wants)
				continue
			}
			t := column(m.test)
			switch wants[t] {
			case 1:
				stack = append(stack, step{node: m.yes})
			case -1:
				stack = append(stack, step{node: m.no})
			default: // from the last one on
				stack = append(stack, step{noLeaf, t, 0}, step{node: m.no}, step{noLeaf, t, -1}, step{node: m.yes}, step{noLeaf, t, 1})
			}
		}
	}
}
