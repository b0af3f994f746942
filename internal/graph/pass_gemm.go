package graph

import (
	"maps"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// normalGemm brings every Gemm with a constant B to alpha = 1, transB = 0, and, if C is constant too, beta = 1: the factors and
// the transposition go into the constants.
func normalGemm(g *Graph) (bool, error) {
	changed := false
	for _, n := range g.Nodes {
		if n.Op != "Gemm" || n.Inputs[1].Const == nil || !n.Inputs[0].Type.IsFloat() {
			continue
		}
		p, err := GemmOf(n)
		if err != nil {
			return false, err
		}
		c := n.In(2)
		foldBeta := c != nil && c.Const != nil && p.Beta != 1
		if p.Alpha == 1 && !p.TransB && !foldBeta {
			continue
		}
		attrs := maps.Clone(n.Attrs)
		b := n.Inputs[1].Const
		if p.TransB {
			b = b.Permuted([]int{1, 0})
		}
		n.Inputs = append([]*Value(nil), n.Inputs...)
		n.Inputs[1] = constantLike(n.Inputs[1], scaled(b, p.Alpha))
		delete(attrs, "alpha")
		delete(attrs, "transB")
		if foldBeta {
			n.Inputs[2] = constantLike(c, scaled(c.Const, p.Beta))
			delete(attrs, "beta")
		}
		n.Attrs = attrs
		changed = true
	}
	return changed, nil
}

// constantLike is a new constant of v's name.
func constantLike(v *Value, t *tensor.Tensor) *Value {
	return &Value{Name: v.Name, Type: t.Type, Shape: t.Shape, Const: t}
}

// scaled is t times a number, rounded to its type.
func scaled(t *tensor.Tensor, a float64) *tensor.Tensor {
	if a == 1 {
		return t
	}
	return mapFloats(t, func(x float64) float64 { return float64(a * x) })
}

// uses counts the readers of each value; being a graph output counts.
func (g *Graph) uses() map[*Value]int {
	count := map[*Value]int{}
	for _, n := range g.Nodes {
		for _, v := range n.Inputs {
			if v != nil {
				count[v]++
			}
		}
	}
	for _, v := range g.Outputs {
		count[v]++
	}
	return count
}

// producers maps each value to the node that makes it.
func (g *Graph) producers() map[*Value]*Node {
	made := map[*Value]*Node{}
	for _, n := range g.Nodes {
		for _, v := range n.Outputs {
			if v != nil {
				made[v] = n
			}
		}
	}
	return made
}

// replace lets every reader of old read v instead.
func (g *Graph) replace(old, v *Value) {
	for _, n := range g.Nodes {
		for i, x := range n.Inputs {
			if x == old {
				n.Inputs[i] = v
			}
		}
	}
	for i, x := range g.Outputs {
		if x == old {
			g.Outputs[i] = v
		}
	}
}
