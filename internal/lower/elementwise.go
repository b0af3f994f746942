package lower

import (
	"strings"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// operands gives a two-input operator its data operand and its constant, if it has one: constant is nil for two data
// operands; swapped says that the constant came first.
func operands(n *graph.Node, in []*value) (x *value, constant *tensor.Tensor, swapped bool) {
	if n.Inputs[1].Const != nil {
		return in[0], n.Inputs[1].Const, false
	}
	if n.Inputs[0].Const != nil {
		return in[1], n.Inputs[0].Const, true
	}
	return nil, nil, false
}

// single is the value of a one-element constant that does not extend x's rank.
func single(t *tensor.Tensor, x *value) (float64, bool) {
	if t == nil || t.Len() != 1 || len(t.Shape) > len(x.split) {
		return 0, false
	}
	return t.Float(0), true
}

// lowerAdd is x + y: an affine form. Constants go into the relation that consumes it.
func lowerAdd(b *builder, n *graph.Node, in []*value) []*value { return b.sum(n, in, 1) }

// lowerSub is x - y.
func lowerSub(b *builder, n *graph.Node, in []*value) []*value { return b.sum(n, in, -1) }

func (b *builder) sum(n *graph.Node, in []*value, sign float64) []*value {
	x, t, swapped := operands(n, in)
	if t != nil {
		if _, masked := b.floor[n.Outputs[0]]; masked && b.complete() {
			b.settle(x)
		}
		data := b.scoresAbove(n, t, x)
		cx, ct := 1.0, sign // cx x + ct constant
		if swapped {
			cx, ct = sign, 1
		}
		for i := range data {
			data[i] *= ct
		}
		make := func() *value { return b.plusConstant(b.shared(x).scaled(cx), n.Name+" constant", data, t.Shape) }
		if c, ok := single(t, x); ok {
			c *= ct
			return []*value{b.lazy(x, "("+signed(cx)+"%s+"+number(c)+")", func(v float64) float64 { return float64(cx*v) + c }, 0, true, make)}
		}
		return []*value{make()}
	}
	f := func(x, y float64) float64 { return x + float64(sign*y) }
	exact := func() *value {
		v := b.aligned(b.shared(in[0]), b.shared(in[1]))
		return plus(v[0], v[1].scaled(sign))
	}
	force := exact
	if !scalarOf(in[0]).free || !scalarOf(in[1]).free {
		force = nil // one table of the sum
	}
	if y := b.lazyPair(in[0], in[1], "(%s"+signed(sign)+"%s)", f, force); y != nil {
		return []*value{y}
	}
	return []*value{exact()}
}

func signed(x float64) string {
	if x < 0 {
		return "-"
	}
	return "+"
}

// lowerNeg is -x.
func lowerNeg(b *builder, _ *graph.Node, in []*value) []*value {
	x := in[0]
	return []*value{b.lazy(x, "(-%s)", func(v float64) float64 { return -v }, 0, true,
		func() *value { return b.shared(x).times(-1) })}
}

// lowerMul is x * y. A scalar constant goes into the unit; a constant tensor is a product with weights; two data operands
// are one bilinear contraction.
func lowerMul(b *builder, n *graph.Node, in []*value) []*value {
	x, t, _ := operands(n, in)
	if t != nil {
		if n.Attrs.Int(graph.BalancedColumns, 0) != 0 {
			if y := b.rescaled(x, floats(n.Name, t), b.p.Bound(n.Outputs[0].Name)); y != nil {
				return []*value{y}
			}
		}
		return []*value{b.timesConstant(n.Name, x, floats(n.Name, t), t)}
	}
	if y := b.lazyPair(in[0], in[1], "(%s*%s)", func(x, y float64) float64 { return x * y }, nil); y != nil {
		return []*value{y}
	}
	product := func() *value {
		if in[0] == in[1] {
			return b.square(b.settle(in[0]))
		}
		v := b.aligned(b.picked(in[0]), b.picked(in[1]))
		return b.multiply(b.picked(v[0]), b.picked(v[1]))
	}
	// a product of two linear functions of one value is a product of integers, or part of a longer chain of functions
	sx, sy := scalarOf(in[0]), scalarOf(in[1])
	if sx.root == sy.root && equalLayout(in[0], in[1]) && equalLayout(in[0], sx.root) {
		y := b.lazy(in[0], "(%s*"+strings.ReplaceAll(sy.key, "%", "%%")+")", nil, 0, false, product)
		y.uni.f = func(t float64) float64 { return float64(sx.f(t) * sy.f(t)) }
		return []*value{y}
	}
	return []*value{product()}
}

// lowerDiv is x / constant, or a division by data (divide.go).
func lowerDiv(b *builder, n *graph.Node, in []*value) []*value {
	if !n.Inputs[0].Type.IsFloat() {
		return lowerIntegerDiv(b, n, in)
	}
	x, t, swapped := operands(n, in)
	if t == nil || swapped {
		if t != nil {
			if c, ok := single(t, x); ok {
				return []*value{b.reciprocal(n, x, c)}
			}
		}
		return []*value{b.lowerDivide(n, in)}
	}
	data := floats(n.Name, t)
	for i, d := range data {
		if d == 0 {
			fail("division by zero")
		}
		data[i] = 1 / d
	}
	return []*value{b.timesConstant(n.Name, x, data, t)}
}

// timesConstant is x * data, broadcast.
func (b *builder) timesConstant(name string, x *value, data []float64, t *tensor.Tensor) *value {
	if _, ok := single(t, x); ok {
		c := data[0]
		return b.lazy(x, "("+number(c)+"*%s)", func(v float64) float64 { return c * v }, 0, true,
			func() *value { return b.shared(x).scaled(c) })
	}
	x = b.picked(x)
	unit := b.weightUnit(data, x.unit, 0)
	w := b.constantValue(name+" factor", data, t.Shape, unit, x, false)
	v := b.aligned(x, w)
	return b.multiply(v[1], b.picked(v[0]))
}

// lowerMax and lowerMin fold a list of operands, two at a time.
func lowerMax(b *builder, n *graph.Node, in []*value) []*value {
	return b.extreme(n, in, (*builder).maximum)
}
func lowerMin(b *builder, n *graph.Node, in []*value) []*value {
	return b.extreme(n, in, (*builder).minimum)
}

func (b *builder) extreme(n *graph.Node, in []*value, f func(b *builder, x, y *value) *value) []*value {
	var out *value
	for i, x := range in {
		if x == nil {
			t := n.Inputs[i].Const
			data := floats(n.Name, t)
			var like *value
			unit := target(maxAbs(data), quantBits)
			for _, v := range in {
				if v != nil {
					like, unit = v, unitBeside(b.settle(v), data)
				}
			}
			x = b.constantValue(n.Name+" constant", data, t.Shape, unit, like, false)
		}
		b.settle(x)
		if out == nil {
			out = x
			continue
		}
		v := b.aligned(out, x)
		out = f(b, v[0], b.settle(v[1]))
	}
	return []*value{out}
}
