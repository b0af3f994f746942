package evm

import (
	"encoding/binary"
	"slices"
)

// scheduleBy is schedule, but makes the sums in their order, so many at a time with what they need, if sums is not 0: shorter
// sections, whose results are sooner no longer needed.
func (g *graph) scheduleBy(tape, sums int, outputs []ref) (order []int) {
	if sums > 0 {
		need := g.needed(outputs)
		var goals []ref
		for i := range need {
			if need[i] && g.nodes[i].op == opSum {
				goals = append(goals, ref{i, 0})
			}
		}
		for list := range slices.Chunk(goals, sums) {
			order = append(order, g.schedule(tape, list)...)
		}
	}
	return append(order, g.schedule(tape, outputs)...)
}

// needed marks the nodes of no tape that the outputs need.
func (g *graph) needed(outputs []ref) []bool {
	need := make([]bool, len(g.nodes))
	var visit func(i int)
	visit = func(i int) {
		if i < 0 || need[i] || g.nodes[i].tape != 0 {
			return
		}
		need[i] = true
		g.inputs(i, visit)
	}
	for _, r := range outputs {
		visit(r.node)
	}
	return need
}

// schedule marks what the outputs need for a tape and returns the order of its nodes: always as many of one operation as
// are ready.
func (g *graph) schedule(tape int, outputs []ref) []int {
	need := g.needed(outputs)
	var order []int
	left := 0
	for i := range need {
		if need[i] {
			left++
		}
	}
	ready := func(i int) bool {
		ok := true
		g.inputs(i, func(j int) { ok = ok && (j < 0 || j == i || g.nodes[j].tape != 0) })
		return ok
	}
	for left > 0 {
		var best []int
		for op := opMul; op <= opLast; op++ {
			var list []int
			for i := range g.nodes {
				n := &g.nodes[i]
				if need[i] && n.tape == 0 && n.op == op && ready(i) {
					list = append(list, i)
					n.tape = tape // what follows in the section may use it
				}
			}
			for _, i := range list {
				g.nodes[i].tape = 0
			}
			if len(list) > len(best) {
				best = list
			}
		}
		for _, i := range best {
			g.nodes[i].tape = tape
		}
		order = append(order, best...)
		left -= len(best)
	}
	return order
}

// inputs calls f with the nodes that a node reads; bases are negative.
func (g *graph) inputs(i int, f func(j int)) {
	for _, it := range g.nodes[i].items {
		for k := range it {
			if it[k].ref != nil {
				f(it[k].ref.node)
			}
		}
	}
}

// tape encodes chunks; resolve gives the byte address of a ref.
func (g *graph) tape(chunks []chunk, resolve func(ref) int) ([]byte, error) {
	zero := addr(g.zero())
	var out []byte
	for _, c := range chunks {
		op := g.nodes[c.nodes[0]].op
		if c.jump {
			at := resolve(ref{c.nodes[0], 0})
			if at>>16 != 0 {
				return nil, ErrTooLarge
			}
			out = append(out, opJump, byte(at>>8), byte(at))
		}
		var items [][]operand
		for _, i := range c.nodes {
			items = append(items, g.nodes[i].items...)
		}
		count := len(items)
		if op == opMul && len(items)%4 == 3 {
			items = append(items, []operand{zero, zero})
			count++
		}
		if count > 0xffff {
			return nil, ErrTooLarge
		}
		out = append(out, byte(op), byte(count>>8), byte(count))
		for _, it := range items {
			for _, f := range it {
				v := f.value
				if f.ref != nil {
					v = uint64(resolve(*f.ref))
				}
				if v>>(8*f.width) != 0 {
					return nil, ErrTooLarge
				}
				var b [8]byte
				binary.BigEndian.PutUint64(b[:], v)
				out = append(out, b[8-f.width:]...)
			}
		}
	}
	return append(out, opEnd), nil
}
