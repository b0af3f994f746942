package lower

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
)

// positions is 0, 1, .., n-1 along one axis of x, whose axis is one atom.
func (b *builder) positions(x *value, axis int) *value {
	n := x.shape()[axis]
	shape, data := make([]int, len(x.split)), make([]float64, room(n))
	for i := range shape {
		shape[i] = 1
	}
	shape[axis] = n
	for i := range data {
		data[i] = float64(i)
	}
	return b.constantValue("positions", data, shape, 1, x, true)
}

// keys are the integers X*2^k + (2^k - 1 - j) of x along an axis of up to 2^k entries j (or X*2^k + j, if last): distinct,
// ordered as x is, equal entries by position. They are an affine form. x is settled.
func (b *builder) keys(x *value, axis int, last bool) (*value, int) {
	x = b.settleWide(b.oneAtom(x, axis))
	k := circuit.Log2Ceil(x.shape()[axis])
	v := x.times(1 << k)
	v.unit, v.bound = 1, x.bound/x.unit*math.Ldexp(1, k)
	p := b.positions(x, axis)
	if !last {
		p = p.times(-1).plusInteger(1<<k - 1)
	}
	a := b.aligned(v, p)
	return plus(a[0], a[1]), k
}

// unkey takes keys apart: key = 2^k X + low, X signed digits, low in [0, 2^k).
//
// Determined: a mixed-radix representation (rule `digits`). Cost: the digits of X and one lookup more.
func (b *builder) unkey(v *value, k int, unit, bound float64) (x, low *value) {
	name := b.name("key")
	n := max(1, (signedBits(b.reached(bound/unit))+b.o.Width-1)/b.o.Width)
	x = b.signedDigits(name, v, n)
	x.unit, x.bound = unit, bound
	col := b.block(b.nameOf(name+" position"), v.atoms, circuit.Column)
	b.lookup(col, circuit.None, b.table(fmt.Sprintf("u%d", k), 0, 1<<k, nil))
	var lhs []circuit.Term
	for _, t := range x.terms {
		t = cloneTerm(t)
		t.Coef = shiftLeft(t.Coef, k)
		lhs = append(lhs, t)
	}
	b.relate(name, append(lhs, blockTerm(1, col, len(v.atoms))), 1, v)
	low = x.clone()
	low.terms = []circuit.Term{blockTerm(1, col, len(v.atoms))}
	low.unit, low.lo, low.hi, low.bound = 1, 0, math.Ldexp(1, k)-1, math.Ldexp(1, k)-1
	return x, low
}

// Up to rankedEntries scores of a classifier are compared with all their bits, up to rankedBits.
const (
	rankedEntries = 128
	rankedBits    = 40
)

// ranked settles what is to be put in order: exact where that costs little, so that the label is the network's.
func (b *builder) ranked(x *value) *value {
	if b.ready(x); b.p.Global == nil && !b.complete() && circuit.Count(x.atoms) <= rankedEntries && x.honestBits() <= rankedBits && x.bits() <= wholeBits {
		return b.settleWide(x)
	}
	return b.settle(x)
}

// allPairs is up to how many differences of two entries argmax compares each with each: more lookups than in a tree of maxima, but two
// relations in place of several at each level, which a proof's size and a contract's gas pay.
const allPairs = 64

// argmax is the position of the largest entry along an axis, which stays with length 1; of the smallest if sign is -1. Of few entries
// it is winner, of two their comparison; else the low part of the largest key: a tree of maxima, then unkey. Equal entries: the first, or
// the last.
func (b *builder) argmax(x *value, axis int, sign int64, last bool) *value {
	b.ranked(x)
	if x.shape()[axis] == 1 {
		return x.scaled(0)
	}
	if sign < 0 {
		x = x.times(-1)
	}
	n := x.shape()[axis]
	switch {
	case b.o.ladder:
	case n == 2:
		d := minus(b.viewAxis(x, axis, []int{1}), b.viewAxis(x, axis, []int{0}))
		if !last {
			d = d.plusInteger(-1)
		}
		return b.nonNegative(d)
	case n*circuit.Count(x.atoms) <= allPairs:
		return b.winner(b.settleWide(b.oneAtom(x, axis)), axis, last)
	}
	v, k := b.keys(x, axis, last)
	_, low := b.unkey(b.reduceMax(v, axis), k, x.unit, b.span(x)*x.unit)
	if last {
		return low
	}
	low = low.times(-1).plusInteger(1<<k - 1)
	low.lo, low.hi, low.bound = 0, math.Ldexp(1, k)-1, math.Ldexp(1, k)-1
	return low
}

// winner is argmax of an affine value by all differences. With e[i,j] = [j < i] (last: [j > i]) for entries that tie,
//
//	s[i,j] = [x_i - x_j - e[i,j] >= 0],   w_i = (n+1) i + sum_j s[i,j],   position = sum_i f(w_i)
//
// where f is i at (n+1) i + n and 0 elsewhere: one entry alone is not behind any, and that is the n-th of its signs.
//
// Determined: s as in signOf, f(w) by a table, in which all w are. Cost: for each pair the digits of a difference, an entry's lookup.
func (b *builder) winner(x *value, axis int, last bool) *value {
	n, rank := x.shape()[axis], len(x.split)
	before := make([]float64, room(n, n))
	for i := range before {
		if i%n < i/n {
			before[i] = 1
		}
	}
	shape := make([]int, rank+1)
	for i := range shape {
		shape[i] = 1
	}
	shape[axis], shape[rank] = n, n
	earlier := b.constantValue("earlier", before, shape, 1, nil, true)
	swap := sequence(0, rank+1)
	swap[axis], swap[rank] = rank, axis
	ties := earlier
	if last {
		ties = transposed(earlier, swap)
	}
	ties = ties.clone()
	ties.unit, ties.bound = x.unit, x.unit
	x = b.reshaped(x, append(x.shape(), 1))
	p := b.aligned(x, transposed(x, swap), ties, earlier)
	d := minus(p[0], p[1])
	d = minus(d, p[2])
	s := b.nonNegative(d)
	w := sumAxes(plus(s, p[3].times(int64(n+1))), []int{rank})
	w.split = w.split[:rank]
	name := b.name("winner")
	in, out := b.block(name, w.atoms, circuit.Column), b.block(b.nameOf(name+" position"), w.atoms, circuit.Column)
	b.lookup(in, out, b.table(fmt.Sprint("winner ", n), 0, 1<<circuit.Log2Ceil(n*(n+1)), func(x int64) int64 {
		if i := x / int64(n+1); x%int64(n+1) == int64(n) && i < int64(n) {
			return i
		}
		return 0
	}))
	b.relate(name, []circuit.Term{blockTerm(1, in, len(w.atoms))}, 1, w)
	y := w.clone()
	y.terms, y.sums, y.inner = []circuit.Term{blockTerm(1, out, len(w.atoms))}, nil, nil
	y = sumAxes(y, []int{axis})
	y.unit, y.lo, y.hi, y.bound = 1, 0, float64(n-1), float64(n-1)
	return y
}

func lowerArgMax(sign int64) lowering {
	return func(b *builder, n *graph.Node, in []*value) []*value {
		y := b.argmax(in[0], axesOf(n)[0], sign, n.Attrs.Int("select_last_index", 0) != 0)
		return []*value{y.joined(n.Outputs[0].Shape)}
	}
}

// lowerHardmax is 1 at the first largest entry: the one-hot form of argmax.
func lowerHardmax(b *builder, n *graph.Node, in []*value) []*value {
	x, _ := b.rows(n, in[0])
	b.settle(x)
	p := b.aligned(b.argmax(x, 1, 1, false), b.positions(x, 1))
	return []*value{b.reshaped(b.isZero(minus(p[0], p[1])), n.Outputs[0].Shape)}
}

// rows are the axes that a Softmax or Hardmax reads as one, of one atom: shape [before, length, behind].
func (b *builder) rows(n *graph.Node, x *value) (*value, int) {
	v, length := b.scores(n, b.settle(x))
	return b.settle(b.oneAtom(v, 1)), length
}

// lowerTopK sorts keys by a network of comparisons (Batcher's merge exchange, without those that no wanted output needs) and
// takes the first ones apart. A stage with pairs (i, j) of an axis is one vector operation:
//
//	r = max(0, K_j - K_i),   K_i' = K_i + r,   K_j' = K_j - r
//
// Determined: r as in relu, the rest stands alone. Cost: for each pair the digits of one difference; a free block a stage.
func lowerTopK(b *builder, n *graph.Node, in []*value) []*value {
	p := resolved(graph.TopKOf(n))
	x := b.ranked(in[0])
	if !p.Largest {
		x = x.times(-1)
	}
	v, k := b.keys(x, p.Axis, false)
	if k == 0 {
		return []*value{in[0], x.scaled(0)}
	}
	lo, hi, bound := v.lo, v.hi, v.bound
	size := v.shape()[p.Axis]
	for _, stage := range sortingNetwork(size, p.K) {
		from, to := make([]int, len(stage)), make([]int, len(stage))
		gain, loss := make([]int, size), make([]int, size)
		for i := range gain {
			gain[i], loss[i] = -1, -1
		}
		for c, pair := range stage {
			from[c], to[c] = pair[0], pair[1]
			gain[pair[0]], loss[pair[1]] = c, c
		}
		d := minus(b.viewAxis(v, p.Axis, to), b.viewAxis(v, p.Axis, from))
		r := b.relu(b.exactDigits(d))
		v = minus(plus(v, b.viewAxis(r, p.Axis, gain)), b.viewAxis(r, p.Axis, loss))
		v.lo, v.hi, v.bound = lo, hi, bound
		v = b.freeBlock(v, "sorted")
	}
	first := make([]int, p.K)
	for i := range first {
		first[i] = i
	}
	y, low := b.unkey(b.viewAxis(v, p.Axis, first), k, x.unit, b.span(x)*x.unit)
	if !p.Largest {
		y = y.times(-1)
	}
	low = low.times(-1).plusInteger(1<<k - 1)
	low.lo, low.hi, low.bound = 0, math.Ldexp(1, k)-1, math.Ldexp(1, k)-1
	return []*value{y, low}
}

// sortingNetwork lists the stages of Batcher's merge exchange for n entries: pairs (i, j), i < j, of which the larger entry
// goes to i. Pairs that do not matter to the first k entries are left out.
func sortingNetwork(n, k int) [][][2]int {
	log := bits.Len(uint(n))
	room(n, log*(log+1)/2)
	var stages [][][2]int
	top := 1
	for top < n {
		top *= 2
	}
	for p := top / 2; p > 0; p /= 2 {
		for q, r, d := top/2, 0, p; ; q, r, d = q/2, p, q-p {
			var stage [][2]int
			for i := range n - d {
				if i&p == r {
					stage = append(stage, [2]int{i, i + d})
				}
			}
			stages = append(stages, stage)
			if q == p {
				break
			}
		}
	}
	need := make([]bool, n)
	for i := range k {
		need[i] = true
	}
	var out [][][2]int
	for s := len(stages) - 1; s >= 0; s-- {
		var kept [][2]int
		for _, c := range stages[s] {
			if need[c[0]] || need[c[1]] {
				need[c[0]], need[c[1]] = true, true
				kept = append(kept, c)
			}
		}
		if len(kept) > 0 {
			out = append([][][2]int{kept}, out...)
		}
	}
	return out
}
