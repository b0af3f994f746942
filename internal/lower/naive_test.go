package lower

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// naive is a witness solver for tests: relations in the order of the circuit, loops over all letters. It shares nothing
// with package witness, which is tested against it.
type naive struct {
	c      *circuit.Circuit
	blocks [][]int64
	pair   map[int]circuit.Lookup // by output block
	rangeT map[int]int            // table of an input block
}

func solveNaive(t testing.TB, out *Compiled, in map[int][]int64) [][]int64 {
	t.Helper()
	s := &naive{c: out.Circuit, blocks: make([][]int64, len(out.Circuit.Blocks)), pair: map[int]circuit.Lookup{}, rangeT: map[int]int{}}
	copy(s.blocks, out.Key)
	for b, data := range in {
		s.blocks[b] = data
	}
	for i := range s.c.Slots {
		for _, l := range s.c.Slots[i].Lookups {
			s.rangeT[l.In] = l.Table
			if l.Out != circuit.None {
				s.pair[l.Out] = l
			}
		}
	}
	for i := range s.c.Relations {
		if err := s.relation(&s.c.Relations[i]); err != nil {
			t.Fatalf("relation %s: %v", s.c.Relations[i].Name, err)
		}
	}
	for b := range s.blocks {
		s.need(b)
		if s.blocks[b] == nil {
			t.Fatalf("block %s is not determined", s.c.Blocks[b].Name)
		}
		if table, ok := s.rangeT[b]; ok {
			tb := s.c.Tables[table]
			for _, x := range s.blocks[b] {
				if x < tb.Lo || x >= tb.Lo+int64(tb.Size) {
					t.Fatalf("block %s: %d outside table %s", s.c.Blocks[b].Name, x, tb.Name)
				}
			}
		}
	}
	return s.blocks
}

// need fills a block that a pair lookup gives.
func (s *naive) need(b int) bool {
	if s.blocks[b] != nil {
		return true
	}
	l, ok := s.pair[b]
	if !ok || !s.need(l.In) {
		return false
	}
	tb := s.c.Tables[l.Table]
	out := make([]int64, len(s.blocks[l.In]))
	for i, x := range s.blocks[l.In] {
		if x < tb.Lo || x >= tb.Lo+int64(tb.Size) {
			panic(fmt.Sprintf("block %s: %d outside table %s", s.c.Blocks[l.In].Name, x, tb.Name))
		}
		out[i] = s.blocks[tb.Out][x-tb.Lo]
	}
	s.blocks[b] = out
	return true
}

func (s *naive) relation(r *circuit.Relation) error {
	at := make([]int, len(r.Letters))
	lens := func(ls []circuit.Letter) []int {
		out := make([]int, len(ls))
		for i, l := range ls {
			out[i] = r.Letters[l].Len
		}
		return out
	}
	var unknown, known []circuit.Term
	for _, t := range r.LHS.Terms {
		if t.Block == circuit.None || s.need(t.Block) {
			known = append(known, t)
		} else {
			unknown = append(unknown, t)
		}
	}
	slices.SortFunc(unknown, func(x, y circuit.Term) int { return int(min(max(abs64(x.Coef)-abs64(y.Coef), -1), 1)) })
	for _, k := range r.Sum {
		for _, e := range []*circuit.Expr{&k.A, k.B} {
			if e == nil {
				continue
			}
			for _, t := range e.Terms {
				if t.Block != circuit.None && !s.need(t.Block) {
					return fmt.Errorf("operand %s is not known", s.c.Blocks[t.Block].Name)
				}
			}
		}
	}
	for _, u := range unknown {
		s.blocks[u.Block] = make([]int64, circuit.Count(s.c.Blocks[u.Block].Dims))
	}
	read := func(t circuit.Term) int64 {
		if t.Block == circuit.None {
			return t.Coef
		}
		return t.Coef * s.blocks[t.Block][s.index(t, at)]
	}
	sum := func(ts []circuit.Term) (x int64) {
		for _, t := range ts {
			x += read(t)
		}
		return x
	}
	for o := range circuit.Count(lens(r.Out)) {
		for i, l := range slices.Backward(r.Out) {
			_ = i
			at[l] = o % r.Letters[l].Len
			o /= r.Letters[l].Len
		}
		x := -sum(known)
		for i := range r.Sum {
			x += s.contract(r, &r.Sum[i], at, 0, sum)
		}
		if len(unknown) == 0 && x != 0 {
			return fmt.Errorf("off by %d", x)
		}
		for i, u := range unknown {
			d := x / u.Coef
			if i+1 < len(unknown) {
				ratio, lo := unknown[i+1].Coef/u.Coef, s.c.Tables[s.rangeT[u.Block]].Lo
				d = lo + (((d-lo)%ratio)+ratio)%ratio
			}
			x -= d * u.Coef
			s.blocks[u.Block][s.index(u, at)] = d
		}
		if x != 0 {
			return fmt.Errorf("remainder %d", x)
		}
	}
	return nil
}

func (s *naive) index(t circuit.Term, at []int) int {
	x := 0
	for i, l := range t.Axes {
		x = x*s.c.Blocks[t.Block].Dims[i] + at[l]
	}
	return x
}

// contract sums over the inner letters from the i-th on; a relation is checked as soon as its letters are set.
func (s *naive) contract(r *circuit.Relation, k *circuit.Contraction, at []int, i int, sum func([]circuit.Term) int64) int64 {
	for j := range k.R {
		rel := &k.R[j]
		last := -1
		for _, l := range rel.Letters {
			if p := slices.Index(k.Inner, l); p > last {
				last = p
			}
		}
		if last == i-1 && !holdsAt(rel, r.Letters, at) {
			return 0
		}
	}
	if i == len(k.Inner) {
		x := sum(k.A.Terms)
		if k.B != nil {
			x *= sum(k.B.Terms)
		}
		return x
	}
	var x int64
	for v := range r.Letters[k.Inner[i]].Len {
		at[k.Inner[i]] = v
		x += s.contract(r, k, at, i+1, sum)
	}
	return x
}

// holdsAt evaluates an axis relation.
func holdsAt(rel *circuit.AxisRelation, letters []circuit.Axis, at []int) bool {
	x := func(i int) int { return at[rel.Letters[i]] }
	p := func(i int) int { return int(rel.Params[i]) }
	switch rel.Kind {
	case circuit.Same:
		return x(0) == x(1)
	case circuit.Window:
		return x(2) == x(0)*p(0)+x(1)*p(1)-p(2)
	case circuit.Affine:
		return x(1) == p(0)+x(0)*p(1)
	case circuit.Index:
		return x(1) == p(x(0))
	}
	var side [2]int
	for i, l := range rel.Letters {
		j := 0
		if i >= p(0) {
			j = 1
		}
		side[j] = side[j]*letters[l].Len + at[l]
	}
	return side[0] == side[1]
}
