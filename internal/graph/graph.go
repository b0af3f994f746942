package graph

import (
	"fmt"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// Value is one tensor of the network: an input, a constant, or an output of a node.
type Value struct {
	Name  string
	Type  tensor.DType
	Shape []int // static
	Const *tensor.Tensor

	sequence bool     // while the graph is built: a list of tensors
	items    []*Value // of the sequence

	special *infinite // while the graph is built: what is known of entries that are not finite; nil: nothing, or there are none
	scanned bool      // a constant, looked at for such entries
}

// Node is one operator. Absent optional inputs are nil. Inputs and Outputs point into the graph's values.
type Node struct {
	Name    string // the ONNX name, or "Op_k" where it has none: unique, never empty
	Op      string // the ONNX operator, such as "Conv"; domain prefix for others, such as "ai.onnx.ml.Scaler"
	Inputs  []*Value
	Outputs []*Value // absent optional outputs are nil
	Attrs   Attrs
	Opset   int // the version of its operator set that the model names
}

// In is input i, or nil where it is absent.
func (n *Node) In(i int) *Value {
	if i < len(n.Inputs) {
		return n.Inputs[i]
	}
	return nil
}

// Out is output i, or nil where it is absent.
func (n *Node) Out(i int) *Value {
	if i < len(n.Outputs) {
		return n.Outputs[i]
	}
	return nil
}

// String names the node for messages: "conv1" (Conv).
func (n *Node) String() string { return fmt.Sprintf("%q (%s)", n.Name, n.Op) }

// Graph is a network with static shapes. Nodes are in topological order; no node's outputs are all constant; every value that
// a node reads is a graph input, a constant or an output of an earlier node; every node is needed by some graph output. Check
// verifies all of it.
type Graph struct {
	Name        string
	Opset       int
	Inputs      []*Value // without initialisers
	Outputs     []*Value // may be inputs or constants
	OutputNames []string // the model's names of the outputs; Outputs[i].Name differs where a node was removed
	Nodes       []*Node
	// Steps lists tensors that are the same tensor at each step of a loop or of a recurrent layer (roles.go).
	Steps [][]*Value
}

// Attrs are a node's attributes by name: int64, float64, string, []int64, []float64, []string or *tensor.Tensor.
type Attrs map[string]any

// Attributes that package graph sets for lowering, to 1. A model's own nodes cannot have them.
const (
	BalancedColumns = "ezkl.columns" // a Mul with a power of two for each column of a table of features (balance.go)
	Precise         = "ezkl.precise" // an Exp of which many are added that cancel; of places in an image, a Relu and differences that are at most 1, and (2) what the places are made of
	OpenRows        = "ezkl.open"    // a Where that masks scores, never all of a row
	Mask            = "ezkl.mask"    // a Where whose last input stands for scores that are as low, and must be far below all others
	Hidden          = "ezkl.hidden"  // a Gather along the last axis, of a tensor of rank 2, whose indices are parameters
)

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
