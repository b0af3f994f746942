// Package graph is the network between ONNX and the compiler: static shapes, topological order, constants as tensors, and
// one table of operators (Ops), each with its shape rule and float semantics (those of onnxruntime, computed in float64 and
// rounded to the tensor's type).
//
// Build turns a Source (names and symbolic dimensions, as a file gives them) into a Graph: operators in topological order,
// shapes inferred, whatever is constant evaluated, dead nodes removed. Run evaluates.
//
// The compiler reads a node's attributes through the ...Of functions (ConvOf, PoolOf, GemmOf, SliceOf, PadOf, ReduceOf,
// PermOf, ConcatAxis, ClipOf, ScalarOf, ...), which resolve defaults, negative axes, opset forms and automatic padding; on
// the nodes of a built graph they do not fail. Inputs that only parametrise (a shape, axes, pads) are constants there:
// Value.Const is not nil.
package graph
