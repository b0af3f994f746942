package lower

import (
	"math"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// squareRoot is sqrt(X + 1), X >= 0 the integer of a sum of squares: with X + 1 = N / g^2 (normalise.go), the table of the
// square root of N's leading bits times h = 2^(B/2) / g, which divides exactly (rule `quotient`). The error is 2^-16 of the
// root, and at 0 one unit of what was squared, or 2^-15 of the largest root. For each row about 20 lookups. Of integers it is
// sqrt(X), and exact at 0: with z = [X = 0], sqrt(X + z) (1 - z); so many lookups more as X has digits.
func (b *builder) squareRoot(x *value, bound float64) *value {
	var some *value // 1 - z
	if x.unit >= 1 {
		seen, lo, hi := x.bound, x.lo, x.hi
		less := b.exactDigits(x.plusInteger(-1))
		some = b.signOf(less)
		x = plus(less.plusInteger(2), some.onUnit(x.unit).times(-1))
		x.lo, x.hi, x.bound = max(lo, 1), max(hi, 1), seen
	} else {
		if s := 2*b.o.TableBits - 2 - x.honestBits(); s > 0 {
			x = x.finer(1 << s)
		}
		x = x.plusInteger(1)
		x.lo = max(x.lo, 1)
	}
	r := b.normalise(x, min(x.hi, 4*x.bound/x.unit))
	root := r.function(b, "sqrt", math.Sqrt, 1, 17)
	h, _ := b.euclid(b.integer(r.g, 1<<(r.top/2)), r.g)
	y := b.product(root, h, root)
	if some != nil {
		y.lo, y.hi = 0, root.hi*math.Ldexp(1, r.top/2)
		y = b.product(b.freeBlock(y, "root"), some, root)
	}
	y.unit = root.unit * math.Sqrt(x.unit)
	limit := math.Ldexp(1, r.top/2)
	y.lo, y.hi = 0, root.hi*limit
	y.bound = math.Sqrt(x.bound) * 1.01
	if bound > 0 {
		y.bound = min(y.bound, bound)
	}
	return y
}

var plainSqrt = function("sqrt", 0, 0, math.Sqrt)

// Up to rootEntries square roots are made from all bits of integers of up to rootedBits: distances are small differences of large
// sums, and the root is steep near 0.
const (
	rootEntries = 128
	rootedBits  = 44
)

// lowerSqrt is a table, or, for few entries of more bits than a table takes, rootOf.
func lowerSqrt(b *builder, n *graph.Node, in []*value) []*value {
	x := in[0]
	if x.force != nil && (x.uni == nil || !x.uni.linear) || circuit.Count(n.Outputs[0].Shape) > rootEntries || b.complete() || b.p.Global != nil {
		return plainSqrt(b, n, in)
	}
	b.ready(x)
	if x.honestBits() <= b.o.TableBits || x.honestBits() > rootedBits || x.bits() > wholeBits {
		return plainSqrt(b, n, in)
	}
	return []*value{b.rootOf(x, b.p.Bound(n.Outputs[0].Name))}
}

// rootOf is squareRoot of max(X, 0). As by a table, X below 0 by more than one of the units that a table would have is refused:
// X + that unit is a sum of unsigned digits.
//
// Determined: unsigned digits of a determined sum, and as in relu and normalise. Cost: the digits of X twice, and squareRoot's.
func (b *builder) rootOf(x *value, seen float64) *value {
	b.settleWide(x)
	if x.lo < 0 {
		low := max(1, math.Floor(tableUnit(math.Ldexp(1, exponent(x.bound)), b.o.TableBits, true)/x.unit))
		name := b.name("root of")
		b.relate(name, b.unsignedDigits(name, x.atoms, b.digitsFor(min(x.hi, x.bound/x.unit)+low)), 1, x.plusInteger(int64(low)))
		bound := x.bound
		x = b.settleWide(b.relu(b.exactDigits(x)))
		x.lo, x.bound = 0, bound
	}
	return b.squareRoot(x, seen)
}

// lowerReduceL2 is the square root of a sum of squares.
func lowerReduceL2(b *builder, n *graph.Node, in []*value) []*value {
	return []*value{b.squareRoot(lowerReduceSumSquare(b, n, in)[0], b.p.Bound(n.Outputs[0].Name))}
}

// powered is |x|^p, of which a window holds up to n entries; from p = 3 on by a table, with so many bits of the largest that
// a sum of n, its root's digits included, has 62.
func (b *builder) powered(x *value, p, n int) *value {
	switch p {
	case 1:
		return b.absolute(x)
	case 2:
		return b.square(b.settle(x))
	}
	f := func(v float64) float64 { return pow(math.Abs(v), float64(p)) }
	y := b.lazy(x, "|%s|^"+number(float64(p)), f, 0, false, nil)
	y.uni.wide = max(0, 62-b.o.Width-p-circuit.Log2Ceil(n)-quantBits-1)
	if y.seen = f(b.ready(scalarOf(x).root).bound); scalarOf(x).key != "x" {
		y.seen = 0
	}
	b.ready(y)
	y.lo = max(y.lo, 0)
	return y
}

// rooted is s^(1/p) of a sum s of powers.
func (b *builder) rooted(n *graph.Node, s *value, p int) *value {
	switch p {
	case 1:
		return s
	case 2:
		return b.squareRoot(s, b.p.Bound(n.Outputs[0].Name))
	}
	return b.wideFunction(s, "%s^1/"+number(float64(p)), func(v float64) float64 {
		if v < 0 {
			return math.NaN()
		}
		return pow(v, 1/float64(p))
	}, b.p.Bound(n.Outputs[0].Name))
}

// pieceBits is the ratio of the units of two neighbouring pieces of wideFunction.
const pieceBits = 8

// wideFunction is f(X) for X >= 0 of more bits than a table has, f(0) = 0 and f steep near 0: tables of ever finer units, each
// for the entries that the coarser one leaves. With R_0 = X, and T_i the length of piece i+1:
//
//	c_i = [R_i >= T_i],   H_i = c_i R_i,   R_i+1 = R_i - H_i,   y = sum f(H_i)
//
// Determined: the signs as in nonNegative, H_i stands alone, tables. Cost: for each piece the digits of R_i and a table.
func (b *builder) wideFunction(x *value, key string, f func(float64) float64, seen float64) *value {
	rest := b.settleWide(x)
	rest.lo = max(rest.lo, 0)
	top := math.Ldexp(1, exponent(x.bound))
	var out *value
	for {
		part := rest
		next := math.Ldexp(top, -pieceBits)
		last := top/x.unit <= math.Ldexp(1, b.o.TableBits)
		if !last {
			c := b.nonNegative(rest.plusInteger(-int64(next / x.unit)))
			part = b.freeBlock(b.multiply(c, rest), "piece")
			part.lo, part.hi = 0, rest.hi
		}
		rounded := part.clone() // its table rounds it
		rounded.bound = top
		y := b.lazy(rounded, key, f, 0, false, nil)
		y.seen = seen
		b.settle(y)
		if out == nil {
			out = y
		} else {
			out = plus(out, y)
		}
		if last {
			break
		}
		rest = minus(rest, part)
		rest.lo, rest.hi, rest.bound = 0, next/x.unit, next
		top = next
	}
	out.bound = f(x.bound)
	if seen > 0 {
		out.bound = min(out.bound, seen)
	}
	return out
}

// lowerLpPool is the p-th root of the sum of |x|^p over windows.
func lowerLpPool(b *builder, n *graph.Node, in []*value) []*value {
	w := poolOf(n)
	v := b.powered(in[0], w.P, tensor.Size(w.Kernel))
	for i, k := range w.Kernel {
		v = b.windowAxis(v, 2+i, n.Outputs[0].Shape[2+i], k, w.Strides[i], w.Dilations[i], w.PadBegin[i])
	}
	v.lo = 0
	return []*value{b.rooted(n, v, w.P)}
}

// lowerGlobalLpPool is that over all spatial axes.
func lowerGlobalLpPool(b *builder, n *graph.Node, in []*value) []*value {
	p := poolOf(n).P
	shape := n.Inputs[0].Shape
	v := sumAxes(b.powered(in[0], p, tensor.Size(shape[2:])), sequence(2, len(shape)-2))
	v.lo = 0
	return []*value{b.rooted(n, v, p)}
}

// lowerLpNormalization is x over the p-norm of its row, p = 1 or 2; a row of zeros stays one.
func lowerLpNormalization(b *builder, n *graph.Node, in []*value) []*value {
	axis := resolved(graph.NormAxis(n))
	x := b.settle(b.shared(in[0]))
	if n.Attrs.Int("p", 2) == 1 {
		s := b.settleWide(sumAxes(b.absolute(x), []int{axis}))
		s.lo = 0
		some := plus(s, b.isZero(s).onUnit(s.unit))
		p := b.aligned(x, some)
		p[1].lo = 1
		return []*value{b.quotientAt(p[0], p[1], 1, math.Ldexp(1, -quantBits))}
	}
	s := sumAxes(b.square(x), []int{axis})
	s.lo = 0
	s = s.plusInteger(1)
	r := b.rsqrt(s, min(s.hi, 4*s.bound/s.unit), 1/math.Sqrt(s.unit))
	r.bound = 1.01 / math.Sqrt(s.unit)
	b.quantised(r, normBits)
	p := b.aligned(x, r)
	y := b.product(p[1], p[0], p[0])
	y.unit, y.bound = x.unit*r.unit, 1.01
	limit := math.Ceil(1.01 / y.unit)
	y.lo, y.hi = -limit, limit
	if y.bits() > 62 {
		fail("a product of %d bits: use smaller scales", y.bits())
	}
	return []*value{y}
}

// normBits is the width of 1/norm: its largest value is that of the smallest integer, which rows hardly reach.
const normBits = 34

// onUnit is a bit as the integer 0 or 1 on a unit.
func (v *value) onUnit(unit float64) *value {
	out := v.clone()
	out.unit, out.bound = unit, unit
	return out
}

// lowerLRN is x / (bias + alpha/size * sum of squares over neighbouring channels)^beta: a table of the sum, a product.
func lowerLRN(b *builder, n *graph.Node, in []*value) []*value {
	size := int(n.Attrs.Int("size", 1))
	alpha, beta, bias := n.Attrs.Float("alpha", 1e-4), n.Attrs.Float("beta", 0.75), n.Attrs.Float("bias", 1)
	x := b.settle(b.shared(in[0]))
	channels := n.Inputs[0].Shape[1]
	s := b.windowAxis(b.square(x), 1, channels, size, 1, 1, (size-1)/2)
	s.lo = 0
	f := b.lazy(s, "lrn("+number(alpha/float64(size))+","+number(beta)+","+number(bias)+",%s)", func(v float64) float64 {
		return pow(bias+float64(alpha/float64(size)*max(v, 0)), -beta)
	}, 0, false, nil)
	p := b.aligned(x, b.settle(f))
	y := b.multiply(b.settle(p[0]), b.settle(p[1]))
	return []*value{y}
}
