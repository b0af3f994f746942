package determinism

import "github.com/ezkl-go/ezkl/internal/circuit"

// tableOut: the output block of a lookup whose input is known, in a table whose rows are known. The inputs of one table's
// rows are distinct modulo p: Lo, Lo+1, .. for function and range tables, the flat index for dynamic ones, whose rows exist
// inside the axes' bounds only. So one row matches each entry. The output of a range table is 0.
func tableOut(s *state, slot, at int) (Step, bool) {
	l := &s.c.Slots[slot].Lookups[at]
	if l.Out == circuit.None || s.known[l.Out] || !s.known[l.In] {
		return Step{}, false
	}
	if t := &s.c.Tables[l.Table]; t.Out != circuit.None && !s.known[t.Out] {
		return Step{}, false
	}
	return Step{Rule: TableOut, Blocks: []int{l.Out}, Relation: circuit.None, Slot: slot, Lookup: at}, true
}
