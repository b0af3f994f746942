package lower

import (
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
)

// lowerConv is  out[n,o,i,j] = sum X[n,c,a,b] K[o,c,u,v] window(i,u,a) window(j,v,b) + bias[o]: one bilinear contraction,
// whatever the kernel; nothing is committed but the weights. With groups, X's channels are split in (g, c): g is held by
// both factors and gets a summed copy.
func lowerConv(b *builder, n *graph.Node, in []*value) []*value {
	x := in[0]
	if x == nil {
		x = b.constantOperand(n, 0)
	}
	b.settle(x)
	p := resolved(graph.ConvOf(n))
	group, dims := p.Group, len(p.Kernel)
	out := n.Outputs[0].Shape
	outChannels, inner := n.Inputs[1].Shape[0], n.Inputs[1].Shape[1]

	// the channel axis of X: its atoms, or (g, c)
	channels := dropOnes(group, inner)
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
	axis := func(sizes []int) (ls []circuit.Letter) {
		count := 0
		for _, d := range sizes {
			if d > 1 {
				atoms = append(atoms, d)
				ls = append(ls, add(d))
				count++
			}
		}
		split = append(split, count)
		return ls
	}
	var xl, kl []circuit.Letter // letters of X's and K's atoms
	xl = append(xl, axis(x.axisAtoms(0))...)
	gl := axis([]int{group, outChannels / group})
	hasGroup := group > 1
	kl = append(kl, gl...)
	outLetters := make([]circuit.Letter, dims) // of the output's spatial axes; none for length 1
	for i := range dims {
		if ls := axis(out[2+i : 3+i]); len(ls) == 1 {
			outLetters[i] = ls[0]
		} else {
			outLetters[i] = noLetter
		}
	}
	// summed letters
	if hasGroup {
		xl = append(xl, gl[0])
		channels = channels[1:]
	}
	for _, d := range channels {
		l := add(d)
		xl, kl = append(xl, l), append(kl, l)
	}
	kdims := append(dropOnes(group, outChannels/group), channels...)
	var rs []circuit.AxisRelation
	for i := range dims {
		src, k := x.axisAtoms(2+i), noLetter
		if p.Kernel[i] > 1 {
			k = add(p.Kernel[i])
			kl = append(kl, k)
			kdims = append(kdims, p.Kernel[i])
		}
		from, to := 1, noLetter
		if len(src) == 1 {
			from = src[0]
		}
		if k == noLetter && p.Strides[i] == 1 && p.PadBegin[i] == 0 && from == out[2+i] { // 1x1: the axis itself
			if from > 1 {
				xl = append(xl, outLetters[i])
			}
			continue
		}
		to = add(from)
		if from > 1 {
			xl = append(xl, to)
		}
		o := outLetters[i]
		if o == noLetter {
			o = add(1)
		}
		rs = append(rs, windowRelation(o, k, to, p.Strides[i], p.Dilations[i], p.PadBegin[i]))
	}

	y := b.kernel(n, in, kernelOf{x: x, atoms: atoms, split: split, lens: lens, xl: xl, kl: kl, kdims: kdims, windows: rs},
		func(per int) func(int) int { return func(i int) int { return i / per } },
		func(w *value) *value {
			w = b.settle(b.relayAxis(w, 0, dropOnes(group, outChannels/group)))
			return b.settle(b.relayAxis(w, 1, channels))
		})
	return []*value{b.plusChannelBias(n, in, y, dims)}
}

// kernelOf are the operands of a convolution's contraction: data and the letters of its atoms, the letters and lengths of the
// kernel's, and the windows.
type kernelOf struct {
	x                  *value
	atoms, split, lens []int
	xl, kl             []circuit.Letter
	kdims              []int
	windows            []circuit.AxisRelation
}

// kernel is the contraction with constant weights (row gives the output channel of each, from the number of weights of one),
// or with weights that are data: laid then gives their first two axes the atoms of kdims.
func (b *builder) kernel(n *graph.Node, in []*value, k kernelOf, row func(per int) func(int) int, laid func(*value) *value) *value {
	wt, x := n.Inputs[1].Const, k.x
	outChannels := n.Outputs[0].Shape[1]
	per := circuit.Count(n.Inputs[1].Shape) / outChannels
	w := &value{atoms: k.kdims}
	var lo, hi, norm float64
	if wt != nil {
		data, r := floats(n.Name, wt), row(per)
		w.unit = b.weightUnit(data, x.unit, b.precision(n.Outputs[0], largestRow(data, r, outChannels)*x.bound))
		ints := quantiseWeights(data, w.unit)
		w.terms = b.constantTerms(b.name("weights"), k.kdims, ints)
		lo, hi, norm = dotInterval(ints, r, outChannels, x.lo, x.hi)
		norm *= w.unit
	} else {
		w = laid(b.settle(in[1]))
		for i := 2; i < len(w.split); i++ {
			w = b.settle(b.oneAtom(w, i))
		}
		lo, hi = intervalProduct(x, w)
		lo, hi, norm = min(0, float64(per)*lo), max(0, float64(per)*hi), float64(per)*w.bound
	}
	y := einsum(k.atoms, k.split, k.lens, factor{x, k.xl}, factor{w, k.kl})
	y.sums[0].R = append(y.sums[0].R, k.windows...)
	y.lo, y.hi, y.bound = lo, hi, norm*x.bound
	y.name = n.Outputs[0].Name
	if y.bits() > 62 {
		fail("a product of %d bits: use smaller scales", y.bits())
	}
	return y
}

// plusChannelBias adds the bias of a convolution, constant or not, if it has one.
func (b *builder) plusChannelBias(n *graph.Node, in []*value, y *value, dims int) *value {
	bias := n.In(2)
	switch {
	case bias == nil:
		return y
	case bias.Const != nil:
		return b.plusChannels(y, n.Name+": bias", floats(n.Name, bias.Const), dims)
	}
	shape := []int{bias.Shape[0]}
	for range dims {
		shape = append(shape, 1)
	}
	v := b.aligned(y, b.reshaped(b.settle(in[2]), shape))
	return plus(v[0], v[1])
}

// plusChannels adds one constant for each channel, axis 1.
func (b *builder) plusChannels(y *value, name string, data []float64, dims int) *value {
	shape := []int{len(data)}
	for range dims {
		shape = append(shape, 1)
	}
	return b.plusBias(y, name, data, shape)
}

// plusBias adds parameters, also a single one.
func (b *builder) plusBias(y *value, name string, data []float64, shape []int) *value {
	node := b.node
	b.node = "" // a single parameter stays a parameter
	defer func() { b.node = node }()
	return b.plusConstant(y, name, data, shape)
}

const noLetter = circuit.Letter(255)

// windowRelation is window(o, k, to), or affine if the kernel has length 1.
func windowRelation(o, k, to circuit.Letter, stride, dilation, begin int) circuit.AxisRelation {
	if k == noLetter {
		return circuit.AxisRelation{Kind: circuit.Affine, Letters: []circuit.Letter{o, to}, Params: []int64{int64(-begin), int64(stride)}}
	}
	return circuit.AxisRelation{Kind: circuit.Window, Letters: []circuit.Letter{o, k, to},
		Params: []int64{int64(stride), int64(dilation), int64(begin)}}
}

func dropOnes(dims ...int) []int {
	return slices.DeleteFunc(slices.Clone(dims), func(d int) bool { return d == 1 })
}
