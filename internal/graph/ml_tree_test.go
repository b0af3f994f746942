package graph

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// randomForest has trees of random shape over few features and thresholds, so that comparisons occur often, on one path too, and some
// leaves cannot be reached. Some leaves have no weight, some several.
func randomForest(r *rand.Rand, ops []string) *forest {
	f := &forest{targets: 1 + r.IntN(3), sets: [][]float64{{0}, {-1, 2}, {1, 0, -2}}}
	var grow func(tree, depth int) int
	grow = func(tree, depth int) int {
		i := len(f.nodes)
		f.nodes = append(f.nodes, treeNode{tree: tree})
		if depth == 0 || r.IntN(4) == 0 {
			n := &f.nodes[i]
			n.leaf = true
			for range r.IntN(3) {
				n.weights = append(n.weights, treeWeight{r.IntN(f.targets), float64(r.IntN(64)-32) / 8})
			}
			return i
		}
		t := treeTest{ops[r.IntN(len(ops))], r.IntN(3), float64(r.IntN(5) - 2)}
		if t.op == member {
			t.value = float64(r.IntN(len(f.sets)))
		}
		yes, no := grow(tree, depth-1), grow(tree, depth-1)
		n := &f.nodes[i]
		n.test, n.yes, n.no = t, yes, no
		return i
	}
	for tree := range 1 + r.IntN(7) {
		f.roots = append(f.roots, grow(tree, r.IntN(6)))
	}
	return f
}

// reference is the sum over the trees for one row of features: what the definition says.
func (f *forest) reference(x []float64) []float64 {
	out := make([]float64, f.targets)
	for _, i := range f.roots {
		for !f.nodes[i].leaf {
			t := f.nodes[i].test
			v, holds := x[t.feature], false
			switch t.op {
			case "LessOrEqual":
				holds = v <= t.value
			case "Less":
				holds = v < t.value
			case "Equal":
				holds = v == t.value
			case member:
				for _, m := range f.sets[int(t.value)] {
					holds = holds || v == m
				}
			}
			if holds {
				i = f.nodes[i].yes
			} else {
				i = f.nodes[i].no
			}
		}
		for _, w := range f.nodes[i].weights {
			out[w.target] += w.weight
		}
	}
	return out
}

// TestForestForms compares both forms of random ensembles, the paths in every number of groups, with the definition.
func TestForestForms(t *testing.T) {
	const rows, features = 4, 3
	r := rand.New(rand.NewPCG(7, 7))
	for n := range 60 {
		ops := [][]string{{"LessOrEqual"}, {"Less"}, {"LessOrEqual", "Less"}, treeOps}[n%4]
		f := randomForest(r, ops)
		data := make([]float64, rows*features)
		for i := range data {
			data[i] = float64(r.IntN(11)-5) / 2
		}
		for groups := range len(f.roots) + 1 { // 0: by levels
			x := &Value{Name: "x", Type: tensor.Float32, Shape: []int{rows, features}}
			b := &builder{g: &Graph{Inputs: []*Value{x}}, names: map[string]bool{}, made: map[*Value]*Node{}}
			e := &expander{b: b, n: &Node{Name: "forest", Op: "forest"}}
			var reached *Value
			var leaves []int
			if groups == 0 {
				reached, leaves = e.byLevels(x, f)
			} else if p := f.grouped(groups, rows, features, maxPathEntries); p == nil {
				t.Fatal("the paths of a small ensemble are too large")
			} else if p.columns() > 0 {
				reached, leaves = e.byPaths(x, f, p)
			}
			if len(leaves) == 0 {
				continue
			}
			b.g.Outputs, b.g.OutputNames = []*Value{reached}, []string{"y"}
			out := []*tensor.Tensor{reached.Const}
			if reached.Const == nil {
				var err error
				if out, err = Run(context.Background(), b.g, []*tensor.Tensor{tensor.FromFloats(tensor.Float32, data, rows, features)}, nil); err != nil {
					t.Fatal(err)
				}
			}
			for row := range rows {
				got := make([]float64, f.targets)
				for k, i := range leaves {
					if out[0].Float(row*len(leaves)+k) == 0 {
						continue
					}
					if i == noLeaf {
						t.Fatalf("forest %d, %d groups: place %d, which is no leaf, is reached", n, groups, k)
					}
					for _, w := range f.nodes[i].weights {
						got[w.target] += w.weight
					}
				}
				if want := f.reference(data[row*features:][:features]); fmt.Sprint(got) != fmt.Sprint(want) {
					t.Fatalf("forest %d, %d groups, row %d: %v, want %v", n, groups, row, got, want)
				}
			}
		}
	}
}

// TestForestChoice has small ensembles, and large ones of small trees, as paths, and large trees by levels.
func TestForestChoice(t *testing.T) {
	for _, c := range []struct {
		trees, depth, rows, features int
		groups                       int // 0: levels
	}{
		{1, 3, 1, 4, 1}, {30, 3, 1, 20, 30}, {100, 5, 1, 20, 100}, {300, 3, 1, 20, 300}, {1, 8, 1, 10, 1}, {30, 10, 1, 20, 0}, {1, 14, 1, 10, 0}, {100, 3, 1, 4096, 0}, {3, 0, 1, 4, 0},
		{30, 3, 1000, 20, 2},
	} {
		r := rand.New(rand.NewPCG(3, 3))
		f := &forest{targets: 1}
		var grow func(tree, depth int) int
		grow = func(tree, depth int) int {
			i := len(f.nodes)
			f.nodes = append(f.nodes, treeNode{tree: tree, leaf: depth == 0, weights: []treeWeight{{0, 1}}})
			if depth > 0 {
				test := treeTest{"Less", r.IntN(c.features), float64(r.IntN(4))}
				yes, no := grow(tree, depth-1), grow(tree, depth-1)
				n := &f.nodes[i]
				n.test, n.yes, n.no, n.weights = test, yes, no, nil
			}
			return i
		}
		for tree := range c.trees {
			f.roots = append(f.roots, grow(tree, c.depth))
		}
		p := f.paths(c.rows, c.features)
		got := 0
		if p != nil {
			got = len(p.at)
		}
		if got != c.groups {
			t.Errorf("%+v: %d groups", c, got)
		}
	}
}

// TestForestHides has no operator beside the hidden gather that lists nodes of the trees.
func TestForestHides(t *testing.T) {
	f := randomForest(rand.New(rand.NewPCG(1, 9)), []string{"Less"})
	x := &Value{Name: "x", Type: tensor.Float32, Shape: []int{1, 3}}
	b := &builder{g: &Graph{Inputs: []*Value{x}}, names: map[string]bool{}, made: map[*Value]*Node{}}
	e := &expander{b: b, n: &Node{Name: "forest", Op: "forest"}}
	e.scores(x, f, "SUM")
	var list []string
	for _, n := range b.g.Nodes {
		if list = append(list, n.Op); n.Op == "Gather" && n.Attrs.Int(Hidden, 0) == 0 {
			t.Error("features are gathered in the open")
		}
	}
	if s := strings.Join(list, " "); strings.Contains(s, "And") || !strings.Contains(s, "MatMulInteger") {
		t.Error(s)
	}
}
