package witness

import (
	"fmt"
	"math/big"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// Failure is one thing that values violate. String is one line.
type Failure struct {
	Kind  string // "relation", "lookup", "interval" or "shape"
	Name  string // of the relation or block
	Index []int  // first failing entry
	Count int    // failing entries
	Text  string // left and right side, or value and table
}

func (f Failure) String() string {
	more := ""
	if f.Count > 1 {
		more = fmt.Sprintf(" (and %d more entries)", f.Count-1)
	}
	return fmt.Sprintf("%s %q at %v: %s%s", f.Kind, f.Name, f.Index, f.Text, more)
}

// naiveWork is the number of index tuples up to which Mock evaluates a relation by the definition.
const naiveWork = 1 << 14

// Mock checks every relation over the integers, every lookup, and the intervals of public and key blocks. It returns one
// failure for each relation, lookup or block that fails, and none if the values are a witness. It uses no certificate, and
// reads every value as it is: a wrong value shows wherever it is used.
func Mock(c *circuit.Circuit, values [][]int64) []Failure {
	if len(values) != len(c.Blocks) {
		return []Failure{{Kind: "shape", Count: 1, Text: fmt.Sprintf("%d blocks, not %d", len(values), len(c.Blocks))}}
	}
	var out []Failure
	for i := range c.Blocks {
		b := &c.Blocks[i]
		if n := circuit.Count(b.Dims); len(values[i]) != n {
			out = append(out, Failure{Kind: "shape", Name: b.Name, Count: 1, Text: fmt.Sprintf("%d values, not %d", len(values[i]), n)})
		}
	}
	if out != nil {
		return out
	}
	for i := range c.Blocks {
		b := &c.Blocks[i]
		if b.Role == circuit.Column || b.Role == circuit.Free {
			continue
		}
		out = collect(out, Failure{Kind: "interval", Name: b.Name}, len(values[i]), func(j int) (string, []int) {
			if v := values[i][j]; v < b.Lo || v > b.Hi {
				return fmt.Sprintf("%d outside [%d, %d]", v, b.Lo, b.Hi), unravel(b.Dims, j)
			}
			return "", nil
		})
	}
	for i := range c.Slots {
		for j := range c.Slots[i].Lookups {
			l := &c.Slots[i].Lookups[j]
			t, in := &c.Tables[l.Table], &c.Blocks[l.In]
			rows := rowsOf(c, t, values)
			out = collect(out, Failure{Kind: "lookup", Name: in.Name}, len(values[l.In]), func(k int) (string, []int) {
				var y int64
				if l.Out != circuit.None {
					y = values[l.Out][k]
				}
				v := values[l.In][k]
				if got, ok := rows.at(v); !ok || got != y {
					return fmt.Sprintf("slot %d: (%d, %d) is no row of table %q, inputs [%d, %d]", i, v, y, t.Name, rows.lo, rows.hi),
						unravel(in.Dims, k)
				}
				return "", nil
			})
		}
	}
	ev := newEvaluator(c, values)
	for i := range c.Relations {
		out = ev.mock(out, &c.Relations[i])
	}
	return out
}

// mock checks one relation.
func (ev *evaluator) mock(out []Failure, r *circuit.Relation) []Failure {
	f := Failure{Kind: "relation", Name: r.Name}
	none := func(int) bool { return false }
	if tuples(r) > naiveWork {
		if v, ok := ev.rest(r, r.Out, none, -1); ok {
			var left []int64
			return collect(out, f, len(v), func(i int) (string, []int) {
				if v[i] == 0 {
					return "", nil
				}
				if left == nil {
					left, _ = ev.rest(&circuit.Relation{Letters: r.Letters, Out: r.Out, LHS: r.LHS}, r.Out, none, -1)
				}
				if left == nil {
					return fmt.Sprintf("right side exceeds left by %d", v[i]), index(r, r.Out, i)
				}
				l, x := big.NewInt(-left[i]), big.NewInt(v[i])
				return fmt.Sprintf("left %d, right %d", l, x.Add(x, l)), index(r, r.Out, i)
			})
		}
	}
	left, right := naive(ev.c, r, ev.values)
	return collect(out, f, len(left), func(i int) (string, []int) {
		if left[i].Cmp(right[i]) == 0 {
			return "", nil
		}
		return fmt.Sprintf("left %d, right %d", left[i], right[i]), index(r, r.Out, i)
	})
}

// collect appends f, with its first entry and the number of entries, if any entry fails: test gives a text then.
func collect(out []Failure, f Failure, n int, test func(int) (string, []int)) []Failure {
	for i := range n {
		if text, at := test(i); text != "" {
			if f.Count == 0 {
				f.Text, f.Index = text, at
			}
			f.Count++
		}
	}
	if f.Count > 0 {
		out = append(out, f)
	}
	return out
}
