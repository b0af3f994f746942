package evm

import (
	"math"
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// A stack is a sum of products coef * factor * x^power * eq(bits, point), where a term may leave variables of the point free: it has no
// factor for them. Terms that differ in few variables become one: over a variable v in which alone they differ,
//
//	a x^e (1-v) + r a x^(e+d) v = a x^e ((1-v) + r x^d v)
//
// and over two variables in which both differ the same with the two cases (0,0), (1,1) or (0,1), (1,0). So a term that repeats 2^k times
// at equal strides, such as those of the steps of a recurrent layer, costs k factors, which all terms of such strides share.
type stack struct {
	*compiler
	point []coordinate // the variables
	split int          // those from here on are not of r2 (an index): eq is a product of two
	power func(e int) ref
	terms []term
}

// term is a summand of a stack.
type term struct {
	coef         fr.Element
	factor       ref
	power        int
	fixed, value uint64 // the variables that it has a factor for, and their bits
}

// blocks is an empty stack over blocks of V and bilinear contractions.
func (c *compiler) blocks(power func(e int) ref) *stack {
	return &stack{compiler: c, point: slices.Concat(c.r2, c.index()), split: len(c.r2), power: power}
}

// put adds a term of all variables from the low one on.
func (s *stack) put(t term, low int, value uint64) {
	t.fixed = (1<<len(s.point) - 1) &^ (1<<low - 1)
	t.value = value & t.fixed
	s.terms = append(s.terms, t)
}

// putBlock adds a term of a block and the number of a bilinear contraction, or of a block alone.
func (s *stack) putBlock(t term, at place, index int) {
	s.put(t, at.vars, uint64(at.index)<<at.vars)
	if last := &s.terms[len(s.terms)-1]; index == none {
		last.fixed &= 1<<s.split - 1
	} else {
		last.value |= uint64(index) << s.split
	}
}

// total is the cheapest form of the stack, by the estimated gas of what the graph lacks.
func (s *stack) total() ref {
	s.collect()
	plain := s.terms
	var ways []func() ref
	for _, least := range []int{1, 2, 3, math.MaxInt} {
		for by := range groupings {
			ways = append(ways, func() ref {
				s.terms = slices.Clone(plain)
				s.merge(least)
				return s.emit(by)
			})
		}
	}
	return s.cheapest(ways...)
}

// collect adds the coefficients of terms that differ in nothing else.
func (s *stack) collect() {
	type key struct {
		factor       ref
		power        int
		fixed, value uint64
	}
	at := map[key]int{}
	var out []term
	for _, t := range s.terms {
		k := key{t.factor, t.power, t.fixed, t.value}
		if i, ok := at[k]; ok {
			out[i].coef.Add(&out[i].coef, &t.coef)
			continue
		}
		at[k] = len(out)
		out = append(out, t)
	}
	s.terms = slices.DeleteFunc(out, func(t term) bool { return t.coef.IsZero() })
}

// merge merges pairs of terms, variable by variable, the most frequent kind of pairs first: those that need no factor always, others
// if there are so many of them.
func (s *stack) merge(least int) {
	for i := range s.point {
		v := uint64(1) << i
		for s.mergeOver(v, v, least) {
		}
		if i >= s.split {
			continue
		}
		for j := s.split; j < len(s.point); j++ {
			both := v | 1<<j
			for s.mergeOver(both, both, least) || s.mergeOver(both, v, least) {
			}
		}
	}
}

// kind is how two terms that may be merged differ besides their variables.
type kind struct {
	ratio fr.Element
	power int
}

// mergeOver merges the most frequent kind of pairs of terms that differ in the variables of a set and in no other: the bits of the
// second are flip there, those of the first the opposite. It reports whether it did.
func (s *stack) mergeOver(set, flip uint64, least int) bool {
	type key struct {
		factor      ref
		fixed, rest uint64
	}
	seconds := map[key][]int{}
	for i, t := range s.terms {
		if t.fixed&set == set && t.value&set == flip {
			k := key{t.factor, t.fixed, t.value &^ set}
			seconds[k] = append(seconds[k], i)
		}
	}
	if len(seconds) == 0 {
		return false
	}
	first := func(i int) []int {
		t := &s.terms[i]
		if t.fixed&set != set || t.value&set != set&^flip {
			return nil
		}
		return seconds[key{t.factor, t.fixed, t.value &^ set}]
	}
	kindOf := func(i, j int) kind {
		a, b := &s.terms[i], &s.terms[j]
		k := kind{power: b.power - a.power}
		k.ratio.Div(&b.coef, &a.coef)
		return k
	}
	one := fr.One()
	var kinds []kind
	count := map[kind]int{}
	for i := range s.terms {
		for _, j := range first(i) {
			k := kindOf(i, j)
			if count[k] == 0 {
				kinds = append(kinds, k)
			}
			count[k]++
		}
	}
	var best kind
	most := 0
	for _, k := range kinds {
		n := count[k]
		if k == (kind{one, 0}) && set&(set-1) == 0 {
			n = math.MaxInt // free
		}
		if n > most {
			best, most = k, n
		}
	}
	if most == 0 || most < least {
		return false
	}
	factor := s.pairFactor(set, flip, best)
	gone := make([]bool, len(s.terms))
	for i := range s.terms {
		for _, j := range first(i) {
			if gone[i] || gone[j] || kindOf(i, j) != best {
				continue
			}
			gone[j] = true
			t := &s.terms[i]
			t.factor = s.mul(t.factor, factor)
			t.power += min(best.power, 0)
			t.fixed &^= set
			t.value &^= set
			break
		}
	}
	var out []term
	for i, t := range s.terms {
		if !gone[i] {
			out = append(out, t)
		}
	}
	s.terms = out
	return true
}

// pairFactor is what two terms have in place of one: eq of the first one's bits, and ratio x^power times eq of the second one's; over
// the smaller of the powers of x.
func (s *stack) pairFactor(set, flip uint64, k kind) ref {
	low, high := s.one(), s.constant(k.ratio)
	if k.power > 0 {
		high = s.mul(high, s.power(k.power))
	} else if k.power < 0 {
		low = s.power(-k.power)
	}
	if set&(set-1) == 0 && low == high { // (1-v) + v
		return low
	}
	of := func(weight ref, bits uint64) pair {
		list := s.factors(set, bits)
		for _, f := range list[1:] {
			weight = s.mul(weight, f)
		}
		return pair{weight, list[0]}
	}
	return s.sum(of(low, set&^flip), of(high, flip))
}

// factors are v or 1-v of the variables of a set, the highest first.
func (s *stack) factors(set, bits uint64) []ref {
	var out []ref
	for i := len(s.point) - 1; i >= 0; i-- {
		switch {
		case set>>i&1 == 0:
		case bits>>i&1 == 1:
			out = append(out, s.point[i].x())
		default:
			out = append(out, s.point[i].not())
		}
	}
	return out
}

// eqBits is the product of the factors of a set, from the highest variable downwards so that prefixes are shared, as many variables at a
// time as the compiler's digits have.
func (s *stack) eqBits(set, bits uint64) ref {
	acc := s.one()
	for at := (len(s.point) - 1) / s.digit * s.digit; at >= 0; at -= s.digit {
		digit := (uint64(1)<<s.digit - 1) << at
		acc = s.mul(acc, s.prod(s.factors(set&digit, bits)...))
	}
	return acc
}

// groupings are the ways to write a sum of products of three: emit groups by its by-th factor; or folds.
const groupings = 4

// emit is the sum of the terms, each the product of its coefficient with its factor, its power with the index, and the block.
func (s *stack) emit(by int) ref {
	low := uint64(1)<<s.split - 1
	type summand [3]ref
	var list []summand
	for _, t := range s.terms {
		list = append(list, summand{
			s.mul(s.constant(t.coef), t.factor),
			s.mul(s.power(t.power), s.eqBits(t.fixed&^low, t.value)),
			s.eqBits(t.fixed&low, t.value),
		})
	}
	if by == groupings-1 {
		return s.foldUp(low)
	}
	groups := map[ref][]pair{}
	var order []ref
	for _, t := range list {
		if groups[t[by]] == nil {
			order = append(order, t[by])
		}
		groups[t[by]] = append(groups[t[by]], pair{t[(by+1)%3], t[(by+2)%3]})
	}
	var total []pair
	for _, g := range order {
		total = append(total, pair{g, s.sum(groups[g]...)})
	}
	return s.sum(total...)
}

// foldUp gives every block its weight, and makes of two neighbours, variable by variable, one block whose weight is a function of the
// variable between them.
func (s *stack) foldUp(low uint64) ref {
	type block struct{ fixed, value uint64 }
	weights := map[block]ref{}
	var order []block
	add := func(b block, w pair) {
		if old, ok := weights[b]; ok {
			weights[b] = s.sum(pair{old, s.one()}, w)
			return
		}
		order = append(order, b)
		weights[b] = s.mul(w.a, w.b)
	}
	for _, t := range s.terms {
		a := s.mul(s.constant(t.coef), t.factor)
		w := s.mul(s.power(t.power), s.eqBits(t.fixed&^low, t.value))
		add(block{t.fixed & low, t.value & low}, pair{a, w})
	}
	for i := range s.split {
		v := uint64(1) << i
		for _, b := range slices.Clone(order) {
			a, ok := weights[b]
			other := block{b.fixed, b.value ^ v}
			w, both := weights[other]
			if !ok || !both || b.fixed&v == 0 {
				continue
			}
			delete(weights, b)
			delete(weights, other)
			if b.value&v != 0 {
				a, w = w, a
			}
			if a != w {
				a = s.sum(pair{a, s.point[i].not()}, pair{w, s.point[i].x()})
			}
			add(block{b.fixed &^ v, b.value &^ v}, pair{a, s.one()})
		}
	}
	var pairs []pair
	for _, b := range order {
		if w, ok := weights[b]; ok {
			pairs = append(pairs, pair{w, s.eqBits(b.fixed, b.value)})
			delete(weights, b)
		}
	}
	return s.sum(pairs...)
}
