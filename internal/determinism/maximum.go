package determinism

import (
	"math/big"
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// maximum: a relation that reads, for every row r and every entry j of it,
//
//	Y[r,j] = P (d[r,j] + M[r]) + v[r,j],   Y known
//
// with the digits of M, which lack the letters j, the digits of v, which span less than P, and the digits of d, none above 0.
// Further relations say that each row attains 0. Either d is one column, the input of a pair lookup (d, o) in a function table
// whose inputs end at 0, and
//
//	F[i] = N G[i] + [i is the row of input 0]            F the table's output: F = 1 modulo N at input 0, else 0
//	sum_j o[r,j] = N (..) + c[r],   c in [1, N-1]        so the number of entries d[r,j] = 0 is c[r] modulo N, not 0
//
// or there are numbers z that tell where it is attained (attained.go).
//
// Then q = d + M and v are the one way to write Y = P q + v, since v spans less than P; every d is at most 0 and one of each
// row is 0, so M is the row's largest q. It is determined, and so are d and its digits, which are a radix system.
//
// All of these hold as integers: every block in them is known or has an interval, and Certify bounds the sides of every
// relation below p/2. Without the interval of M any v would do, with M no integer; without c any larger M would.
func maximum(s *state, at int) (Step, bool) {
	r := &s.c.Relations[at]
	terms, contractions := s.unknown(r)
	if len(contractions) != 0 {
		return Step{}, false
	}
	var entries, rows []int
	for _, i := range terms {
		if t := &r.LHS.Terms[i]; full(r, t) {
			entries = append(entries, i)
		} else {
			rows = append(rows, i)
		}
	}
	ds, ok := s.digitsOf(r, &r.LHS, entries)
	n := 0 // digits of d: those that end at 0
	for n < len(ds) && ds[n].Hi == 0 {
		n++
	}
	if !ok || n == 0 || len(rows) == 0 {
		return Step{}, false
	}
	m := &Maximum{Entry: ds[:n], Low: ds[n:], Rows: r.LHS.Terms[rows[0]].Axes}
	p := m.P()
	if p <= 0 || !radix(m.Entry) || !radix(m.Low) || !span(m.Low).IsInt64() || span(m.Low).Int64() >= p {
		return Step{}, false
	}
	for _, d := range m.Entry {
		if d.Coef%p != 0 || d.Coef < 0 {
			return Step{}, false
		}
	}
	for _, i := range rows {
		t := &r.LHS.Terms[i]
		lo, hi, ok := s.declared(t.Block)
		if !ok || t.Coef%p != 0 || string(t.Axes) != string(m.Rows) {
			return Step{}, false
		}
		m.Max = append(m.Max, Digit{Term: i, Block: t.Block, Coef: t.Coef / p, Lo: lo, Hi: hi})
	}
	byCoef(m.Max)
	blocks := slices.Concat(blocksOf(m.Max), blocksOf(m.Entry), blocksOf(m.Low))
	if !radix(m.Max) || !distinctBlocks(append(slices.Clone(ds), m.Max...)) {
		return Step{}, false
	}
	first := m.Entry[0]
	if !(n == 1 && s.attained(first.Block, r.LHS.Terms[first.Term].Axes, m.Rows)) && !s.pointed(r, m) {
		return Step{}, false
	}
	return Step{Rule: Largest, Blocks: blocks, Relation: at, Maximum: m}, true
}

// attained reports whether relations say that some entry of each row of d is 0. axes are d's letters, rows those that name
// a row.
func (s *state) attained(d int, axes, rows []circuit.Letter) bool {
	if s.c.Blocks[d].Role != circuit.Column {
		return false
	}
	l := s.lookup(d)
	t := &s.c.Tables[l.Table]
	if l.In != d || l.Out == circuit.None || t.Out == circuit.None || t.Dynamic {
		return false
	}
	for _, at := range s.uses[t.Out] {
		if n := s.marks(&s.c.Relations[at], t); n > 0 {
			for _, other := range s.uses[l.Out] {
				if s.counts(&s.c.Relations[other], l.Out, n, axes, rows) {
					return true
				}
			}
		}
	}
	return false
}

// marks reads a relation  F[i] - N G[i] = [i is the row of input 0]  and returns N; 0 if it is none.
func (s *state) marks(r *circuit.Relation, t *circuit.Table) int64 {
	if len(r.Out) != 1 || len(r.LHS.Terms) != 2 || len(r.Sum) != 1 {
		return 0
	}
	f, g := &r.LHS.Terms[0], &r.LHS.Terms[1]
	if f.Block != t.Out {
		f, g = g, f
	}
	if f.Block != t.Out || g.Block == t.Out || g.Block == circuit.None || len(f.Axes) != 1 || len(g.Axes) != 1 {
		return 0
	}
	if _, _, ok := s.declared(g.Block); !ok {
		return 0
	}
	k := &r.Sum[0]
	if k.B != nil || len(k.R) != 1 || len(k.A.Letters) != 0 || len(k.A.Terms) != 1 || k.A.Terms[0].Block != circuit.None {
		return 0
	}
	if f.Coef != 1 && f.Coef != -1 || k.A.Terms[0].Coef != f.Coef {
		return 0
	}
	out := slices.Index(k.R[0].Letters, r.Out[0])
	if out < 0 {
		return 0
	}
	hits, zero := 0, 0
	k.R[0].Each(r.Letters, func(at []int) {
		if hits++; t.Lo+int64(at[out]) == 0 {
			zero++
		}
	})
	if hits != 1 || zero != 1 {
		return 0
	}
	return max(g.Coef, -g.Coef)
}

// counts reports whether a relation reads  sum of o over the letters that no row holds = N (..) + c,  c in [1, N-1].
func (s *state) counts(r *circuit.Relation, o int, n int64, axes, rows []circuit.Letter) bool {
	if len(r.Sum) != 1 {
		return false
	}
	k := &r.Sum[0]
	if k.B != nil || len(k.R) != 0 || len(k.A.Terms) != 1 || k.A.Terms[0].Block != o || len(k.A.Letters) != len(k.A.Terms[0].Axes) {
		return false
	}
	sum := &k.A.Terms[0]
	if sum.Coef != 1 && sum.Coef != -1 || len(k.Inner)+len(r.Out) != len(sum.Axes) {
		return false
	}
	for i, l := range sum.Axes {
		if slices.Contains(k.Inner, l) == slices.Contains(rows, axes[i]) {
			return false
		}
	}
	c := Interval{new(big.Int), new(big.Int)} // of what is left modulo N
	for i := range r.LHS.Terms {
		t := &r.LHS.Terms[i]
		of := Interval{big.NewInt(1), big.NewInt(1)}
		if t.Block != circuit.None {
			lo, hi, ok := s.declared(t.Block)
			if !ok {
				return false
			}
			if t.Coef%n == 0 {
				continue
			}
			of = Interval{big.NewInt(lo), big.NewInt(hi)}
		}
		coef := big.NewInt(t.Coef)
		c = add(c, mul(Interval{coef, coef}, of))
	}
	if sum.Coef < 0 {
		c = neg(c)
	}
	modulus := big.NewInt(n)
	least := new(big.Int).Mod(c.Lo, modulus) // c in [least, ..] up to a multiple of N
	most := new(big.Int).Sub(c.Hi, c.Lo)
	return least.Sign() > 0 && most.Add(most, least).Cmp(modulus) < 0
}
