package lower

import (
	"fmt"
	"math"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// digits are the blocks of q = sum_i 2^(w i) blocks[i], low digits unsigned, the top digit signed.
type digits struct {
	blocks []int
	top    int // the lookup of the top digit
	bit    int // the block [top digit >= 0], once somebody asked for it; else circuit.None
	relu   int // the block max(q, 0) of a single digit, likewise
}

// requantise returns q = floor((X + 2^(s-1)) / 2^s), for s = 0 X itself, as digits of width w. X is the value's integer.
//
// With k = ceil(s/w) low digits d and n digits e of q (the top one, t, signed), all but t counted from their least value:
//
//	sum_j 2^(w(k+j)) e_j + sum_i 2^(w i) d_i = 2^(wk-s) (X + 2^(s-1))
//
// Determined: the left side is a mixed-radix representation, unique by the digits' ranges. Its low part is below 2^(wk),
// so q is the floor of the right side over 2^(wk); X is an integer, so no further range is needed.
//
// Cost: n + k columns and lookups. An input for which q leaves [-2^(wn-1), 2^(wn-1)) has no witness.
func (b *builder) requantise(v *value, s, n int) *value {
	w := b.o.Width
	name := b.name("requantise")
	rank := len(v.atoms)
	low := b.lowDigits(name, v.atoms, s)
	k := len(low)
	d := &digits{bit: circuit.None, relu: circuit.None}
	top := w
	if w*(k+n) > 62 { // the solver's sums have 62 bits: the top digit gets no more than it needs
		top = min(w, max(2, b.bitsAfter(v, s)-w*(n-1)))
	}
	var lhs []circuit.Term
	q := v.clone()
	q.terms, q.sums, q.inner = nil, nil, nil
	for j := range n {
		table, part := b.lowTable(), " digit"
		if j == n-1 {
			table, part = b.table(fmt.Sprintf("s%d", top), -(1<<(top-1)), 1<<top, nil), " top digit"
		}
		e := b.block(b.nameOf(name+part), v.atoms, circuit.Column)
		d.blocks = append(d.blocks, e)
		d.top = b.lookup(e, circuit.None, table)
		q.terms = append(q.terms, blockTerm(1<<(w*j), e, rank))
		lhs = append(lhs, blockTerm(shiftLeft(1, w*(k+j)), e, rank))
	}
	if n > 1 { // the constant of the digits below the top one
		c := b.lowOffset(n - 1)
		q.terms = addTerm(q.terms, c)
		c.Coef = shiftLeft(c.Coef, w*k)
		lhs = append(lhs, c)
	}
	b.shiftRelation(name, append(lhs, low...), k, s, v)
	q.digits = d
	q.unit = math.Ldexp(v.unit, s)
	q.lo, q.hi = shiftedEnd(v.lo, s), shiftedEnd(v.hi, s)
	limit := math.Ldexp(1, w*(n-1)+top-1)
	q.lo, q.hi = max(q.lo, -limit), min(q.hi, limit-1)
	return q
}

// lowDigits are the k = ceil(s/w) digits of the part that a shift by s drops. With lowOffset(k) their sum is in [0, 2^(wk)).
func (b *builder) lowDigits(name string, dims []int, s int) []circuit.Term {
	w := b.o.Width
	var out []circuit.Term
	for i := range (s + w - 1) / w {
		d := b.block(b.nameOf(name+" remainder"), dims, circuit.Column)
		b.lookup(d, circuit.None, b.lowTable())
		out = append(out, blockTerm(shiftLeft(1, w*i), d, len(dims)))
	}
	return out
}

// lowOffset is what makes a sum of k low digits unsigned: -sum_i 2^(w i) Lo.
func (b *builder) lowOffset(k int) circuit.Term {
	t := circuit.Term{Block: circuit.None}
	for i := range k {
		t.Coef -= mulChecked(shiftLeft(1, b.o.Width*i), b.c.Tables[b.lowTable()].Lo)
	}
	return t
}

// shiftRelation emits lhs = 2^(wk-s) (X + 2^(s-1)), where the k low digits of lhs are made unsigned.
func (b *builder) shiftRelation(name string, lhs []circuit.Term, k, s int, v *value) {
	scale := shiftLeft(1, b.o.Width*k-s)
	x := v
	if s > 0 {
		x = v.plusInteger(shiftLeft(1, s-1))
	}
	if m := max(-x.lo, x.hi) * float64(scale); m > 1<<62 {
		fail("values of %d bits before rescaling by 2^-%d: use smaller scales", v.bits(), s)
	}
	b.relate(name, append(lhs, b.lowOffset(k)), scale, x)
}

// nameOf numbers a full name.
func (b *builder) nameOf(s string) string {
	node := b.node
	b.node = ""
	defer func() { b.node = node }()
	return b.name(s)
}

func shiftLeft(x int64, s int) int64 {
	if s > 61 || s < 0 {
		fail("a shift by %d bits", s)
	}
	return mulChecked(x, 1<<s)
}

// target is the exponent e of the unit that a value of the given honest bound gets: bound < 2^(e + bits - 1).
func target(bound float64, bits int) float64 {
	if bound == 0 {
		return math.Ldexp(1, -bits)
	}
	return math.Ldexp(1, exponent(bound)-bits+1)
}

// exponent is the smallest e with x <= 2^e.
func exponent(x float64) int {
	f, e := math.Frexp(x)
	if f == 0.5 {
		return e - 1
	}
	return e
}

// shiftTo is the smallest s >= 0 with unit * 2^s >= want.
func shiftTo(unit, want float64) int {
	return max(0, exponent(want/unit))
}

// quantised makes v digits of about `bits` bits, or of the global scale if the user set one, and lets v be them.
func (b *builder) quantised(v *value, bits int) *value {
	if v.digits != nil && v.honestBits() <= bits+1 {
		return v
	}
	bits += b.extra()
	if v.tight {
		bits--
	}
	bits -= v.fewer
	want := target(max(v.bound, v.common), bits)
	if g := b.p.Global; g != nil {
		want = math.Ldexp(1, -g.Rebase)
	}
	s := shiftTo(v.unit, want)
	if v.whole && math.Ldexp(v.unit, s) > max(1, v.unit) {
		fail("integers of more than %d bits are not supported here", bits)
	}
	n := b.digitCount(v, s)
	b.rounds(v, s)
	q := b.saturated(b.requantise(v, s, n), v.bound)
	v.become(q)
	return v
}

// digitCount is the number of digits that hold the value after a shift by s: for every honest input, or for every allowed
// one if that takes fewer.
func (b *builder) digitCount(v *value, s int) int {
	w := b.o.Width
	return max(1, (b.bitsAfter(v, s)+w-1)/w)
}

// bitsAfter is the number of bits of the value after a shift by s.
func (b *builder) bitsAfter(v *value, s int) int {
	lo, hi := shiftedEnd(v.lo, s), shiftedEnd(v.hi, s)
	k := signedBits(max(-lo, hi+1))
	if b.complete() {
		from, to := b.shiftedRange(v, s)
		return min(k, signedBits(max(-from, to+1)))
	}
	return min(k, signedBits(math.Ldexp(v.bound/v.unit, -s))) // the power of two itself is not expected
}

// shiftedEnd is floor((x + 2^(s-1)) / 2^s), or x for s = 0.
func shiftedEnd(x float64, s int) float64 {
	if s == 0 {
		return x
	}
	return math.Floor(math.Ldexp(x, -s) + 0.5)
}

// extra is how many bits more, or fewer, than quantBits values between nodes have.
func (b *builder) extra() int {
	if b.p == nil || b.p.Bits == 0 {
		return 0
	}
	return b.p.Bits - quantBits
}

// Widths of integers between nodes.
const (
	quantBits = 16 // a requantised value, with its sign
	maxBits   = 20 // an operand of a product
	freeBits  = 24 // what a free block may hold for every allowed witness
	wholeBits = 60 // what one of a tensor of integers may hold: those are never rounded
)

// settle makes v an affine form over blocks, of at most maxBits bits: as it is if it is one already, in a free block if it
// is narrow, else requantised. Tensors of integers are not rounded: up to wholeBits.
func (b *builder) settle(v *value) *value {
	b.ready(v)
	narrow := v.honestBits() <= maxBits && v.bits() <= freeBits || v.columns
	switch {
	case narrow && len(v.sums) == 0:
	case narrow || v.whole && v.bits() <= wholeBits && len(v.sums) > 0:
		v.become(b.freeBlock(v, "value"))
	case v.whole && v.bits() <= wholeBits:
	default:
		b.quantised(v, quantBits)
	}
	return v
}

const constantOperand = "an input that is constant is not supported in this place"

// viewable makes v narrow and free of products, so that several views of it repeat no work.
func (b *builder) viewable(v *value) *value {
	b.ready(v)
	linear := v.honestBits() <= maxBits && v.bits() <= freeBits
	for i := range v.sums {
		linear = linear && v.sums[i].B == nil
	}
	if !linear {
		b.settle(v)
	}
	return v
}

// ready makes v's terms if it has none yet. A nil v is a constant operand that the operator's lowering has no case for.
func (b *builder) ready(v *value) *value {
	if v == nil {
		fail(constantOperand)
	}
	if v.force != nil {
		f := v.force
		f()
		if v.force != nil {
			panic("lower: internal error: a lazy value stayed lazy")
		}
	}
	return v
}

// shared is v for a consumer that extends it linearly: contractions that several consumers need are settled first, unless they are
// cheap picks of single indices.
func (b *builder) shared(v *value) *value {
	b.ready(v)
	if (v.uses > 1 || len(v.inner) > 24) && len(v.sums) > 0 && !(v.isPick() && v.cheap()) {
		b.settle(v)
	}
	return v
}
