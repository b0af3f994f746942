package lower

import (
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// attention is what the lowering of a network's softmaxes knows in advance, from calibrated bounds, of the nodes in front of
// them: products of queries and keys, scaled and masked by constants.
type attention struct {
	spread map[*graph.Value]float64 // of a softmax's input: how far honest scores lie below their row's maximum
	floor  map[*graph.Value]float64 // of a masked tensor: constants below are as good as this one, exp(-softmaxRange) of any other
	least  map[*graph.Value]float64 // of a masked tensor: no honest row's maximum is below, so that floor tells nothing from minus infinity
	whole  map[*graph.Value]bool    // of a masked tensor: each row has an entry that is not masked, whatever the input
	fewer  map[*graph.Value]int     // of the factors: bits less than quantBits, so that the scores' shift takes one digit of 16 bits
}

// newAttention walks from every softmax to the matrix product behind it. complete: no input is to be refused.
func newAttention(g *graph.Graph, bound func(name string) float64, tableBits int, complete bool) *attention {
	a := &attention{map[*graph.Value]float64{}, map[*graph.Value]float64{}, map[*graph.Value]float64{}, map[*graph.Value]bool{}, map[*graph.Value]int{}}
	made, readers := makers(g), consumers(g)
	for _, n := range g.Nodes {
		if n.Op != "Softmax" && n.Op != "LogSoftmax" {
			continue
		}
		v := n.Inputs[0]
		reach := 2 * bound(v.Name)
		if m := made[v]; m != nil && readers[v] == 1 {
			if x, mask := masked(m); x != nil && n.Op == "Softmax" {
				most := bound(x.Name)
				above := most // the largest distance of a row's maximum from 0
				floor := -most - softmaxRange
				if m.Op == "Add" {
					floor -= most
					above += most
				}
				a.floor[v] = floor
				data := m.Op == "Where" && m.Inputs[0].Const == nil
				if data && (mask >= floor-most || complete && !math.IsInf(mask, -1)) { // the score that it stands for may be higher by most
					delete(a.floor, v)
				} else if open := openRows(n, m); mask < floor && (open || data || math.IsInf(mask, -1)) {
					a.least[v], a.whole[v] = -most, open
				}
				reach = max(2*most, above-max(floor, mask))
				v = x
			}
		}
		a.spread[n.Inputs[0]] = reach
		factor := 1.0
		for m := made[v]; m != nil && reach > 0; m = made[v] {
			if m.Op == "MatMul" && m.Inputs[0].Const == nil && m.Inputs[1].Const == nil {
				a.narrow(made, m, bound, factor, max(scoreUnit(tableBits), reach/(math.Ldexp(1, tableBits)-1)))
				break
			}
			c, x := 0.0, m.In(0)
			if len(m.Inputs) == 2 && (m.Op == "Mul" || m.Op == "Div") {
				t := m.Inputs[1].Const
				if t == nil && m.Op == "Mul" {
					t, x = m.Inputs[0].Const, m.Inputs[1]
				}
				if t != nil && t.Len() == 1 {
					c = math.Abs(t.Float(0))
				}
				if m.Op == "Div" && c != 0 {
					c = 1 / c
				}
			}
			if c == 0 {
				break
			}
			factor *= c
			v = x
		}
	}
	return a
}

// masked reads Where(c, x, y) and x + y with constants y, minus infinity or lower than scores are: x, and the least entry of y.
// c may be data beside one number.
func masked(n *graph.Node) (x *graph.Value, least float64) {
	var y *graph.Value
	switch {
	case n.Op == "Where":
		x, y = n.Inputs[1], n.Inputs[2]
	case n.Op == "Add":
		x, y = n.Inputs[0], n.Inputs[1]
	default:
		return nil, 0
	}
	if x.Const != nil {
		x, y = y, x
	}
	if x.Const != nil || y.Const == nil || !y.Const.Type.IsFloat() || y.Const.Len() == 0 {
		return nil, 0
	}
	least = math.Inf(1)
	most := math.Inf(-1)
	for i := range y.Const.Len() {
		least, most = min(least, y.Const.Float(i)), max(most, y.Const.Float(i))
	}
	if n.Op == "Where" && n.Inputs[0].Const == nil && most != least {
		return nil, 0
	}
	return x, least
}

// openRows reports whether constants leave an entry of every row of a softmax open: c of Where(c, x, y) holds there; of x + y, the
// largest constant of the row is 0 (centred).
func openRows(softmax, m *graph.Node) bool {
	if m.Op == "Add" {
		return lastAxis(softmax)
	}
	c := m.Inputs[0].Const
	if c == nil {
		return m.Attrs[graph.OpenRows] != nil
	}
	first, end, err := graph.SoftmaxAxes(softmax)
	if err != nil || first == end {
		return false
	}
	shape := m.Outputs[0].Shape
	open := m.Inputs[1].Const == nil // x comes first
	length, inner := tensor.Size(shape[first:end]), tensor.Size(shape[end:])
	rows := make([]bool, tensor.Size(shape)/length)
	strides := tensor.BroadcastStrides(c.Shape, shape)
	tensor.Walk(shape, [][]int{strides}, func(at int, offs []int) {
		last := len(shape) - 1
		for k := range shape[last] {
			if (c.Float(offs[0]+k*strides[last]) != 0) == open {
				i := at + k
				rows[i/(length*inner)*inner+i%inner] = true
			}
		}
	})
	return !slices.Contains(rows, false)
}

// lastAxis reports whether a softmax normalises the last axis alone.
func lastAxis(n *graph.Node) bool {
	first, end, err := graph.SoftmaxAxes(n)
	return err == nil && end == len(n.Inputs[0].Shape) && first == end-1
}

// centred are constants that are added to scores, less the largest of each row: a softmax does not see the difference.
func centred(t *tensor.Tensor) *tensor.Tensor {
	n := 1
	if len(t.Shape) > 0 {
		n = t.Shape[len(t.Shape)-1]
	}
	out := tensor.New(t.Type, t.Shape...)
	for r := 0; r < len(out.Floats); r += n {
		top := slices.Max(t.Floats[r : r+n])
		for i := r; i < r+n; i++ {
			out.Floats[i] = t.Floats[i] - top // NaN in a row of minus infinities
		}
	}
	return out
}

// scoresAbove are the constants that mask a softmax's input, none below what tells nothing from minus infinity. x are the scores
// beside which they stand. Where no input is refused, all that they reach counts, and they are settled: a masked score is
// exp(-softmaxRange) of its row's largest whatever the input.
func (b *builder) scoresAbove(n *graph.Node, t *tensor.Tensor, x *value) []float64 {
	floor, ok := b.floor[n.Outputs[0]]
	if !ok || !t.Type.IsFloat() {
		return floats(n.Name, t)
	}
	open := b.whole[n.Outputs[0]]
	if n.Op == "Add" && open {
		t = centred(t)
	}
	if b.complete() {
		most := b.span(x) * x.unit
		below := -most - softmaxRange
		if n.Op == "Add" {
			below -= most
			for i := range t.Len() {
				if c := t.Float(i); !open && c > floor { // the row's largest constant may be any of these
					below = min(below, c-2*most-softmaxRange)
				}
			}
		}
		floor = min(floor, below)
	}
	out := tensor.New(t.Type, t.Shape...)
	for i := range out.Floats {
		out.Floats[i] = max(floor, t.Float(i)) // NaN stays
	}
	return floats(n.Name, out)
}

// narrow spreads the bits that a shift of the product to `unit` has above 16 over its two factors, up to three each.
func (a *attention) narrow(made map[*graph.Value]*graph.Node, n *graph.Node, bound func(name string) float64, factor, unit float64) {
	product := factor
	for _, v := range n.Inputs {
		product *= target(bound(v.Name), quantBits)
	}
	more := shiftTo(product, unit) - 16
	for i, v := range n.Inputs {
		if bits := min(3, (more+1-i)/2); bits > 0 && bound(v.Name) > 0 {
			for v != nil && v.Const == nil {
				a.fewer[v] = bits
				m := made[v]
				v = nil
				if m != nil {
					switch m.Op {
					case "Reshape", "Transpose", "Split", "Slice", "Squeeze", "Unsqueeze", "Identity":
						v = m.Inputs[0]
					}
				}
			}
		}
	}
}

// makers names the node that makes each value.
func makers(g *graph.Graph) map[*graph.Value]*graph.Node {
	made := map[*graph.Value]*graph.Node{}
	for _, n := range g.Nodes {
		for _, v := range n.Outputs {
			if v != nil {
				made[v] = n
			}
		}
	}
	return made
}
