package lower

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/determinism"
	"github.com/ezkl-go/ezkl/internal/determinism/brute"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/tensor"
	"github.com/ezkl-go/ezkl/internal/witness"
)

// solveAny solves with the naive solver, or, where a circuit divides, with package witness and its mock.
func solveAny(t testing.TB, c *Compiled, in map[int][]int64) [][]int64 {
	t.Helper()
	if !slices.ContainsFunc(c.Certificate.Steps, func(s determinism.Step) bool { return s.Rule == determinism.Quotient }) {
		return solveNaive(t, c, in)
	}
	values := make([][]int64, len(c.Circuit.Blocks))
	copy(values, c.Key)
	for b, x := range in {
		values[b] = x
	}
	if err := witness.Solve(context.Background(), c.Solvable, c.Certificate, values); err != nil {
		t.Fatal(err)
	}
	if f := witness.Mock(c.Circuit, values); f != nil {
		t.Fatalf("mock: %v", f)
	}
	return values
}

func bools(data ...int64) *tensor.Tensor {
	return &tensor.Tensor{Type: tensor.Bool, Shape: []int{len(data)}, Ints: data}
}

func shaped(t *tensor.Tensor, shape ...int) *tensor.Tensor {
	t.Shape = shape
	return t
}

// extendedCases are networks of the operators beyond dense and convolutional networks.
func extendedCases() map[string]*net {
	cases := map[string]*net{}
	start := func(name string, k, m float64, shape ...int) *net {
		n := newNet(uint64(100 + len(cases)))
		cases[name] = n.input("x", n.normal(k, m, shape...))
		return n
	}
	for _, op := range []string{"Sin", "Cos", "Asinh", "Atan", "Sinh", "Cosh", "Gelu", "HardSwish", "Softsign", "Mish", "Selu", "Celu", "ThresholdedRelu",
		"Shrink", "Sign", "Floor", "Ceil", "Round", "Swish"} {
		n := start(op, 1, 0, 2, 7)
		n.src.Opsets[""] = 24
		n.op(op + " x -> y")
	}
	for _, op := range []string{"Tan", "Asin", "Acos"} {
		start(op, .2, 0, 2, 7).op(op + " x -> y")
	}
	second := func(name string, k, m float64, xs, zs []int) *net {
		n := start(name, 1, 0, xs...)
		return n.input("z", n.normal(k, m, zs...))
	}
	second("divide", .3, 2, []int{3, 4}, []int{4}).op("Div x z -> y")
	second("divide signed", 1, 0, []int{3, 4}, []int{3, 1}).op("Div x z -> y")
	second("divide scalar", .3, 2, []int{1}, []int{1}).op("Div x z -> y")
	n := second("divide product", .3, 2, []int{3, 4}, []int{3, 4})
	n.constant("w", n.normal(1, 0, 4, 4)).op("MatMul x w -> u").op("Mul z z -> v").op("Div u v -> y")
	n = start("reciprocal signed", .3, 2, 3, 4)
	for i := range 6 {
		n.in[0].Floats[2*i] *= -1
	}
	n.op("Reciprocal x -> y")
	start("constant over", .3, 2, 5).constant("c", scalarTensor(3)).op("Div c x -> y")
	for _, op := range []string{"Less", "LessOrEqual", "Greater", "GreaterOrEqual"} {
		second(op, 1, 0, []int{3, 4}, []int{4}).op(op + " x z -> y")
		n := start(op+" constant", 1, 0, 3, 4)
		n.src.Opsets[""] = 16
		n.constant("c", n.normal(1, 0, 3, 4)).op(op + " c x -> y")
		n = newNet(7)
		cases[op+" integers"] = n.input("x", ints(1, 2, 3, -4)).input("z", ints(1, 3, 2, -4)).op(op + " x z -> y")
		n.src.Opsets[""] = 16
		cases[op].src.Opsets[""] = 16
	}
	n = newNet(8)
	cases["Equal"] = n.input("x", ints(1, 2, 3, -4)).input("z", ints(1, 3, 2, -4)).op("Equal x z -> y")
	n = newNet(8)
	cases["Equal wide"] = n.input("x", ints(1, 200_000, 3, -4000)).input("z", ints(1, 200_000, 200_000, -4)).op("Equal x z -> y")
	for _, op := range []string{"And", "Or", "Xor"} {
		n = newNet(9)
		cases[op] = n.input("x", bools(0, 0, 1, 1)).input("z", bools(0, 1, 0, 1)).op(op + " x z -> y")
	}
	n = newNet(10)
	cases["Not"] = n.input("x", bools(0, 1)).op("Not x -> y")
	n = second("Where", 2, 0, []int{3, 4}, []int{4})
	n.input("c", shaped(bools(0, 1, 1), 3, 1)).op("Where c x z -> y")
	n = start("Where mask", 1, 0, 3, 3)
	n.constant("c", shaped(bools(1, 0, 0, 1, 1, 0, 1, 1, 1), 3, 3)).constant("m", scalarTensor(-5)).op("Where c x m -> y")
	second("Sum", 1, 0, []int{3, 4}, []int{4}).op("Sum x z x -> y")
	second("Mean", 1, 0, []int{3, 4}, []int{4}).op("Mean x z x -> y")
	for _, op := range []string{"Div", "Mod"} {
		n = newNet(11)
		cases["integer "+op] = n.input("x", ints(7, -7, 8, 0, 100)).constant("c", shaped(ints(3), 1)).op(op + " x c -> y")
	}
	start("fmod", 2, 0, 6).constant("c", scalarTensor(.75)).op("Mod x c -> y", "fmod", int64(1))

	for _, op := range []string{"ArgMax", "ArgMin"} {
		for _, last := range []int64{0, 1} {
			n = newNet(12)
			x := n.normal(1, 0, 3, 5)
			x.Floats[0], x.Floats[3] = x.Floats[1], x.Floats[1]
			cases[fmt.Sprint(op, last)] = n.input("x", x).op(op+" x -> y", "axis", int64(1), "keepdims", last, "select_last_index", last)
		}
	}
	start("ArgMax of few", 1, 0, 2, 5).op("ArgMax x -> y", "axis", int64(1))
	start("ArgMax axis 0", 1, 0, 6, 3).op("ArgMax x -> y", "axis", int64(0))
	start("Hardmax", 1, 0, 3, 5).op("Hardmax x -> y")
	for _, k := range []int64{1, 3, 7} {
		n = start(fmt.Sprint("TopK ", k), 1, 0, 2, 7)
		n.constant("k", ints(k)).op("TopK x k -> y i", "largest", k&1)
		n = start(fmt.Sprint("TopK indices ", k), 1, 0, 7, 2)
		n.constant("k", ints(k)).op("TopK x k -> v y", "axis", int64(0))
		n.src.Outputs = []string{"y"}
	}
	index := func(name string, xs []int, idx *tensor.Tensor, op string, attrs ...any) *net {
		n := start(name, 1, 0, xs...)
		return n.input("i", idx).op(op, attrs...)
	}
	index("Gather private", []int{5, 3}, shaped(ints(4, 0, 1, 1), 2, 2), "Gather x i -> y", "axis", int64(0))
	index("Gather private axis", []int{2, 5, 3}, ints(4, 0), "Gather x i -> y", "axis", int64(1))
	n = newNet(13)
	cases["Gather constant data"] = n.input("i", ints(3, 1)).constant("d", n.normal(1, 0, 4, 3)).op("Gather d i -> y")
	index("GatherElements private", []int{2, 4, 3}, shaped(ints(3, 0, 1, 2), 2, 1, 2), "GatherElements x i -> y", "axis", int64(1))
	n = start("ScatterElements private", 1, 0, 2, 5)
	n.input("i", shaped(ints(3, 0, 1, 2), 2, 2)).input("u", n.normal(1, 0, 2, 2)).op("ScatterElements x i u -> y", "axis", int64(1))
	n = start("ScatterElements constant", 1, 0, 2, 5)
	n.constant("i", shaped(ints(3, 0, -1, 2), 2, 2)).input("u", n.normal(1, 0, 2, 2)).op("ScatterElements x i u -> y", "axis", int64(1))
	n = start("ScatterND", 1, 0, 4, 3)
	n.constant("i", shaped(ints(3, 0), 2, 1)).input("u", n.normal(1, 0, 2, 3)).op("ScatterND x i u -> y")
	n = newNet(14)
	cases["OneHot"] = n.input("i", shaped(ints(3, -1, 0, 9), 2, 2)).constant("d", ints(4)).constant("v", shaped(&tensor.Tensor{Type: tensor.Float32, Floats: []float64{-1, 2.5}}, 2)).
		op("OneHot i d v -> y", "axis", int64(1))
	start("Trilu", 1, 0, 2, 3, 4).op("Trilu x -> y", "upper", int64(0))
	start("Tile", 1, 0, 2, 3).constant("r", ints(2, 3)).op("Tile x r -> y")
	start("Expand", 1, 0, 3, 1).constant("s", ints(2, 1, 4)).op("Expand x s -> y")
	start("DepthToSpace", 1, 0, 1, 8, 2, 3).op("DepthToSpace x -> y", "blocksize", int64(2))
	start("SpaceToDepth", 1, 0, 1, 2, 4, 6).op("SpaceToDepth x -> y", "blocksize", int64(2))
	start("Slice of a flattened axis", 1, 0, 3, 4).constant("sh", ints(12)).constant("s", ints(2)).constant("e", ints(9)).
		op("Reshape x sh -> z").op("Slice z s e -> y")

	for _, f := range []int64{0, 1} {
		start(fmt.Sprint("CumSum ", f), 1, 0, 2, 6, 3).constant("a", ints(1)).op("CumSum x a -> y", "reverse", f, "exclusive", f)
	}
	start("ReduceL2", 1, 0, 3, 5).op("ReduceL2 x -> y", "axes", list(1))
	start("ReduceLogSum", .2, 2, 3, 5).op("ReduceLogSum x -> y", "axes", list(1))
	start("Cast to integers", 2, 0, 9).op("Cast x -> y", "to", int64(7))
	start("Cast to booleans", 2, 0, 9).op("Relu x -> z").op("Cast z -> y", "to", int64(9))
	n = start("exported layer norm", 1, .5, 3, 8)
	n.constant("two", scalarTensor(2)).constant("e", scalarTensor(1e-5)).op("ReduceMean x -> m", "axes", list(1)).op("Sub x m -> d").op("Pow d two -> q").
		op("ReduceMean q -> v", "axes", list(1)).op("Add v e -> w").op("Sqrt w -> r").op("Div d r -> y")

	softmax := func(name string, k float64, opset int, op string, shape []int, attrs ...any) {
		n := start(name, k, 0, shape...)
		n.src.Opsets[""] = opset
		n.op(op+" x -> y", attrs...)
	}
	softmax("Softmax", 2, 13, "Softmax", []int{3, 7})
	softmax("Softmax axis", 1, 13, "Softmax", []int{3, 5, 2}, "axis", int64(1))
	softmax("Softmax flat", 1, 11, "Softmax", []int{2, 3, 4}, "axis", int64(1))
	softmax("Softmax long", 2, 13, "Softmax", []int{2, 40})
	softmax("Softmax wide", 15, 13, "Softmax", []int{2, 6})
	softmax("Softmax one", 1, 13, "Softmax", []int{4, 1})
	softmax("LogSoftmax", 2, 13, "LogSoftmax", []int{3, 7})
	n = start("Softmax of a product", 1, 0, 4, 6)
	n.constant("w", n.normal(1, 0, 6, 9)).constant("v", n.normal(1, 0, 9, 3)).op("MatMul x w -> s").op("Softmax s -> p").op("MatMul p v -> y")
	n = start("attention", 1, 0, 2, 5, 4)
	n.op("Transpose x -> t", "perm", list(0, 2, 1)).op("MatMul x t -> s").op("Softmax s -> p").op("MatMul p x -> y")
	for _, low := range []float64{-10, -1e9, math.Inf(-1)} {
		causal, added := tensor.New(tensor.Bool, 6, 6), tensor.New(tensor.Float32, 6, 6)
		for i := range causal.Ints {
			if causal.Ints[i] = 1; i%6 > i/6 {
				causal.Ints[i], added.Floats[i] = 0, low
			}
		}
		n = start(fmt.Sprint("causal attention ", low), 1, 0, 2, 6, 3)
		n.constant("c", causal).constant("l", scalarTensor(low)).constant("d", scalarTensor(.5)).op("Transpose x -> t", "perm", list(0, 2, 1)).
			op("MatMul x t -> s").op("Mul s d -> r").op("Where c r l -> m").op("Softmax m -> p").op("MatMul p x -> y")
		n = start(fmt.Sprint("attention with a mask of ", low), 1, 0, 2, 6, 3)
		n.constant("c", added).constant("d", scalarTensor(2)).op("Transpose x -> t", "perm", list(0, 2, 1)).
			op("MatMul x t -> s").op("Div s d -> r").op("Add r c -> m").op("Softmax m -> p").op("MatMul p x -> y")
	}

	n = start("scale and shift before weights", 1, 0, 4, 6)
	n.constant("s", n.normal(1, 0, 6)).constant("t", n.normal(1, 0, 6)).constant("w", n.normal(1, 0, 6, 5)).constant("v", n.normal(1, 0, 6, 3)).
		op("Mul x s -> a").op("Add a t -> b").op("MatMul b w -> c").op("Gemm b v -> d", "alpha", 0.5).op("Relu c -> y").op("Relu d -> z")
	n = start("scale that others read", 1, 0, 4, 6)
	n.constant("s", n.normal(1, 0, 6)).constant("w", n.normal(1, 0, 6, 5)).op("Mul x s -> a").op("MatMul a w -> y").op("Relu a -> z")
	for _, op := range []string{"LayerNormalization", "RMSNormalization"} {
		n = start(op+" before weights", 1, .5, 4, 8)
		n.src.Opsets[""] = 23
		n.constant("s", n.normal(1, 0, 8)).constant("t", n.normal(1, 0, 8)).constant("w", n.normal(1, 0, 8, 5)).constant("v", n.normal(1, 0, 8, 3))
		if op == "LayerNormalization" {
			n.op("LayerNormalization x s t -> a")
		} else {
			n.op("RMSNormalization x s -> a")
		}
		n.op("MatMul a w -> y").op("MatMul a v -> z")
	}

	norm := func(name, op string, shape, pshape []int, attrs ...any) {
		n := start(name, 1, .5, shape...)
		n.src.Opsets[""] = 23
		n.constant("s", n.normal(1, 0, pshape...))
		if op != "RMSNormalization" {
			n.constant("b", n.normal(1, 0, pshape...)).op(op+" x s b -> y", attrs...)
			return
		}
		n.op(op+" x s -> y", attrs...)
	}
	norm("LayerNormalization", "LayerNormalization", []int{3, 8}, []int{8})
	norm("LayerNormalization axes", "LayerNormalization", []int{2, 3, 4}, []int{3, 4}, "axis", int64(1))
	norm("RMSNormalization", "RMSNormalization", []int{3, 8}, []int{8})
	norm("InstanceNormalization", "InstanceNormalization", []int{2, 3, 4, 2}, []int{3})
	norm("GroupNormalization", "GroupNormalization", []int{2, 4, 3, 2}, []int{4}, "num_groups", int64(2))

	transposed := func(name string, xs, ws []int, attrs ...any) {
		n := start(name, 1, 0, xs...)
		m := ws[1]
		if len(attrs) > 0 && attrs[0] == "group" {
			m *= int(attrs[1].(int64))
		}
		n.constant("w", n.normal(.5, 0, ws...)).constant("b", n.normal(1, 0, m)).op("ConvTranspose x w b -> y", attrs...)
	}
	transposed("ConvTranspose", []int{1, 3, 4, 5}, []int{3, 2, 3, 2}, "strides", list(2, 3), "pads", list(1, 0, 1, 0))
	transposed("ConvTranspose groups", []int{2, 4, 5}, []int{4, 3, 3}, "group", int64(2), "strides", list(2), "output_padding", list(1))
	transposed("ConvTranspose dilated", []int{1, 2, 5, 1}, []int{2, 3, 2, 3}, "dilations", list(3, 1))
	transposed("ConvTranspose 1x1", []int{1, 2, 4, 4}, []int{2, 3, 1, 1}, "strides", list(2, 2))

	rnn := func(name, op string, gates int, attrs ...any) {
		n := start(name, 1, 0, 4, 2, 3) // steps, batch, input
		dirs := 1
		if slices.Contains(attrs, any("bidirectional")) {
			dirs = 2
		}
		n.constant("w", n.normal(.7, 0, dirs, 5*gates, 3)).constant("r", n.normal(.7, 0, dirs, 5*gates, 5)).constant("b", n.normal(.5, 0, dirs, 10*gates))
		attrs = append(attrs, "hidden_size", int64(5))
		n.op(op+" x w r b -> y h", attrs...).op("ReduceSum h -> s", "keepdims", int64(0)).op("Add y s -> o")
	}
	rnn("LSTM", "LSTM", 4)
	rnn("LSTM both ways", "LSTM", 4, "direction", "bidirectional")
	rnn("GRU", "GRU", 3)
	rnn("GRU linear", "GRU", 3, "linear_before_reset", int64(1), "direction", "reverse")
	rnn("RNN", "RNN", 1)
	return cases
}

// TestExtended lowers, certifies, solves and mocks, and compares with the float network.
func TestExtended(t *testing.T) {
	cases := extendedCases()
	maps.Copy(cases, arithmeticCases())
	for name, n := range cases {
		t.Run(name, func(t *testing.T) {
			g, p, want := n.build(t)
			for _, o := range []Options{{Output: Public}, {Input: Public, Params: Fixed, Output: Public}, {Input: Fixed, Output: Fixed, Width: 16}, {Width: 5, TableBits: 14, Params: Fixed}, {Output: Public, small: 16}} {
				if o.small > 0 && exponents(g) == 0 {
					continue
				}
				c, err := Compile(g, p, o)
				if err != nil {
					t.Fatal(err)
				}
				values := mocked(t, c, n.in)
				tolerance := 1e-3
				if o.TableBits != 0 {
					tolerance = 4e-3
				}
				compareOutputs(t, c.Dequantise(values), want, max(tolerance, largeError[name]))
			}
		})
	}
}

// TestNormalise compares rsqrt with floats over the whole range of its integers.
func TestNormalise(t *testing.T) {
	n := newNet(5)
	x := tensor.New(tensor.Float32, 12, 2)
	for i := range 12 {
		d := math.Ldexp(1, -i)
		x.Floats[2*i], x.Floats[2*i+1] = float64(float32(1-d)), float64(float32(1+d))
	}
	n.input("x", x).constant("s", &tensor.Tensor{Type: tensor.Float32, Shape: []int{2}, Floats: []float64{1, 1}}).
		op("LayerNormalization x s -> y", "epsilon", 1e-4)
	n.src.Opsets[""] = 17
	c, values := compileCase(t, n, Options{})
	_, _, want := n.build(t)
	compareOutputs(t, c.Dequantise(values), want, 2e-2) // a deviation of 2^-11 is 16 units of x
}

// TestSmallEpsilon has normalisations whose epsilon is far below their rows' deviations: 1/deviation keeps its bits.
func TestSmallEpsilon(t *testing.T) {
	for op, inputs := range map[string]string{"LayerNormalization": "x s", "RMSNormalization": "x s", "InstanceNormalization": "x s b", "GroupNormalization": "x s b"} {
		for _, spread := range []float64{1, 1. / 8} {
			n := newNet(7)
			x := n.normal(2, 0, 1, 6, 32)
			for i := range x.Floats { // rows of deviations 2 and less
				x.Floats[i] = float64(float32(x.Floats[i] * math.Pow(spread, float64(i/32)/5)))
			}
			n.input("x", x)
			ones, zeros := tensor.New(tensor.Float32, 32), tensor.New(tensor.Float32, 6)
			if inputs == "x s b" {
				ones = tensor.New(tensor.Float32, 6)
			}
			for i := range ones.Floats {
				ones.Floats[i] = 1
			}
			attrs := []any{"epsilon", 1e-12}
			if op == "GroupNormalization" {
				attrs = append(attrs, "num_groups", int64(6))
			}
			n.constant("s", ones).constant("b", zeros).op(op+" "+inputs+" -> y", attrs...)
			n.src.Opsets[""] = 23
			c, values := compileCase(t, n, Options{})
			_, _, want := n.build(t)
			compareOutputs(t, c.Dequantise(values), want, 1e-3)
		}
	}
}

// TestUniqueNormal counts the witnesses of a range reduction for every integer: one, or none for 0.
func TestUniqueNormal(t *testing.T) {
	for _, width := range []int{2, 3, 4} {
		b := newBuilder(nil, Options{Width: width, TableBits: 4})
		in := b.block("x", nil, circuit.Public)
		b.c.Blocks[in].Lo, b.c.Blocks[in].Hi = 0, 63
		b.c.Inputs = []int{in}
		v := &value{terms: []circuit.Term{blockTerm(1, in, 0)}, unit: 1, lo: 0, hi: 63, bound: 63}
		y := b.freeBlock(b.rsqrt(v, 63, 1), "result")
		c := &Compiled{Circuit: b.c, Key: b.key}
		if err := layout.Arrange(b.c, b.lookups); err != nil {
			t.Fatal(err)
		}
		if err := certify(c); err != nil {
			t.Fatal(err)
		}
		for x := range int64(64) {
			values := make([][]int64, len(b.c.Blocks))
			copy(values, b.key)
			values[in] = []int64{x}
			found := brute.Witnesses(b.c, brutePrime, values, 2)
			if x == 0 {
				if len(found) != 0 {
					t.Errorf("width %d: a witness for 0", width)
				}
				continue
			}
			if len(found) != 1 {
				t.Fatalf("width %d: %d witnesses for %d", width, len(found), x)
			}
			if err := witness.Solve(context.Background(), b.c, c.Certificate, values); err != nil {
				t.Fatal(err)
			}
			for i := range values {
				if !slices.Equal(values[i], found[0][i]) {
					t.Errorf("width %d: block %s differs", width, b.c.Blocks[i].Name)
				}
			}
			got := float64(values[y.terms[0].Block][0]) * y.unit
			if want := 1 / math.Sqrt(float64(x)); math.Abs(got/want-1) > .2 { // 2 bits of mantissa at worst
				t.Errorf("width %d: 1/sqrt(%d) is %g, not %g", width, x, got, want)
			}
		}
	}
}

// extendedGadgets are tiny networks of the gadgets in divide.go, logic.go, argmax.go, onehot.go, softmax.go and layernorm.go,
// for the exhaustive search.
func extendedGadgets() map[string]*net {
	cases := map[string]*net{}
	start := func(name string, shape ...int) *net {
		n := newNet(uint64(50 + len(cases)))
		cases[name] = n.input("x", n.normal(1, 0, shape...))
		return n
	}
	n := start("divide", 1)
	n.input("z", n.normal(.1, 2, 1)).op("Div x z -> y")
	n = start("reciprocal", 2)
	n.in[0].Floats = []float64{1.25, -1.5}
	n.op("Reciprocal x -> y")
	n = start("less", 2)
	n.input("z", n.normal(1, 0, 2)).op("Less x z -> y")
	n = newNet(60)
	cases["equal"] = n.input("x", ints(1, 2)).input("z", ints(1, 3)).op("Equal x z -> y")
	n = newNet(61)
	cases["xor"] = n.input("x", bools(0, 1)).input("z", bools(1, 1)).op("Xor x z -> y")
	n = start("where", 2)
	n.input("z", n.normal(1, 0, 2)).input("c", bools(0, 1)).op("Where c x z -> y")
	start("argmax", 3).op("ArgMax x -> y", "axis", int64(0))
	start("hardmax", 3).op("Hardmax x -> y", "axis", int64(0))
	start("topk", 3).constant("k", ints(2)).op("TopK x k -> y i", "axis", int64(0))
	n = start("gather", 3)
	n.input("i", ints(2, 0)).op("Gather x i -> y")
	n = newNet(63)
	cases["window"] = n.input("s", bools(0, 1)).input("t", bools(1, 1)).constant("w", n.normal(1, 0, 5)).constant("base", ints(3, 0)).
		op("Cast s -> a", "to", int64(7)).op("Cast t -> b", "to", int64(7)).op("Sub a b -> c").op("Add c base -> d").constant("o", shaped(ints(1), 1)).op("Sub d a -> e").
		op("Add e o -> i").op("Gather w i -> y")
	n = start("scatter", 3)
	n.input("i", ints(2, 0)).input("u", n.normal(1, 0, 2)).op("ScatterElements x i u -> y")
	start("softmax", 2).op("Softmax x -> y")
	n = start("softmax of a product", 2)
	n.constant("w", n.normal(1, 0, 2, 2)).op("MatMul x w -> z").op("Softmax z -> y")
	n = start("attention", 1, 1)
	n.constant("c", shaped(bools(1, 0), 1, 2)).constant("l", scalarTensor(-1)).constant("k", n.normal(1, 0, 1, 2)).
		input("v", n.normal(1, 0, 2, 1)).op("MatMul x k -> s").op("Where c s l -> m").op("Softmax m -> p").op("MatMul p v -> y")
	n = start("masked softmax", 1, 3)
	n.constant("c", shaped(bools(1, 0, 1), 1, 3)).constant("l", scalarTensor(math.Inf(-1))).op("Where c x l -> m").op("Softmax m -> y")
	n = start("private mask", 1, 2)
	n.input("c", shaped(bools(1, 1), 1, 2)).constant("l", scalarTensor(math.Inf(-1))).op("Where c x l -> m").op("Softmax m -> y")
	n = newNet(62)
	cases["one-hot"] = n.input("i", ints(2, -1)).constant("d", ints(3)).constant("v", shaped(&tensor.Tensor{Type: tensor.Float32, Floats: []float64{0, 1}}, 2)).
		op("OneHot i d v -> y")
	return cases
}

// TestWideIntegers wants integers exact however wide they are, and refused beyond 60 bits.
func TestWideIntegers(t *testing.T) {
	n := newNet(1)
	n.input("x", shaped(ints(1<<25+1, 3), 1, 2)).input("z", shaped(ints(5, 7), 2, 1)).op("MatMul x z -> u").op("Sub u u -> v").op("Add u v -> y")
	c, values := compileCase(t, n, Options{})
	if got := c.Dequantise(values)[0].Ints[0]; got != 5<<25+26 {
		t.Errorf("%d", got)
	}
	n = newNet(1)
	n.input("x", ints(1<<35+1)).op("Mul x x -> y")
	g, p, _ := n.build(t)
	if _, err := Compile(g, p, Options{}); err == nil {
		t.Error("integers were rounded")
	}
}
