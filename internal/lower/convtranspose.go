package lower

import (
	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
)

// lowerConvTranspose is  out[n,o,a,b] = sum X[n,c,i,j] K[c,o,u,v] window(i,u,a) window(j,v,b) + bias[o]: the convolution's
// contraction with the window's other side summed. Nothing is committed but the weights.
func lowerConvTranspose(b *builder, n *graph.Node, in []*value) []*value {
	p := resolved(graph.ConvTransposeOf(n))
	x := in[0]
	if x == nil {
		x = b.constantOperand(n, 0)
	}
	b.settle(x)
	ws := n.Inputs[1].Shape
	dims, group := len(p.Kernel), p.Group
	out := n.Outputs[0].Shape
	perIn, perOut := ws[0]/group, ws[1]
	channels := dropOnes(group, perIn)
	if group > 1 {
		x = b.settle(b.relayAxis(x, 1, channels))
	} else {
		channels = x.axisAtoms(1)
	}
	for i := range dims {
		x = b.settle(b.oneAtom(x, 2+i))
	}
	var atoms, split, lens []int
	add := func(d int) circuit.Letter {
		lens = append(lens, d)
		return circuit.Letter(len(lens) - 1)
	}
	axis := func(sizes ...int) (ls []circuit.Letter) {
		for _, d := range sizes {
			if d > 1 {
				atoms = append(atoms, d)
				ls = append(ls, add(d))
			}
		}
		split = append(split, len(ls))
		return ls
	}
	var xl, kl []circuit.Letter // letters of X's and K's atoms; K is [group, c, o, kernel..]
	xl = append(xl, axis(x.axisAtoms(0)...)...)
	gl := axis(group, perOut)
	outLetters := make([]circuit.Letter, dims)
	for i := range dims {
		outLetters[i] = noLetter
		if ls := axis(out[2+i]); len(ls) == 1 {
			outLetters[i] = ls[0]
		}
	}
	if group > 1 {
		xl, kl = append(xl, gl[0]), append(kl, gl[0])
		gl, channels = gl[1:], channels[1:]
	}
	for _, d := range channels {
		l := add(d)
		xl, kl = append(xl, l), append(kl, l)
	}
	kl = append(kl, gl...)
	kdims := append(append(dropOnes(group), channels...), dropOnes(perOut)...)
	var rs []circuit.AxisRelation
	for i := range dims {
		from := 1
		if src := x.axisAtoms(2 + i); len(src) == 1 {
			from = src[0]
		}
		o, k := outLetters[i], noLetter
		if p.Kernel[i] > 1 {
			k = add(p.Kernel[i])
			kl = append(kl, k)
			kdims = append(kdims, p.Kernel[i])
		}
		if k == noLetter && p.Strides[i] == 1 && p.PadBegin[i] == 0 && from == out[2+i] {
			if from > 1 {
				xl = append(xl, o)
			}
			continue
		}
		src := add(from)
		if from > 1 {
			xl = append(xl, src)
		}
		if o == noLetter {
			o = add(1)
		}
		rs = append(rs, windowRelation(src, k, o, p.Strides[i], p.Dilations[i], p.PadBegin[i]))
	}
	inner := circuit.Count(ws[2:])
	y := b.kernel(n, in, kernelOf{x: x, atoms: atoms, split: split, lens: lens, xl: xl, kl: kl, kdims: kdims, windows: rs},
		func(int) func(int) int {
			return func(i int) int { return i/inner/perOut/perIn*perOut + i/inner%perOut }
		},
		func(w *value) *value { return b.settle(b.relayAxis(w, 0, append(dropOnes(group), channels...))) })
	return []*value{b.plusChannelBias(n, in, y, dims)}
}
