package graph

import (
	"fmt"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

var padOps = []*Op{
	{Name: "Pad", MinIn: 1, MaxIn: 4, Params: []int{1, 2, 3}, Infer: inferPad, Eval: evalPad},
	{Name: "Trilu", MinIn: 1, MaxIn: 2, Params: []int{1}, Infer: inferTrilu, Eval: evalTrilu},
}

// PadParams say, for every axis of the input, how many entries a Pad adds (or removes, if negative) before and after. Mode is
// "constant" (Value), "reflect", "edge" or "wrap".
type PadParams struct {
	Begin, End []int
	Mode       string
	Value      float64
}

// PadOf resolves a Pad: attributes (opset 10 and below) or inputs.
func PadOf(n *Node) (PadParams, error) {
	x := n.Inputs[0].Shape
	p := PadParams{Begin: make([]int, len(x)), End: make([]int, len(x)), Mode: n.Attrs.String("mode", "constant")}
	switch p.Mode {
	case "constant", "reflect", "edge", "wrap":
	default:
		return p, fmt.Errorf("mode is %q", p.Mode)
	}
	list, ok, err := n.constInts(1, "pads")
	if err != nil {
		return p, err
	}
	if !ok {
		list = n.Attrs.Ints("paddings") // opset 1
	}
	pads, err := toInts(list)
	if err != nil {
		return p, err
	}
	var axes []int
	if v := n.In(3); v != nil {
		which, _, err := n.constInts(3, "axes")
		if err != nil {
			return p, err
		}
		if axes, err = axesOf(which, len(x)); err != nil {
			return p, err
		}
	} else {
		for i := range x {
			axes = append(axes, i)
		}
	}
	if len(pads) != 2*len(axes) {
		return p, fmt.Errorf("%d pads for %d axes", len(pads), len(axes))
	}
	for i, a := range axes {
		p.Begin[a], p.End[a] = pads[i], pads[i+len(axes)]
	}
	p.Value, _, err = n.constScalar(2, "value")
	if err != nil {
		return p, err
	}
	for i, d := range x {
		b, e := p.Begin[i], p.End[i]
		switch {
		case b < -d || e < -d || d+b+e < 0:
			return p, fmt.Errorf("pads %d and %d of axis %d of length %d", b, e, i, d)
		case p.Mode == "reflect" && (b >= d && b > 0 || e >= d && e > 0):
			return p, fmt.Errorf("reflecting %d and %d entries of axis %d of length %d", b, e, i, d)
		case p.Mode != "constant" && d == 0 && b+e > 0:
			return p, fmt.Errorf("axis %d is empty", i)
		}
	}
	return p, nil
}

func inferPad(n *Node) error {
	p, err := PadOf(n)
	if err != nil {
		return err
	}
	shape := make([]int, len(p.Begin))
	for i, d := range n.Inputs[0].Shape {
		shape[i] = d + p.Begin[i] + p.End[i]
	}
	return n.set(0, n.Inputs[0].Type, shape)
}

func evalPad(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	p, err := PadOf(n)
	if err != nil {
		return nil, err
	}
	x := in[0]
	y := tensor.New(x.Type, n.Outputs[0].Shape...)
	own := tensor.Strides(x.Shape)
	// source[i][j] is the offset that index j of axis i adds, or -1 outside
	source := make([][]int, len(y.Shape))
	for i, d := range x.Shape {
		for j := range y.Shape[i] {
			k := j - p.Begin[i]
			switch {
			case k >= 0 && k < d:
			case p.Mode == "constant":
				k = -1
			case p.Mode == "edge":
				k = min(max(k, 0), d-1)
			case p.Mode == "wrap":
				k = ((k % d) + d) % d
			case k < 0:
				k = -k
			default:
				k = 2*(d-1) - k
			}
			if k >= 0 {
				k *= own[i]
			}
			source[i] = append(source[i], k)
		}
	}
	fillInt := x.Type.FromFloat
	idx := make([]int, len(y.Shape))
	for at := range y.Len() {
		from := 0
		for i, j := range idx {
			if source[i][j] < 0 {
				from = -1
				break
			}
			from += source[i][j]
		}
		switch {
		case x.Type.IsFloat() && from >= 0:
			y.Floats[at] = x.Floats[from]
		case x.Type.IsFloat():
			y.Floats[at] = x.Type.Round(p.Value)
		case from >= 0:
			y.Ints[at] = x.Ints[from]
		default:
			y.Ints[at] = fillInt(p.Value)
		}
		for i := len(idx) - 1; i >= 0; i-- {
			if idx[i]++; idx[i] < y.Shape[i] {
				break
			}
			idx[i] = 0
		}
	}
	return one(y, nil)
}

// TriluOf is the diagonal of a Trilu and whether it keeps the upper part: entries (i, j) of the last two axes with j-i >= k
// (upper) or j-i <= k stay, the others become 0.
func TriluOf(n *Node) (k int, upper bool, err error) {
	list, ok, err := n.constInts(1, "")
	if err != nil {
		return 0, false, err
	}
	if ok {
		if len(list) != 1 {
			return 0, false, fmt.Errorf("%d diagonals", len(list))
		}
		k = int(min(max(list[0], -tensor.MaxSize), tensor.MaxSize))
	}
	if len(n.Inputs[0].Shape) < 2 {
		return 0, false, fmt.Errorf("input of shape %v", n.Inputs[0].Shape)
	}
	return k, n.Attrs.Int("upper", 1) != 0, nil
}

func inferTrilu(n *Node) error {
	if _, _, err := TriluOf(n); err != nil {
		return err
	}
	return sameAsInput(n)
}

func evalTrilu(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	k, upper, err := TriluOf(n)
	if err != nil {
		return nil, err
	}
	x := in[0]
	y := tensor.New(x.Type, x.Shape...)
	cols := x.Shape[len(x.Shape)-1]
	rows := x.Shape[len(x.Shape)-2]
	for at := range y.Len() {
		i, j := at/cols%rows, at%cols
		if upper && j-i < k || !upper && j-i > k {
			continue
		}
		if x.Type.IsFloat() {
			y.Floats[at] = x.Floats[at]
		} else {
			y.Ints[at] = x.Ints[at]
		}
	}
	return one(y, nil)
}
