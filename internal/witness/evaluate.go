package witness

import (
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// operand is an expression as a tensor: entry = coef * data[sum of stride * letter].
type operand struct {
	data   []int64
	stride strides
	coef   int64
	max    float64 // on |data|
}

// evaluator evaluates the relations of one circuit. Blocks must not change once they are used.
type evaluator struct {
	c      *circuit.Circuit
	values [][]int64
	most   []float64 // largest |entry| of each block; -1: not known yet
}

func newEvaluator(c *circuit.Circuit, values [][]int64) *evaluator {
	ev := &evaluator{c: c, values: values, most: make([]float64, len(c.Blocks))}
	for i := range ev.most {
		ev.most[i] = -1
	}
	return ev
}

func (ev *evaluator) max(block int) float64 {
	if ev.most[block] < 0 {
		ev.most[block] = float64(maxAbs(ev.values[block])) * (1 + 0x1p-50)
	}
	return ev.most[block]
}

// rowMajor gives strides to letters, the last one 1, and the number of entries.
func rowMajor(r *circuit.Relation, letters []circuit.Letter) (s strides, n int) {
	n = 1
	for i := len(letters) - 1; i >= 0; i-- {
		s[letters[i]] = n
		n *= r.Letters[letters[i]].Len
	}
	return s, n
}

// term views one term: its block in place, coefficient apart.
func (ev *evaluator) term(r *circuit.Relation, t *circuit.Term) operand {
	x := operand{coef: t.Coef, data: []int64{1}, max: 1}
	if t.Block != circuit.None {
		x.data, x.max = ev.values[t.Block], ev.max(t.Block)
		x.stride, _ = rowMajor(r, t.Axes)
	}
	return x
}

// operand views or computes an expression.
func (ev *evaluator) operand(r *circuit.Relation, e *circuit.Expr) (operand, bool) {
	switch len(e.Terms) {
	case 0:
		return operand{coef: 1, data: []int64{0}}, true
	case 1:
		return ev.term(r, &e.Terms[0]), true
	}
	var letters []circuit.Letter
	for _, l := range e.Letters { // a letter that no term carries has stride 0
		if slices.ContainsFunc(e.Terms, func(t circuit.Term) bool { return slices.Contains(t.Axes, l) }) {
			letters = append(letters, l)
		}
	}
	x := operand{}
	for i := range e.Terms {
		x.coef = gcd(x.coef, e.Terms[i].Coef)
	}
	if x.coef == 0 {
		return operand{coef: 1, data: []int64{0}}, true
	}
	var n int
	x.stride, n = rowMajor(r, letters)
	acc := newAccum(n)
	for i := range e.Terms {
		t := e.Terms[i]
		t.Coef /= x.coef
		if !ev.addTerm(acc, r, letters, &x.stride, &t, 1) {
			return x, false
		}
	}
	ok := acc.finish()
	x.data, x.max = acc.v, acc.bound
	return x, ok
}

// addTerm adds sign * term to a tensor with the given letters.
func (ev *evaluator) addTerm(acc *accum, r *circuit.Relation, letters []circuit.Letter, so *strides, t *circuit.Term, sign int64) bool {
	if t.Coef == 0 {
		return true
	}
	x := ev.term(r, t)
	one := operand{data: []int64{sign * x.coef}}
	s := space{letters: r.Letters, out: letters}
	nest := newNest(&s, so, &x.stride, &one.stride, [3]int{len(acc.v), len(x.data), 1})
	return acc.add(nest, &x, &one, x.max*math.Abs(float64(x.coef)))
}

// addContraction adds one contraction to a tensor over the relation's output letters.
func (ev *evaluator) addContraction(acc *accum, r *circuit.Relation, so *strides, k *circuit.Contraction) bool {
	a, ok := ev.operand(r, &k.A)
	if !ok {
		return false
	}
	b := operand{coef: 1, data: []int64{1}, max: 1}
	if k.B != nil {
		if b, ok = ev.operand(r, k.B); !ok {
			return false
		}
	}
	s := space{letters: r.Letters, out: r.Out, inner: k.Inner, r: k.R}
	nest := newNest(&s, so, &a.stride, &b.stride, [3]int{len(acc.v), len(a.data), len(b.data)})
	if nest.empty {
		return true
	}
	_, fan := r.FanIn(k)
	bound := float64(fan) / float64(nest.scale) * a.max * b.max // nest.scale is counted in fan
	factor, ok := product(a.coef, b.coef, nest.scale)
	switch {
	case !ok:
		return bound == 0
	case factor == 0:
		return true
	case factor == 1:
		return acc.add(nest, &a, &b, bound)
	case k.B == nil:
		b.data = []int64{factor}
		return acc.add(nest, &a, &b, bound*math.Abs(float64(factor)))
	}
	sum := newAccum(len(acc.v))
	if !sum.add(nest, &a, &b, bound) || !sum.finish() {
		return false
	}
	flat := flatNest(len(acc.v))
	return acc.add(flat, &operand{data: sum.v}, &operand{data: []int64{factor}}, sum.bound*math.Abs(float64(factor)))
}

// flatNest is out[i] += a[i] * b[0].
func flatNest(n int) *nest {
	return &nest{scale: 1, next: 1, loops: []loop{{n: n, o: 1, a: 1, child: -1, parent: -1, split: true}}}
}

// rest is  sum of contractions - LHS terms,  without the LHS terms and the contraction that are skipped, row-major over the
// letters `order`, a permutation of the output letters. ok is false if an entry does not fit into 63 bits.
func (ev *evaluator) rest(r *circuit.Relation, order []circuit.Letter, skipTerm func(int) bool, skipSum int) ([]int64, bool) {
	so, n := rowMajor(r, order)
	acc := newAccum(n)
	for i := range r.Sum {
		if i != skipSum && !ev.addContraction(acc, r, &so, &r.Sum[i]) {
			return nil, false
		}
	}
	for i := range r.LHS.Terms {
		if !skipTerm(i) && !ev.addTerm(acc, r, order, &so, &r.LHS.Terms[i], -1) {
			return nil, false
		}
	}
	ok := acc.finish()
	return acc.v, ok
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return max(a, -a)
}

// product multiplies; ok is false if the result needs more than 63 bits.
func product(xs ...int64) (int64, bool) {
	p := int64(1)
	for _, x := range xs {
		if x == 0 {
			return 0, true
		}
	}
	for _, x := range xs {
		hi, lo := int64(0), int64(0)
		addWide(&hi, &lo, p, x)
		if hi != lo>>63 || lo == math.MinInt64 {
			return 0, false
		}
		p = lo
	}
	return p, true
}
