package graph

import (
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// Minus infinity masks scores, and no integer stands for it. While the graph is built, tensors that hold it are taken apart into
// truth values and finite numbers, and the operators that masks meet are put in terms of those, exactly:
//
//	Where, Add, Sub, Mul and Div by positive constants, Cast, Pad, ReduceMax, views    part by part
//	Equal (with minus infinity), IsInf, IsNaN                                          the truth values
//	Softmax                                                     of Where(open, finite, -inf), which lowering knows
//
// A softmax is NaN in rows that are masked in full. Where(c, y, softmax) with c true in just those rows is the usual remedy: it
// reads a softmax in which such rows are open. Every other reader gets the softmax as it is, which has no proof for such an
// input. What no rule knows stays as it is: lowering refuses constants that are not finite.
//
// Numbers of -9999 and below stand for minus infinity in many masks. They are taken apart in the same way, but only a Softmax reads
// the parts, and lowering checks that scores are far above such a number.
type infinite struct {
	open   *Value  // truth values, false where an entry is minus infinity, or low; nil: not known
	finite *Value  // the other entries (both broadcast to the tensor's shape); nil: not known
	low    float64 // what the entries that are not open are about; minus infinity: exactly
	plain  bool    // lowering knows a softmax of this tensor

	rows  *Value // of a softmax: false in rows that are NaN; nil: not known
	total *Value // the softmax, with anything in those rows
}

// infiniteRule gives the values that stand for a node's outputs, or nil and what is known of its output.
type infiniteRule func(e *expander, in []*infinite) ([]*Value, *infinite)

var infiniteRules map[string]infiniteRule

func init() {
	infiniteRules = map[string]infiniteRule{
		"Add": infiniteSum, "Sub": infiniteSum, "Cast": infiniteCast, "Concat": infiniteConcat, "Div": infiniteScaled, "Equal": infiniteEqual,
		"IsInf": infiniteIs, "IsNaN": infiniteNaN, "Mul": infiniteScaled, "Pad": infinitePad, "ReduceMax": infiniteMax,
		"Softmax": infiniteSoftmax, "Where": infiniteWhere,
	}
	for _, view := range []string{"Expand", "Flatten", "Gather", "Reshape", "Slice", "Squeeze", "Tile", "Transpose", "Unsqueeze"} {
		infiniteRules[view] = infiniteView
	}
}

const (
	lowScore = -9999    // from here on a number may be a mask
	lowest   = -1 << 40 // no score that can be proven is near: further ones count as this one
)

// exactly reports whether the entries that are not open are minus infinity, and not low numbers.
func (x *infinite) exactly() bool { return x.open != nil && math.IsInf(x.low, -1) }

// weakest is the largest number that hides an entry.
func weakest(in []*infinite) float64 {
	low := math.Inf(-1)
	for _, x := range in {
		if x != nil {
			low = max(low, x.low)
		}
	}
	return low
}

// infinite is what is known of a value; nil: its entries are finite.
func (v *Value) infinite() *infinite {
	if v == nil || v.Const == nil || v.special != nil || v.scanned {
		if v == nil {
			return nil
		}
		return v.special
	}
	v.scanned = true
	if !slices.ContainsFunc(v.Const.Floats, func(x float64) bool { return x <= lowScore || math.IsInf(x, 1) }) {
		return nil
	}
	v.special = &infinite{}
	low := math.Inf(-1)
	open, finite := tensor.New(tensor.Bool, v.Shape...), tensor.New(v.Type, v.Shape...)
	for i, x := range v.Const.Floats {
		if math.IsInf(x, 1) {
			return v.special
		}
		if x > lowScore {
			open.Ints[i], finite.Floats[i] = 1, x
		} else {
			low = max(low, x)
		}
	}
	part := func(t *tensor.Tensor) *Value { return &Value{Name: v.Name, Type: t.Type, Shape: t.Shape, Const: t} }
	v.special = &infinite{open: part(open), finite: part(finite), low: low}
	return v.special
}

// separate makes n by the rule of its operator, if some input may be infinite; nil: n is an ordinary node.
func (b *builder) separate(n *Node, op *Op) ([]*Value, error) {
	in := make([]*infinite, len(n.Inputs))
	found := false
	open := false
	for i, v := range n.Inputs {
		in[i] = v.infinite()
		found = found || in[i] != nil
		open = open || in[i] != nil && in[i].rows == nil
	}
	if b.literal || !found || op.FromShape {
		return nil, nil
	}
	about := allFinite // where a softmax is NaN, there is no proof
	if open {
		about = &infinite{}
	}
	if rule := infiniteRules[n.Op]; rule != nil {
		var special *infinite
		nodes := b.nodes
		b.literal = true
		outs, err := b.expand(n, func(e *expander) (outs []*Value) {
			defer func() { e.literal() }()
			if outs, special = rule(e, in); outs == nil {
				return make([]*Value, len(n.Outputs))
			}
			return outs
		})
		b.literal, b.nodes = false, nodes // models' own nodes are numbered as they come
		if err == nil && outs[0] != nil {
			return outs, nil
		}
		if err == nil && special != nil {
			about = special
		}
	}
	outs, err := b.apply(n, op)
	for _, v := range outs {
		if v != nil && v.Const == nil && about != allFinite {
			v.special = about
		}
	}
	return outs, err
}

// allFinite is what a rule knows of an output without infinite entries.
var allFinite = &infinite{}

// literal ends what separate began.
func (e *expander) literal() { e.b.literal = false }

// known reports whether both parts of all infinite inputs are.
func known(in []*infinite) bool {
	for _, x := range in {
		if x != nil && (x.open == nil || x.finite == nil) {
			return false
		}
	}
	return true
}

// part is the finite part of an input.
func part(v *Value, x *infinite) *Value {
	if x == nil {
		return v
	}
	return x.finite
}

// openOf are the truth values of an input; nil: all of them hold.
func openOf(x *infinite) *Value {
	if x == nil || x.open.Const != nil && !slices.Contains(x.open.Const.Ints, 0) {
		return nil
	}
	return x.open
}

// closed reports whether no entry is finite.
func closed(x *infinite) bool {
	return x != nil && x.open != nil && x.open.Const != nil && !slices.Contains(x.open.Const.Ints, 1)
}

// and, or take nil for true.
func (e *expander) and(x, y *Value) *Value {
	if x == nil || x == y {
		return y
	}
	if y == nil {
		return x
	}
	return e.op("And", nil, x, y)
}

func (e *expander) or(x, y *Value) *Value {
	if x == nil || y == nil {
		return nil
	}
	return e.op("Or", nil, x, y)
}

// not is one value for each argument: so that rules recognise what they made.
func (e *expander) not(x *Value) *Value {
	if e.b.nots == nil {
		e.b.nots = map[*Value]*Value{}
	}
	y := e.b.nots[x]
	if y == nil {
		y = e.op("Not", nil, x)
		e.b.nots[x] = y
	}
	return y
}

// someOf keys the truth values [any entry of an axis holds].
type someOf struct {
	open *Value
	axis int // from the end
}

// some says whether any entry along an axis is open: it keeps the axis, with length 1. axis counts from the end, from 1.
func (e *expander) some(open *Value, axis int) *Value {
	at := len(open.Shape) - axis
	if at < 0 || open.Shape[at] == 1 {
		return open
	}
	key := someOf{open, axis}
	if e.b.some == nil {
		e.b.some = map[someOf]*Value{}
	}
	if e.b.some[key] == nil {
		count := e.op("ReduceSum", nil, e.cast(open, tensor.Int64), e.ints(at))
		e.b.some[key] = e.op("Not", nil, e.op("Equal", nil, count, e.scalar(tensor.Int64, 0)))
	}
	return e.b.some[key]
}

func (e *expander) expandTo(v *Value, shape []int) *Value {
	if tensor.SameShape(v.Shape, shape) {
		return v
	}
	y := e.op("Expand", nil, v, e.ints(shape...))
	if e.b.spread == nil {
		e.b.spread = map[*Value]*Value{}
	}
	e.b.spread[y] = v
	return y
}
