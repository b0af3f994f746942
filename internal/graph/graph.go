package graph

import "github.com/ezkl-go/ezkl/internal/tensor"

// Value is one tensor of the network: an input, a constant, or an output of a node.
type Value struct {
	Name  string
	Type  tensor.DType
	Shape []int // static
	Const *tensor.Tensor
}

// Node is one operator. Absent optional inputs are nil. Inputs and Outputs point into the graph's values.
type Node struct {
	Name    string // the ONNX name, or "Op_k" where it has none: unique, never empty
	Op      string // the ONNX operator, such as "Conv"; domain prefix for others, such as "ai.onnx.ml.Scaler"
	Inputs  []*Value
	Outputs []*Value
	Attrs   Attrs
}

// Graph is a network with static shapes. Nodes are in topological order; no node's outputs are all constant.
type Graph struct {
	Name    string
	Opset   int
	Inputs  []*Value // without initialisers
	Outputs []*Value // may be inputs or constants
	Nodes   []*Node
}

// Attrs are a node's attributes by name: int64, float64, string, []int64, []float64, []string or *tensor.Tensor.
type Attrs map[string]any

// Int is an integer attribute, or its default.
func (a Attrs) Int(name string, def int64) int64 {
	if v, ok := a[name].(int64); ok {
		return v
	}
	return def
}

// Float is a real attribute, or its default.
func (a Attrs) Float(name string, def float64) float64 {
	if v, ok := a[name].(float64); ok {
		return v
	}
	return def
}

// Ints is an integer-list attribute, or nil.
func (a Attrs) Ints(name string) []int64 {
	v, _ := a[name].([]int64)
	return v
}

// String is a string attribute, or its default.
func (a Attrs) String(name, def string) string {
	if v, ok := a[name].(string); ok {
		return v
	}
	return def
}
