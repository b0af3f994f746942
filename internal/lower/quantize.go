package lower

import (
	"fmt"
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
)

// Tensors of a quantised network are integers on unit 1; a dequantised one is those integers, less the zero point, on its
// scale as unit. So what lies between a DequantizeLinear and a QuantizeLinear is exact, and only the latter rounds.

// ratio is r as m / 2^e, r the largest of some ratios. exact says that all are such numbers to the precision of float32, with e
// below a table's bits: then ties can occur. Else m has as many bits, up to those of two tables, as leave room for a value of `bits` bits and whole digits of width w.
func ratio(all []float64, bits, w, tableBits int) (m int64, e int, exact bool) {
	r := slices.Max(all)
	for e := range 16 {
		if !slices.ContainsFunc(all, func(r float64) bool {
			x := math.Ldexp(r, e)
			return !(x >= 1 && x < 1<<24 && math.Abs(x-math.Round(x)) <= 1e-7*x)
		}) {
			return int64(math.Round(math.Ldexp(r, e))), e, true
		}
	}
	_, k := math.Frexp(r)
	for n := min(32, 2*tableBits); n >= min(12, tableBits); n-- {
		if e := n - k; e > 0 && n+bits+(w-e%w)%w <= 61 {
			m = int64(math.Round(math.Ldexp(r, e)))
			for ; m&1 == 0 && e > 0; e-- {
				m /= 2
			}
			return m, e, false
		}
	}
	fail("values of %d bits before quantisation: use smaller scales", bits)
	return 0, 0, false
}

// quantiser is what QuantizeLinear does after dividing by its scale: rounding, half to even, adding a zero point and
// clamping to [lo, hi].
type quantiser struct {
	scale  []float64 // one, or one for each index of an axis
	zero   []float64
	shape  []int // of scale and zero, broadcasting to the tensor
	lo, hi float64
}

func (q *quantiser) one() bool { return len(q.scale) == 1 }

// quantise is clamp(round(x / scale) + zero, lo, hi) with N = m X, m / 2^e the ratio of x's unit and the scale:
//
//	2^(wk) q + sum_i 2^(w i) d_i = 2^(wk-e) (N + 2^(e-1)),   pair (q, y) in the table of clamp(q + zero)
//
// Where N can be a tie and e is small, the table of round-half-even takes the place of the digits:
//
//	2^(e+1) h + t = N,   pair (t, c) in round-half-even,   q = 2h + c
//
// And where X has no more bits than a table, its table does everything. Determined: mixed radix, then outputs of function
// tables. Cost: 2 + k columns, 1 + k lookups; one column and no lookup more than X's own where X is narrow.
func (b *builder) quantise(x *value, q *quantiser) *value {
	b.ready(x)
	if q.one() && signedBits(min(x.bound/x.unit, max(-x.lo, x.hi))) <= b.o.TableBits {
		return b.quantiseNarrow(x, q)
	}
	if x.bits() > 48 || !q.one() {
		b.precise(x)
	}
	ratios := make([]float64, len(q.scale))
	for i, s := range q.scale {
		ratios[i] = x.unit / s
	}
	m, e, exact := ratio(ratios, x.bits(), b.o.Width, b.o.TableBits)
	n := x.times(m)
	if !q.one() {
		data := make([]float64, len(q.scale))
		for i, r := range ratios {
			data[i] = math.Round(math.Ldexp(r, e))
		}
		node := b.node
		b.node = ""
		w := b.constantValue(node+": multipliers", data, q.shape, 1, x, true)
		b.node = node
		v := b.aligned(w, x)
		b.precise(v[1])
		unit := x.unit
		n = b.multiply(v[0], v[1])
		n.unit, n.bound = unit, x.bound*float64(m)
	}
	n.unit, n.bound = math.Ldexp(1, -e), math.Ldexp(n.bound/x.unit, -e)
	e = b.halfEven(&n, e, exact && q.one() && !b.complete())
	zero := q.zero[0]
	if !q.one() { // a vector of zero points goes in before rounding
		zero = 0
		v := b.aligned(n, b.constantValue("zero point", q.zero, q.shape, n.unit, n, true))
		n = plus(v[0], v[1])
	}
	t := max(signedBits(n.bound+1)+1, signedBits(max(-q.lo, q.hi)+1)+1)
	if t > b.o.TableBits {
		return b.clampWide(n, e, zero, q)
	}
	lo := -int64(1) << (t - 1)
	table := b.table(fmt.Sprintf("clamp to %g..%g of %d bits%+g", q.lo, q.hi, t, zero), lo, 1<<t, func(in int64) int64 {
		return int64(min(max(float64(in)+zero, q.lo), q.hi))
	})
	return b.clampOutput(b.clampInput(n, e, lo, 1<<t, table), table, q)
}

// clampWide is the same for quotients wider than a table, by two maxima: hi - relu(hi - lo - relu(q - lo)).
func (b *builder) clampWide(n *value, e int, zero float64, q *quantiser) *value {
	k := b.requantise(n, e, b.digitCount(n, e))
	k.unit, k.bound = 1, n.bound+1
	lo, hi := int64(q.lo), int64(q.hi)
	y := b.relu(b.exactDigits(k.plusInteger(int64(zero) - lo)))
	y = b.relu(b.exactDigits(y.times(-1).plusInteger(hi - lo))).times(-1).plusInteger(hi)
	y.unit, y.lo, y.hi, y.bound = 1, q.lo, q.hi, max(-q.lo, q.hi)
	return y
}

// precise settles a value that is to be quantised: with all its bits where it has no more than preciseBits.
func (b *builder) precise(x *value) *value {
	if b.ready(x).bits() <= preciseBits {
		return b.settleWide(x)
	}
	return b.settle(x)
}

const preciseBits = 32

// quantiseNarrow is one table of the integers of x.
func (b *builder) quantiseNarrow(x *value, q *quantiser) *value {
	f := func(v float64) float64 {
		return min(max(math.RoundToEven(float64(float32(v/q.scale[0])))+q.zero[0], q.lo), q.hi)
	}
	y := b.lazy(x.clone(), "quantise("+number(q.scale[0])+","+number(q.zero[0])+","+number(q.lo)+",%s)", f, 0, false, nil)
	y.uni.exact, y.uni.integer = true, true
	return y
}

// halfEven replaces N by its quotient by 2^e rounded half to even, 2h + c, where that can be a tie and e is small; it returns
// what is left of e.
func (b *builder) halfEven(n **value, e int, exact bool) int {
	v := *n
	if !exact || e == 0 || e >= b.o.TableBits || v.bits() < e {
		return e
	}
	name := b.name("round")
	rank := len(v.atoms)
	t, c := b.block(name+" low", v.atoms, circuit.Column), b.block(b.nameOf(name+" carry"), v.atoms, circuit.Column)
	b.lookup(t, c, b.table(fmt.Sprintf("half even %d", e), 0, 2<<e, func(in int64) int64 {
		return int64(math.RoundToEven(math.Ldexp(float64(in), -e)))
	}))
	h := b.signedDigits(name, v, max(1, (b.bitsAfter(v, e+1)+b.o.Width)/b.o.Width))
	var lhs []circuit.Term
	for _, x := range h.terms {
		x = cloneTerm(x)
		x.Coef = shiftLeft(x.Coef, e+1)
		lhs = append(lhs, x)
	}
	b.relate(name, append(lhs, blockTerm(1, t, rank)), 1, v)
	q := h.times(2)
	q.terms = addTerm(q.terms, blockTerm(1, c, rank))
	q.unit, q.lo, q.hi, q.bound = 1, 2*h.lo, 2*h.hi+2, v.bound
	*n = q
	return 0
}

// clampInput is the column of a clamp table's input.
func (b *builder) clampInput(r *value, s int, lo int64, size, table int) *value {
	return b.tableInput(r, s, lo, size, table, b.covered(&scalar{key: "quantisation"}, r, s, lo, size))
}

// clampOutput is the output of the clamp table at a column.
func (b *builder) clampOutput(col *value, table int, q *quantiser) *value {
	y := b.block(b.name("output"), col.atoms, circuit.Column)
	at := col.digits.top
	b.lookups[at] = circuit.Lookup{In: b.lookups[at].In, Out: y, Table: table}
	w := col.clone()
	w.terms = []circuit.Term{blockTerm(1, y, len(col.atoms))}
	w.unit, w.lo, w.hi, w.bound = 1, q.lo, q.hi, max(-q.lo, q.hi)
	return w
}

// quantiserOf resolves a QuantizeLinear with constant parameters.
func quantiserOf(n *graph.Node) *quantiser {
	p := resolved(graph.QuantOf(n))
	if n.Inputs[1].Const == nil || n.In(2) != nil && n.In(2).Const == nil {
		fail("a scale or zero point that is no constant is not supported yet")
	}
	q := &quantiser{scale: floats(n.Name, n.Inputs[1].Const), shape: p.Shape}
	q.lo, q.hi = graph.IntRange(n.Outputs[0].Type)
	q.zero = make([]float64, len(q.scale))
	if n.In(2) != nil {
		q.zero = floats(n.Name, n.Inputs[2].Const)
	}
	for _, s := range q.scale {
		if s <= 0 {
			fail("a scale of %g", s)
		}
	}
	return q
}

// lowerQuantize is QuantizeLinear.
func lowerQuantize(b *builder, n *graph.Node, in []*value) []*value {
	if n.Inputs[1].Const != nil && (n.In(2) == nil || n.In(2).Const != nil) {
		return []*value{b.quantise(in[0], quantiserOf(n))}
	}
	lo, hi := graph.IntRange(n.Outputs[0].Type)
	return []*value{b.quantiseBy(n, in, lo, hi)}
}

// lowerDequantize is (x - zero) * scale: an affine form on the unit scale; or a product with constants, one for each channel,
// or with a scale that is data.
func lowerDequantize(b *builder, n *graph.Node, in []*value) []*value {
	p := resolved(graph.QuantOf(n))
	x := in[0]
	if x == nil {
		x = b.dataOperand(n, 0, in)
	}
	x = b.minusZero(b.wholes(b.shared(x)), n, 2, in, p.Shape)
	if n.Inputs[1].Const == nil {
		v := b.aligned(b.settle(x), b.reshaped(b.settle(in[1]), p.Shape))
		return []*value{b.multiply(b.settle(v[0]), b.settle(v[1]))}
	}
	scale := floats(n.Name, n.Inputs[1].Const)
	if len(scale) == 1 {
		if scale[0] == 0 {
			return []*value{x.scaled(0)}
		}
		return []*value{x.scaled(scale[0])}
	}
	return []*value{b.timesChannels(n.Name, x, scale, p.Shape)}
}

// timesChannels is x times constants that broadcast to it.
func (b *builder) timesChannels(name string, x *value, data []float64, shape []int) *value {
	b.settle(x)
	w := b.constantValue(name+" scale", data, shape, b.weightUnit(data, x.unit, 0), x, false)
	v := b.aligned(w, x)
	b.settle(v[1])
	return b.multiply(v[0], v[1])
}

// minusZero is x, integers on unit 1, less the zero point in input i, which broadcasts in a given shape; without one x itself.
func (b *builder) minusZero(x *value, n *graph.Node, i int, in []*value, shape []int) *value {
	switch z := n.In(i); {
	case z == nil:
		return x
	case z.Const == nil:
		v := b.aligned(x, b.reshaped(b.wholes(b.settle(in[i])), shape))
		return minus(v[0], v[1])
	case z.Const.Len() == 1:
		return x.plusInteger(-int64(z.Const.Float(0)))
	default:
		v := b.aligned(x, b.constantValue(n.Name+" zero point", floats(n.Name, z.Const), shape, x.unit, x, false))
		return minus(v[0], v[1])
	}
}

// lowerDynamicQuantize is DynamicQuantizeLinear: the scale is an affine form of the largest and the smallest entry (0 counts),
// the zero point and the entries are divisions by it. A tensor of zeros has no witness.
func lowerDynamicQuantize(b *builder, n *graph.Node, in []*value) []*value {
	x := b.precise(b.shared(in[0]))
	size := circuit.Count(n.Inputs[0].Shape)
	flat := b.precise(b.oneAtom(b.reshaped(x, []int{size}), 0))
	extreme := func(v *value) *value {
		m := b.reduceMax(v, 0)
		m.bound = x.bound
		m = b.relu(b.exactDigits(b.reshaped(m, []int{})))
		return b.settle(m)
	}
	top, bottom := extreme(flat), extreme(flat.times(-1)) // max(x, 0) and max(-x, 0)
	span := b.freeBlock(plus(top, bottom), "span")
	span.bound = 2 * x.bound
	scale := span.scaled(1. / 255)
	// zero = round(255 bottom / span); one unit is 1/255 of a step
	zero := b.quotientInt(bottom.times(255), span, 255)
	q := b.quantiseWith(x, scale, zero, 0, 255)
	return []*value{q, scale, zero}
}

// quantiseBy is QuantizeLinear with a scale, and perhaps a zero point, that are data.
func (b *builder) quantiseBy(n *graph.Node, in []*value, lo, hi float64) *value {
	p := resolved(graph.QuantOf(n))
	parameter := func(i int) *value {
		v := in[i]
		if v == nil {
			v = b.dataOperand(n, i, in)
		}
		return b.reshaped(b.settle(v), p.Shape)
	}
	scale := parameter(1)
	zero := scale.scaled(0)
	zero.unit = 1
	if n.In(2) != nil {
		zero = b.wholes(parameter(2))
	}
	return b.quantiseWith(b.precise(in[0]), scale, zero, lo, hi)
}

// quantiseWith is clamp(round(x / scale) + zero, lo, hi) for scales > 0 and zero points that are data and broadcast to x.
func (b *builder) quantiseWith(x, scale, zero *value, lo, hi float64) *value {
	k := b.quotientInt(x, scale, 4*(hi-lo))
	v := b.aligned(k, zero)
	sum := plus(v[0], v[1])
	sum.bound = 5 * (hi - lo)
	t := signedBits(sum.bound + 1)
	table := b.table(fmt.Sprintf("clamp to %g..%g of %d bits", lo, hi, t), -1<<(t-1), 1<<t, func(in int64) int64 {
		return int64(min(max(float64(in), lo), hi))
	})
	return b.clampOutput(b.clampInput(sum, 0, -1<<(t-1), 1<<t, table), table, &quantiser{lo: lo, hi: hi})
}

// quotientInt is x / y rounded to an integer, for y > 0 and quotients up to a bound.
func (b *builder) quotientInt(x, y *value, bound float64) *value {
	// x/y in units is the ratio of integers times that of units: make it 1 by integer factors
	mx, my, _ := commonUnit(x.unit, y.unit)
	num, den := x.times(mx), y.times(my)
	num.unit, den.unit = 1, 1
	den.lo = max(den.lo, 0)
	num.bound, den.bound = x.bound/x.unit*float64(mx), y.bound/y.unit*float64(my)
	return b.quotientAt(num, den, bound, 1)
}

// lowerMatMulInteger is a matrix product of integers less their zero points: exact.
func lowerMatMulInteger(b *builder, n *graph.Node, in []*value) []*value {
	var weights []float64 // of a constant second operand without a zero point
	if v := n.Inputs[1]; v.Const != nil && n.In(3) == nil {
		weights = floats(n.Name, v.Const)
	}
	side := func(i int) *value {
		v := n.Inputs[i]
		shape := graph.ZeroShape(n, i)
		if v.Const == nil {
			return b.settle(b.minusZero(b.wholes(b.settle(in[i])), n, 2+i, in, shape))
		}
		data := floats(n.Name, v.Const)
		z := n.In(2 + i)
		if z == nil || z.Const == nil {
			x := b.constantValue(v.Name, data, v.Shape, 1, nil, false)
			return b.settle(b.minusZero(x, n, 2+i, in, shape))
		}
		data = slices.Clone(data)
		zero := floats(n.Name, z.Const)
		cols := v.Shape[len(v.Shape)-1]
		for k := range data {
			switch {
			case len(zero) == 1:
				data[k] -= zero[0]
			case i == 0:
				data[k] -= zero[k/cols%len(zero)]
			default:
				data[k] -= zero[k%cols]
			}
		}
		return b.constantValue(v.Name, data, v.Shape, 1, nil, false)
	}
	x, y := side(0), side(1)
	out := b.matmul(x, y)
	rows := float64(n.Inputs[0].Shape[len(n.Inputs[0].Shape)-1])
	out.bound = min(out.bound, rows*x.bound*y.bound)
	if weights != nil && len(n.Inputs[1].Shape) > 1 {
		s := n.Inputs[1].Shape
		cols, block := s[len(s)-1], s[len(s)-1]*s[len(s)-2]
		out.lo, out.hi, _ = dotInterval(quantiseWeights(weights, 1), func(i int) int { return i/block*cols + i%cols }, len(weights)/block*cols, x.lo, x.hi)
	}
	return []*value{out}
}
