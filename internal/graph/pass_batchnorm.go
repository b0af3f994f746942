package graph

import "github.com/ezkl-go/ezkl/internal/tensor"

// foldBatchNorm puts a BatchNormalization with constant parameters into the Conv, ConvTranspose or Gemm before it, if the
// weights (and bias) there are constant and nothing else reads the result: y = (x*W + b)*s + t = x*(W*s) + (b*s + t).
func foldBatchNorm(g *Graph) (bool, error) {
	uses, made := g.uses(), g.producers()
	changed := false
	for _, n := range g.Nodes {
		if n.Op != "BatchNormalization" {
			continue
		}
		v := n.Inputs[0]
		before := made[v]
		if before == nil || uses[v] != 1 || before.Inputs[1].Const == nil || !v.Type.IsFloat() {
			continue
		}
		if b := before.In(2); b != nil && b.Const == nil {
			continue
		}
		scale, shift, ok := BatchNormOf(n)
		if !ok {
			continue
		}
		if done, err := before.scaleChannels(scale, shift); err != nil || !done {
			if err != nil {
				return false, err
			}
			continue
		}
		g.replace(n.Outputs[0], v)
		uses[v] = uses[n.Outputs[0]]
		n.Outputs = []*Value{{Name: n.Outputs[0].Name, Type: v.Type, Shape: v.Shape}} // dead now
		changed = true
	}
	return changed, nil
}

// scaleChannels multiplies channel c of n's output by scale[c] and adds shift[c], by changing its constant weights and bias.
func (n *Node) scaleChannels(scale, shift []float64) (bool, error) {
	w := n.Inputs[1].Const
	var channel func(i int) int // of entry i of the weights
	outer, bias := 1, []int{len(scale)}
	switch n.Op {
	case "Conv":
		inner := tensor.Size(w.Shape[1:])
		channel = func(i int) int { return i / inner }
	case "ConvTranspose":
		p, err := ConvTransposeOf(n)
		if err != nil {
			return false, err
		}
		inner, perGroup, perOut := tensor.Size(w.Shape[2:]), w.Shape[0]/p.Group, w.Shape[1]
		channel = func(i int) int {
			row := i / inner / perOut // input channel
			return row/perGroup*perOut + i/inner%perOut
		}
	case "Gemm":
		p, err := GemmOf(n)
		if err != nil || p.Alpha != 1 || p.TransB || n.In(2) != nil && p.Beta != 1 {
			return false, err
		}
		channel = func(i int) int { return i % p.N }
		if c := n.In(2); c != nil && len(c.Shape) == 2 && c.Shape[0] > 1 {
			outer, bias = c.Shape[0], []int{c.Shape[0], len(scale)}
		}
	default:
		return false, nil
	}
	weights := make([]float64, len(w.Floats))
	for i, x := range w.Floats {
		weights[i] = float64(x * scale[channel(i)])
	}
	sums := make([]float64, outer*len(scale))
	for i := range sums {
		sums[i] = shift[i%len(scale)]
	}
	if b := n.In(2); b != nil {
		k := 0
		zip(sums, bias, sums, bias, b.Const.Floats, b.Const.Shape, func(sum, b float64) float64 {
			c := k % len(scale)
			k++
			return sum + float64(b*scale[c])
		})
	}
	name := n.Name + " bias"
	if b := n.In(2); b != nil {
		name = b.Name
	}
	t := tensor.FromFloats(w.Type, sums, bias...)
	n.Inputs = []*Value{n.Inputs[0], constantLike(n.Inputs[1], tensor.FromFloats(w.Type, weights, w.Shape...)),
		{Name: name, Type: t.Type, Shape: t.Shape, Const: t}}
	return true, nil
}
