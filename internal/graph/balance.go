package graph

import (
	"maps"
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// Tables of features have columns of very different sizes: an area in thousands beside a ratio in thousandths. A model that was
// trained on them multiplies each column by a constant of its own size. balance splits such constants,
//
//	x * c = (x * 2^e) * (c / 2^e),   x W = (x * 2^e) (W / 2^e)
//
// with exponents e for each column, so that the first product, which lowering makes from the input's own integers, is a tensor
// whose columns are alike, and is calibrated. In floats nothing changes: powers of two are exact.
const (
	balanceColumns = 512 // of a table of features; longer rows are images and the like
	balanceSpread  = 4   // the exponents must differ by this much
	balanceStep    = 2   // between the exponents that are used
)

func (g *Graph) balance() {
	made := map[*Value]*Node{}
	for _, n := range g.Nodes {
		for _, v := range n.Outputs {
			if v != nil {
				made[v] = n
			}
		}
	}
	var nodes []*Node
	for _, n := range g.Nodes {
		if m := balanced(n, g.Inputs, made); m != nil {
			nodes = append(nodes, m)
		}
		nodes = append(nodes, n)
	}
	g.Nodes = nodes
}

// FromTable reports whether v is a table of features that is a network's input, or one plus constants.
func FromTable(v *Value, inputs []*Value, made func(*Value) *Node) bool {
	for range 16 {
		if len(v.Shape) != 2 || v.Shape[1] < 2 || v.Shape[1] > balanceColumns || !v.Type.IsFloat() {
			return false
		}
		if slices.Contains(inputs, v) {
			return true
		}
		n := made(v)
		if n == nil {
			return false
		}
		switch {
		case n.Op == "Cast":
			v = n.Inputs[0]
		case (n.Op == "Sub" || n.Op == "Add") && n.Inputs[1].Const != nil && n.Inputs[0].Const == nil:
			v = n.Inputs[0]
		case n.Op == "Add" && n.Inputs[0].Const != nil:
			v = n.Inputs[1]
		default:
			return false
		}
	}
	return false
}

// balanced changes n to weigh balanced columns, and returns the node that balances them; nil if n is left as it is.
func balanced(n *Node, inputs []*Value, made map[*Value]*Node) *Node {
	if n.Op != "Mul" && n.Op != "MatMul" && n.Op != "Gemm" || len(n.Inputs) < 2 || n.Attrs.Int("transA", 0) != 0 {
		return nil
	}
	at := 1 // of the constant
	if n.Op == "Mul" && n.Inputs[0].Const != nil {
		at = 0
	}
	x, c := n.Inputs[1-at], n.Inputs[at].Const
	if x.Const != nil || c == nil || !FromTable(x, inputs, func(v *Value) *Node { return made[v] }) {
		return nil
	}
	columns := x.Shape[1]
	column := func(i int) int { return i % columns } // of the table, for entry i of the constant
	switch {
	case n.Op == "Mul" && c.Len() == columns && c.Shape[len(c.Shape)-1] == columns && len(c.Shape) <= 2:
	case n.Op == "Gemm" && n.Attrs.Int("transB", 0) != 0 && len(c.Shape) == 2:
	case n.Op != "Mul" && len(c.Shape) == 2:
		column = func(i int) int { return i / c.Shape[1] }
	default:
		return nil
	}
	exps := make([]int, columns)
	for k := range exps {
		exps[k] = math.MinInt
	}
	for i := range c.Len() {
		if v := c.Float(i); v != 0 && !math.IsInf(v, 0) && !math.IsNaN(v) {
			_, e := math.Frexp(v)
			exps[column(i)] = max(exps[column(i)], e)
		}
	}
	most, least := slices.Max(exps), math.MaxInt
	for _, e := range exps {
		if e != math.MinInt {
			least = min(least, e)
		}
	}
	if most == math.MinInt || most-least < balanceSpread || most-least > 100 {
		return nil
	}
	d, rest := tensor.New(x.Type, columns), tensor.New(c.Type, c.Shape...)
	for k := range exps {
		exps[k] = most - (most-max(exps[k], least))/balanceStep*balanceStep
		d.Floats[k] = math.Ldexp(1, exps[k])
	}
	plain := true
	for i, v := range c.Floats {
		rest.Floats[i] = c.Type.Round(math.Ldexp(v, -exps[column(i)]))
		plain = plain && rest.Floats[i] == 1
	}
	if plain && n.Op == "Mul" {
		n.Attrs = maps.Clone(n.Attrs)
		n.Attrs[BalancedColumns] = int64(1)
		return nil
	}
	y := &Value{Name: n.Name + "/balanced", Type: x.Type, Shape: x.Shape}
	old := n.Inputs[at]
	n.Inputs = slices.Clone(n.Inputs)
	n.Inputs[at] = &Value{Name: old.Name + " balanced", Type: old.Type, Shape: old.Shape, Const: rest}
	n.Inputs[1-at] = y
	return &Node{Name: n.Name + "/balance", Op: "Mul", Inputs: []*Value{x, {Name: y.Name + " exponents", Type: d.Type, Shape: d.Shape, Const: d}},
		Outputs: []*Value{y}, Attrs: Attrs{BalancedColumns: int64(1)}, Opset: expandOpset}
}
