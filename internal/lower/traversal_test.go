package lower

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// eighths are random multiples of 1/8, so that some are equal.
func (n *net) eighths(shape ...int) *tensor.Tensor {
	t := tensor.New(tensor.Float32, shape...)
	for i := range t.Floats {
		t.Floats[i] = float64(n.rand.IntN(17)-8) / 8
	}
	return t
}

// perfectTrees is a network as Hummingbird exports perfect trees. change may alter the constants.
func perfectTrees(seed uint64, trees, depth, features, columns int, op string, change func(c map[string]*tensor.Tensor)) *net {
	n := newNet(seed)
	n.input("x", n.eighths(1, features))
	for i := range n.in[0].Floats { // calibration sees more than the test's inputs
		n.in[0].Floats[i] = 1.5
	}
	numbers := func(count int) *tensor.Tensor {
		t := ints(make([]int64, count)...)
		for i := range t.Ints {
			t.Ints[i] = int64(n.rand.IntN(features))
		}
		return t
	}
	root := ints(make([]int64, trees)...)
	for i := range root.Ints {
		root.Ints[i] = int64(2 * i)
	}
	n.constant("roots", numbers(trees)).constant("limits", n.eighths(trees)).constant("trees", root).constant("two", &tensor.Tensor{Type: tensor.Int64, Shape: []int{}, Ints: []int64{2}}).
		constant("flat", ints(-1)).constant("rows", ints(-1, int64(trees)))
	compare := func(operands, out string) {
		if op == "Not Greater" {
			n.op("Greater " + operands + " -> " + out + "g").op("Not " + out + "g -> " + out)
			return
		}
		n.op(op + " " + operands + " -> " + out)
	}
	n.op("Gather x roots -> f0", "axis", int64(1))
	compare("f0 limits", "b0")
	n.op("Cast b0 -> c0", "to", int64(7)).op("Add c0 trees -> a0").op("Reshape a0 flat -> i0")
	for k := 1; k < depth; k++ {
		l, last := fmt.Sprint(k), fmt.Sprint(k-1)
		n.constant("nodes"+l, numbers(trees<<k)).constant("biases"+l, n.eighths(trees<<k))
		n.op("Gather nodes"+l+" i"+last+" -> n"+l).op("Reshape n"+l+" rows -> m"+l).op("GatherElements x m"+l+" -> e"+l, "axis", int64(1)).
			op("Reshape e" + l + " flat -> f" + l).op("Gather biases" + l + " i" + last + " -> t" + l).op("Mul i" + last + " two -> d" + l)
		compare("f"+l+" t"+l, "b"+l)
		n.op("Cast b"+l+" -> c"+l, "to", int64(7)).op("Add d" + l + " c" + l + " -> i" + l)
	}
	n.constant("leaves", n.eighths(trees<<depth, columns)).op(fmt.Sprint("Gather leaves i", depth-1, " -> l")).constant("shape", ints(-1, int64(trees), int64(columns))).
		op("Reshape l shape -> r").constant("axis", ints(1)).op("ReduceSum r axis -> y", "keepdims", int64(0))
	if change != nil {
		change(n.src.Consts)
	}
	return n
}

// TestTraversals compares perfect trees with the float interpreter, ties and all; compiled as comparisons of all nodes, or
// as they are where the tables are not those of perfect trees.
func TestTraversals(t *testing.T) {
	for name, c := range map[string]struct {
		n    *net
		want bool
	}{
		"one tree":        {perfectTrees(1, 1, 2, 3, 1, "Less", nil), true},
		"one level":       {perfectTrees(2, 3, 1, 3, 1, "Less", nil), true},
		"classes":         {perfectTrees(3, 3, 3, 4, 5, "LessOrEqual", nil), true},
		"opposite":        {perfectTrees(4, 5, 3, 2, 2, "GreaterOrEqual", nil), true},
		"not":             {perfectTrees(5, 2, 4, 5, 1, "Not Greater", nil), true},
		"one feature":     {perfectTrees(6, 4, 2, 1, 1, "Less", nil), true},
		"a tree twice":    {perfectTrees(7, 3, 3, 4, 1, "Less", func(c map[string]*tensor.Tensor) { c["trees"].Ints[2] = 0 }), true},
		"negative number": {perfectTrees(8, 3, 3, 4, 1, "Less", func(c map[string]*tensor.Tensor) { c["roots"].Ints[1] = -1 }), false},
		"times four":      {perfectTrees(9, 2, 2, 4, 1, "Less", func(c map[string]*tensor.Tensor) { c["two"].Ints[0] = 4; c["leaves"] = newNet(1).eighths(16, 1) }), false},
		"longer table":    {perfectTrees(10, 3, 3, 4, 1, "Less", func(c map[string]*tensor.Tensor) { c["nodes1"] = ints(append(c["nodes1"].Ints, 1, 2)...) }), true},
	} {
		t.Run(name, func(t *testing.T) {
			g, p, _ := c.n.build(t)
			for _, o := range []Options{{Width: 8}, {Width: 16, Params: Fixed}} {
				compiled, err := Compile(g, p, o)
				if err != nil {
					t.Fatal(err)
				}
				paths := slices.ContainsFunc(compiled.Circuit.Blocks, func(b circuit.Block) bool { return strings.Contains(b.Name, "paths") })
				if paths != c.want {
					t.Errorf("all comparisons at once: %v", paths)
				}
				for range 40 {
					in := []*tensor.Tensor{c.n.eighths(1, c.n.in[0].Shape[1])}
					want, err := graph.Run(context.Background(), g, in, nil)
					if err != nil {
						t.Fatal(err)
					}
					compareOutputs(t, compiled.Dequantise(solved(t, compiled, in)), want, 1e-6)
				}
				if attack(t, compiled, mocked(t, compiled, c.n.in), 1) == 0 {
					t.Error("nothing to attack")
				}
			}
		})
	}
}
