package lower

import (
	"fmt"
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
)

// softmaxRange is how far below the maximum an exponential is still told from 0: exp(-16) is about 2^-23.
const softmaxRange = 16

// clipRange is the reach up to which a table's unit is no coarser than that of scores of 16 bits, which clipping would need.
const clipRange = 8 * softmaxRange

// fraction is a tensor as num / den, den the sum of num over the last axis, which has length 1 in den.
type fraction struct{ num, den *value }

// lowerSoftmax is e / S. A matrix product divides after its sums (quotientOf) where that takes fewer lookups; for every other
// reader R = round(2^k / S), one for each row, and the softmax is the product e * R, left to its consumer.
func lowerSoftmax(b *builder, n *graph.Node, in []*value) []*value {
	x, length := b.scores(n, in[0])
	shape := n.Outputs[0].Shape
	if length == 1 {
		one := x.scaled(0)
		one.unit = 1
		return []*value{b.reshaped(truth(one.plusInteger(1)), shape)}
	}
	_, e, sum := b.exponentials(x, length, b.reachOf(n.Inputs[0]), b.o.coarse)
	y := b.reshaped(e, shape)
	y.digits = nil
	out := &value{name: y.name, atoms: y.atoms, split: y.split}
	if last := len(shape) - 1; shape[last] == length && !b.complete() {
		rows := slices.Clone(shape)
		rows[last] = 1
		out.fraction = &fraction{y, b.reshaped(sum, rows)}
	}
	b.defers(out, func() *value {
		one := sum.clone()
		one.terms = []circuit.Term{{Coef: 1, Block: circuit.None}}
		one.unit, one.lo, one.hi, one.bound = 1, 1, 1, 1
		r := b.divideRow(one, sum, 1, min(18, b.o.TableBits+2))
		p := b.aligned(e, r)
		y := b.product(p[1], p[0], p[0])
		y.unit = e.unit * r.unit
		y.lo, y.hi, y.bound = 0, 1.1/y.unit+e.hi, 1.01 // e R <= 1 + e half a unit of R, and c + 1; 1 itself occurs
		return b.reshaped(y, shape)
	})
	return []*value{out}
}

// divideRow is quotientOf for integers that are no tensor of the network.
func (b *builder) divideRow(x, y *value, bound float64, bits int) *value {
	was, p := b.p, *b.p
	p.Global = nil
	b.p = &p
	defer func() { b.p = was }()
	return b.quotientOf(x, y, bound, bits)
}

// weighted is the product of a softmax and a matrix: (sum_j e_j V_j) / S. It returns nil where dividing first is cheaper: with
// digits of 16 bits an entry of the softmax costs 3 lookups, a quotient 5.
func (b *builder) weighted(n *graph.Node, x, y *value) *value {
	f := x.fraction
	if f == nil || x.force == nil || x.uses > 1 || len(y.split) != len(x.split) {
		return nil
	}
	shape := y.shape()
	if last := len(shape) - 1; last == 0 || 3*shape[last-1] < 5*shape[last] {
		return nil
	}
	u := b.matmul(f.num, b.settle(y))
	u.bound = float64(shape[len(shape)-2]) * y.bound
	bound := expected(y.bound, b.p.Bound(n.Outputs[0].Name))
	if b.complete() {
		bound = b.span(y) * y.unit
	}
	return b.quotientOf(u, f.den, bound, quantBits)
}

// scores brings the axes that a Softmax normalises into one: shape [before, length, behind].
func (b *builder) scores(n *graph.Node, x *value) (*value, int) {
	first, end, err := graph.SoftmaxAxes(n)
	if err != nil {
		fail("%v", err)
	}
	shape := []int{1, 1, 1}
	for i, d := range n.Inputs[0].Shape {
		switch {
		case i < first:
			shape[0] *= d
		case i < end:
			shape[1] *= d
		default:
			shape[2] *= d
		}
	}
	return b.reshaped(b.shared(x), shape), shape[1]
}

// scoreReach is what is known of honest scores: how far they lie below their row's maximum, 0 if it is not known, and, where some
// are masked, what no row's maximum is below.
type scoreReach struct {
	spread float64
	masked bool
	least  float64
}

// reachOf is that of a softmax's input.
func (b *builder) reachOf(v *graph.Value) scoreReach {
	least, masked := b.least[v]
	if masked && !b.whole[v] {
		b.promise(false, "a row may be masked in full")
	}
	return scoreReach{b.spread[v], masked, least}
}

// above makes every honest maximum non-negative, in units.
func (r scoreReach) above(unit float64) int64 { return int64(math.Ceil(-r.least / unit)) }

// exponentials are e = exp(x - M) of rows x, M the largest of each row, up to a factor that all entries of a row share, the
// distances d = x - M (coarse ones, in a small circuit), and the sums of e.
//
//	2^(wk) (d + M) + sum_i 2^(w i) v_i = 2^(wk-s) (X + 2^(s-1)),   pair (d, o) in a table over [1-2^T, 0]
//	o = N g + [d = 0],   g = round(2^p exp(d)),   sum_j o = N S + c + 1,   c in [0, N/2),   N/2 at least the row's length
//
// so c + 1 entries attain the maximum, and S is the sum of g. Determined: M, d and v by rule `maximum` of package determinism
// (the relation o = N g + [input 0] between the table and a fixed block is there for it), o as output of a table, S and c as
// digits. Cost for each entry 1 + k lookups, k = ceil(s/w); for each row the digits of M and S, and c.
//
// Error: half a unit of d, relative to e, and half a unit of g. Scores further than reach below the maximum have no proof;
// where reach exceeds clipRange, they are clipped (clippedScores), which costs about three lookups an entry more.
//
// Where scores are masked, M + m has unsigned digits, m what honest maxima are not below: masked entries, at least 16 below,
// are exactly 0, and a row that is masked in full, whose softmax is NaN, has no proof.
func (b *builder) exponentials(x *value, length int, known scoreReach, coarse bool) (d, e, sum *value) {
	b.ready(x)
	reach := known.spread
	if reach == 0 {
		reach = 2 * x.bound
	}
	reach = max(min(reach, (x.hi-x.lo)*x.unit), x.unit)
	t := b.o.TableBits
	name := b.name("exponential")
	clip := b.complete() || reach > clipRange && reach/x.unit > math.Ldexp(1, t)-1
	var s int
	if clip {
		x = b.clippedScores(x, t, known)
		reach = -x.lo * x.unit
	} else if s = b.scoreShift(x, reach, coarse); s > 0 && !b.shiftFits(x, s) {
		b.quantised(x, quantBits)
		s = b.scoreShift(x, reach, coarse)
	}
	unit := math.Ldexp(x.unit, s)
	t = min(t, max(2, exponent(reach/unit+1)))

	n := 2 * int64(1) << circuit.Log2Ceil(length) // N
	bits := b.sumBits(length)
	var top *value
	if b.digitExponentials(t, unit, bits) {
		d, e, top = b.expDigits(name, x, t, unit, bits)
	} else {
		d, e = b.expTable(name, x, t, unit, bits, n)
	}
	total := sumAxes(e, []int{1})
	if clip { // d is known
		b.relate(name, d.terms, 1, x)
		sum = b.freeBlock(total, "sum")
		sum.lo, sum.hi, sum.bound = e.hi, float64(length)*e.hi, float64(length) // one d is 0
		return d, e, sum
	}
	var m *value
	if count := b.digitCount(x, s); known.masked {
		x = x.plusInteger(shiftLeft(known.above(unit), s))
		m = total.clone()
		m.sums, m.inner = nil, nil
		m.terms = b.unsignedDigits(name+" maximum", m.atoms, count)
		m.lo, m.hi = 0, math.Ldexp(1, b.o.Width*count)-1
	} else {
		m = b.signedDigits(b.nameOf(name+" maximum"), total, count)
	}
	low := b.lowDigits(name, x.atoms, s)
	p := b.aligned(d, m)
	lhs := low
	for _, term := range append(p[0].terms, p[1].terms...) {
		term.Coef = shiftLeft(term.Coef, b.o.Width*len(low))
		lhs = append(lhs, term)
	}
	b.shiftRelation(name, lhs, len(low), s, x)

	if top != nil {
		b.attain(b.nameOf(name+" ties"), d, top, length)
		sum = b.freeBlock(total, "sum")
		sum.lo, sum.hi, sum.bound = e.hi, float64(length)*e.hi, float64(length)
		return d, e, sum
	}
	gUnit := math.Ldexp(1, -bits)
	sum = total.clone()
	sum.sums, sum.inner = nil, nil
	sum.terms = b.unsignedDigits(b.nameOf(name+" sum"), sum.atoms, b.digitsFor(math.Ldexp(float64(length), bits)))
	sum.unit, sum.lo, sum.hi, sum.bound = gUnit, 1, math.Ldexp(float64(length), bits), float64(length)
	c := b.block(b.nameOf(name+" ties"), sum.atoms, circuit.Column)
	b.lookup(c, circuit.None, b.table(fmt.Sprintf("u%d", exponent(float64(n))-1), 0, int(n/2), nil))
	b.relate(b.nameOf(name+" sum"), append(sum.times(n).terms, blockTerm(1, c, len(sum.atoms))), 1, total.plusInteger(-1))
	return d, e, sum
}

// expTable are numbers d in (-2^t, 0] that nothing determines yet, of entries as in x, and e = exp(d) by a table whose output is
// marked modulo n.
func (b *builder) expTable(name string, x *value, t int, unit float64, bits int, n int64) (d, e *value) {
	gUnit, rank := math.Ldexp(1, -bits), len(x.atoms)
	col, out := b.block(name+" input", x.atoms, circuit.Column), b.block(name, x.atoms, circuit.Column)
	lo := 1 - int64(1)<<t
	table := b.markedTable(fmt.Sprintf("exp on %d..0 * %g to %g", lo, unit, gUnit), lo, 1<<t, n, func(in int64) int64 {
		return roundHalfUp(exp(float64(float64(in)*unit)) / gUnit)
	})
	b.lookup(col, out, table)
	d = x.over([]circuit.Term{blockTerm(1, col, rank)}, unit, float64(lo), 0)
	e = x.over([]circuit.Term{blockTerm(1, out, rank)}, gUnit/float64(n), 0, float64(n)/gUnit+1)
	return d, e
}

// sumBits is the precision of exponentials: 2^-20, 2^-16 for short rows; less where two digits of 16 bits then hold their sum
// times N.
func (b *builder) sumBits(length int) int {
	bits := min(16, b.o.TableBits)
	if length > 16 { // sums of small exponentials: their rounding is what limits the accuracy
		bits += 4
		if fits := 30 - 2*circuit.Log2Ceil(length); fits >= 16 {
			bits = min(bits, fits)
		}
	}
	return bits
}

// scoreShift is the least shift after which a table holds distances of up to reach: on units of 2^-12 at 16 bits, or coarser
// where reach needs it; 0 if the table holds them as they are.
func (b *builder) scoreShift(x *value, reach float64, coarse bool) int {
	rows := math.Ldexp(1, b.o.TableBits) - 1
	if len(x.sums) == 0 && reach/x.unit <= rows && !coarse {
		return 0
	}
	return shiftTo(x.unit, max(reach/rows, scoreUnit(b.o.TableBits)))
}

// scoreUnit is the unit of distances whose table reaches softmaxRange.
func scoreUnit(tableBits int) float64 { return math.Ldexp(softmaxRange, -tableBits) }

// shiftFits reports whether requantising by 2^-s stays inside the solver's 62 bits, two bits left for sums. Digits that all come from
// the signed table have an offset of half their span.
func (b *builder) shiftFits(x *value, s int) bool {
	k := (s + b.o.Width - 1) / b.o.Width * b.o.Width
	offset := b.o.Width > 8 && k+b.o.Width*b.digitCount(x, s) > 62
	return !offset && k+b.bitsAfter(x, s) <= 60 && max(-x.lo, x.hi)*math.Ldexp(1, k-s) < 1<<60
}

// markedTable is a function table whose output is N g(in) + [in = 0], over inputs up to 0, with the relation that says so for
// rule `maximum`: F[i] - N G[i] = [i is the last row], G a fixed block.
func (b *builder) markedTable(name string, lo int64, size int, n int64, g func(in int64) int64) int {
	name = fmt.Sprintf("%s, marked %d", name, n)
	if i, ok := b.tables[name]; ok {
		return i
	}
	i := b.table(name, lo, size, func(in int64) int64 {
		if in == 0 {
			return mulChecked(n, g(in)) + 1
		}
		return mulChecked(n, g(in))
	})
	data := make([]int64, size)
	for j := range data {
		data[j] = g(lo + int64(j))
	}
	plain := b.fixed("plain "+name, []int{size}, data)
	k := circuit.Contraction{Inner: []circuit.Letter{1}, A: circuit.Expr{Terms: []circuit.Term{{Coef: 1, Block: circuit.None}}},
		R: []circuit.AxisRelation{{Kind: circuit.Affine, Letters: []circuit.Letter{1, 0}, Params: []int64{int64(size) - 1, 1}}}}
	b.c.Relations = append(b.c.Relations, circuit.Relation{Name: name, Letters: []circuit.Axis{{Name: "i", Len: size}, {Name: "a", Len: 1}},
		Out: []circuit.Letter{0}, LHS: circuit.Expr{Letters: []circuit.Letter{0}, Terms: []circuit.Term{
			blockTerm(1, b.c.Tables[i].Out, 1), blockTerm(-n, plain, 1)}}, Sum: []circuit.Contraction{k}})
	return i
}

// clippedScores is x - M, at least 1 - 2^t, for scores that may lie further below their row's maximum than a table reaches: M by
// a tree of maxima, the difference requantised to a table's unit and clipped by relu where that is needed.
func (b *builder) clippedScores(x *value, t int, known scoreReach) *value {
	x.tight = true // one bit is left for differences
	b.settle(x)
	m := b.settle(b.reduceMax(b.viewable(x), 1))
	if known.masked && !b.complete() { // there, bounds say so
		above := m.plusInteger(known.above(m.unit))
		name := b.name("maximum")
		b.relate(name, b.unsignedDigits(name, m.atoms, b.digitsFor(above.hi)), 1, above)
	}
	p := b.aligned(x, m)
	diff := minus(p[0], p[1])
	diff.hi = 0
	diff.lo = min(diff.lo, x.lo-p[1].hi)
	lowest := int64(1)<<t - 1
	reach := min(2*b.span(x), max(-diff.lo, 1))
	if reach > float64(lowest) {
		if s := shiftTo(diff.unit, scoreUnit(t)); s > 0 {
			bound := diff.bound
			diff = b.requantise(diff, s, b.digitCount(diff, s))
			diff.bound = bound
			reach = math.Ldexp(reach, -s) + 1
		}
	}
	if reach <= float64(lowest) {
		diff.lo = -reach
		return diff
	}
	y := b.relu(b.exactDigits(diff.plusInteger(lowest))).plusInteger(-lowest)
	y.lo, y.hi, y.unit = -float64(lowest), 0, diff.unit
	return y
}

// lowerLogSoftmax is d - log S: S in [1, n] is a table's input.
func lowerLogSoftmax(b *builder, n *graph.Node, in []*value) []*value {
	x, length := b.scores(n, in[0])
	if length == 1 {
		return []*value{b.reshaped(x.scaled(0), n.Outputs[0].Shape)}
	}
	d, _, sum := b.exponentials(x, length, b.reachOf(n.Inputs[0]), false)
	l := b.lazy(sum, "log(%s)", ln, 0, false, nil)
	l.seen = ln(float64(length))
	b.ready(l)
	p := b.aligned(d, l)
	y := minus(p[0], p[1])
	return []*value{b.reshaped(y, n.Outputs[0].Shape)}
}
