package lower

import (
	"fmt"
	"math"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

func typed(t tensor.DType, shape []int, data ...int64) *tensor.Tensor {
	return &tensor.Tensor{Type: t, Shape: shape, Ints: data}
}

func floatsOf(data ...float64) *tensor.Tensor {
	t := tensor.New(tensor.Float32, len(data))
	for i, x := range data {
		t.Floats[i] = float64(float32(x))
	}
	return t
}

// arithmeticCases are networks of the operators in quantize.go, integer.go, bits.go, power.go, lp.go, einsum.go, resize.go and
// scatter.go, with integer results exact.
func arithmeticCases() map[string]*net {
	cases := map[string]*net{}
	start := func(name string, opset int) *net {
		n := newNet(uint64(200 + len(cases)))
		n.src.Opsets[""] = opset
		cases[name] = n
		return n
	}
	normal := func(name string, opset int, k, m float64, shape ...int) *net {
		n := start(name, opset)
		return n.input("x", n.normal(k, m, shape...))
	}

	// quantised tensors
	normal("QuantizeLinear", 13, 1, 0, 3, 7).constant("s", scalarTensor(.03)).constant("z", typed(tensor.UInt8, []int{}, 128)).op("QuantizeLinear x s z -> y")
	normal("QuantizeLinear axis", 13, 1, 0, 2, 3, 4).constant("s", floatsOf(.03, .02, .011)).constant("z", typed(tensor.Int8, []int{3}, 3, 0, -7)).
		op("QuantizeLinear x s z -> y", "axis", int64(1))
	n := normal("QuantizeLinear of a product", 13, 1, 0, 4, 6)
	n.constant("w", n.normal(1, 0, 6, 5)).constant("s", scalarTensor(.05)).constant("z", typed(tensor.Int8, []int{}, -3)).
		op("MatMul x w -> u").op("QuantizeLinear u s z -> q").op("DequantizeLinear q s z -> y")
	n = start("QuantizeLinear ties", 13)
	x := tensor.New(tensor.Int32, 40)
	for i := range x.Ints {
		x.Ints[i] = int64(i-20) * 100_003
	}
	n.input("x", x).constant("s", scalarTensor(2)).constant("z", typed(tensor.Int16, []int{}, 5)).op("Cast x -> f", "to", int64(1)).
		constant("k", scalarTensor(1./4096)).op("Mul f k -> g").op("Mul g g -> h").op("QuantizeLinear h s z -> y")
	n = start("DequantizeLinear axis", 13)
	n.input("x", typed(tensor.UInt8, []int{2, 3}, 0, 200, 255, 3, 17, 128)).constant("s", floatsOf(.5, .1, 3)).
		constant("z", typed(tensor.UInt8, []int{3}, 128, 0, 1)).op("DequantizeLinear x s z -> y")
	n = normal("DynamicQuantizeLinear", 11, 1, .3, 3, 7)
	n.op("DynamicQuantizeLinear x -> q s z").op("Cast q -> a", "to", int64(1)).op("Cast z -> b", "to", int64(1)).op("Sub a b -> c").op("Mul c s -> y")
	n = start("MatMulInteger", 11)
	n.input("x", typed(tensor.UInt8, []int{2, 3}, 11, 7, 3, 200, 10, 255)).constant("w", typed(tensor.Int8, []int{3, 2}, 1, -4, 127, 5, -128, 6)).
		constant("a", typed(tensor.UInt8, []int{}, 12)).constant("b", typed(tensor.Int8, []int{2}, 0, 5)).op("MatMulInteger x w a b -> y")
	n = start("ConvInteger", 10)
	n.input("x", typed(tensor.UInt8, []int{1, 1, 3, 3}, 2, 3, 4, 5, 6, 7, 8, 9, 10)).constant("w", typed(tensor.UInt8, []int{2, 1, 2, 2}, 1, 1, 1, 1, 3, 0, 255, 9)).
		constant("a", typed(tensor.UInt8, []int{}, 1)).constant("b", typed(tensor.UInt8, []int{2}, 0, 7)).op("ConvInteger x w a b -> y", "pads", list(1, 1, 1, 1))
	n = start("QLinearConv", 10)
	x = tensor.New(tensor.UInt8, 1, 2, 4, 4)
	w := tensor.New(tensor.Int8, 3, 2, 3, 3)
	for i := range x.Ints {
		x.Ints[i] = int64(n.rand.IntN(256))
	}
	for i := range w.Ints {
		w.Ints[i] = int64(n.rand.IntN(256)) - 128
	}
	n.input("x", x).constant("xs", scalarTensor(.02)).constant("xz", typed(tensor.UInt8, []int{}, 120)).constant("w", w).constant("ws", floatsOf(.01, .007, .02)).
		constant("wz", typed(tensor.Int8, []int{3}, 0, 0, 0)).constant("ys", scalarTensor(.05)).constant("yz", typed(tensor.UInt8, []int{}, 130)).
		constant("b", typed(tensor.Int32, []int{3}, 100, -2000, 50)).op("QLinearConv x xs xz w ws wz ys yz b -> y")
	n = start("QLinearMatMul", 10)
	n.input("x", typed(tensor.UInt8, []int{2, 4}, 208, 236, 0, 238, 3, 214, 255, 29)).constant("xs", scalarTensor(.0066)).constant("xz", typed(tensor.UInt8, []int{}, 113)).
		constant("w", typed(tensor.UInt8, []int{4, 3}, 152, 51, 244, 60, 26, 255, 0, 127, 246, 127, 254, 247)).constant("ws", scalarTensor(.00705)).
		constant("wz", typed(tensor.UInt8, []int{}, 114)).constant("ys", scalarTensor(.0107)).constant("yz", typed(tensor.UInt8, []int{}, 118)).
		op("QLinearMatMul x xs xz w ws wz ys yz -> y")

	// integers
	for _, op := range []string{"Div", "Mod"} {
		n = start(op+" integers", 13)
		n.input("x", ints(7, -7, 8, 0, 100_000, -9)).input("z", ints(3, 2, -3, 5, 333, -4)).op(op + " x z -> y")
		n = start(op+" wide by constant", 13)
		n.input("x", ints(70_000_001, -70_000_001, 8)).constant("c", ints(1000)).op(op + " x c -> y")
		n = start(op+" by constants", 13)
		n.input("x", ints(70, -71, 8)).constant("c", ints(3, 7, -5)).op(op + " x c -> y")
	}
	n = start("fmod integers", 13)
	n.input("x", ints(7, -7, 8, 0)).input("z", ints(3, 2, -3, 5)).op("Mod x z -> y", "fmod", int64(1))
	n = normal("fmod data", 13, 3, 0, 5)
	n.input("z", n.normal(.2, 2, 5)).op("Mod x z -> y", "fmod", int64(1))
	for _, op := range []string{"BitwiseAnd", "BitwiseOr", "BitwiseXor"} {
		n = start(op, 18)
		n.input("x", typed(tensor.Int32, []int{5}, 12, -7, 70_000, -1, 255)).input("z", typed(tensor.Int32, []int{5}, 10, 3, -5, 1<<17, 256)).op(op + " x z -> y")
		n = start(op+" constant", 18)
		n.input("x", typed(tensor.Int16, []int{4}, 12, -7, 7000, -1)).constant("c", typed(tensor.Int16, []int{}, 0x0ff3)).op(op + " x c -> y")
	}
	n = start("BitwiseNot", 18)
	n.input("x", typed(tensor.UInt8, []int{3}, 0, 7, 255)).op("BitwiseNot x -> y")
	for _, d := range []string{"LEFT", "RIGHT"} {
		n = start("BitShift "+d, 11)
		n.input("x", typed(tensor.UInt8, []int{4}, 16, 4, 200, 255)).input("z", typed(tensor.UInt8, []int{4}, 1, 2, 3, 7)).op("BitShift x z -> y", "direction", d)
		n = start("BitShift constant "+d, 11)
		n.input("x", typed(tensor.UInt16, []int{4}, 16, 4, 200, 40_000)).constant("c", typed(tensor.UInt16, []int{}, 3)).op("BitShift x c -> y", "direction", d)
	}
	n = start("BitShift 32 bits", 26)
	n.input("x", typed(tensor.Int32, []int{6}, 1<<30, 1, -1<<30, -5, 1<<31-1, 7)).input("z", typed(tensor.Int32, []int{6}, 1, 31, 1, 3, 17, -1)).op("BitShift x z -> y", "direction", "LEFT")
	n = start("BitShift signed", 26)
	n.input("x", typed(tensor.Int8, []int{5}, -8, 4, -1, -128, 127)).input("z", typed(tensor.Int8, []int{5}, -1, -8, 9, 3, 2)).op("BitShift x z -> y", "direction", "RIGHT")
	for _, to := range []tensor.DType{tensor.Int32, tensor.Int16} {
		n = start("Cast wraps to "+to.String(), 14)
		n.input("x", typed(tensor.Int64, []int{6}, 1, -1, 1<<31, -1<<31-1, 65_535, 1<<33+5)).op("Cast x -> y", "to", map[tensor.DType]int64{tensor.Int32: 6, tensor.Int16: 5}[to])
	}
	n = start("wrapping", 14)
	n.input("x", typed(tensor.Int8, []int{4}, 100, -100, 127, 5)).input("z", typed(tensor.Int8, []int{4}, 100, -100, 1, 5)).op("Add x z -> u").op("Mul u z -> y")

	// powers
	n = normal("Pow data", 13, .3, 2, 3, 4)
	n.input("z", n.normal(.7, 0, 4)).op("Pow x z -> y")
	normal("Pow base", 13, 1, 0, 3, 4).constant("c", scalarTensor(2.5)).op("Pow c x -> y")
	normal("Pow few", 13, 1, 0, 4).constant("c", floatsOf(2, 3, 1, 2)).op("Pow x c -> y")
	n = start("Pow integers", 13)
	n.input("x", ints(2, -3, 5)).constant("c", ints(3)).op("Pow x c -> y")
	n = normal("PRelu data", 16, 1, 0, 3, 4)
	n.input("z", n.normal(1, 0, 4)).op("PRelu x z -> y")

	// norms
	for _, p := range []int64{1, 2, 3} {
		normal(fmt.Sprint("LpPool ", p), 18, 1, 0, 1, 2, 6, 5).op("LpPool x -> y", "p", p, "kernel_shape", list(2, 3), "pads", list(1, 0, 0, 1))
		normal(fmt.Sprint("GlobalLpPool ", p), 2, 1, 0, 1, 2, 6, 5).op("GlobalLpPool x -> y", "p", p)
	}
	for _, p := range []int64{1, 2} {
		normal(fmt.Sprint("LpNormalization ", p), 1, 1, 0, 4, 6).op("LpNormalization x -> y", "p", p)
	}
	n = normal("LpNormalization zeros", 1, 1, 0, 3, 4)
	clear(n.in[0].Floats[4:8])
	n.op("LpNormalization x -> u", "p", int64(1)).op("LpNormalization x -> v", "p", int64(2)).op("Add u v -> y")
	normal("LRN", 13, 1, 0, 1, 5, 3, 3).op("LRN x -> y", "size", int64(3), "alpha", .1)
	normal("ReduceL2 small rows", 13, .02, 0, 3, 5).op("ReduceL2 x -> y", "axes", list(1))
	normal("ReduceProd", 13, .3, 1, 3, 5).op("ReduceProd x -> y", "axes", list(1))
	normal("ReduceLogSumExp", 13, 3, 0, 3, 5).op("ReduceLogSumExp x -> y", "axes", list(1))
	normal("CumProd", 26, .3, 1, 3, 5).constant("a", ints(1)).op("CumProd x a -> y", "reverse", int64(1))

	// linear maps
	for name, e := range map[string]string{"transpose": "ij->ji", "diagonal": "ii->i", "trace": "ii", "sum": "ij->"} {
		normal("Einsum "+name, 13, 1, 0, 4, 4).op("Einsum x -> y", "equation", e)
	}
	for name, e := range map[string]string{"product": "bij,bjk->bik", "outer": "bij,bkl->bijkl", "dot": "bij,bji->b", "broadcast": "...ij,...jk"} {
		n = normal("Einsum "+name, 13, 1, 0, 2, 3, 4)
		n.input("z", n.normal(1, 0, 2, map[string]int{"outer": 2}[name]+4-2*map[string]int{"outer": 1}[name], 3)).op("Einsum x z -> y", "equation", e)
	}
	n = normal("Einsum chain", 13, 1, 0, 3, 4)
	n.constant("w", n.normal(1, 0, 4, 5)).input("z", n.normal(1, 0, 5)).op("Einsum x w z -> y", "equation", "ij,jk,k->i")
	n = normal("Conv data kernel", 13, 1, 0, 2, 4, 5, 5)
	n.input("w", n.normal(.5, 0, 6, 2, 3, 3)).input("b", n.normal(1, 0, 6)).op("Conv x w b -> y", "group", int64(2), "strides", list(2, 1))
	n = normal("ConvTranspose data kernel", 13, 1, 0, 1, 4, 3, 3)
	n.input("w", n.normal(.5, 0, 4, 3, 2, 2)).op("ConvTranspose x w -> y", "group", int64(2), "strides", list(2, 1))
	scales := floatsOf(1, 1, 2, 1.5)
	for _, mode := range []string{"linear", "cubic"} {
		for _, c := range []string{"half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel", "half_pixel_symmetric"} {
			normal("Resize "+mode+" "+c, 18, 1, 0, 1, 2, 3, 4).constant("s", scales).op("Resize x _ s -> y", "mode", mode, "coordinate_transformation_mode", c)
		}
		normal("Resize antialias "+mode, 18, 1, 0, 1, 1, 6, 7).constant("s", floatsOf(1, 1, .5, .6)).op("Resize x _ s -> y", "mode", mode, "antialias", int64(1))
	}
	normal("Resize crop", 18, 1, 0, 1, 1, 4, 5).constant("r", floatsOf(0, 0, .2, -.3, 1, 1, .9, 1.2)).constant("s", ints(1, 1, 3, 6)).
		op("Resize x r _ s -> y", "mode", "linear", "coordinate_transformation_mode", "tf_crop_and_resize", "extrapolation_value", 7.5)

	// scatters and gathers
	for _, r := range []string{"add", "mul", "max", "min"} {
		n = normal("ScatterElements "+r, 18, 1, 0, 2, 5)
		n.constant("i", shaped(ints(3, 3, -1, 3), 2, 2)).input("u", n.normal(1, 0, 2, 2)).op("ScatterElements x i u -> y", "axis", int64(1), "reduction", r)
		n = normal("ScatterND "+r, 18, 1, 0, 4, 3)
		n.constant("i", shaped(ints(3, 0, 3), 3, 1)).input("u", n.normal(1, 0, 3, 3)).op("ScatterND x i u -> y", "reduction", r)
	}
	for _, r := range []string{"none", "add"} {
		n = normal("ScatterND private "+r, 18, 1, 0, 3, 4, 2)
		n.input("i", shaped(ints(2, 1, 0, 3), 2, 2)).input("u", n.normal(1, 0, 2, 2)).op("ScatterND x i u -> y", "reduction", r)
	}
	n = normal("ScatterElements private add", 18, 1, 0, 2, 5)
	n.input("i", shaped(ints(3, 0, 1, 1), 2, 2)).input("u", n.normal(1, 0, 2, 2)).op("ScatterElements x i u -> y", "axis", int64(1), "reduction", "add")
	n = normal("GatherND private", 13, 1, 0, 3, 4, 2)
	n.input("i", shaped(ints(2, 1, 0, 3), 2, 2)).op("GatherND x i -> y")
	return cases
}

// arithmeticGadgets are tiny networks of the same gadgets, for the exhaustive search.
func arithmeticGadgets() map[string]*net {
	cases := map[string]*net{}
	start := func(name string, opset int) *net {
		n := newNet(uint64(300 + len(cases)))
		n.src.Opsets[""] = opset
		cases[name] = n
		return n
	}
	normal := func(name string, opset int, shape ...int) *net {
		n := start(name, opset)
		return n.input("x", n.normal(1, 0, shape...))
	}
	int8s := typed(tensor.Int8, []int{}, 1)
	normal("quantise", 13, 1).constant("s", scalarTensor(.3)).constant("z", int8s).op("QuantizeLinear x s z -> y")
	normal("quantise half even", 13, 1).op("Mul x x -> u").constant("s", scalarTensor(.5)).constant("z", int8s).op("QuantizeLinear u s z -> y")
	n := normal("quantise by data", 13, 1)
	n.input("s", n.normal(.1, 1, 1)).constant("z", typed(tensor.UInt4, []int{1}, 1)).op("QuantizeLinear x s z -> y")
	n = start("integer division", 13)
	n.input("x", ints(3)).input("z", ints(2)).op("Div x z -> y")
	n = start("remainder", 13)
	n.input("x", ints(3)).input("z", ints(2)).op("Mod x z -> y")
	n = start("division by 4", 13)
	n.input("x", ints(3, 2)).constant("c", ints(4)).op("Div x c -> y")
	n = start("bitwise and", 18)
	n.input("x", ints(3)).input("z", ints(2)).op("BitwiseAnd x z -> y")
	n = start("bit shift", 11)
	n.input("x", typed(tensor.UInt4, []int{1}, 3)).input("z", typed(tensor.UInt4, []int{1}, 1)).op("BitShift x z -> y", "direction", "RIGHT")
	n = start("wrap", 14)
	n.input("x", typed(tensor.Int4, []int{1}, 3)).input("z", typed(tensor.Int4, []int{1}, 3)).op("Mul x z -> y")
	n = start("wrap by digits", 14)
	n.input("x", typed(tensor.Int8, []int{1}, 6)).input("z", typed(tensor.Int8, []int{1}, 5)).op("Mul x z -> u").op("Mul u x -> y")
	n = start("scatter nd", 16)
	n.input("x", n.normal(1, 0, 3)).input("i", shaped(ints(2, 0), 2, 1)).input("u", n.normal(1, 0, 2)).op("ScatterND x i u -> y")
	n = start("gather nd", 13)
	n.input("x", n.normal(1, 0, 3)).input("i", shaped(ints(2), 1, 1)).op("GatherND x i -> y")
	n = normal("slope", 16, 2)
	n.input("z", n.normal(1, 0, 2)).op("PRelu x z -> y")
	return cases
}

// compositeGadgets are made of gadgets that are searched exhaustively, and too large for that themselves.
func compositeGadgets() map[string]*net {
	cases := map[string]*net{}
	normal := func(name string, opset int, shape ...int) *net {
		n := newNet(uint64(400 + len(cases)))
		n.src.Opsets[""] = opset
		cases[name] = n
		return n.input("x", n.normal(1, 0, shape...))
	}
	normal("quantise axis", 13, 2).constant("s", floatsOf(.3, .7)).constant("z", typed(tensor.Int8, []int{2}, 1, 2)).op("QuantizeLinear x s z -> y", "axis", int64(0))
	normal("dynamic quantise", 11, 3).op("Abs x -> u").op("DynamicQuantizeLinear u -> y s z")
	normal("root in pieces", 18, 1, 1, 1).op("GlobalLpPool x -> y", "p", int64(3))
	normal("square root", 13, 2).op("ReduceL2 x -> y")
	normal("l1 norm", 18, 1, 2).op("LpNormalization x -> y", "p", int64(1))
	normal("l2 norm", 18, 1, 2).op("LpNormalization x -> y")
	n := newNet(480)
	n.src.Opsets[""] = 26
	cases["wide shift"] = n.input("x", typed(tensor.Int32, []int{2}, -1<<30, 5)).input("z", typed(tensor.Int32, []int{2}, 12, 9)).op("BitShift x z -> y", "direction", "LEFT")
	n = normal("power", 13, 2)
	n.in[0].Floats = []float64{1.5, .5}
	n.input("z", n.normal(1, 0, 2)).op("Pow x z -> y")
	return cases
}

// largeError bounds the error of cases that are looser than the rest, relative to the largest output.
var largeError = map[string]float64{
	"Pow data":              1e-3,
	"DynamicQuantizeLinear": math.Inf(1), // a step at a tie: TestDynamicQuantize
}
