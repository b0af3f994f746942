package lower

import (
	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// remap lowers operators that only move entries, with constant indices: the float interpreter runs on positions instead of
// numbers, and says which entry each output entry is. That map is one view of the flattened data: linear, one axis relation
// `index`, nothing committed but (where the data is still a product) the data itself.
//
// data are the inputs that hold data, which may be given (updates, say); the others must be constant.
func remap(data ...int) lowering {
	return func(b *builder, n *graph.Node, in []*value) []*value {
		if r := n.Attrs.String("reduction", "none"); r != "none" {
			fail("reduction %s is not supported yet", r)
		}
		if m := n.Attrs.String("mode", "nearest"); n.Op == "Resize" && m != "nearest" {
			fail("mode %s is not supported yet", m)
		}
		probe := *n
		probe.Inputs = append([]*graph.Value(nil), n.Inputs...)
		probe.Outputs = []*graph.Value{{Name: n.Outputs[0].Name, Type: tensor.Float64, Shape: n.Outputs[0].Shape}}
		args := make([]*tensor.Tensor, len(n.Inputs))
		for i, v := range n.Inputs {
			if v != nil {
				args[i] = v.Const
			}
		}
		var parts []*value
		total := 0
		for _, i := range data {
			if i >= len(n.Inputs) || n.Inputs[i] == nil {
				continue
			}
			v := n.Inputs[i]
			room(tensor.Size(v.Shape))
			t := tensor.New(tensor.Float64, v.Shape...)
			for j := range t.Floats {
				total++
				t.Floats[j] = float64(total) // 0 is an entry that comes from nowhere
			}
			args[i] = t
			probe.Inputs[i] = &graph.Value{Name: v.Name, Type: tensor.Float64, Shape: v.Shape}
			x := in[i]
			if x == nil {
				x = b.constantPart(n, i, in)
			}
			parts = append(parts, b.shared(x))
		}
		for i, a := range args {
			if a == nil && n.Inputs[i] != nil {
				fail("input %d that is no constant is not supported yet", i)
			}
		}
		room(tensor.Size(n.Outputs[0].Shape))
		out, err := graph.Ops[n.Op].Eval(&probe, args)
		if err != nil {
			fail("%v", err)
		}
		at := make([]int, out[0].Len())
		for j := range at {
			at[j] = int(out[0].Floats[j]) - 1
			if float64(at[j]+1) != out[0].Floats[j] || at[j] < -1 || at[j] >= total {
				fail("the operator does more than move entries")
			}
		}
		flat := make([]*value, len(parts))
		for i, x := range parts {
			flat[i] = b.reshaped(x, []int{circuit.Count(x.shape())})
		}
		x := flat[0]
		if len(flat) > 1 {
			x = b.concat(0, flat...)
		}
		return []*value{b.reshaped(b.viewAxis(x, 0, at), n.Outputs[0].Shape)}
	}
}

// constantPart is a constant data input beside others, on the finest of their units.
func (b *builder) constantPart(n *graph.Node, i int, in []*value) *value {
	t := n.Inputs[i].Const
	data := floats(n.Name, t)
	unit := target(maxAbs(data), quantBits)
	if !t.Type.IsFloat() {
		unit = 1
	}
	for _, x := range in {
		if x != nil {
			unit = min(unit, b.shared(x).unit)
		}
	}
	node := b.node
	b.node = ""
	defer func() { b.node = node }()
	return b.constantValue(n.Name+": constant", data, t.Shape, unit, nil, false)
}

// lowerExpand broadcasts: free.
func lowerExpand(b *builder, n *graph.Node, in []*value) []*value {
	x := b.shared(in[0])
	shape := &value{unit: x.unit}
	shape.atoms, shape.split = layoutOf(n.Outputs[0].Shape)
	return []*value{b.aligned(x, shape)[0]}
}
