package lower

import (
	"math"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// lowering makes the outputs of a node. in[i] is nil for a constant or absent input.
type lowering func(b *builder, n *graph.Node, in []*value) []*value

// operators are the supported operators.
var operators = map[string]lowering{
	"Abs":                lowerAbs,
	"Add":                lowerAdd,
	"AveragePool":        lowerAveragePool,
	"BatchNormalization": lowerBatchNorm,
	"Cast":               lowerCast,
	"Clip":               lowerClip,
	"Concat":             lowerConcat,
	"Conv":               lowerConv,
	"Div":                lowerDiv,
	"Dropout":            same,
	"Elu":                lowerElu,
	"Erf":                function("erf", 4, saturation["Erf"], erf),
	"Exp":                function("exp", 0, 0, exp),
	"Flatten":            lowerReshape,
	"Gather":             lowerGather,
	"Gemm":               lowerGemm,
	"GlobalAveragePool":  lowerGlobalAveragePool,
	"GlobalMaxPool":      lowerGlobalMaxPool,
	"HardSigmoid":        lowerHardSigmoid,
	"Identity":           same,
	"LeakyRelu":          lowerLeakyRelu,
	"Log":                function("log", 0, 0, ln),
	"MatMul":             lowerMatMul,
	"Max":                lowerMax,
	"MaxPool":            lowerMaxPool,
	"Min":                lowerMin,
	"Mul":                lowerMul,
	"Neg":                lowerNeg,
	"PRelu":              lowerPRelu,
	"Pad":                lowerPad,
	"Pow":                lowerPow,
	"Reciprocal":         function("reciprocal", 0, 0, func(x float64) float64 { return 1 / x }),
	"ReduceL1":           lowerReduceL1,
	"ReduceMax":          lowerReduceMax,
	"ReduceMean":         lowerReduceMean,
	"ReduceMin":          lowerReduceMin,
	"ReduceSum":          lowerReduceSum,
	"ReduceSumSquare":    lowerReduceSumSquare,
	"Relu":               lowerRelu,
	"Reshape":            lowerReshape,
	"Sigmoid":            function("sigmoid", 8, saturation["Sigmoid"], sigmoid),
	"Slice":              lowerSlice,
	"Softplus":           function("softplus", 0, 0, softplus),
	"Split":              lowerSplit,
	"Sqrt":               function("sqrt", 0, 0, math.Sqrt),
	"Squeeze":            lowerReshape,
	"Sub":                lowerSub,
	"Tanh":               function("tanh", 4, saturation["Tanh"], tanh),
	"Transpose":          lowerTranspose,
	"Unsqueeze":          lowerReshape,
}

// Supported reports whether an operator can be lowered.
func Supported(op string) bool { return operators[op] != nil }

func typeName(t tensor.DType) string {
	names := map[tensor.DType]string{tensor.Float32: "float32", tensor.Float64: "float64", tensor.Float16: "float16",
		tensor.BFloat16: "bfloat16", tensor.Int4: "int4", tensor.Int8: "int8", tensor.Int16: "int16", tensor.Int32: "int32",
		tensor.Int64: "int64", tensor.UInt4: "uint4", tensor.UInt8: "uint8", tensor.UInt16: "uint16", tensor.UInt32: "uint32",
		tensor.UInt64: "uint64", tensor.Bool: "bool"}
	return names[t]
}
