// Package brute counts the witnesses of a tiny circuit exhaustively, over a small prime field in the place of F. It is the
// independent judge of package determinism's rules and of every gadget: a gadget whose test gives one witness for each input
// is determined, whatever the rules say. It is a test helper: slow, and limited to a few dozen entries.
//
// The search knows two things only. Each entry of a Column block that is looked up takes every input of its table; every
// other unknown entry takes every element of the field. Relations cut the search: one with a single unknown entry leaves
// the roots of a polynomial of degree at most two; in one that is linear in looked-up entries, an entry takes those values
// only for which the others can make up (bounds.go).
//
// A small prime stands in for p only where the circuit's integers stay below it (half of it, for uniqueness by intervals):
// choose a prime above twice the largest magnitude of any side of a relation, as Certify asks of p. A smaller one must
// find more witnesses: a test may use that to show that a bound is needed.
package brute

import (
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// Witnesses returns the distinct witnesses over the field of `prime` elements, at most limit of them. values holds the given
// blocks; nil marks what is searched. Results are in (-prime/2, prime/2). Relations, lookups and the intervals of public
// and key blocks hold in each.
//
// The prime is below 2^62. It panics on a circuit with more than 2^16 index tuples in a relation, or a table as large as the field.
func Witnesses(c *circuit.Circuit, prime int64, values [][]int64, limit int) [][][]int64 {
	found, _ := Search(c, prime, values, limit, math.MaxInt)
	return found
}

// Search is Witnesses that stops after budget values have been tried; complete is false then, and there may be more.
func Search(c *circuit.Circuit, prime int64, values [][]int64, limit, budget int) (found [][][]int64, complete bool) {
	s := newSearch(c, prime, values, limit)
	s.budget = budget
	s.run()
	return s.found, s.budget > 0
}

// TB is the part of testing.TB that Unique needs.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
}

// Unique reports an error unless the inputs have exactly one witness, and returns it (nil otherwise).
func Unique(t TB, c *circuit.Circuit, prime int64, values [][]int64) [][]int64 {
	t.Helper()
	w := Witnesses(c, prime, values, 2)
	switch {
	case len(w) == 0:
		t.Errorf("brute: no witness modulo %d for %s", prime, describe(c, values))
	case len(w) > 1:
		for i := range c.Blocks {
			if !slices.Equal(w[0][i], w[1][i]) {
				t.Errorf("brute: two witnesses modulo %d for %s: %s is %d and %d", prime, describe(c, values), c.Blocks[i].Name, w[0][i], w[1][i])
				return nil
			}
		}
	default:
		return w[0]
	}
	return nil
}

func describe(c *circuit.Circuit, values [][]int64) string {
	s := ""
	for _, i := range c.Inputs {
		s += fmt.Sprintf(" %s=%d", c.Blocks[i].Name, values[i])
	}
	return "inputs" + s
}

// monomial is coef * x * y; x or y is -1 for 1.
type monomial struct {
	coef int64
	x, y int
}

// equation is sum of monomials = 0.
type equation []monomial

type search struct {
	c      *circuit.Circuit
	p      int64
	limit  int
	budget int // values that may still be tried
	found  [][][]int64

	start   []int // of each block's entries in the list of all cells
	value   []int64
	known   []bool
	domain  [][]int64 // of looked-up inputs
	lo      []int64   // and the first of them, as an integer
	eqs     []equation
	eqsOf   [][]int
	lookups []lookup
	lookOf  [][]int
	trail   []int
}

// lookup is one entry of a Lookup.
type lookup struct {
	in, out int // cells; out -1: the constant 0
	table   int
}

func newSearch(c *circuit.Circuit, prime int64, values [][]int64, limit int) *search {
	s := &search{c: c, p: prime, limit: limit}
	for i := range c.Blocks {
		s.start = append(s.start, len(s.value))
		for range circuit.Count(c.Blocks[i].Dims) {
			s.value = append(s.value, 0)
			s.known = append(s.known, false)
		}
	}
	for i, v := range values {
		for j, x := range v {
			s.value[s.start[i]+j], s.known[s.start[i]+j] = s.mod(x), true
		}
	}
	n := len(s.value)
	s.eqsOf, s.lookOf, s.domain, s.lo = make([][]int, n), make([][]int, n), make([][]int64, n), make([]int64, n)
	for i := range c.Relations {
		s.relation(&c.Relations[i])
	}
	for i := range c.Slots {
		for _, l := range c.Slots[i].Lookups {
			t := &c.Tables[l.Table]
			if int64(t.Size) >= prime {
				panic("brute: a table as large as the field")
			}
			for j := range circuit.Count(c.Blocks[l.In].Dims) {
				k := lookup{in: s.start[l.In] + j, out: -1, table: l.Table}
				s.lookOf[k.in] = append(s.lookOf[k.in], len(s.lookups))
				s.lo[k.in] = t.Lo
				if l.Out != circuit.None {
					k.out = s.start[l.Out] + j
					s.lookOf[k.out] = append(s.lookOf[k.out], len(s.lookups))
				}
				for v := range t.Size {
					s.domain[k.in] = append(s.domain[k.in], s.mod(t.Lo+int64(v)))
				}
				s.lookups = append(s.lookups, k)
			}
		}
	}
	for i := range s.lookups { // rows of a dynamic table matter to all its lookups
		if t := &c.Tables[s.lookups[i].table]; t.Out != circuit.None {
			for j := range circuit.Count(c.Blocks[t.Out].Dims) {
				cell := s.start[t.Out] + j
				s.lookOf[cell] = append(s.lookOf[cell], i)
			}
		}
	}
	return s
}

func (s *search) mod(v int64) int64 {
	if v %= s.p; v < 0 {
		v += s.p
	}
	return v
}

// mul is x*y of two elements.
func (s *search) mul(x, y int64) int64 {
	if s.p < 1<<31 {
		return x * y % s.p
	}
	hi, lo := bits.Mul64(uint64(x), uint64(y))
	return int64(bits.Rem64(hi, lo, uint64(s.p)))
}

// relation expands one relation into an equation for every output index.
func (s *search) relation(r *circuit.Relation) {
	at := make([]int, len(r.Letters))
	budget := 1 << 16
	each(r, r.Out, at, func() {
		var eq equation
		for _, m := range s.linear(&r.LHS, at) {
			eq = append(eq, monomial{m.coef, m.x, -1})
		}
		for i := range r.Sum {
			k := &r.Sum[i]
			each(r, k.Inner, at, func() {
				if budget--; budget < 0 {
					panic("brute: relation " + r.Name + " is too large")
				}
				for j := range k.R {
					if !related(&k.R[j], r.Letters, at) {
						return
					}
				}
				b := []monomial{{1, -1, -1}}
				if k.B != nil {
					b = s.linear(k.B, at)
				}
				for _, x := range s.linear(&k.A, at) {
					for _, y := range b {
						eq = append(eq, monomial{s.mod(-s.mul(s.mod(x.coef), s.mod(y.coef))), x.x, y.x})
					}
				}
			})
		}
		var seen []int
		for i := range eq {
			eq[i].coef = s.mod(eq[i].coef)
			for _, cell := range []int{eq[i].x, eq[i].y} {
				if cell >= 0 && !slices.Contains(seen, cell) {
					seen = append(seen, cell)
					s.eqsOf[cell] = append(s.eqsOf[cell], len(s.eqs))
				}
			}
		}
		s.eqs = append(s.eqs, eq)
	})
}

func each(r *circuit.Relation, letters []circuit.Letter, at []int, f func()) {
	if len(letters) == 0 {
		f()
		return
	}
	for i := range r.Letters[letters[0]].Len {
		at[letters[0]] = i
		each(r, letters[1:], at, f)
	}
}

// linear is an expression at one index: coefficients and cells.
func (s *search) linear(e *circuit.Expr, at []int) []monomial {
	var out []monomial
	for _, t := range e.Terms {
		m := monomial{t.Coef, -1, -1}
		if t.Block != circuit.None {
			flat := 0
			for i, l := range t.Axes {
				flat = flat*s.c.Blocks[t.Block].Dims[i] + at[l]
			}
			m.x = s.start[t.Block] + flat
		}
		out = append(out, m)
	}
	return out
}

// related is the definition of the axis relations.
func related(a *circuit.AxisRelation, letters []circuit.Axis, at []int) bool {
	hit := false
	a.Each(letters, func(tuple []int) {
		same := true
		for i, l := range a.Letters {
			same = same && tuple[i] == at[l]
		}
		hit = hit || same
	})
	return hit
}

// run searches from the given values.
func (s *search) run() {
	for i := range s.eqs {
		if !s.propagateEq(i) {
			return
		}
	}
	for i := range s.lookups {
		if !s.propagateLookup(i) {
			return
		}
	}
	s.branch()
}

// set fixes a cell and what follows from it; false on a contradiction.
func (s *search) set(cell int, v int64) bool {
	if s.known[cell] {
		return s.value[cell] == v
	}
	s.known[cell], s.value[cell] = true, v
	s.trail = append(s.trail, cell)
	for _, i := range s.eqsOf[cell] {
		if !s.propagateEq(i) {
			return false
		}
	}
	for _, i := range s.lookOf[cell] {
		if !s.propagateLookup(i) {
			return false
		}
	}
	return true
}

func (s *search) undo(to int) {
	for len(s.trail) > to {
		s.known[s.trail[len(s.trail)-1]] = false
		s.trail = s.trail[:len(s.trail)-1]
	}
}

// poly is an equation's polynomial q x^2 + l x + k in its only unknown; cell -1: none; ok false: more than one.
func (s *search) poly(eq equation) (q, l, k int64, cell int, ok bool) {
	cell = -1
	for _, m := range eq {
		coef, degree := m.coef, 0
		for _, c := range []int{m.x, m.y} {
			switch {
			case c < 0:
			case s.known[c]:
				coef = s.mul(coef, s.value[c])
			default:
				degree++
				if m.coef != 0 && cell >= 0 && cell != c {
					return 0, 0, 0, 0, false
				}
				if m.coef != 0 {
					cell = c
				}
			}
		}
		switch degree {
		case 0:
			k = (k + coef) % s.p
		case 1:
			l = (l + coef) % s.p
		case 2:
			q = (q + coef) % s.p
		}
	}
	return q, l, k, cell, true
}

func (s *search) propagateEq(i int) bool {
	q, l, k, cell, ok := s.poly(s.eqs[i])
	switch {
	case !ok:
		return true
	case q == 0 && l == 0:
		return k == 0
	case q == 0:
		return s.set(cell, s.mul(s.mod(-k), s.inverse(l)))
	}
	return true // two roots: branch
}

// inverse is 1/x.
func (s *search) inverse(x int64) int64 {
	if x == 1 {
		return 1
	}
	r := int64(1)
	for e := s.p - 2; e > 0; e >>= 1 {
		if e&1 == 1 {
			r = s.mul(r, x)
		}
		x = s.mul(x, x)
	}
	return r
}

func (s *search) propagateLookup(i int) bool {
	l := &s.lookups[i]
	if !s.known[l.in] {
		return true
	}
	t := &s.c.Tables[l.table]
	v := s.mod(s.value[l.in] - t.Lo)
	if v >= int64(t.Size) {
		return false
	}
	row := -1 // the cell of the row's output; -1: the constant 0
	if t.Out != circuit.None {
		flat := int(v)
		if t.Dynamic {
			dims := s.c.Blocks[t.Out].Dims
			at := make([]int, len(dims))
			for j := len(dims) - 1; j >= 0; j-- {
				k := circuit.Log2Ceil(dims[j])
				at[j] = flat & (1<<k - 1)
				if flat >>= k; at[j] >= dims[j] {
					return false
				}
			}
			flat = 0
			for j := range dims {
				flat = flat*dims[j] + at[j]
			}
		}
		row = s.start[t.Out] + flat
	}
	switch {
	case row < 0 && l.out < 0:
		return true
	case row < 0:
		return s.set(l.out, 0)
	case l.out < 0:
		return s.set(row, 0)
	case s.known[row]:
		return s.set(l.out, s.value[row])
	case s.known[l.out]:
		return s.set(row, s.value[l.out])
	}
	return true
}

// branch tries all values of one unknown cell: one of few values by an equation, else the looked-up input with the smallest
// table, else a cell of any value.
func (s *search) branch() {
	cell := -1
	for c := range s.known {
		switch {
		case s.known[c]:
		case cell < 0, s.domain[c] != nil && (s.domain[cell] == nil || len(s.domain[c]) < len(s.domain[cell])):
			cell = c
		}
	}
	if cell < 0 {
		s.accept()
		return
	}
	values := s.domain[cell] // nil: the whole field
	if c, v, ok := s.fewest(); ok && (values == nil || len(v) < len(values)) {
		cell, values = c, v
	}
	try := func(v int64) bool {
		if s.budget--; s.budget <= 0 {
			return false
		}
		mark := len(s.trail)
		if s.set(cell, v) {
			s.branch()
		}
		s.undo(mark)
		return len(s.found) < s.limit && s.budget > 0
	}
	if values != nil {
		for _, v := range values {
			if !try(v) {
				return
			}
		}
		return
	}
	for v := range s.p {
		if !try(v) {
			return
		}
	}
}

// accept keeps a witness if public and key blocks are in their intervals.
func (s *search) accept() {
	out := make([][]int64, len(s.c.Blocks))
	for i := range s.c.Blocks {
		b := &s.c.Blocks[i]
		for j := range circuit.Count(b.Dims) {
			v := s.value[s.start[i]+j]
			if v > s.p/2 {
				v -= s.p
			}
			if b.Role <= circuit.Private && s.mod(v-b.Lo) > b.Hi-b.Lo {
				return
			}
			out[i] = append(out[i], v)
		}
	}
	s.found = append(s.found, out)
}
