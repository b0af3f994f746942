package lower

import (
	"fmt"
	"math"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// scalar says that a value is a function of one other value, entry by entry. Chains of such functions become one table:
// the value is lazy until somebody needs its integers.
type scalar struct {
	root    *value
	f       func(float64) float64
	key     string  // names f; equal keys are equal functions
	linear  bool    // force makes an affine form, no table
	half    float64 // canonical interval of the root is at least [-half, half)
	exact   bool    // f needs the root's integers as they are: no rounding
	integer bool    // f gives integers: on unit 1
	wide    int     // bits of the output beyond the usual
	free    bool    // made without a table: a sum of such functions is better made term by term
	sat     float64 // f is constant, to a table's precision, below -sat and from sat on; 0 if it is not
}

// scalarOf is v as a function of its root: the identity of itself unless it is lazy or linear.
func scalarOf(v *value) *scalar {
	if v == nil {
		fail(constantOperand)
	}
	if v.uni != nil && (v.force != nil || v.uni.linear) {
		return v.uni
	}
	return identity(v)
}

// identity is v as a function of itself.
func identity(v *value) *scalar {
	return &scalar{root: v, f: func(x float64) float64 { return x }, key: "x", linear: true, free: true}
}

// lazy is the value f(v), made when needed: by a table, or by force if that is given (linear functions, relu).
func (b *builder) lazy(v *value, key string, f func(float64) float64, half float64, linear bool, force func() *value) *value {
	s := scalarOf(v)
	if len(s.key) > maxName {
		s = identity(b.ready(v))
	}
	g := s.f
	u := &scalar{root: s.root, key: fmt.Sprintf(key, s.key), linear: linear && s.linear, exact: s.exact, free: force != nil && s.free,
		f: func(x float64) float64 { return f(g(x)) }}
	if s.key == "x" {
		u.half = half
	}
	out := &value{name: v.name, atoms: v.atoms, split: v.split, uni: u}
	b.defers(out, force)
	return out
}

// defers makes a lazy value's force: in the current node's name, by force or by a table.
func (b *builder) defers(out *value, force func() *value) {
	node, source, result := b.node, b.source, b.result
	out.force = func() {
		outer, outerSource, outerResult := b.node, b.source, b.result
		b.node, b.source, b.result = node, source, result
		defer func() { b.node, b.source, b.result = outer, outerSource, outerResult }()
		if force == nil {
			b.tabulate(out)
			return
		}
		w := force()
		out.become(w)
		out.bound = expected(w.bound, out.seen)
		out.common = b.o.joint.of(jointBound, out.name, out.bound)
	}
}

// lazyPair is f of two functions of one root, both lazy or linear: a function of that root again, made when needed by a
// table, or by force if that is given. Nil if they have no common root, or are long already.
func (b *builder) lazyPair(x, y *value, key string, f func(x, y float64) float64, force func() *value) *value {
	sx, sy := scalarOf(x), scalarOf(y)
	if len(sx.key)+len(sy.key) > maxName {
		return nil
	}
	if sx.root != sy.root || sx.linear && sy.linear || !equalLayout(x, y) || !equalLayout(x, sx.root) {
		return nil
	}
	root := sx.root
	u := &scalar{root: root, key: fmt.Sprintf(key, sx.key, sy.key), exact: sx.exact || sy.exact, free: force != nil,
		f: func(t float64) float64 { return f(sx.f(t), sy.f(t)) }}
	out := &value{name: x.name, atoms: root.atoms, split: root.split, uni: u}
	b.defers(out, force)
	return out
}

// tabulate makes y = f(root) by one pair lookup (q, y) in the table of f, q = floor((X + 2^(s-1)) / 2^s), X the root's
// integer:
//
//	2^(wk) q + sum_i 2^(w i) d_i = 2^(wk-s) (X + 2^(s-1)),   k = ceil(s/w)
//
// Determined: q and d by the mixed-radix representation, since q's table bounds it; y is the output of a function table.
// Cost: 2 + k columns, 1 + k lookups. An input outside the table's interval has no witness.
//
// The interval is [-2^e, 2^e) of the root, 2^e above its honest bound and the function's canonical interval; or [0, 2^e),
// or without 0, where f is not defined elsewhere. A table has at most 2^TableBits rows.
func (b *builder) tabulate(out *value) {
	u := out.uni
	r := b.ready(u.root)
	low, positive := domain(u)
	half := b.halfInterval(u, r, positive)
	if r.common > 0 {
		half = b.o.joint.of(jointHalf+u.key, r.name, half)
	}
	half = max(half, r.unit) // a root that is always 0 may have any bound
	if math.IsInf(half, 0) {
		fail("values of any size in a function's argument")
	}
	if u.sat > 0 && !u.exact && half > u.sat && b.saturate(out, r) {
		return
	}
	b.calls(u.key, 1<<b.o.TableBits)
	most := b.tableBits(u, half, positive)
	t, unit := most, tableUnit(half, most, positive)
	s := 0
	if r.unit < unit {
		s = shiftTo(r.unit, unit)
	}
	if s > 0 && u.exact {
		fail("integers of more than %d bits are not supported yet", t)
	}
	unit = math.Ldexp(r.unit, s)
	if rows := half / unit; s == 0 { // an exact root: no more rows than it has values
		t = 1
		for ; t < most && (positive && math.Ldexp(1, t) <= rows || !positive && math.Ldexp(1, t-1) < rows); t++ {
		}
	}
	lo := -int64(1) << (t - 1)
	if positive {
		lo = low
	}
	size := 1 << t
	limit := math.Ldexp(out.seen, 13)
	if out.seen == 0 {
		limit = 1 << 40
	}
	lo, size = within(u, lo, size, unit, limit)

	// the output's unit, from the largest value of honest inputs
	largest := b.largestOf(u, lo, size, unit)
	out.bound = largest
	if out.seen > 0 {
		out.bound = min(largest, out.seen)
	}
	outUnit := target(out.bound, quantBits+1+b.extra()+u.wide)
	if b.o.coarse && u.half > 0 {
		outUnit = target(largest, quantBits+1)
	}
	if g := b.p.Global; g != nil && u.wide == 0 {
		outUnit = math.Ldexp(1, -g.Rebase)
	}
	if out.seen == 0 || largest <= out.seen {
		out.bound = attained(largest)
	}
	if u.integer {
		outUnit = 1
	} else {
		outUnit = b.sampledUnit(fmt.Sprintf("%s on %d+%d * %g", u.key, lo, size, unit), outUnit)
	}
	table := b.functionTable(u, lo, size, unit, outUnit)
	b.rounds(r, s)
	q := b.tableInput(r, s, lo, size, table, b.covered(u, r, s, lo, size))
	y := b.block(b.name("output"), out.atoms, circuit.Column)
	at := q.digits.top
	b.lookups[at] = circuit.Lookup{In: b.lookups[at].In, Out: y, Table: table}
	w := out.clone()
	w.terms = []circuit.Term{blockTerm(1, y, len(out.atoms))}
	w.unit = outUnit
	vals := b.key[b.c.Tables[table].Out]
	w.lo, w.hi = math.Inf(1), math.Inf(-1)
	for _, x := range vals {
		w.lo, w.hi = min(w.lo, float64(x)), max(w.hi, float64(x))
	}
	q.digits = nil
	if len(r.sums) > 0 || r.honestBits() > maxBits {
		r.become(q)
	}
	out.become(w)
}

// largestOf is the largest |f| at the rows of a table. Steps of an unrolled network ask again and again.
func (b *builder) largestOf(u *scalar, lo int64, size int, unit float64) float64 {
	key := fmt.Sprintf("%s on %d+%d * %g", u.key, lo, size, unit)
	if m, ok := b.peaks[key]; ok {
		return m
	}
	m := 0.0
	for i := range size {
		x := float64(lo+int64(i)) * unit
		y := u.f(x)
		if math.IsNaN(y) || math.IsInf(y, 0) {
			fail("the function is not defined at %g, which the calibrated interval allows", x)
		}
		m = max(m, math.Abs(y))
	}
	b.peaks[key] = m
	return m
}

// halfInterval is 2^e: the root's honest bound and the function's canonical interval, as far as the root's integers go. A
// root that is shifted anyway takes the interval of an earlier table of the function if that is twice as long, and in a small
// circuit always the canonical one, so that layers and steps of a recurrent network share tables.
func (b *builder) halfInterval(u *scalar, r *value, positive bool) float64 {
	pow2 := func(x float64) float64 { return math.Ldexp(1, exponent(x)) }
	digits := func(half float64) int {
		return (shiftTo(r.unit, tableUnit(half, b.o.TableBits, positive)) + b.o.Width - 1) / b.o.Width
	}
	reach := max(b.reach(r), u.half)
	allowed := max(-r.lo, r.hi+1)
	if allowed <= math.Ldexp(1, min(smallRoot, b.o.TableBits-2)) { // truth values and labels, which may all have been 0 in calibration
		return pow2(allowed * r.unit)
	}
	top := reach
	if limit := allowed * r.unit; limit < reach { // met, say by a constant, and rounded on the table's unit
		top = limit
		if unit := tableUnit(pow2(limit), b.o.TableBits, positive); unit > r.unit {
			top = min(reach, limit+unit/2)
		}
	}
	half := pow2(top)
	if b.guarantees() && b.roundsOut(r, half, positive) {
		half *= 2
	}
	if wide := pow2(reach); b.o.coarse && u.half > 0 && allowed > math.Ldexp(1, b.o.TableBits-2) {
		return wide
	}
	if was := b.halves[u.key]; was == 2*half && digits(half) > 0 && digits(was) == digits(half) {
		return was
	}
	b.halves[u.key] = half
	return half
}

// roundsOut reports whether a root inside [-half, half) may be rounded to half, which a table does not have.
func (b *builder) roundsOut(r *value, half float64, positive bool) bool {
	unit := tableUnit(half, b.o.TableBits, positive)
	if r.unit >= unit {
		return false
	}
	s := shiftTo(r.unit, unit)
	_, to := b.shiftedRange(r, s)
	return to >= half/math.Ldexp(r.unit, s)
}

// smallRoot is log2 of how many integers either side of 0 a table covers all that its root may be, whatever was seen.
const smallRoot = 8

// smallStep is how much of its largest value a function may change between two rows of a table that is half as long as it
// might be.
const smallStep = 1.0 / (1 << 12)

// tableUnit is the unit of 2^t rows over [-half, half), or over [0, half).
func tableUnit(half float64, t int, positive bool) float64 {
	if positive {
		return math.Ldexp(half, -t)
	}
	return math.Ldexp(half, 1-t)
}

// tableBits is the number of bits of a table's input: TableBits, or one less in a small circuit, whose row length is that of
// its tables, if the function's steps are small enough then.
func (b *builder) tableBits(u *scalar, half float64, positive bool) int {
	t := b.o.TableBits
	if !b.o.coarse || u.exact || u.integer {
		return t
	}
	unit := tableUnit(half, t-1, positive)
	last, largest, step := math.NaN(), 0.0, 0.0
	x := -half
	if positive {
		x = unit
	}
	for ; x < half; x += unit {
		y := u.f(x)
		if !math.IsNaN(last) {
			step = max(step, math.Abs(y-last))
		}
		last, largest = y, max(largest, math.Abs(y))
	}
	if math.IsInf(largest, 0) || !(step <= smallStep*largest) {
		return t
	}
	return t - 1
}

// within moves or shortens the interval [lo, lo+size) where |f| exceeds a limit towards an end: exp grows beyond all
// integers long before its argument leaves the calibrated interval.
func within(u *scalar, lo int64, size int, unit, limit float64) (int64, int) {
	ok := func(i int64) bool { return math.Abs(u.f(float64(float64(i)*unit))) <= limit }
	n := int64(size)
	from, to := lo, lo+n-1
	for to > from && !ok(to) {
		to--
	}
	for from < to && !ok(from) {
		from++
	}
	top, bottom := to < lo+n-1, from > lo
	switch {
	case top == bottom:
	case top && lo < 0: // as many rows more below
		for from > to-n+1 && ok(from-1) {
			from--
		}
	case bottom:
		for to < from+n-1 && ok(to+1) {
			to++
		}
	}
	for int64(size) > to-from+1 {
		size /= 2
	}
	return min(max(int64(-size/2), from), to-int64(size)+1), size
}

// sampledUnit is the output unit of a function's table: that of an earlier table of the same function over the same inputs, if
// it is at most two bits finer or one bit coarser, so that layers share it.
func (b *builder) sampledUnit(key string, unit float64) float64 {
	if u, ok := b.sampled[key]; ok && u <= 2*unit && 4*u >= unit {
		return u
	}
	b.sampled[key] = unit
	return unit
}

// functionTable samples f at the integers lo, lo+1, .. on a unit.
func (b *builder) functionTable(u *scalar, lo int64, size int, unit, outUnit float64) int {
	name := fmt.Sprintf("%s on %d..%d * %g to %g", u.key, lo, lo+int64(size)-1, unit, outUnit)
	if len(name) > 200 {
		name = name[:200] + fmt.Sprint(len(b.tables))
	}
	return b.table(name, lo, size, func(in int64) int64 { return roundHalfUp(u.f(float64(float64(in)*unit)) / outUnit) })
}

// tableInput is the quotient column of tabulate; its lookup, digits.top, has no output yet. A root that the table does not
// cover is clamped.
func (b *builder) tableInput(r *value, s int, lo int64, size, table int, covered bool) *value {
	name := b.name("input")
	col := b.block(name, r.atoms, circuit.Column)
	q := r.clone()
	q.terms, q.sums, q.inner = []circuit.Term{blockTerm(1, col, len(r.atoms))}, nil, nil
	q.unit = math.Ldexp(r.unit, s)
	q.lo, q.hi = float64(lo), float64(lo+int64(size)-1)
	q.digits = &digits{top: b.lookup(col, circuit.None, table), bit: circuit.None, relu: circuit.None}
	if !covered {
		b.clampedInput(name, col, r, s, lo, size)
		return q
	}
	low := b.lowDigits(name, r.atoms, s)
	lhs := append([]circuit.Term{blockTerm(shiftLeft(1, b.o.Width*len(low)), col, len(r.atoms))}, low...)
	b.shiftRelation(name, lhs, len(low), s, r)
	return q
}

// expected is the honest bound of a value: that of calibration, but not below 1/64 of what the bounds of its operands allow
// (a layer that is zero on the whole sample must not collapse), and not above it.
func expected(computed, seen float64) float64 {
	if seen == 0 {
		return computed
	}
	if seen < computed {
		return max(seen, computed/64)
	}
	return computed
}

// attained is a bound that occurs: just above it, so that sizes hold the power of two, too.
func attained(bound float64) float64 { return math.Nextafter(bound, math.Inf(1)) }

// honest is expected with headroom for rounding where the sample comes near what the operands allow: that bound may be met, say
// by a constant that was joined with smaller values, while calibration's has a margin.
func honest(computed, seen float64) float64 {
	if seen > computed {
		return computed * (1 + 1./128)
	}
	return expected(computed, seen)
}

// domain says from which integer on a one-sided function is defined: 0, or 1 if it is infinite at 0.
func domain(u *scalar) (low int64, positive bool) {
	bad := func(x float64) bool {
		y := u.f(x)
		return math.IsNaN(y) || math.IsInf(y, 0)
	}
	if !bad(0) && !bad(-1e-6) && !bad(-1e-2) {
		return 0, false
	}
	if bad(0) {
		return 1, true
	}
	return 0, true
}
