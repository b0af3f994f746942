package graph

import (
	"fmt"
	"math"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

var normOps = []*Op{
	{Name: "BatchNormalization", MinIn: 5, MaxIn: 5, MaxOut: 5, Infer: inferBatchNorm, Eval: evalBatchNorm},
	{Name: "InstanceNormalization", MinIn: 3, MaxIn: 3, Infer: inferGroupNorm, Eval: evalGroupNorm},
	{Name: "GroupNormalization", MinIn: 3, MaxIn: 3, Infer: inferGroupNorm, Eval: evalGroupNorm},
	{Name: "LayerNormalization", MinIn: 2, MaxIn: 3, MaxOut: 3, Infer: inferLayerNorm, Eval: evalLayerNorm},
	{Name: "RMSNormalization", MinIn: 2, MaxIn: 2, Infer: inferLayerNorm, Eval: evalLayerNorm},
	{Name: "LpNormalization", MinIn: 1, MaxIn: 1, Infer: inferLpNorm, Eval: evalLpNorm},
	{Name: "MeanVarianceNormalization", MinIn: 1, MaxIn: 1, Infer: inferMVN, Eval: evalMVN},
	{Name: "LRN", MinIn: 1, MaxIn: 1, Infer: inferLRN, Eval: evalLRN},
}

// BatchNormOf is the affine map of each channel that a BatchNormalization with constant parameters applies:
// y = x*scale[c] + shift[c]; ok is false if a parameter is not constant.
func BatchNormOf(n *Node) (scale, shift []float64, ok bool) {
	for _, v := range n.Inputs[1:] {
		if v.Const == nil {
			return nil, nil, false
		}
	}
	p := func(i, c int) float64 { return n.Inputs[i].Const.Float(c) }
	for c := range n.Inputs[1].Const.Len() {
		a := p(1, c) / math.Sqrt(p(4, c)+n.Attrs.Float("epsilon", 1e-5))
		scale = append(scale, a)
		shift = append(shift, p(2, c)-float64(p(3, c)*a))
	}
	return scale, shift, true
}

func inferBatchNorm(n *Node) error {
	x := n.Inputs[0].Shape
	if n.Attrs.Int("training_mode", 0) != 0 {
		return unsupportedf("training mode")
	}
	for i := range n.Outputs[1:] { // the running statistics of training
		if n.Outputs[i+1] != nil {
			return unsupportedf("training mode")
		}
	}
	if n.Opset < 9 && n.Attrs.Int("spatial", 1) == 0 {
		return unsupportedf("spatial=0")
	}
	if err := floatInputs(n); err != nil {
		return err
	}
	if len(x) < 2 {
		return fmt.Errorf("input of shape %v", x)
	}
	for i, v := range n.Inputs[1:] {
		if !tensor.SameShape(v.Shape, x[1:2]) {
			return fmt.Errorf("input %d has shape %v, want %v", i+1, v.Shape, x[1:2])
		}
	}
	return sameAsInput(n)
}

func evalBatchNorm(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	x := in[0]
	eps := n.Attrs.Float("epsilon", 1e-5)
	channels, inner := x.Shape[1], tensor.Size(x.Shape[2:])
	y := make([]float64, len(x.Floats))
	for i, v := range x.Floats {
		c := i / inner % channels
		d := math.Sqrt(in[4].Floats[c] + eps)
		y[i] = float64((v-in[3].Floats[c])/d*in[1].Floats[c]) + in[2].Floats[c]
	}
	return append(make([]*tensor.Tensor, 0, 5), tensor.FromFloats(x.Type, y, x.Shape...), nil, nil, nil, nil), nil
}

// groupsOf is the number of channel groups that are normalised together.
func groupsOf(n *Node) int64 {
	if n.Op == "InstanceNormalization" {
		return int64(n.Inputs[0].Shape[1])
	}
	return n.Attrs.Int("num_groups", 0)
}

func inferGroupNorm(n *Node) error {
	x := n.Inputs[0].Shape
	if err := floatInputs(n); err != nil {
		return err
	}
	if len(x) < 3 && !(len(x) == 2 && n.Op == "GroupNormalization") {
		return fmt.Errorf("input of shape %v", x)
	}
	g := groupsOf(n)
	if tensor.Size(x) > 0 && (g < 1 || int64(x[1])%g != 0) {
		return fmt.Errorf("%d groups of %d channels", g, x[1])
	}
	for i, v := range n.Inputs[1:] {
		perGroup := n.Op == "GroupNormalization" && tensor.SameShape(v.Shape, []int{int(g)}) // opset 18
		if !tensor.SameShape(v.Shape, x[1:2]) && !perGroup {
			return fmt.Errorf("input %d has shape %v, want %v", i+1, v.Shape, x[1:2])
		}
	}
	return sameAsInput(n)
}

// standardise writes (x - mean)/sqrt(variance + eps) to y and returns mean and 1/sqrt(variance + eps).
func standardise(y, x []float64, eps float64, centre bool) (mean, inv float64) {
	if centre {
		for _, v := range x {
			mean += v
		}
		mean /= float64(len(x))
	}
	variance := 0.0
	for _, v := range x {
		variance += float64((v - mean) * (v - mean))
	}
	inv = 1 / math.Sqrt(variance/float64(len(x))+eps)
	for i, v := range x {
		y[i] = float64((v - mean) * inv)
	}
	return mean, inv
}

func evalGroupNorm(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	x := in[0]
	y := make([]float64, len(x.Floats))
	if len(y) > 0 {
		groups, channels, inner := int(groupsOf(n)), x.Shape[1], tensor.Size(x.Shape[2:])
		size := channels / groups * inner
		for at := 0; at < len(y); at += size {
			standardise(y[at:at+size], x.Floats[at:at+size], n.Attrs.Float("epsilon", 1e-5), true)
		}
		param := func(i, c int) float64 {
			if p := in[i].Floats; len(p) == channels {
				return p[c]
			}
			return in[i].Floats[c/(channels/groups)]
		}
		for i := range y {
			c := i / inner % channels
			y[i] = float64(y[i]*param(1, c)) + param(2, c)
		}
	}
	return one(tensor.FromFloats(x.Type, y, x.Shape...), nil)
}

// NormAxis is the first of the axes that a LayerNormalization (RMSNormalization) normalises together, and the only one of an
// LpNormalization.
func NormAxis(n *Node) (int, error) {
	return axis(n.Attrs.Int("axis", -1), len(n.Inputs[0].Shape))
}

func inferLayerNorm(n *Node) error {
	a, err := NormAxis(n)
	if err != nil {
		return err
	}
	if err := floatInputs(n); err != nil {
		return err
	}
	x := n.Inputs[0].Shape
	for i, v := range n.Inputs[1:] {
		if s, err := tensor.Broadcast(v.Shape, x[a:]); err != nil || !tensor.SameShape(s, x[a:]) {
			return fmt.Errorf("input %d has shape %v, want %v", i+1, v.Shape, x[a:])
		}
	}
	stat := append([]int{}, x...)
	for i := a; i < len(x); i++ {
		stat[i] = 1
	}
	for i := 1; i < 3; i++ {
		if err := n.set(i, tensor.Float32, stat); err != nil {
			return err
		}
	}
	return sameAsInput(n)
}

func evalLayerNorm(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	a, err := NormAxis(n)
	if err != nil {
		return nil, err
	}
	x := in[0]
	size := tensor.Size(x.Shape[a:])
	y := make([]float64, len(x.Floats))
	stat := append([]int{}, x.Shape...)
	for i := a; i < len(stat); i++ {
		stat[i] = 1
	}
	mean, inv := tensor.New(tensor.Float32, stat...), tensor.New(tensor.Float32, stat...)
	for at := 0; at < len(y); at += size {
		m, i := standardise(y[at:at+size], x.Floats[at:at+size], n.Attrs.Float("epsilon", 1e-5), n.Op == "LayerNormalization")
		mean.Floats[at/size], inv.Floats[at/size] = tensor.Float32.Round(m), tensor.Float32.Round(i)
	}
	zip(y, x.Shape, y, x.Shape, in[1].Floats, in[1].Shape, func(y, s float64) float64 { return float64(y * s) })
	if len(in) > 2 && in[2] != nil {
		zip(y, x.Shape, y, x.Shape, in[2].Floats, in[2].Shape, plus)
	}
	return []*tensor.Tensor{tensor.FromFloats(x.Type, y, x.Shape...), mean, inv}, nil
}

func inferLpNorm(n *Node) error {
	if _, err := NormAxis(n); err != nil {
		return err
	}
	if p := n.Attrs.Int("p", 2); p != 1 && p != 2 {
		return fmt.Errorf("p is %d", p)
	}
	if err := floatInputs(n); err != nil {
		return err
	}
	return sameAsInput(n)
}

func evalLpNorm(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	x := in[0]
	a, err := NormAxis(n)
	if err != nil {
		return nil, err
	}
	_, kept := ReduceParams{Axes: []int{a}}.reducedShape(x.Shape)
	acc := make([]float64, tensor.Size(kept))
	if n.Attrs.Int("p", 2) == 1 {
		accumulate(acc, kept, x.Floats, x.Shape, reductions["ReduceL1"].step)
	} else {
		accumulate(acc, kept, x.Floats, x.Shape, plusSquare)
		for i := range acc {
			acc[i] = math.Sqrt(acc[i])
		}
	}
	y := make([]float64, len(x.Floats))
	zip(y, x.Shape, x.Floats, x.Shape, acc, kept, func(x, d float64) float64 {
		if d == 0 {
			return 0
		}
		return x / d
	})
	return one(tensor.FromFloats(x.Type, y, x.Shape...), nil)
}

// MeanVarianceOf resolves the axes of a MeanVarianceNormalization.
func MeanVarianceOf(n *Node) (ReduceParams, error) {
	list := n.Attrs.Ints("axes")
	if list == nil {
		list = []int64{0, 2, 3}
	}
	axes, err := axesOf(list, len(n.Inputs[0].Shape))
	return ReduceParams{Axes: axes}, err
}

func inferMVN(n *Node) error {
	if _, err := MeanVarianceOf(n); err != nil {
		return err
	}
	if err := floatInputs(n); err != nil {
		return err
	}
	return sameAsInput(n)
}

func evalMVN(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	p, err := MeanVarianceOf(n)
	if err != nil {
		return nil, err
	}
	x := in[0]
	_, kept := p.reducedShape(x.Shape)
	count := float64(len(x.Floats)) / float64(max(1, tensor.Size(kept)))
	mean, square := make([]float64, tensor.Size(kept)), make([]float64, tensor.Size(kept))
	accumulate(mean, kept, x.Floats, x.Shape, plus)
	for i := range mean {
		mean[i] /= count
	}
	y := make([]float64, len(x.Floats))
	zip(y, x.Shape, x.Floats, x.Shape, mean, kept, func(x, m float64) float64 { return x - m })
	accumulate(square, kept, y, x.Shape, plusSquare)
	zip(y, x.Shape, y, x.Shape, square, kept, func(y, s float64) float64 { return y / (math.Sqrt(s/count) + 1e-9) })
	return one(tensor.FromFloats(x.Type, y, x.Shape...), nil)
}

func inferLRN(n *Node) error {
	if len(n.Inputs[0].Shape) < 2 || n.Attrs.Int("size", 0) < 1 {
		return fmt.Errorf("input of shape %v, size %d", n.Inputs[0].Shape, n.Attrs.Int("size", 0))
	}
	if err := floatInputs(n); err != nil {
		return err
	}
	return sameAsInput(n)
}

func evalLRN(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	x := in[0]
	size := int(min(n.Attrs.Int("size", 1), 1<<24))
	alpha, beta, bias := n.Attrs.Float("alpha", 1e-4), n.Attrs.Float("beta", 0.75), n.Attrs.Float("bias", 1)
	channels, inner := x.Shape[1], tensor.Size(x.Shape[2:])
	y := make([]float64, len(x.Floats))
	for at := range y {
		c := at / inner % channels
		sum := 0.0
		for k := max(0, c-(size-1)/2); k <= min(channels-1, c+size/2); k++ {
			v := x.Floats[at+(k-c)*inner]
			sum += float64(v * v)
		}
		y[at] = x.Floats[at] / tensor.Pow(bias+float64(alpha/float64(size)*sum), beta)
	}
	return one(tensor.FromFloats(x.Type, y, x.Shape...), nil)
}

// expandMoments is a LayerNormalization whose mean or 1/deviation are read, too: as ONNX defines them.
func expandMoments(e *expander) []*Value {
	e.arity(2, 3)
	x := e.in(0)
	first, err := axis(e.n.Attrs.Int("axis", -1), len(x.Shape))
	e.check(err)
	var axes []int
	for i := first; i < len(x.Shape); i++ {
		axes = append(axes, i)
	}
	mean := e.op("ReduceMean", nil, x, e.ints(axes...))
	d := e.op("Sub", nil, x, mean)
	variance := e.op("ReduceMean", nil, e.op("Mul", nil, d, d), e.ints(axes...))
	eps := e.numbers(x.Type, []float64{e.n.Attrs.Float("epsilon", 1e-5)})
	inverse := e.op("Reciprocal", nil, e.op("Sqrt", nil, e.op("Add", nil, variance, eps)))
	return []*Value{e.op("LayerNormalization", e.n.Attrs, e.n.Inputs...), mean, inverse}
}
