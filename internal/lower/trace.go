package lower

import (
	"math"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/quant"
)

// Trace says what lowering made of a network, for reports. Proofs do not depend on it.
type Trace struct {
	// Owner is the node that made each block; "" for the blocks of inputs and outputs. A recurrent node "a" is unrolled into
	// nodes whose names start with "a: step".
	Owner []string
	// Tensors are the network's tensors that lowering kept, by name. Those that it merged away are missing.
	Tensors map[string]Tensor
	// Roundings are the places where a tensor of the network is rounded to a unit.
	Roundings []quant.Rounding
}

// Tensor is a tensor of the network as integers: real = Unit * integer, integer in [Lo, Hi].
type Tensor struct {
	Unit, Lo, Hi float64
	Fused        bool // no integers of its own: part of the table that its consumer made
}

// rounds notes a rounding of v by a shift of s.
func (b *builder) rounds(v *value, s int) {
	if v.name != "" && s > 0 {
		b.roundings = append(b.roundings, quant.Rounding{Node: b.node, Tensor: v.name, Unit: math.Ldexp(v.unit, s)})
	}
}

func (b *builder) trace(values map[*graph.Value]*value) Trace {
	t := Trace{Owner: b.owner, Tensors: map[string]Tensor{}, Roundings: b.roundings}
	for gv, v := range values {
		t.Tensors[gv.Name] = Tensor{Unit: v.unit, Lo: v.lo, Hi: v.hi, Fused: v.force != nil}
	}
	return t
}
