package graph

import (
	"fmt"
	"sort"
	"strings"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// Op is one operator of the table.
type Op struct {
	Name           string
	MinIn, MaxIn   int   // number of inputs; MaxIn -1: any number
	MinOut, MaxOut int   // number of outputs; zero: 1; MaxOut -1: any number
	Params         []int // inputs that must be constant (a shape, axes, ..); present only if given

	FromShape bool // the result depends only on the inputs' shapes: it always folds

	// Infer sets type and shape of n's outputs from n's inputs, attributes and constant parameters.
	Infer func(n *Node) error

	// Eval computes n's outputs; in[i] belongs to n.Inputs[i] and is nil where that is. Types and shapes are what Infer says.
	// It must not modify its inputs; outputs may share their storage.
	Eval func(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error)
}

// Ops is the operator table: what the float interpreter knows. (What a circuit can do is the compiler's own table.)
var Ops = map[string]*Op{}

// families is the one list of operator families; an operator is an entry in its family's file.
func init() {
	for _, family := range [][]*Op{
		binaryOps, castOps, concatOps, constantOps, convOps, einsumOps, gatherOps, matmulOps, normOps, padOps, poolOps,
		quantizeOps, reduceOps, resizeOps, reverseOps, scatterOps, selectOps, shapeOps, sliceOps, softmaxOps, sortOps, unaryOps,
	} {
		for _, op := range family {
			if Ops[op.Name] != nil {
				panic("graph: internal error: operator " + op.Name + " is listed twice")
			}
			Ops[op.Name] = op
		}
	}
}

// OpNames lists the operators of the table in alphabetical order.
func OpNames() []string {
	var names []string
	for name := range Ops {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Unsupported is one node that the table cannot evaluate.
type Unsupported struct {
	Name, Op string
	Reason   string // "" if the operator is unknown
}

// UnsupportedError lists all unsupported nodes of a model.
type UnsupportedError struct {
	Nodes []Unsupported
	// Partial, if not nil, is for reports: inputs and all nodes, where outputs of unsupported nodes have names only.
	Partial *Graph
}

// Error is one line that names every node.
func (e *UnsupportedError) Error() string {
	var b strings.Builder
	if len(e.Nodes) == 1 {
		b.WriteString("1 node is not supported: ")
	} else {
		fmt.Fprintf(&b, "%d nodes are not supported: ", len(e.Nodes))
	}
	for i, n := range e.Nodes {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q (%s)", n.Name, n.Op)
		if n.Reason != "" {
			b.WriteString(": " + n.Reason)
		}
	}
	return b.String()
}

// unsupported is an error of a shape rule: the node is well-formed but not evaluated here. Build collects these.
type unsupported struct{ reason string }

func (e unsupported) Error() string { return e.reason + ": not supported" }

func unsupportedf(format string, args ...any) error { return unsupported{fmt.Sprintf(format, args...)} }

// errDataDependent is what a shape rule returns if the shape depends on the data: such a node must fold away.
var errDataDependent = unsupported{"its output's shape depends on data"}

// set gives output i a type and shape, if it is present. The shape is copied.
func (n *Node) set(i int, t tensor.DType, shape []int) error {
	v := n.Out(i)
	if v == nil {
		return nil
	}
	if _, err := tensor.CheckedSize(shape); err != nil {
		return err
	}
	v.Type, v.Shape = t, append([]int{}, shape...)
	return nil
}

// axis makes an axis of the given rank non-negative.
func axis(a int64, rank int) (int, error) {
	if a < -int64(rank) || a >= int64(rank) {
		return 0, fmt.Errorf("axis %d of rank %d", a, rank)
	}
	if a < 0 {
		a += int64(rank)
	}
	return int(a), nil
}

// axesOf normalises a list of axes and refuses duplicates.
func axesOf(list []int64, rank int) ([]int, error) {
	seen := make([]bool, rank)
	out := make([]int, 0, len(list))
	for _, a := range list {
		k, err := axis(a, rank)
		if err != nil {
			return nil, err
		}
		if seen[k] {
			return nil, fmt.Errorf("axis %d twice", a)
		}
		seen[k] = true
		out = append(out, k)
	}
	return out, nil
}

// constInts is the integer list that a constant parameter or an attribute gives; ok is false if neither is present.
func (n *Node) constInts(input int, attr string) (list []int64, ok bool, err error) {
	if v := n.In(input); input >= 0 && v != nil {
		if v.Const == nil {
			return nil, false, unsupportedf("input %d (%s) is not constant", input, attr)
		}
		if v.Const.Type.IsFloat() {
			return nil, false, fmt.Errorf("input %d (%s) is %v, not an integer", input, attr, v.Const.Type)
		}
		return v.Const.Ints, true, nil
	}
	if attr != "" {
		if list, ok := n.Attrs[attr].([]int64); ok {
			return list, true, nil
		}
	}
	return nil, false, nil
}

// constScalar is the real number that a constant one-entry input or an attribute gives.
func (n *Node) constScalar(input int, attr string) (x float64, ok bool, err error) {
	if v := n.In(input); input >= 0 && v != nil {
		if v.Const == nil {
			return 0, false, unsupportedf("input %d (%s) is not constant", input, attr)
		}
		if v.Const.Len() != 1 {
			return 0, false, fmt.Errorf("input %d (%s) has shape %v, not one entry", input, attr, v.Shape)
		}
		return v.Const.Float(0), true, nil
	}
	if attr != "" {
		if x, ok := n.Attrs[attr].(float64); ok {
			return x, true, nil
		}
		if k, ok := n.Attrs[attr].(int64); ok {
			return float64(k), true, nil
		}
	}
	return 0, false, nil
}

// toInts converts a list, refusing numbers beyond a tensor's size.
func toInts(list []int64) ([]int, error) {
	out := make([]int, len(list))
	for i, v := range list {
		if v > tensor.MaxSize || v < -tensor.MaxSize {
			return nil, fmt.Errorf("number %d is too large", v)
		}
		out[i] = int(v)
	}
	return out, nil
}

func one(t *tensor.Tensor, err error) ([]*tensor.Tensor, error) {
	if err != nil {
		return nil, err
	}
	return []*tensor.Tensor{t}, nil
}
