package lower

import (
	"math"
	"math/bits"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// mulChecked is a product of coefficients inside the circuit's bound.
func mulChecked(a, b int64) int64 {
	hi, lo := bits.Mul64(uint64(abs64(a)), uint64(abs64(b)))
	if hi != 0 || lo > circuit.MaxInterval {
		fail("the integers of this node exceed 62 bits: use smaller scales")
	}
	return a * b
}

func abs64(a int64) int64 {
	if a < 0 {
		return -a
	}
	return a
}

// times is m * v in integers: the real value is m times as large.
func (v *value) times(m int64) *value {
	out := v.clone()
	for i := range out.terms {
		out.terms[i].Coef = mulChecked(out.terms[i].Coef, m)
	}
	for i := range out.sums {
		for j := range out.sums[i].A.Terms {
			t := &out.sums[i].A.Terms[j]
			t.Coef = mulChecked(t.Coef, m)
		}
	}
	f := float64(m)
	out.lo, out.hi = min(f*v.lo, f*v.hi), max(f*v.lo, f*v.hi)
	out.bound = math.Abs(f) * v.bound
	return out
}

// finer is the same real value on a unit m times as small.
func (v *value) finer(m int64) *value {
	out := v.times(m)
	out.unit, out.bound = v.unit/float64(m), v.bound
	return out
}

// scaled is the real value times c: the factor goes into the unit, its sign into the integers.
func (v *value) scaled(c float64) *value {
	if c == 0 {
		out := v.clone()
		out.terms, out.sums, out.inner = nil, nil, nil
		out.lo, out.hi, out.bound = 0, 0, 0
		return out
	}
	out := v
	if c < 0 {
		out = v.times(-1)
	} else {
		out = v.clone()
	}
	out.unit = v.unit * math.Abs(c)
	out.bound = v.bound * math.Abs(c)
	return out
}

// plusInteger adds a public constant to every entry.
func (v *value) plusInteger(c int64) *value {
	if c == 0 {
		return v
	}
	out := v.clone()
	out.terms = addTerm(out.terms, circuit.Term{Coef: c, Block: circuit.None})
	out.lo += float64(c)
	out.hi += float64(c)
	out.bound += float64(math.Abs(float64(c)) * v.unit)
	return out
}

// addTerm joins terms over the same block and axes.
func addTerm(terms []circuit.Term, t circuit.Term) []circuit.Term {
	for i := range terms {
		if terms[i].Block == t.Block && string(terms[i].Axes) == string(t.Axes) {
			terms[i].Coef += t.Coef
			if abs64(terms[i].Coef) > circuit.MaxInterval {
				fail("the integers of this node exceed 62 bits: use smaller scales")
			}
			if terms[i].Coef == 0 {
				return append(terms[:i], terms[i+1:]...)
			}
			return terms
		}
	}
	if t.Coef == 0 {
		return terms
	}
	return append(terms, t)
}

// alignBits is the precision of a ratio of units that is no integer: the smaller value's unit is off by 2^-17 at most.
const alignBits = 16

// commonUnit is a unit and two multipliers that express both units on it: exactly if one is a multiple of the other.
func commonUnit(u, w float64) (mu, mw int64, unit float64) {
	if u < w {
		mw, mu, unit = commonUnit(w, u)
		return mu, mw, unit
	}
	r := u / w
	if n := math.Round(r); n < 1<<40 && math.Abs(r-n) <= 1e-12*r {
		return int64(n), 1, w
	}
	if r > 1<<20 {
		return int64(math.Round(r)), 1, w
	}
	return int64(math.Round(math.Ldexp(r, alignBits))), 1 << alignBits, math.Ldexp(w, -alignBits)
}

// plus is the sum of two values of equal layout, on the finer of the two units.
func plus(a, b *value) *value {
	if a.unit != b.unit {
		ma, mb, unit := commonUnit(a.unit, b.unit)
		bound := a.bound + b.bound
		a, b = a.times(ma), b.times(mb)
		a.unit, b.unit = unit, unit
		out := plus(a, b)
		out.bound = bound
		return out
	}
	out := a.clone()
	for _, t := range b.terms {
		out.terms = addTerm(out.terms, cloneTerm(t))
	}
	n := len(a.atoms)
	letters := make([]circuit.Letter, n+len(b.inner))
	for i := range letters {
		letters[i] = circuit.Letter(i)
		if i >= n {
			letters[i] += circuit.Letter(len(a.inner))
		}
	}
	for i := range b.sums {
		out.sums = append(out.sums, mapContraction(b.sums[i], letters))
	}
	out.inner = append(out.inner, b.inner...)
	out.lo, out.hi = a.lo+b.lo, a.hi+b.hi
	out.bound = a.bound + b.bound
	return out
}

// minus is a - b.
func minus(a, b *value) *value {
	out := plus(a, b.times(-1))
	out.bound = a.bound + b.bound
	return out
}
