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
	for _, n := range g.separateNorms(made) {
		if m := balancedSquare(n, g.Inputs, made); m != nil {
			nodes = append(nodes, m...)
		} else if m := balanced(n, g.Inputs, made); m != nil {
			nodes = append(nodes, m)
		}
		nodes = append(nodes, n)
	}
	g.Nodes = nodes
	g.removeDead()
}

// FromTable reports whether v is a table of features that is a network's input, or some columns of one, or one plus constants.
func FromTable(v *Value, inputs []*Value, made func(*Value) *Node) bool {
	for range 16 {
		rank := len(v.Shape)
		if rank < 2 || rank > 3 || v.Shape[rank-1] < 2 || v.Shape[rank-1] > balanceColumns || !v.Type.IsFloat() {
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
		case n.Op == "Gather" && n.Inputs[1].Const != nil && len(n.Inputs[0].Shape) == rank && n.Attrs.Int("axis", 0)%int64(rank) == int64(rank-1):
			v = n.Inputs[0]
		case n.Op == "Reshape" && len(n.Inputs[0].Shape) > 0 && n.Inputs[0].Shape[len(n.Inputs[0].Shape)-1] == v.Shape[rank-1]:
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
	if n.Op != "Mul" && n.Op != "Div" && n.Op != "MatMul" && n.Op != "Gemm" || len(n.Inputs) < 2 || n.Attrs.Int("transA", 0) != 0 {
		return nil
	}
	at := 1 // of the constant
	if n.Op == "Mul" && n.Inputs[0].Const != nil {
		at = 0
	}
	x, c := n.Inputs[1-at], n.Inputs[at].Const
	if x.Const != nil || c == nil || len(x.Shape) != 2 || !FromTable(x, inputs, func(v *Value) *Node { return made[v] }) {
		return nil
	}
	columns := x.Shape[1]
	column := func(i int) int { return i % columns } // of the table, for entry i of the constant
	sign := -1                                       // of the exponents in the new constant
	size := func(v float64) float64 { return v }
	if n.Op == "Div" {
		sign, size = 1, func(v float64) float64 { return 1 / v }
	}
	switch {
	case (n.Op == "Mul" || n.Op == "Div") && c.Len() == columns && c.Shape[len(c.Shape)-1] == columns && len(c.Shape) <= 2:
	case n.Op == "Gemm" && n.Attrs.Int("transB", 0) != 0 && len(c.Shape) == 2:
	case (n.Op == "MatMul" || n.Op == "Gemm") && len(c.Shape) == 2:
		column = func(i int) int { return i / c.Shape[1] }
	default:
		return nil
	}
	exps := columnExponents(c, columns, column, size)
	if exps == nil {
		return nil
	}
	d, rest := tensor.New(x.Type, columns), tensor.New(c.Type, c.Shape...)
	for k := range exps {
		d.Floats[k] = math.Ldexp(1, exps[k])
	}
	plain := true
	for i, v := range c.Floats {
		rest.Floats[i] = c.Type.Round(math.Ldexp(v, sign*exps[column(i)]))
		plain = plain && rest.Floats[i] == 1
	}
	if plain && n.Op == "Mul" {
		n.Attrs = maps.Clone(n.Attrs)
		n.Attrs[BalancedColumns] = int64(1)
		return nil
	}
	m := balanceNode(n, x, d)
	old := n.Inputs[at]
	n.Inputs = slices.Clone(n.Inputs)
	n.Inputs[at] = &Value{Name: old.Name + " balanced", Type: old.Type, Shape: old.Shape, Const: rest}
	n.Inputs[1-at] = m.Outputs[0]
	return m
}

// separateNorms are the nodes, with batch normalisations of a table whose columns' factors differ as (x - mean) * factor + shift.
func (g *Graph) separateNorms(made map[*Value]*Node) []*Node {
	var nodes []*Node
	for _, n := range g.Nodes {
		m := separateNorm(n, g.Inputs, made)
		for _, n := range m {
			made[n.Outputs[0]] = n
		}
		if m == nil {
			m = []*Node{n}
		}
		nodes = append(nodes, m...)
	}
	return nodes
}

func separateNorm(n *Node, inputs []*Value, made map[*Value]*Node) []*Node {
	if n.Op != "BatchNormalization" || len(n.Inputs[0].Shape) != 2 || !FromTable(n.Inputs[0], inputs, func(v *Value) *Node { return made[v] }) {
		return nil
	}
	factors, _, ok := BatchNormOf(n)
	if !ok {
		return nil
	}
	x, mean, shift := n.Inputs[0], n.Inputs[3], n.Inputs[2]
	factor := tensor.FromFloats(x.Type, factors, len(factors))
	if columnExponents(factor, len(factors), func(i int) int { return i }, func(v float64) float64 { return v }) == nil {
		return nil
	}
	node := func(op, part string, x, c *Value, out *Value) *Node {
		return &Node{Name: n.Name + part, Op: op, Inputs: []*Value{x, c}, Outputs: []*Value{out}, Attrs: Attrs{}, Opset: expandOpset}
	}
	value := func(part string) *Value { return &Value{Name: n.Name + part, Type: x.Type, Shape: x.Shape} }
	d, y := value("/centred"), value("/scaled")
	return []*Node{node("Sub", "/centre", x, mean, d), node("Mul", "/scale", d, &Value{Name: n.Name + "/factor", Type: x.Type, Shape: factor.Shape, Const: factor}, y),
		node("Add", "", y, shift, n.Outputs[0])}
}

// balanceNode multiplies the columns of x by powers of two, for n.
func balanceNode(n *Node, x *Value, d *tensor.Tensor) *Node {
	y := &Value{Name: n.Name + "/balanced", Type: x.Type, Shape: x.Shape}
	return &Node{Name: n.Name + "/balance", Op: "Mul", Inputs: []*Value{x, {Name: y.Name + " exponents", Type: d.Type, Shape: d.Shape, Const: d}},
		Outputs: []*Value{y}, Attrs: Attrs{BalancedColumns: int64(1)}, Opset: expandOpset}
}

// columnExponents are the exponents of the largest f(c) of each column, in steps; nil where they hardly differ.
func columnExponents(c *tensor.Tensor, columns int, column func(i int) int, f func(float64) float64) []int {
	exps := make([]int, columns)
	for k := range exps {
		exps[k] = math.MinInt
	}
	for i := range c.Len() {
		if v := f(c.Float(i)); v != 0 && !math.IsInf(v, 0) && !math.IsNaN(v) {
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
	for k := range exps {
		exps[k] = most - (most-max(exps[k], least))/balanceStep*balanceStep
	}
	return exps
}

// balancedSquare changes n, a table's squares over (or times) constants, to weigh the squares of balanced columns: x^2 / c =
// (x * 2^e)^2 / (c * 4^e). It returns the nodes that make these squares; nil if n is left as it is.
func balancedSquare(n *Node, inputs []*Value, made map[*Value]*Node) []*Node {
	if n.Op != "Div" && n.Op != "Mul" || n.Inputs[0].Const != nil || n.Inputs[1].Const == nil {
		return nil
	}
	square, c := made[n.Inputs[0]], n.Inputs[1].Const
	if square == nil || square.Op != "Pow" || square.Inputs[1].Const == nil || square.Inputs[1].Const.Len() != 1 || square.Inputs[1].Const.Float(0) != 2 {
		return nil
	}
	x := square.Inputs[0]
	if !FromTable(x, inputs, func(v *Value) *Node { return made[v] }) {
		return nil
	}
	columns := x.Shape[len(x.Shape)-1]
	if len(c.Shape) == 0 || c.Shape[len(c.Shape)-1] != columns || len(c.Shape) > len(x.Shape) {
		return nil
	}
	sign := 1 // of the exponents in the new constant
	if n.Op == "Mul" {
		sign = -1
	}
	column := func(i int) int { return i % columns }
	exps := columnExponents(c, columns, column, func(v float64) float64 {
		if v = math.Sqrt(math.Abs(v)); sign > 0 {
			return 1 / v
		}
		return v
	})
	if exps == nil {
		return nil
	}
	d, rest := tensor.New(x.Type, columns), tensor.New(c.Type, c.Shape...)
	for k := range exps {
		d.Floats[k] = math.Ldexp(1, exps[k])
	}
	for i, v := range c.Floats {
		rest.Floats[i] = c.Type.Round(math.Ldexp(v, 2*sign*exps[column(i)]))
	}
	m := balanceNode(n, x, d)
	y := &Value{Name: n.Name + "/squared", Type: x.Type, Shape: x.Shape}
	again := *square
	again.Name, again.Inputs, again.Outputs = n.Name+"/square", []*Value{m.Outputs[0], square.Inputs[1]}, []*Value{y}
	n.Inputs = []*Value{y, {Name: n.Inputs[1].Name + " balanced", Type: c.Type, Shape: c.Shape, Const: rest}}
	return []*Node{m, &again}
}
