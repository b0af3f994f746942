package lower

import (
	"slices"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/determinism"
	"github.com/ezkl-go/ezkl/internal/layout"
)

// gates is the product x w, [1, 2] by [2, 4], and its sigmoid s: two gates of two entries, or an axis to cut otherwise.
func gates(n *net) *net {
	return n.constant("w", n.normal(1, 0, 2, 4)).op("MatMul x w -> g").op("Sigmoid g -> s")
}

// selectionGadgets are products of selections. Those of start have an input x of shape [1, 2].
func selectionGadgets() map[string]*net {
	cases := map[string]*net{}
	start := func(name string) *net {
		n := newNet(uint64(900 + len(cases)))
		cases[name] = n
		return n.input("x", n.normal(1, 0, 1, 2))
	}
	gates(start("product of two gates")).op("Split s -> a b", "axis", int64(1)).op("Mul a b -> y")
	n := gates(start("gate times a tensor"))
	n.op("Split s -> a b", "axis", int64(1)).op("Mul a x -> y")
	n = gates(start("one less a gate"))
	n.constant("one", vector(1)).op("Split s -> a b", "axis", int64(1)).op("Sub one a -> c").op("Mul c b -> y")
	n = gates(start("gate times constants"))
	n.constant("c", vector(.5, -2)).op("Split s -> a b", "axis", int64(1)).op("Mul b c -> y")
	n = start("matrix product of a row")
	n.input("z", n.normal(1, 0, 3, 2)).constant("i", ints(1)).constant("v", n.normal(1, 0, 2, 2)).
		op("Gather z i -> r", "axis", int64(0)).op("MatMul r v -> u").op("MatMul x v -> t").op("Mul u t -> y")
	n = start("part of a concatenation")
	n.input("z", n.normal(1, 0, 1, 2)).constant("i", ints(1)).constant("j", ints(0)).
		op("Concat x z -> c", "axis", int64(0)).op("Gather c i -> p", "axis", int64(0)).op("Gather c j -> q", "axis", int64(0)).op("Mul p q -> y")
	return cases
}

// TestSelections: products take selections as they are. Nothing is copied: no free block but where one is named.
func TestSelections(t *testing.T) {
	cases := selectionGadgets()
	heads := newNet(950).input("x", newNet(951).normal(1, 0, 3, 4))
	cases["heads"] = heads.constant("w", heads.normal(1, 0, 4, 24)).op("MatMul x w -> g").op("Split g -> q k v", "axis", int64(1)).
		constant("s", ints(3, 2, 4)).op("Reshape q s -> a").op("Reshape k s -> b").op("Transpose a -> c", "perm", list(1, 0, 2)).
		op("Transpose b -> d", "perm", list(1, 2, 0)).op("MatMul c d -> y")
	crossing := newNet(952).input("x", newNet(953).normal(1, 0, 1, 2))
	cases["crossing slices"] = gates(crossing).constant("p", ints(1)).constant("q", ints(3)).constant("one", ints(1)).
		op("Slice s p q one -> a").op("Mul a x -> y")
	copies := map[string]int{"crossing slices": 1} // an axis that both factors have, not cut at equal parts
	for name, n := range cases {
		t.Run(name, func(t *testing.T) {
			c, values := compileCase(t, n, Options{TableBits: 10})
			free := 0
			for i := range c.Circuit.Blocks {
				if c.Circuit.Blocks[i].Role == circuit.Free && !output(c, i) {
					free++
				}
			}
			if free != copies[name] {
				t.Errorf("%d free blocks, not %d", free, copies[name])
			}
			if _, err := determinism.Certify(c.Circuit); err != nil {
				t.Error(err)
			}
			if changed := attack(t, c, values, 1); changed == 0 {
				t.Error("nothing to attack")
			}
		})
	}
}

// TestCopies: a row of a long tensor is copied where a product with the whole tensor would cost more, or would make the first sumcheck
// longer.
func TestCopies(t *testing.T) {
	for name, c := range map[string]struct {
		rows, free int
		o          Options
	}{
		"short":           {16, 0, Options{Output: Public}},
		"long":            {8192, 1, Options{Output: Public}},
		"longer sumcheck": {1024, 1, Options{Input: Public, Output: Public}},
		"column anyway":   {1024, 0, Options{Output: Public}}, // the input's digits are as long
	} {
		t.Run(name, func(t *testing.T) {
			n := newNet(970)
			n.input("x", n.normal(1, 0, c.rows, 2)).constant("i", ints(7)).constant("w", n.normal(1, 0, 2, 2)).
				op("Gather x i -> r", "axis", int64(0)).op("MatMul r w -> y")
			compiled, values := compileCase(t, n, c.o)
			free := 0
			for _, b := range compiled.Circuit.Blocks {
				if b.Role == circuit.Free {
					free++
				}
			}
			if free != c.free {
				t.Errorf("%d free blocks, not %d", free, c.free)
			}
			lay, err := layout.New(compiled.Circuit)
			if err != nil {
				t.Fatal(err)
			}
			if most := max(lay.HeightVars, lay.TableVars, 1); lay.N1 > most { // a row has 2 entries
				t.Errorf("%d rounds for columns of 2^%d", lay.N1, most)
			}
			attack(t, compiled, values, 1)
		})
	}
}

// output reports whether a block is part of an output.
func output(c *Compiled, block int) bool {
	for _, o := range c.Outputs {
		for _, p := range o.Parts {
			if p.Block == block {
				return true
			}
		}
	}
	return false
}

// TestCommon: the coarsest cut that refines two.
func TestCommon(t *testing.T) {
	for _, c := range []struct{ a, b, want []int }{{[]int{3, 4, 16}, []int{192}, []int{3, 4, 16}}, {[]int{12, 16}, []int{3, 64}, []int{3, 4, 16}},
		{[]int{3, 64}, []int{3, 64}, []int{3, 64}}, {[]int{2, 8}, []int{4, 4}, []int{2, 2, 4}}, {[]int{4, 3}, []int{3, 4}, nil}, {nil, nil, nil}} {
		if got := common(c.a, c.b); !slices.Equal(got, c.want) {
			t.Errorf("common(%v, %v) = %v, not %v", c.a, c.b, got, c.want)
		}
	}
}

// TestCuts: which atoms the last axis of a product with weights gets.
func TestCuts(t *testing.T) {
	product := func(w ...int) *net {
		n := newNet(960)
		return n.input("x", n.normal(1, 0, 3, w[0])).constant("w", n.normal(1, 0, w...)).op("MatMul x w -> g")
	}
	rows := func() *net {
		n := newNet(961)
		return n.input("x", n.normal(1, 0, 1, 4)).constant("w", n.normal(1, 0, 6, 4)).constant("t", n.normal(1, 0, 6, 1)).constant("s", ints(2, 3)).
			constant("one", ints(1)).op("Gemm w x -> g", "transB", int64(1))
	}
	three := func(n *net) *net { return n.op("Split g -> a b c", "axis", int64(1)) }
	for name, c := range map[string]struct {
		n    *net
		want []int
	}{
		"gates":                   {three(product(2, 12)).op("Mul a b -> u").op("Add u c -> y"), []int{3, 4}},
		"longer columns":          {three(product(2, 960)).op("Mul a b -> u").op("Add u c -> y"), nil},
		"a little longer":         {three(product(2, 15)).op("Mul a b -> u").op("Add u c -> y"), []int{3, 5}},
		"after functions":         {product(2, 8).op("Relu g -> h").op("Split h -> a b", "axis", int64(1)).op("Mul a b -> y"), []int{2, 4}},
		"an output":               {product(2, 8).op("Relu g -> y"), nil},
		"a reader that cannot":    {product(2, 8).op("Softmax g -> s").op("Split g -> a b", "axis", int64(1)).op("Mul a b -> y").op("ReduceSum s -> z"), nil},
		"an operand that is not":  {product(2, 8).op("Softmax x -> s").constant("v", newNet(1).normal(1, 0, 2, 8)).op("MatMul s v -> t").op("Softmax t -> u").op("Mul g u -> h").op("Split h -> a b", "axis", int64(1)).op("Mul a b -> y"), nil},
		"unequal parts":           {product(2, 8).constant("p", ints(3, 5)).op("Split g p -> a b", "axis", int64(1)).op("ReduceSum a -> y").op("ReduceSum b -> z"), nil},
		"rows of weights":         {rows().op("Less g t -> l").op("Cast l -> c", "to", int64(1)).op("Reshape c s -> h").op("ReduceSum h one -> y", "keepdims", int64(0)), []int{2, 3}},
		"rows that are an output": {rows().op("Less g t -> y"), nil},
		"heads":                   {product(2, 8).constant("s", ints(3, 2, 4)).op("Reshape g s -> h").op("Transpose h -> y", "perm", list(1, 0, 2)), []int{2, 4}},
	} {
		t.Run(name, func(t *testing.T) {
			g, _, _ := c.n.build(t)
			var got []int
			for v, a := range cuts(g) {
				if v.Name == "g" {
					got = a
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%v, not %v", got, c.want)
			}
		})
	}
}

// TestSumOfBatches: the sum over an axis that both factors have is one summed letter, not two and a relation between them.
func TestSumOfBatches(t *testing.T) {
	n := newNet(962)
	n.input("x", n.normal(1, 0, 5, 1, 3)).constant("w", n.normal(1, 0, 5, 3, 2)).constant("a", ints(0)).op("MatMul x w -> g").op("ReduceSum g a -> y")
	g, p, want := n.build(t)
	c, err := Compile(g, p, Options{Width: 8})
	if err != nil {
		t.Fatal(err)
	}
	compareOutputs(t, c.Dequantise(mocked(t, c, n.in)), want, 1e-3)
	for _, r := range c.Circuit.Relations {
		for _, k := range r.Sum {
			if len(k.R) > 0 || len(k.Inner) > 2 {
				t.Errorf("%s: %d summed letters, %d axis relations", r.Name, len(k.Inner), len(k.R))
			}
		}
	}
}
