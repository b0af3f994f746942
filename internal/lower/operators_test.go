package lower

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// net is a small network for tests: its last node makes the output.
type net struct {
	src  graph.Source
	in   []*tensor.Tensor
	rand *rand.Rand
}

func newNet(seed uint64) *net {
	return &net{src: graph.Source{Name: "test", Opsets: map[string]int{"": 13}, Consts: map[string]*tensor.Tensor{}},
		rand: rand.New(rand.NewPCG(seed, 1))}
}

// normal is a random tensor of deviation k and mean m.
func (n *net) normal(k, m float64, shape ...int) *tensor.Tensor {
	t := tensor.New(tensor.Float32, shape...)
	for i := range t.Floats {
		t.Floats[i] = float64(float32(k*n.rand.NormFloat64() + m))
	}
	return t
}

// input adds a network input; constant adds an initialiser.
func (n *net) input(name string, t *tensor.Tensor) *net {
	var dims []graph.Dim
	for _, d := range t.Shape {
		dims = append(dims, graph.Dim{Size: d})
	}
	n.src.Inputs = append(n.src.Inputs, graph.SourceInput{Name: name, Type: t.Type, Dims: dims})
	n.in = append(n.in, t)
	return n
}

func (n *net) constant(name string, t *tensor.Tensor) *net {
	n.src.Consts[name] = t
	return n
}

func ints(data ...int64) *tensor.Tensor {
	return &tensor.Tensor{Type: tensor.Int64, Shape: []int{len(data)}, Ints: data}
}

func scalarTensor(x float64) *tensor.Tensor {
	return &tensor.Tensor{Type: tensor.Float32, Shape: []int{}, Floats: []float64{float64(float32(x))}}
}

// op adds a node; spec is "Conv x w b -> y", with _ for an absent input. attrs alternate names and values.
func (n *net) op(spec string, attrs ...any) *net {
	left, right, _ := strings.Cut(spec, " -> ")
	f := strings.Fields(left)
	for i := range f {
		if f[i] == "_" {
			f[i] = ""
		}
	}
	a := graph.Attrs{}
	for i := 0; i < len(attrs); i += 2 {
		a[attrs[i].(string)] = attrs[i+1]
	}
	n.src.Nodes = append(n.src.Nodes, graph.SourceNode{Name: f[0] + " " + right, Op: f[0], Inputs: f[1:], Outputs: strings.Fields(right), Attrs: a})
	n.src.Outputs = strings.Fields(right)[:1]
	return n
}

func list(x ...int64) []int64 { return x }

// build is the graph and its float outputs, with calibration on the given input.
func (n *net) build(t testing.TB) (*graph.Graph, *quant.Params, []*tensor.Tensor) {
	t.Helper()
	g, err := graph.Build(&n.src, nil)
	if err != nil {
		t.Fatal(err)
	}
	stats, out, err := quant.Calibrate(context.Background(), g, [][]*tensor.Tensor{n.in}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := stats.Params(quant.DefaultMargin)
	if err != nil {
		t.Fatal(err)
	}
	return g, p, out[0]
}

// operatorCases are networks whose integer outputs stay close to the float ones.
func operatorCases() map[string]*net {
	cases := map[string]*net{}
	seed := uint64(0)
	start := func(name string, shape ...int) *net {
		seed++
		n := newNet(seed)
		n.input("x", n.normal(1, 0, shape...))
		cases[name] = n
		return n
	}
	conv := func(name string, xs, ws []int, attrs ...any) {
		n := start(name, xs...)
		n.constant("w", n.normal(.3, 0, ws...)).constant("b", n.normal(1, 0, ws[0]))
		n.op("Conv x w b -> c", attrs...).op("Relu c -> y")
	}
	conv("conv 1d", []int{1, 3, 11}, []int{4, 3, 3}, "strides", list(2), "pads", list(1, 2))
	conv("conv 2d", []int{2, 3, 7, 6}, []int{5, 3, 3, 2}, "strides", list(2, 1), "pads", list(1, 0, 2, 1), "dilations", list(2, 1))
	conv("conv 3d", []int{1, 2, 5, 4, 6}, []int{3, 2, 2, 3, 2}, "pads", list(0, 1, 1, 1, 0, 1))
	conv("conv groups", []int{1, 6, 5, 5}, []int{9, 2, 3, 3}, "group", int64(3))
	conv("conv depthwise", []int{1, 5, 6, 6}, []int{5, 1, 3, 3}, "group", int64(5), "pads", list(1, 1, 1, 1))
	conv("conv depthwise 2", []int{1, 4, 6, 6}, []int{8, 1, 3, 3}, "group", int64(4), "strides", list(2, 2))
	conv("conv same upper", []int{1, 2, 7, 7}, []int{3, 2, 4, 4}, "auto_pad", "SAME_UPPER", "strides", list(2, 2))
	conv("conv same lower", []int{1, 2, 7, 7}, []int{3, 2, 4, 4}, "auto_pad", "SAME_LOWER", "strides", list(2, 2))
	conv("conv 1x1 stride", []int{1, 3, 7, 7}, []int{4, 3, 1, 1}, "strides", list(2, 2))
	conv("conv whole", []int{1, 3, 4, 4}, []int{5, 3, 4, 4})

	n := start("conv norm relu pool", 1, 3, 8, 8)
	v := n.normal(1, 0, 4)
	for i := range v.Floats {
		v.Floats[i] = math.Abs(v.Floats[i]) + .1
	}
	n.constant("w", n.normal(.3, 0, 4, 3, 3, 3)).constant("s", n.normal(1, 0, 4)).constant("b", n.normal(1, 0, 4)).
		constant("m", n.normal(1, 0, 4)).constant("v", v).op("Conv x w -> c", "pads", list(1, 1, 1, 1)).
		op("BatchNormalization c s b m v -> d").op("Relu d -> e").op("MaxPool e -> y", "kernel_shape", list(2, 2), "strides", list(2, 2))
	n = start("conv pool chain", 1, 3, 8, 8)
	n.constant("w", n.normal(.3, 0, 4, 3, 3, 3)).op("Conv x w -> c").op("MaxPool c -> y", "kernel_shape", list(2, 3), "strides", list(2, 3))
	n = start("norm", 2, 4, 3, 3)
	n.constant("s", n.normal(1, 0, 4)).constant("b", n.normal(1, 0, 4)).constant("m", n.normal(1, 0, 4)).constant("v", v).
		op("BatchNormalization x s b m v -> y")
	n = start("conv mean dense", 1, 3, 8, 8)
	n.constant("w", n.normal(.3, 0, 4, 3, 3, 3)).constant("g", n.normal(1, 0, 4, 5)).op("Conv x w -> c").op("GlobalAveragePool c -> d").
		op("Flatten d -> e").op("Gemm e g -> y")
	n = start("residual", 1, 3, 8, 8)
	n.constant("w", n.normal(.3, 0, 3, 3, 3, 3)).op("Conv x w -> c", "pads", list(1, 1, 1, 1)).op("Relu c -> d").
		op("Conv d w -> e", "pads", list(1, 1, 1, 1)).op("Add e x -> f").op("Relu f -> g").op("Conv g w -> h", "pads", list(1, 1, 1, 1)).
		op("Add h g -> i").op("GlobalAveragePool i -> y")

	for name, attrs := range map[string][]any{
		"":        {"kernel_shape", list(3, 2), "strides", list(2, 1)},
		" pad":    {"kernel_shape", list(3, 3), "strides", list(2, 2), "pads", list(1, 1, 1, 1)},
		" ceil":   {"kernel_shape", list(2, 2), "strides", list(2, 2), "ceil_mode", int64(1)},
		" dilate": {"kernel_shape", list(2, 2), "dilations", list(2, 3)},
		" same":   {"kernel_shape", list(3, 3), "strides", list(2, 2), "auto_pad", "SAME_UPPER"},
	} {
		n = newNet(77)
		cases["max pool"+name] = n.input("x", n.normal(1, -1, 1, 2, 7, 9)).op("MaxPool x -> y", attrs...)
		n = newNet(78)
		cases["relu max pool"+name] = n.input("x", n.normal(1, -.5, 1, 2, 7, 9)).op("Relu x -> z").op("MaxPool z -> y", attrs...)
	}
	for name, attrs := range map[string][]any{
		"":         {"kernel_shape", list(3, 2), "strides", list(2, 1)},
		" pad":     {"kernel_shape", list(3, 3), "strides", list(2, 2), "pads", list(1, 1, 1, 1)},
		" include": {"kernel_shape", list(3, 3), "strides", list(2, 2), "pads", list(1, 1, 1, 1), "count_include_pad", int64(1)},
		" ceil":    {"kernel_shape", list(2, 2), "strides", list(2, 2), "ceil_mode", int64(1)},
	} {
		n = newNet(79)
		n.input("x", n.normal(1, 0, 1, 2, 7, 8)).constant("w", n.normal(1, 0, 2, 2, 3, 3))
		cases["average pool"+name] = n.op("AveragePool x -> y", attrs...)
		n = newNet(80)
		n.input("x", n.normal(1, 0, 1, 2, 7, 8)).constant("w", n.normal(1, 0, 2, 2, 3, 3))
		cases["conv average pool"+name] = n.op("Conv x w -> z", "pads", list(1, 1, 1, 1)).op("AveragePool z -> y", attrs...)
	}
	start("max pool 1d", 1, 2, 9).op("MaxPool x -> y", "kernel_shape", list(3), "strides", list(2))
	start("square pool", 1, 2, 6, 6).op("Mul x x -> z").op("Add z x -> u").op("AveragePool u -> y", "kernel_shape", list(2, 2), "strides", list(2, 2))
	start("global max pool", 2, 3, 3, 5).op("GlobalMaxPool x -> y")

	for _, op := range []string{"Relu", "Sigmoid", "Tanh", "Elu", "Abs", "Neg", "Erf", "HardSigmoid", "LeakyRelu", "Softplus", "Identity"} {
		start(op, 2, 7).op(op + " x -> y")
		n = start("dense "+op, 2, 7)
		n.constant("w", n.normal(1, 0, 7, 5)).op("MatMul x w -> z").op(op + " z -> y")
	}
	start("exp", 2, 7).op("Exp x -> y")
	for _, op := range []string{"Sqrt", "Log", "Reciprocal"} {
		n = newNet(81)
		cases[op] = n.input("x", n.normal(.3, 2, 2, 7)).op(op + " x -> y")
	}
	n = start("clip", 2, 7)
	n.constant("w", n.normal(1, 0, 7, 5)).constant("lo", scalarTensor(0)).constant("hi", scalarTensor(6)).op("MatMul x w -> z").op("Clip z lo hi -> y")
	n = start("prelu", 2, 3, 4)
	n.constant("s", n.normal(1, 0, 3, 1)).op("PRelu x s -> y")
	n = start("gelu", 2, 9)
	n.constant("c", scalarTensor(math.Sqrt2)).constant("one", scalarTensor(1)).constant("half", scalarTensor(.5)).
		op("Div x c -> a").op("Erf a -> b").op("Add b one -> d").op("Mul x d -> e").op("Mul e half -> y")
	n = start("silu", 2, 7)
	n.constant("w", n.normal(1, 0, 7, 5)).op("MatMul x w -> z").op("Sigmoid z -> s").op("Mul z s -> y")
	n = start("two uses", 2, 7)
	n.constant("w", n.normal(.3, 0, 7, 5)).constant("w2", n.normal(.3, 0, 5, 3)).op("MatMul x w -> z").op("Sigmoid z -> s").
		op("Relu z -> t").op("Add s t -> u").op("MatMul u w2 -> v").op("Add z z -> q").op("MatMul q w2 -> p").op("Add p v -> y")
	n = start("gemm", 7, 3)
	n.constant("w", n.normal(1, 0, 7, 5)).constant("b", n.normal(1, 0, 5)).op("Gemm x w b -> y", "alpha", .5, "beta", 2., "transA", int64(1))

	second := func(name string, xs, zs []int) *net {
		n := start(name, xs...)
		return n.input("z", n.normal(1, 0, zs...))
	}
	second("gemm data", []int{3, 7}, []int{5, 7}).op("Gemm x z -> y", "alpha", .5, "transB", int64(1))
	second("matmul batch", []int{2, 3, 4, 5}, []int{2, 3, 5, 6}).op("MatMul x z -> y")
	second("matmul broadcast", []int{2, 1, 4, 5}, []int{3, 5, 6}).op("MatMul x z -> y")
	second("add broadcast", []int{2, 3, 1, 5}, []int{3, 4, 1}).op("Add x z -> y")
	second("mul broadcast", []int{2, 3, 1, 5}, []int{3, 4, 1}).op("Mul x z -> y")
	second("max", []int{3, 4}, []int{4}).op("Max x z -> y")
	second("min", []int{3, 4}, []int{1, 4}).op("Min x z -> y")
	n = second("concat", []int{2, 3, 4}, []int{2, 2, 4})
	n.constant("c", n.normal(1, 0, 2, 1, 4)).op("Relu x -> a").op("Concat a x c z -> y", "axis", int64(1))

	weights := func(name string, xs, ws []int, spec string) {
		n := start(name, xs...)
		n.constant("w", n.normal(1, 0, ws...)).op(spec)
	}
	weights("matmul constant batch", []int{3, 4, 5}, []int{3, 5, 2}, "MatMul x w -> y")
	weights("matmul vector", []int{3, 5}, []int{5}, "MatMul x w -> y")
	weights("vector matmul", []int{5}, []int{5, 4}, "MatMul x w -> y")
	weights("constant matmul", []int{5, 3}, []int{4, 5}, "MatMul w x -> y")
	weights("constant minus", []int{3, 1}, []int{2, 1, 4}, "Sub w x -> y")
	weights("times constant", []int{2, 3, 5}, []int{3, 1}, "Mul w x -> y")

	n = start("heads", 1, 5, 6)
	n.constant("w", n.normal(.5, 0, 6, 6)).constant("w2", n.normal(.5, 0, 6, 3)).constant("sh", ints(1, 5, 2, 3)).constant("sh2", ints(1, 5, 6)).
		op("MatMul x w -> q").op("Reshape q sh -> q2").op("Transpose q2 -> q3", "perm", list(0, 2, 1, 3)).
		op("Transpose q2 -> q4", "perm", list(0, 2, 3, 1)).op("MatMul q3 q4 -> s").op("MatMul s q3 -> o").
		op("Transpose o -> o2", "perm", list(0, 2, 1, 3)).op("Reshape o2 sh2 -> o3").op("MatMul o3 w2 -> y")
	start("reshape odd", 2, 3, 5).constant("sh", ints(5, 6)).op("Reshape x sh -> a").op("Relu a -> y")
	n = start("flatten times", 2, 3, 5)
	n.constant("c", n.normal(1, 0, 15)).constant("d", n.normal(1, 0, 15)).op("Flatten x -> a").op("Mul a c -> b").op("Add b d -> y")
	for _, op := range []string{"ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceSumSquare"} {
		start(op, 2, 5, 7).op(op+" x -> y", "axes", list(1))
		start(op+" all", 3, 5).op(op+" x -> y", "keepdims", int64(0))
	}
	start("ReduceSum", 2, 5, 7).constant("a", ints(-1, 0)).op("ReduceSum x a -> y", "keepdims", int64(0))
	for _, c := range []float64{1, 2, 3} {
		start(fmt.Sprintf("pow %g", c), 2, 5).constant("c", scalarTensor(c)).op("Pow x c -> y")
	}
	n = start("divide", 2, 5)
	n.constant("c", n.normal(.5, 4, 5)).op("Div x c -> y")
	start("slice", 4, 9, 5).constant("s", ints(8, 1)).constant("e", ints(0, -1)).constant("a", ints(1, 0)).constant("t", ints(-3, 1)).op("Slice x s e a t -> y")
	n = start("slice conv", 1, 2, 9, 9)
	n.constant("w", n.normal(.3, 0, 3, 2, 3, 3)).constant("s", ints(0, 1)).constant("e", ints(7, 7)).constant("a", ints(2, 3)).
		constant("t", ints(2, 3)).op("Conv x w -> c").op("Slice c s e a t -> d").op("Relu d -> y")
	start("pad", 2, 3).constant("p", ints(1, 0, 0, 2)).constant("v", scalarTensor(1.5)).op("Pad x p v -> y")
	start("pad reflect", 3, 4).constant("p", ints(1, 2, 2, 1)).op("Pad x p -> y", "mode", "reflect")
	start("pad edge", 3, 4).constant("p", ints(1, 2, 2, 1)).op("Pad x p -> y", "mode", "edge")
	start("pad negative", 3, 4).constant("p", ints(-1, 2, 0, -1)).op("Pad x p -> y")
	start("gather", 2, 5, 3).constant("i", &tensor.Tensor{Type: tensor.Int64, Shape: []int{2, 2}, Ints: []int64{0, -1, 2, 2}}).op("Gather x i -> y", "axis", int64(1))
	start("split", 2, 6).constant("s", ints(3, 3)).op("Split x s -> a b", "axis", int64(1)).op("Sub a b -> y")
	n = start("transpose flatten", 3, 4, 5)
	n.constant("s", ints(5, 12)).constant("w", n.normal(1, 0, 12, 2)).op("Transpose x -> z", "perm", list(2, 0, 1)).op("Reshape z s -> u").op("Gemm u w -> y")
	start("variance", 4, 7).op("ReduceMean x -> m", "axes", list(1)).op("Sub x m -> d").op("Mul d d -> q").op("ReduceMean q -> y", "axes", list(1), "keepdims", int64(0))
	n = newNet(90)
	w, w2 := n.normal(1, 0, 5, 4), n.normal(1, 0, 4, 3)
	x := n.normal(1, 0, 2, 5)
	for i := range w.Floats {
		w.Floats[i] = -math.Abs(w.Floats[i])
	}
	for i := range x.Floats {
		x.Floats[i] = math.Abs(x.Floats[i])
	}
	cases["dead layer"] = n.input("x", x).constant("w", w).constant("w2", w2).op("MatMul x w -> z").op("Relu z -> u").op("MatMul u w2 -> y")
	return cases
}

// TestOperators lowers each case with several widths and visibilities, solves it and compares with the float network.
func TestOperators(t *testing.T) {
	options := []Options{
		{Output: Public},
		{Input: Public, Params: Fixed, Output: Public},
		{Width: 16},
		{Width: 5, TableBits: 14, Params: Fixed},
	}
	for name, n := range operatorCases() {
		t.Run(name, func(t *testing.T) {
			g, p, want := n.build(t)
			for _, o := range options {
				c, err := Compile(g, p, o)
				if err != nil {
					t.Fatal(err)
				}
				in, err := c.Quantise(n.in)
				if err != nil {
					t.Fatal(err)
				}
				tolerance := 5e-4
				if o.TableBits != 0 {
					tolerance = 2e-3
				}
				compareOutputs(t, c.Dequantise(solveAny(t, c, in)), want, tolerance)
			}
		})
	}
}

// compareOutputs wants |got - want| <= tolerance * max(1, largest |want|), and returns the largest difference.
func compareOutputs(t *testing.T, got, want []*tensor.Tensor, tolerance float64) float64 {
	t.Helper()
	worst, largest := 0.0, 1.0
	for i, w := range want {
		for j := range w.Len() {
			largest = max(largest, math.Abs(w.Float(j)))
			worst = max(worst, math.Abs(w.Float(j)-got[i].Float(j)))
		}
	}
	if !(worst <= tolerance*largest) {
		t.Errorf("error %.2e, outputs up to %.2g", worst, largest)
	}
	return worst
}

// TestGlobalScales compiles with the scales that a user sets for all tensors.
func TestGlobalScales(t *testing.T) {
	for name, n := range operatorCases() {
		t.Run(name, func(t *testing.T) {
			g, p, want := n.build(t)
			p.Global = &quant.Global{Input: 12, Param: 12, Rebase: 12}
			c, err := Compile(g, p, Options{})
			if err != nil {
				t.Fatal(err)
			}
			in, err := c.Quantise(n.in)
			if err != nil {
				t.Fatal(err)
			}
			compareOutputs(t, c.Dequantise(solveAny(t, c, in)), want, 2e-3)
		})
	}
}

// TestUnsupported lists every node that cannot be lowered.
func TestUnsupported(t *testing.T) {
	n := newNet(1)
	n.input("x", ints(1, 2)).input("z", ints(2, 3)).op("Pow x z -> a").op("Abs a -> b").op("Pow z x -> c").op("Add b c -> y")
	g, p, _ := n.build(t)
	_, err := Compile(g, p, Options{})
	want := `lower: 2 nodes are not supported: "Pow a" (Pow): integers to the power of data are not supported yet, ` +
		`"Pow c" (Pow): integers to the power of data are not supported yet`
	if err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
	n = newNet(1)
	n.input("x", ints(1, 2)).input("z", ints(2, 3)).op("Pow x z -> a").op("Pow a z -> y")
	g, p, _ = n.build(t)
	_, err = Compile(g, p, Options{})
	want = `lower: 1 node is not supported: "Pow a" (Pow): integers to the power of data are not supported yet`
	if err == nil || err.Error() != want { // the second power could not be tried
		t.Errorf("%v", err)
	}
}

// TestOutOfRange names the input entry that a circuit was not calibrated for.
func TestOutOfRange(t *testing.T) {
	n := newNet(1)
	n.input("x", n.normal(1, 0, 2, 3)).op("Relu x -> y")
	g, p, _ := n.build(t)
	c, err := Compile(g, p, Options{})
	if err != nil {
		t.Fatal(err)
	}
	n.in[0].Floats[4] = 1e3
	if _, err := c.Quantise(n.in); err == nil || !strings.Contains(err.Error(), `input "x", entry 4: 1000 is outside`) {
		t.Errorf("%v", err)
	}
	n.in[0].Floats[4] = math.NaN()
	if _, err := c.Quantise(n.in); err == nil || !strings.Contains(err.Error(), "entry 4 is NaN") {
		t.Errorf("%v", err)
	}
}
