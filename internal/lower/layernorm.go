package lower

import (
	"math"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
)

// standard says what standardise makes.
type standard struct {
	eps       float64
	centre    bool    // subtract the mean
	bound     float64 // of the result, 0 if unknown
	deviation float64 // the largest square root that honest inputs have, 0 if unknown
	least     float64 // a bound from below of the deviations that calibration saw, 0 if unknown
}

// atLeast is eps, or what R's maxRootBits take: with eps = L^2, rows of the largest deviation D lose 2^-maxRootBits D / L, rows of the
// least one L^2 / 2 least^2, and both are the same here.
func (o standard) atLeast() float64 {
	if o.least == 0 {
		return o.eps
	}
	l := math.Cbrt(math.Ldexp(o.deviation*o.least*o.least, 1-maxRootBits))
	return max(o.eps, float64(l*l))
}

// standardise is (x - mean) / sqrt(variance + eps) over axes:
//
//	mu = requantised mean,  c = x - mu,  V = sum c*c + n eps,  R = sqrt(n)/sqrt(V),  y = c * R
//
// mu, V and R have one entry a row; c is an affine form; y is one product, left to its consumer, on a unit from which a shift
// by 16 leads to 16 bits where R then keeps rootBits for the largest deviation. eps is at least one unit of V, and what atLeast says.
// Determined: requantise, normalise and products.
//
// Error: about half a unit of x over the smallest deviation, and 2^-rootBits relative. Cost: nothing for an entry but its
// consumer's two digits (three where R needs more bits), about 20 lookups for a row.
func (b *builder) standardise(x *value, axes []int, o standard) *value {
	b.settle(x)
	if fine := target(x.bound, quantBits); x.unit > fine { // integers that became reals: the mean is none
		x = x.finer(1 << shiftTo(fine, x.unit))
	}
	if x.honestBits() > maxBits-1 { // c has one bit more
		b.quantised(x, quantBits)
	}
	n := 1
	for _, a := range axes {
		n *= circuit.Count(x.axisAtoms(a))
	}
	largest := 1.01 * math.Sqrt(float64(n)) // of y
	if o.bound > 0 {
		largest = min(largest, o.bound)
	}
	if o.deviation == 0 {
		o.deviation = x.bound
	}
	final := math.Ldexp(target(largest, quantBits), -16) // y's unit, if R may have what it leaves
	coarsest := math.Ldexp(1/o.deviation, -rootBits)     // R's unit, for rootBits
	c := x
	if o.centre {
		f := max(0, min(2, maxBits-1-x.honestBits())) // mu on a unit 2^f times as fine as x's
		for f > 0 && final/math.Ldexp(x.unit, -f) > coarsest {
			f--
		}
		mu := sumAxes(x, axes).scaled(1 / float64(n))
		mu.bound = x.bound
		mu = b.requantiseTo(mu, math.Ldexp(x.unit, -f), x.bound)
		p := b.aligned(x.finer(1<<f), mu)
		c = minus(p[0], p[1])
		c.bound = 2 * x.bound
		c = b.settle(c)
	}
	v := sumAxes(b.square(c), axes)
	v.lo = 0
	add := int64(math.Max(1, math.Floor(o.atLeast()*float64(n)/v.unit+0.5)))
	v = v.plusInteger(add)
	reach := b.span(x) * x.unit
	if o.centre {
		reach *= 2
	}
	m := math.Min(v.hi, reach*reach/(c.unit*c.unit)*float64(n)+float64(add))
	least := math.Sqrt(float64(add) * v.unit) // the least square root
	r := b.rsqrt(v, m, 1/least).scaled(math.Sqrt(float64(n)))
	r.bound = math.Sqrt(float64(n)) / least
	s := shiftTo(r.unit, max(min(final/c.unit, coarsest), target(r.bound, maxRootBits)))
	r = b.requantise(r, s, b.digitCount(r, s))
	p := b.aligned(c, r)
	y := b.product(p[1], p[0], p[0])
	y.unit, y.bound = c.unit*r.unit, largest
	limit := math.Ceil(1.01 * math.Sqrt(float64(n)) / y.unit) // c*c <= V
	y.lo, y.hi = -limit, limit
	if y.bits() > 62 {
		fail("a product of %d bits: use smaller scales", y.bits())
	}
	return y
}

// Widths of 1/deviation: its least expected value has rootBits, its largest, that of a deviation of sqrt(eps) which rows
// hardly reach, at most maxRootBits.
const (
	rootBits    = 12
	maxRootBits = 26
)

// requantiseTo is v on a given unit, to 2^-20 of it.
func (b *builder) requantiseTo(v *value, unit, bound float64) *value {
	if v.unit >= unit {
		return v
	}
	s := shiftTo(v.unit, unit)
	// v on a unit that is 2^-s' of the wanted one, by an integer factor
	if ratio := unit / math.Ldexp(v.unit, s); ratio != 1 {
		m := int64(math.Round(math.Ldexp(1/ratio, alignBits)))
		e := alignBits + s
		w := v.times(m)
		w.unit, w.bound = math.Ldexp(unit, -e), bound
		v, s = w, e
	}
	v.bound = bound
	q := b.requantise(v, s, b.digitCount(v, s))
	q.unit = unit
	return q
}

// affineChannels is y*scale + shift with constants that broadcast.
func (b *builder) affineChannels(n *graph.Node, y *value, scale, shift []float64, shape []int) *value {
	node := b.node
	plain := true
	for _, s := range scale {
		plain = plain && s == scale[0]
	}
	switch {
	case plain && b.o.Params == Fixed:
		y = y.scaled(scale[0])
	default:
		b.settle(y)
		b.node = ""
		w := b.constantValue(node+": scale", scale, shape, b.weightUnit(scale, y.unit, maxAbs(scale)*y.bound), y, false)
		v := b.aligned(y, w)
		y = b.multiply(v[1], v[0])
		b.node = node
	}
	if maxAbs(shift) > 0 || b.o.Params == Private && len(shift) > 1 {
		b.node = ""
		y = b.plusConstant(y, node+": shift", shift, shape)
		b.node = node
	}
	return y
}

func constantInput(n *graph.Node, i int) []float64 {
	if n.Inputs[i].Const == nil {
		fail("parameters that are no constants are not supported yet")
	}
	return floats(n.Name, n.Inputs[i].Const)
}

// lowerLayerNorm is LayerNormalization and RMSNormalization.
func lowerLayerNorm(b *builder, n *graph.Node, in []*value) []*value {
	for i := 1; i < len(n.Outputs); i++ {
		if o := n.Outputs[i]; o != nil {
			fail("the outputs of mean and deviation are not supported yet")
		}
	}
	axis := resolved(graph.NormAxis(n))
	shape := n.Inputs[0].Shape
	axes := sequence(axis, len(shape)-axis)
	largest, least := b.p.Deviations(n.Outputs[0].Name)
	y := b.standardise(b.shared(in[0]), axes, standard{eps: n.Attrs.Float("epsilon", 1e-5), centre: n.Op == "LayerNormalization", deviation: largest, least: least})
	scale := constantInput(n, 1)
	shift := []float64{0}
	shiftShape := []int{}
	if n.In(2) != nil {
		shift = constantInput(n, 2)
		shiftShape = n.Inputs[2].Shape
	}
	y = b.affineChannels(n, y, scale, []float64{0}, n.Inputs[1].Shape)
	if len(shift) > 1 || shift[0] != 0 {
		y = b.affineShift(y, n.Name+": shift", shift, shiftShape)
	}
	return []*value{y}
}

func (b *builder) affineShift(y *value, name string, shift []float64, shape []int) *value {
	return b.plusBias(y, name, shift, shape)
}

// lowerGroupNorm is InstanceNormalization and GroupNormalization: rows of the groups' channels and all spatial axes.
func lowerGroupNorm(b *builder, n *graph.Node, in []*value) []*value {
	x := b.shared(in[0])
	shape := n.Inputs[0].Shape
	groups := shape[1]
	if n.Op == "GroupNormalization" {
		groups = int(n.Attrs.Int("num_groups", 1))
	}
	channels := shape[1]
	y := b.reshaped(x, []int{shape[0], groups, tensorSize(shape[1:]) / groups})
	largest, least := b.p.Deviations(n.Outputs[0].Name)
	y = b.standardise(y, []int{2}, standard{eps: n.Attrs.Float("epsilon", 1e-5), centre: true, deviation: largest, least: least})
	y = b.reshaped(y, shape)
	scale, shift := constantInput(n, 1), constantInput(n, 2)
	perGroup := func(p []float64) []float64 {
		if len(p) == channels {
			return p
		}
		out := make([]float64, channels)
		for c := range out {
			out[c] = p[c/(channels/groups)]
		}
		return out
	}
	cshape := []int{channels}
	for range len(shape) - 2 {
		cshape = append(cshape, 1)
	}
	return []*value{b.affineChannels(n, y, perGroup(scale), perGroup(shift), cshape)}
}

// lowerMVN is MeanVarianceNormalization, with 2^-20 of the largest square added to the variance: ONNX adds 1e-9 to the
// deviation, and so small a one would leave 1/deviation few bits.
func lowerMVN(b *builder, n *graph.Node, in []*value) []*value {
	axes := resolved(graph.MeanVarianceOf(n)).Axes
	x := b.shared(in[0])
	return []*value{b.standardise(x, axes, standard{eps: max(1e-9, math.Ldexp(x.bound*x.bound, -20)), centre: true})}
}

func tensorSize(shape []int) int { return circuit.Count(shape) }
