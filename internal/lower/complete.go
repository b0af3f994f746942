package lower

import (
	"math"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/quant"
)

// Completeness: which inputs have a proof.
//
// Calibrated circuits hold what calibration saw, with headroom; other inputs may be refused. Two modes refuse none:
//
//   - Guaranteed: bounds follow from the declared ranges of the inputs alone, by interval analysis over the network; every
//     size is made for them. Where an operator is not defined on all of that interval, compilation fails.
//   - Clamp: sizes are those of calibration, and what exceeds them saturates: inputs when they are quantised, requantised
//     tensors at the ends of their digits, inputs of tables at the ends of the table. Saturation is min and max, proven as
//     those are.

func (b *builder) guarantees() bool { return b.p != nil && b.p.Completeness == quant.Guaranteed }
func (b *builder) clamps() bool     { return b.p != nil && b.p.Completeness == quant.Clamp }
func (b *builder) complete() bool   { return b.guarantees() || b.clamps() }

// slack covers, at each node, what rounding adds to the bound that its operands' bounds give.
const slack = 1.0 / (1 << 12)

// span is the largest |integer| that sizes must hold.
func (b *builder) span(v *value) float64 {
	static := max(-v.lo, v.hi)
	switch {
	case b.clamps():
		return static
	case b.guarantees():
		return min(static, v.bound/v.unit*(1+slack)+1)
	}
	return v.bound / v.unit
}

// reached is a bound on integers that digits must hold: where no input is refused, it may be reached, with either sign.
func (b *builder) reached(m float64) float64 {
	if b.complete() {
		return m + 1
	}
	return m
}

// reach is the largest |real| that a table of a function of v is made for.
func (b *builder) reach(v *value) float64 {
	if b.guarantees() {
		return b.span(v) * v.unit
	}
	return v.bound
}

// shiftedRange is the interval of v's integer after a shift by s, for all inputs that must have a proof.
func (b *builder) shiftedRange(v *value, s int) (lo, hi float64) {
	lo, hi = shiftedEnd(v.lo, s), shiftedEnd(v.hi, s)
	if !b.clamps() {
		m := math.Ldexp(b.span(v), -s) + 1
		lo, hi = max(lo, -m), min(hi, m)
	}
	return lo, hi
}

// covered reports whether a table of [lo, lo+size) takes a root without clamping. It fails where that is promised and
// not so.
func (b *builder) covered(u *scalar, r *value, s int, lo int64, size int) bool {
	from, to := b.shiftedRange(r, s)
	if from >= float64(lo) && to < float64(lo)+float64(size) {
		return true
	}
	if b.guarantees() {
		unit := math.Ldexp(r.unit, s)
		fail("no guarantee: inputs in the declared range may lead to values from %.4g to %.4g, and %s can be proven from %.4g to %.4g",
			from*unit, to*unit, u.key, float64(lo)*unit, (float64(lo)+float64(size)-1)*unit)
	}
	return !b.clamps()
}

// promise fails in the modes that refuse no input, where a gadget is partial: what says for which inputs.
func (b *builder) promise(kept bool, what string) {
	switch {
	case kept || !b.complete():
	case b.guarantees():
		fail("no guarantee: %s", what)
	default:
		fail("clamping does not help: %s", what)
	}
}

// clamped is min(max(v, lo), hi) of integers: lo + relu(v - lo), then hi - relu(hi - that). A side that no witness exceeds
// costs nothing.
//
// Determined: as relu. Cost: the digits of v - lo and of hi - v, and their signs.
func (b *builder) clamped(v *value, lo, hi int64) *value {
	out := v
	keep := func(y *value) *value {
		y.unit, y.bound = v.unit, min(v.bound, max(math.Abs(float64(lo)), math.Abs(float64(hi)))*v.unit)
		return y
	}
	if out.lo < float64(lo) {
		out = keep(b.relu(b.exactDigits(out.plusInteger(-lo))).plusInteger(lo))
		out.lo, out.hi = float64(lo), max(v.hi, float64(lo))
	}
	if out.hi > float64(hi) {
		low := out.lo
		out = keep(b.relu(b.exactDigits(out.times(-1).plusInteger(hi))).times(-1).plusInteger(hi))
		out.lo, out.hi = low, float64(hi)
	}
	return out
}

// saturated clamps a requantised value at what the digits of its honest bound hold. It is q itself in other modes.
func (b *builder) saturated(q *value, bound float64) *value {
	if !b.clamps() {
		return q
	}
	w := b.o.Width
	k := (signedBits(bound/q.unit) + w - 1) / w * w
	if k > 62 {
		return q
	}
	limit := int64(1) << (k - 1)
	out := b.clamped(q, -limit, limit-1)
	out.bound = bound
	return out
}

// index is an index into n entries that no input exceeds, if that is promised: clamped to the first or last one.
func (b *builder) index(x *value, n int) *value {
	if b.clamps() {
		return b.settle(b.clamped(x, 0, int64(n-1)))
	}
	b.promise(x.lo >= 0 && x.hi < float64(n), "an index may be outside of its axis (a public input of a declared range has no other values)")
	return x
}

// clampedInput is the column of a table's input, clamped to [lo, lo+size).
func (b *builder) clampedInput(name string, col int, r *value, s int, lo int64, size int) {
	x := r
	if s > 0 {
		x = b.requantise(r, s, b.digitCount(r, s))
	}
	x = b.clamped(x, lo, lo+int64(size)-1)
	b.relate(name, []circuit.Term{blockTerm(1, col, len(r.atoms))}, 1, x)
}
