package graph

import "github.com/ezkl-go/ezkl/internal/tensor"

// Source is a network as a file gives it: values by name, dimensions that may be symbolic, nodes in any order.
type Source struct {
	Name      string
	Opsets    map[string]int // operator set version by domain; "" is ONNX's own
	Inputs    []SourceInput  // without initialisers
	Outputs   []string
	Consts    map[string]*tensor.Tensor // initialisers
	Nodes     []SourceNode
	Functions map[string]*Function // the model's own operators, by full name (domain prefix as in Node.Op)
}

// SourceInput is a graph input.
type SourceInput struct {
	Name     string
	Type     tensor.DType
	Dims     []Dim
	Unshaped bool // the file gives no shape, not even its rank
}

// Dim is one length of an input's shape: fixed (Name empty, Size >= 0), named (Name), or unknown (Size < 0, Name empty).
type Dim struct {
	Size int
	Name string
}

// SourceNode is one operator. An empty name is an absent optional input or output. Attributes are as in Attrs; besides,
// *Source for a subgraph (it sees the names around it) and AttrRef inside a function.
type SourceNode struct {
	Name, Op string // Op with its domain as prefix, unless the domain is ONNX's own
	Domain   string
	Inputs   []string
	Outputs  []string
	Attrs    Attrs
}

// AttrRef stands for the attribute of that name of the node that calls the function.
type AttrRef string

// Function is an operator that the model defines itself; Build puts its nodes in the place of each call.
type Function struct {
	Inputs, Outputs []string
	Defaults        Attrs
	Opsets          map[string]int
	Nodes           []SourceNode
}

// FullName is an operator's name with its domain as prefix, unless that is ONNX's own.
func FullName(domain, op string) string {
	if domain == "" || domain == "ai.onnx" {
		return op
	}
	return domain + "." + op
}
