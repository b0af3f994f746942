package audit

import (
	"fmt"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/determinism"
)

// tables lists the lookup tables: what they cover, and what the relations that write into them can reach.
func (r *Report) tables(c *circuit.Circuit) {
	at := map[int]int{} // table of each looked-up input block
	for i := range c.Tables {
		t := &c.Tables[i]
		x := Table{Index: i, Name: t.Name, Kind: "range", Lo: t.Lo, Hi: t.Lo + int64(t.Size) - 1}
		switch {
		case t.Dynamic:
			x.Kind = "dynamic"
		case t.Out != circuit.None:
			x.Kind = "function"
			x.Out = fmt.Sprintf("[%d, %d]", c.Blocks[t.Out].Lo, c.Blocks[t.Out].Hi)
		}
		r.Tables = append(r.Tables, x)
	}
	for i := range c.Slots {
		for _, l := range c.Slots[i].Lookups {
			at[l.In] = l.Table
			r.Tables[l.Table].Entries += circuit.Count(c.Blocks[l.In].Dims)
		}
	}
	for i := range c.KeyTables {
		t := &c.KeyTables[i]
		x := Table{Index: i, Name: t.Name, Kind: "range", Lo: t.Lo, Hi: t.Lo + int64(t.Size) - 1}
		for j := range c.Blocks {
			if c.Blocks[j].Role == circuit.Private && c.Blocks[j].KeyTable == i {
				x.Entries += circuit.Count(c.Blocks[j].Dims)
			}
		}
		r.KeyTables = append(r.KeyTables, x)
	}
	if r.certificate == nil || r.certificate.Intervals == nil {
		return
	}
	users, complete, worst := 0, 0, 0
	var where []string
	for i := range r.certificate.Steps {
		v, ok := r.certificate.Coverage(i)
		if !ok {
			continue
		}
		st := &r.certificate.Steps[i]
		users++
		if v.Complete() {
			complete++
		} else {
			where = append(where, c.Relations[st.Relation].Name)
		}
		seen := map[int]bool{}
		for _, b := range st.Blocks {
			table, ok := at[b]
			if !ok || seen[table] {
				continue
			}
			seen[table] = true
			worst = max(worst, r.Tables[table].use(&v, c.Relations[st.Relation].Name))
		}
	}
	class := []string{"C9", "C10"}
	const title = "tables cover what the network's operators can reach"
	switch {
	case users == complete:
		r.add("coverage", Pass, title, fmt.Sprintf("all %d results that are looked up: no input can leave a table", users), class)
	default:
		r.add("coverage", Note, title, fmt.Sprintf("%d of %d results that are looked up cannot leave their tables; the others could by up to %d bits for inputs beyond the calibrated ones: those have no proof, never a wrong one",
			complete, users, worst), class, where...)
	}
}

// use counts a relation whose result the table holds and returns its excess in bits.
func (x *Table) use(v *determinism.Coverage, name string) int {
	x.Users++
	if v.Complete() {
		x.Complete++
		return 0
	}
	bits := func(i determinism.Interval) int { return max(i.Lo.BitLen(), i.Hi.BitLen()) }
	excess := max(bits(v.Reachable)-bits(v.Covered), 0)
	if x.Worst == "" || excess > x.Excess {
		x.Excess, x.Worst, x.Covered, x.Reachable = excess, name, v.Covered.String(), v.Reachable.String()
	}
	return excess
}
