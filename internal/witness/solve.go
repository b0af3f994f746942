package witness

import (
	"context"
	"fmt"
	"sync"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/determinism"
	"github.com/ezkl-go/ezkl/internal/parallel"
)

// Solve fills values, indexed by block. Given are the blocks of c.Inputs and all Fixed and Private blocks; every other
// entry of values is replaced. cert must be c's certificate. After nil all relations, lookups and intervals hold.
//
// Errors: *RangeError for a value that no proof can hold, *OverflowError for one beyond int64, *RelationError for a relation
// that no value fulfils, ctx's error, or a plain error for values of the wrong shape. Each is one line.
func Solve(ctx context.Context, c *circuit.Circuit, cert *determinism.Certificate, values [][]int64) error {
	if err := checkShapes(c, values, func(i int) bool { return cert.By[i] == circuit.None }); err != nil {
		return err
	}
	s := &solver{evaluator: newEvaluator(c, values), tables: lookups(c)}
	for i := range c.Blocks {
		if cert.By[i] == circuit.None {
			if err := s.settle(i, c.Blocks[i].Name); err != nil {
				return err
			}
		}
	}
	for i := range cert.Steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		name, err := s.step(&cert.Steps[i])
		if err != nil {
			return err
		}
		for _, b := range cert.Steps[i].Blocks {
			if err := s.settle(b, name); err != nil {
				return err
			}
		}
	}
	for _, i := range cert.Checks {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.check(&c.Relations[i]); err != nil {
			return err
		}
	}
	return s.checkLookups(cert)
}

// step computes a step's blocks. It returns the name of what they follow from.
func (s *solver) step(st *determinism.Step) (name string, err error) {
	if st.Relation != circuit.None {
		name = s.c.Relations[st.Relation].Name
	} else {
		name = s.c.Blocks[s.c.Slots[st.Slot].Lookups[st.Lookup].In].Name
	}
	for _, b := range st.Blocks {
		s.values[b], s.most[b] = nil, -1
	}
	return name, executors[st.Rule](s, st, name)
}

// Resolve computes the blocks of all steps from number `from` on anew, from values that need not be a witness: what a prover
// does who is wrong in one place and consistent everywhere after it. Nothing is checked; blocks that their step cannot compute
// keep their values. It is for tests of soundness.
func Resolve(c *circuit.Circuit, cert *determinism.Certificate, values [][]int64, from int) {
	s := &solver{evaluator: newEvaluator(c, values), tables: lookups(c)}
	for i := from; i < len(cert.Steps); i++ {
		st := &cert.Steps[i]
		old := make([][]int64, len(st.Blocks))
		for j, b := range st.Blocks {
			old[j] = values[b]
		}
		if _, err := s.step(st); err != nil {
			for j, b := range st.Blocks {
				values[b], s.most[b] = old[j], -1
			}
		}
	}
}

// executors compute a step's blocks, one for each rule of package determinism.
var executors = [...]func(*solver, *determinism.Step, string) error{
	determinism.Alone:    solveAlone,
	determinism.TableOut: solveTable,
	determinism.Digits:   solveDigits,
	determinism.Quotient: solveQuotient,
	determinism.Largest:  solveMaximum,
}

type solver struct {
	*evaluator
	tables []*circuit.Lookup // of each Column block
}

// lookups finds each Column block's lookup.
func lookups(c *circuit.Circuit) []*circuit.Lookup {
	out := make([]*circuit.Lookup, len(c.Blocks))
	for i := range c.Slots {
		for j := range c.Slots[i].Lookups {
			l := &c.Slots[i].Lookups[j]
			out[l.In] = l
			if l.Out != circuit.None {
				out[l.Out] = l
			}
		}
	}
	return out
}

func checkShapes(c *circuit.Circuit, values [][]int64, given func(int) bool) error {
	if len(values) != len(c.Blocks) {
		return fmt.Errorf("gen-witness: %d blocks of values for a circuit of %d", len(values), len(c.Blocks))
	}
	for i := range c.Blocks {
		if n := circuit.Count(c.Blocks[i].Dims); given(i) && len(values[i]) != n {
			return fmt.Errorf("gen-witness: block %q: %d values, its shape has %d", c.Blocks[i].Name, len(values[i]), n)
		}
	}
	return nil
}

// interval is what the verifier, the key or a table's input side asks of each entry of a block.
func interval(c *circuit.Circuit, l *circuit.Lookup, block int) (lo, hi int64, ok bool) {
	b := &c.Blocks[block]
	switch b.Role {
	case circuit.Public, circuit.Fixed, circuit.Private:
		return b.Lo, b.Hi, true
	case circuit.Column:
		if l.In == block {
			t := &c.Tables[l.Table]
			return t.Lo, t.Lo + int64(t.Size) - 1, true
		}
	}
	return 0, 0, false
}

// settle checks a block that has just been filled against its interval.
func (s *solver) settle(block int, node string) error {
	lo, hi, ok := interval(s.c, s.tables[block], block)
	if !ok {
		return nil
	}
	for i, v := range s.values[block] {
		if v < lo || v > hi {
			return s.outside(node, block, i, v, lo, hi)
		}
	}
	return nil
}

func (s *solver) outside(node string, block, at int, v, lo, hi int64) error {
	b := &s.c.Blocks[block]
	return &RangeError{Node: node, Block: b.Name, Index: unravel(b.Dims, at), Value: v, Lo: lo, Hi: hi}
}

// solveAlone computes the block from everything else in its relation.
func solveAlone(s *solver, st *determinism.Step, name string) error {
	r := &s.c.Relations[st.Relation]
	t := &r.LHS.Terms[st.Term]
	v, ok := s.rest(r, t.Axes, func(i int) bool { return i == st.Term }, -1)
	if !ok {
		return &OverflowError{name}
	}
	if t.Coef < 0 {
		for i := range v {
			v[i] = -v[i]
		}
	}
	s.values[t.Block] = v
	return nil
}

// solveTable looks the outputs up.
func solveTable(s *solver, st *determinism.Step, name string) error {
	l := &s.c.Slots[st.Slot].Lookups[st.Lookup]
	out := make([]int64, len(s.values[l.In]))
	rows := rowsOf(s.c, &s.c.Tables[l.Table], s.values)
	for i, v := range s.values[l.In] {
		y, ok := rows.at(v)
		if !ok {
			return s.outside(name, l.In, i, v, rows.lo, rows.hi)
		}
		out[i] = y
	}
	s.values[l.Out] = out
	return nil
}

// rows is a table with its values.
type rows struct {
	lo, hi int64
	data   []int64
	dims   []int // dynamic tables
}

func rowsOf(c *circuit.Circuit, t *circuit.Table, values [][]int64) rows {
	r := rows{lo: t.Lo, hi: t.Lo + int64(t.Size) - 1}
	if t.Out != circuit.None {
		r.data = values[t.Out]
	}
	if t.Dynamic {
		r.dims = c.Blocks[t.Out].Dims
	}
	return r
}

// at is the output of the row with input v; ok is false if there is no such row.
func (r *rows) at(v int64) (out int64, ok bool) {
	switch {
	case v < r.lo || v > r.hi:
		return 0, false
	case r.data == nil:
		return 0, true
	case r.dims == nil:
		return r.data[v-r.lo], true
	}
	flat, step := 0, 1 // v is the padded flat index
	for i := len(r.dims) - 1; i >= 0; i-- {
		k := circuit.Log2Ceil(r.dims[i])
		x := int(v) & (1<<k - 1)
		if x >= r.dims[i] {
			return 0, false
		}
		v >>= k
		flat += x * step
		step *= r.dims[i]
	}
	return r.data[flat], true
}

// check evaluates a relation that determines nothing.
func (s *solver) check(r *circuit.Relation) error {
	v, ok := s.rest(r, r.Out, func(int) bool { return false }, -1)
	if !ok {
		return &OverflowError{r.Name}
	}
	for i, x := range v {
		if x != 0 {
			left, _ := s.rest(&circuit.Relation{Name: r.Name, Letters: r.Letters, Out: r.Out, LHS: r.LHS}, r.Out,
				func(int) bool { return false }, -1)
			e := &RelationError{Node: r.Name, Index: index(r, r.Out, i), Left: "left side", Right: "right side"}
			if left != nil {
				e.Left, e.Right = fmt.Sprint(-left[i]), fmt.Sprint(x-left[i])
			}
			return e
		}
	}
	return nil
}

// checkLookups checks the rows that no step computed.
func (s *solver) checkLookups(cert *determinism.Certificate) error {
	for i := range s.c.Slots {
		for j := range s.c.Slots[i].Lookups {
			l := &s.c.Slots[i].Lookups[j]
			t := &s.c.Tables[l.Table]
			if l.Out == circuit.None && t.Out == circuit.None {
				continue // In's interval is all there is
			}
			if l.Out != circuit.None && cert.By[l.Out] != circuit.None {
				if st := &cert.Steps[cert.By[l.Out]]; st.Rule == determinism.TableOut {
					continue
				}
			}
			rows := rowsOf(s.c, t, s.values)
			for k, v := range s.values[l.In] {
				var want int64
				if l.Out != circuit.None {
					want = s.values[l.Out][k]
				}
				got, ok := rows.at(v)
				if !ok {
					return s.outside(s.c.Blocks[l.In].Name, l.In, k, v, rows.lo, rows.hi)
				}
				if got != want {
					return &RelationError{Node: s.c.Blocks[l.In].Name, Index: unravel(s.c.Blocks[l.In].Dims, k),
						Left: fmt.Sprintf("%s(%d) = %d", t.Name, v, got), Right: fmt.Sprint(want)}
				}
			}
		}
	}
	return nil
}

// ranges calls f on parts of [0, n) and returns the error of the first part that has one.
func ranges(n int, f func(lo, hi int) error) (err error) {
	var mu sync.Mutex
	first := n
	parallel.Ranges(n, 1<<14, func(lo, hi int) {
		if e := f(lo, hi); e != nil {
			mu.Lock()
			defer mu.Unlock()
			if lo < first {
				first, err = lo, e
			}
		}
	})
	return err
}
