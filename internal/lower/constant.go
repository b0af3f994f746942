package lower

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// floats are a constant's entries, which must be finite.
func floats(name string, t *tensor.Tensor) []float64 {
	out := make([]float64, t.Len())
	for i := range out {
		out[i] = t.Float(i)
		if math.IsNaN(out[i]) || math.IsInf(out[i], 0) {
			fail("constant %s has the entry %g", name, out[i])
		}
	}
	return out
}

func maxAbs(data []float64) float64 {
	m := 0.0
	for _, x := range data {
		m = max(m, math.Abs(x))
	}
	return m
}

// wideKey is the number of parameters from which private ones are committed in digits of 16 bits instead of 8: a 16-bit
// key table costs the key proof 2^16 rows, a second digit one more lookup for each parameter.
const wideKey = 20_000

// keyDigit is the width of the digits in which a network's private parameters are committed.
func keyDigit(g *graph.Graph) int {
	total := 0
	seen := map[*graph.Value]bool{}
	for _, n := range g.Nodes {
		for _, v := range n.Inputs {
			if v != nil && v.Const != nil && !seen[v] {
				seen[v] = true
				total += v.Const.Len()
			}
		}
	}
	if total < wideKey {
		return 8
	}
	return 16
}

// source names the constants that a node reads.
func source(n *graph.Node) string {
	var s strings.Builder
	for i, v := range n.Inputs {
		if v != nil && v.Const != nil {
			fmt.Fprintf(&s, "%d %q ", i, v.Name)
		}
	}
	return s.String()
}

// constantTerms commits integers of the network's parameters: one fixed block, or private blocks of one digit each, in
// a key table of its own width. Wider private integers are recombined from balanced digits. Nodes that read the same constants
// (steps of a recurrent layer, most often) share blocks of the same entries. Others do not: a circuit is public, and must not
// show that two private constants are equal.
func (b *builder) constantTerms(name string, dims []int, data []int64) []circuit.Term {
	if b.o.Params == Fixed {
		i, known, note := b.committedBlock(dims, data)
		if !known {
			i = b.fixed(name, dims, data)
			note(i)
		}
		return []circuit.Term{blockTerm(1, i, len(dims))}
	}
	var out []circuit.Term
	rest := slices.Clone(data)
	digit := b.keyDigit
	for shift := 0; ; shift += digit {
		width := 1
		for _, x := range rest {
			width = max(width, signedWidth(x))
		}
		low := rest
		if width > digit {
			low = make([]int64, len(rest))
			for i, x := range rest {
				low[i] = x << (64 - digit) >> (64 - digit)
				rest[i] = (x - low[i]) >> digit
			}
			width = 0
			for _, x := range low {
				width = max(width, signedWidth(x))
			}
			out = addTerm(out, b.private(name, dims, low, width, shift))
			continue
		}
		return addTerm(out, b.private(name, dims, low, width, shift))
	}
}

// committedBlock looks for a block of the same entries of the same source; note remembers a new one.
func (b *builder) committedBlock(dims []int, data []int64) (block int, known bool, note func(block int)) {
	if b.source == "" {
		return 0, false, func(int) {}
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s %v ", b.source, dims)
	buf := make([]byte, 0, 8*len(data))
	for _, x := range data {
		buf = binary.LittleEndian.AppendUint64(buf, uint64(x))
	}
	h.Write(buf)
	key := [sha256.Size]byte(h.Sum(nil))
	block, known = b.committed[key]
	return block, known, func(block int) { b.committed[key] = block }
}

func (b *builder) private(name string, dims []int, data []int64, width, shift int) circuit.Term {
	i, known, note := b.committedBlock(dims, data)
	if !known {
		i = b.block(b.nameOf(name), dims, circuit.Private)
		b.setKeyTable(i, max(width, 1))
		b.key[i] = slices.Clone(data)
		note(i)
	}
	return blockTerm(1<<shift, i, len(dims))
}

// setKeyTable shows a private block's entries in the signed range of width bits.
func (b *builder) setKeyTable(block, width int) {
	t := b.keyTable(width)
	x, table := &b.c.Blocks[block], &b.c.KeyTables[t]
	x.KeyTable, x.Lo, x.Hi = t, table.Lo, table.Lo+int64(table.Size)-1
}

// signedWidth is the smallest k with -2^(k-1) <= x < 2^(k-1).
func signedWidth(x int64) int {
	k := 1
	for x < -(1<<(k-1)) || x >= 1<<(k-1) {
		k++
	}
	return k
}

// constantValue is a constant tensor as a value on a unit. Its axes take the atoms of like's axes (aligned at the last
// axis), so that an element-wise operator needs no reshape; like may be nil. structural constants are not parameters of
// the network (counts of a window, say): they are fixed whatever the visibility of parameters.
func (b *builder) constantValue(name string, data []float64, shape []int, unit float64, like *value, structural bool) *value {
	if len(data) == 0 {
		fail("constant %q is empty", name)
	}
	atoms, split := layoutOf(shape)
	if like != nil {
		atoms, split = nil, nil
		for i, d := range shape {
			j := i + len(like.split) - len(shape)
			switch {
			case d == 1:
				split = append(split, 0)
			case j >= 0 && circuit.Count(like.axisAtoms(j)) == d:
				atoms = append(atoms, like.axisAtoms(j)...)
				split = append(split, like.split[j])
			default:
				atoms = append(atoms, d)
				split = append(split, 1)
			}
		}
	}
	ints := make([]int64, len(data))
	out := &value{name: name, atoms: atoms, split: split, unit: unit, bound: maxAbs(data)}
	for i, x := range data {
		ints[i] = roundHalfUp(x / unit)
	}
	out.lo, out.hi = float64(slices.Min(ints)), float64(slices.Max(ints))
	if len(ints) == 1 && len(b.node) > 0 && (structural || b.o.Params == Fixed) { // part of the circuit, like an attribute
		out.terms = addTerm(nil, circuit.Term{Coef: ints[0], Block: circuit.None})
		return out
	}
	if structural {
		out.terms = []circuit.Term{blockTerm(1, b.fixed(b.name(name), atoms, ints), len(atoms))}
		return out
	}
	out.terms = b.constantTerms(b.name(name), atoms, ints)
	return out
}

// plusBits is the most precision that a sum with a constant keeps.
const plusBits = 48

// plusConstant adds a constant that broadcasts to v's shape. The sum is exact up to half a unit of v, which is refined
// first if it is coarse: a bias of a pending contraction costs nothing but its entries in the key.
func (b *builder) plusConstant(v *value, name string, data []float64, shape []int) *value {
	m := maxAbs(data)
	if s := shiftTo(v.unit, target(m, plusBits)); m > 0 && s > 0 { // v is finer than anything that matters beside the constant
		if s > v.bits() {
			v = v.scaled(0)
			v.unit = target(m, plusBits)
		} else {
			v = b.requantise(v, s, b.digitCount(v, s))
		}
	}
	if fine := target(max(v.bound, m), quantBits+2); m > 0 && v.unit > fine && !allMultiples(data, v.unit) {
		v = v.finer(1 << shiftTo(fine, v.unit))
	}
	c := b.constantValue(name, data, shape, b.addendUnit(v, data), v, false)
	pair := b.aligned(v, c)
	out := plus(pair[0], pair[1])
	return out
}

// addendUnit is the unit of a constant that is added to v: v's; or, for sums that are one tensor at several steps, one for all of
// them, a power of two times each step's. It keeps stepBits beside the sum, and up to mostStepBits where those take no further digit.
func (b *builder) addendUnit(v *value, data []float64) float64 {
	m := maxAbs(data)
	if m == 0 || !isPowerOfTwo(v.unit) || m/v.unit < 1<<exactBits && allMultiples(data, v.unit) {
		return v.unit
	}
	bound, joined := b.o.joint.note(jointBound, b.result, 0)
	if !joined {
		return v.unit
	}
	bound = max(bound, m)
	digits := func(unit float64) int {
		width := max(signedWidth(roundHalfUp(m/unit)), signedWidth(roundHalfUp(-m/unit)))
		return (width + b.keyDigit - 1) / b.keyDigit
	}
	unit, least := target(bound, stepBits+max(0, b.extra())), target(bound, mostStepBits+max(0, b.extra()))
	for n := digits(unit); unit > least && digits(unit/2) == n; {
		unit /= 2
	}
	return max(unit, v.unit)
}

// Precision of a constant that steps share, in bits of the largest sum.
const (
	stepBits     = quantBits + 2
	mostStepBits = quantBits + 8
)

// exactBits is the size of integers up to which multiples of a unit are taken to be meant (a quantised network's biases).
const exactBits = 22

// allMultiples reports whether all entries are multiples of a unit, to the precision of float32 (such as biases of a
// quantised network).
// unitBeside is the unit of constants beside v: v's, unless that is too coarse for them (integers that became reals).
func unitBeside(v *value, data []float64) float64 {
	fine := target(max(v.bound, maxAbs(data)), quantBits)
	if v.unit <= fine || allMultiples(data, v.unit) {
		return v.unit
	}
	return math.Ldexp(v.unit, -shiftTo(fine, v.unit))
}

func allMultiples(data []float64, unit float64) bool {
	exact := isPowerOfTwo(unit)
	for _, x := range data {
		d := math.Abs(x/unit - math.Round(x/unit))
		if exact && d != 0 || d > 1e-7*math.Abs(x/unit) {
			return false
		}
	}
	return true
}

// weightBits is the width of weights, sign included: 16 bits in the key.
const weightBits = 16

// leastWeight is what the largest weight must be in units: where a fine operand (the average of a pool, say) and a shift of
// 16 bits leave less, a shift by up to 24 is worth its digit.
const leastWeight = 1 << 12

// weightUnit is the unit of weights w that multiply an operand of unit x for a result of the given honest bound: the
// product's unit is a power of two; weights fit into 16 bits (more where values have more); and the later shift to 16 bits is at most 16 (two digits of
// 8 bits, or one of 16), or up to 24 if weights have less than 13 bits otherwise. Weights of a quantised network are the small
// integers that they are. A global parameter scale, if set, decides alone.
func (b *builder) weightUnit(data []float64, x, bound float64) float64 {
	if g := b.p.Global; g != nil {
		return math.Ldexp(1, -g.Param)
	}
	if s := grid(data); s > 0 {
		return s
	}
	m := maxAbs(data)
	if m == 0 {
		m = 1
	}
	// the power of two 2^e = unit_w * x with m <= unit_w * (2^15 - 1)
	e := exponent(m/(1<<(weightBits-1)-1)*x) - max(0, b.extra())
	if bound > 0 {
		most := exponent(bound) - (quantBits + b.extra() - 1) - max(0, b.extra())
		if math.Ldexp(m*x, 16-most) < leastWeight {
			most -= 8
		}
		e = max(e, most-16)
	}
	return math.Ldexp(1, e) / x
}

// gridSteps bounds the integers of grid: those of 8 bits, less a zero point.
const gridSteps = 255

// grid is the largest unit of which all entries are multiples by integers up to gridSteps, to the precision of float32; 0 if
// there is none. A unit that is no power of two makes sums of tensors inexact, so it counts only where the entries look
// like those of a quantised network: five or more different integers.
func grid(data []float64) float64 {
	m := maxAbs(data)
	if m == 0 {
		return 0
	}
	for steps := 1.0; steps <= gridSteps; steps++ {
		unit := m / steps
		if onGrid(data, unit) {
			return unit
		}
	}
	return 0
}

func onGrid(data []float64, unit float64) bool {
	const different = 5
	var seen [different]float64
	count := 0
	for _, x := range data {
		k := math.Round(x / unit)
		if math.Abs(x-float64(k*unit)) > 1e-7*math.Abs(x) {
			return false
		}
		if k = math.Abs(k); count < different && !slices.Contains(seen[:count], k) {
			seen[count] = k
			count++
		}
	}
	return isPowerOfTwo(unit) || count == different
}

// largestRow is the largest sum of |w| over a row.
func largestRow(w []float64, row func(i int) int, rows int) float64 {
	sums := make([]float64, rows)
	for i, x := range w {
		sums[row(i)] += math.Abs(x)
	}
	return slices.Max(sums)
}

// quantiseWeights are weights on a unit.
func quantiseWeights(data []float64, unit float64) []int64 {
	out := make([]int64, len(data))
	for i, x := range data {
		out[i] = roundHalfUp(x / unit)
	}
	return out
}

// dotInterval is the interval of sum_k w[o][k] x[k] over all rows o, for x in [lo, hi], and the largest sum of |w|.
// Windows may leave out entries: each product may also be 0.
func dotInterval(w []int64, row func(i int) int, rows int, lo, hi float64) (from, to, norm float64) {
	neg, pos, abs := make([]float64, rows), make([]float64, rows), make([]float64, rows)
	for i, c := range w {
		x, y := float64(float64(c)*lo), float64(float64(c)*hi)
		r := row(i)
		neg[r] += min(x, y, 0)
		pos[r] += max(x, y, 0)
		abs[r] += math.Abs(float64(c))
	}
	return slices.Min(neg), slices.Max(pos), slices.Max(abs)
}
