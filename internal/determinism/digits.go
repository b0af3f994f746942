package determinism

import (
	"math/big"
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// digits: the relation's unknowns are LHS terms c_i d_i, each block once, with all output letters and entries in a known
// interval [lo_i, hi_i]. Sorted by |c_i| ascending, |c_i| > sum_{j<i} |c_j| (hi_j - lo_j) and c_0 != 0: then two solutions
// that agree as integers are equal (look at the largest digit in which they differ). Two solutions agree as integers since
// they agree modulo p and differ by at most sum |c_i| (hi_i - lo_i) < p.
func digits(s *state, at int) (Step, bool) {
	r := &s.c.Relations[at]
	terms, contractions := s.unknown(r)
	if len(terms) == 0 || len(contractions) != 0 {
		return Step{}, false
	}
	ds, ok := s.digitsOf(r, &r.LHS, terms)
	if !ok || !radix(ds) {
		return Step{}, false
	}
	return Step{Rule: Digits, Blocks: blocksOf(ds), Relation: at, Digits: ds}, true
}

// digitsOf makes digits of terms that carry as many letters as the output, by falling |Coef|; false if one has no interval.
func (s *state) digitsOf(r *circuit.Relation, e *circuit.Expr, terms []int) ([]Digit, bool) {
	var ds []Digit
	for _, i := range terms {
		t := &e.Terms[i]
		lo, hi, ok := s.declared(t.Block)
		if !ok || !full(r, t) {
			return nil, false
		}
		ds = append(ds, Digit{Term: i, Block: t.Block, Coef: t.Coef, Lo: lo, Hi: hi})
	}
	byCoef(ds)
	return ds, distinctBlocks(ds)
}

// byCoef sorts by falling |Coef|.
func byCoef(ds []Digit) {
	slices.SortStableFunc(ds, func(a, b Digit) int { return big.NewInt(b.Coef).CmpAbs(big.NewInt(a.Coef)) })
}

// radix reports whether a sum of digits, by falling |Coef|, has at most one representation modulo p.
func radix(ds []Digit) bool {
	span := new(big.Int)
	for i := len(ds) - 1; i >= 0; i-- {
		c := new(big.Int).Abs(big.NewInt(ds[i].Coef))
		if c.Cmp(span) <= 0 {
			return false
		}
		span.Add(span, c.Mul(c, size(ds[i])))
	}
	return span.Cmp(fr.Modulus()) < 0
}

// size is Hi - Lo.
func size(d Digit) *big.Int { return new(big.Int).Sub(big.NewInt(d.Hi), big.NewInt(d.Lo)) }

func blocksOf(ds []Digit) []int {
	var out []int
	for _, d := range ds {
		out = append(out, d.Block)
	}
	return out
}

// declared is the interval that tables, the key or the verifier enforce on each entry of a block, whatever the relations.
func (s *state) declared(b int) (lo, hi int64, ok bool) {
	block := &s.c.Blocks[b]
	switch block.Role {
	case circuit.Public, circuit.Fixed, circuit.Private:
		return block.Lo, block.Hi, true
	case circuit.Column:
		l := s.lookup(b)
		t := &s.c.Tables[l.Table]
		switch {
		case l.In == b:
			return t.Lo, t.Lo + int64(t.Size) - 1, true
		case t.Out == circuit.None:
			return 0, 0, true
		case !t.Dynamic:
			return s.c.Blocks[t.Out].Lo, s.c.Blocks[t.Out].Hi, true
		case s.c.Blocks[t.Out].Role != circuit.Column: // a Free block has no interval of its own
			return s.declared(t.Out)
		}
	}
	return 0, 0, false
}
